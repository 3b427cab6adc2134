//! Splits a long body into small frames, so that the task that sends or compresses it yields after
//! each frame.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};

/// Maximum size of a frame, in bytes.
const FRAME: usize = 32 << 10;

pub struct PacedBody {
    rest: Bytes,
    /// Whether the last poll returned a frame, so that the next one yields.
    is_pausing: bool,
}

impl PacedBody {
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self { rest: bytes.into(), is_pausing: false }
    }
}

impl From<PacedBody> for Body {
    fn from(body: PacedBody) -> Self {
        Self::new(body)
    }
}

impl HttpBody for PacedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        if std::mem::take(&mut self.is_pausing) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let length = FRAME.min(self.rest.len());
        let frame = self.rest.split_to(length);
        self.is_pausing = true;
        Poll::Ready(Some(Ok(Frame::data(frame))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(u64::try_from(self.rest.len()).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_short_and_pauses_lie_between() {
        let mut body = PacedBody::new(vec![7; 2 * FRAME + 1]);
        assert_eq!(body.size_hint().exact(), Some(65_537));
        let mut cx = Context::from_waker(std::task::Waker::noop());
        let mut poll = || match Pin::new(&mut body).poll_frame(&mut cx) {
            Poll::Pending => None,
            Poll::Ready(None) => Some(0),
            Poll::Ready(Some(Ok(frame))) => frame.data_ref().map(Bytes::len),
        };
        let polled: Vec<_> = (0..6).map(|_| poll()).collect();
        assert_eq!(polled, [Some(FRAME), None, Some(FRAME), None, Some(1), Some(0)]);
        assert!(body.is_end_stream());
    }
}
