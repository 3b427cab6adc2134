//! The body of a request, which its handler may leave unread.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};

use axum::body::{Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use super::activity::Activity;

/// The body of a request while its handler owns it. [`Remainder::take`] returns the part that the handler has not read.
pub struct RequestBody {
    unread: Option<Unread>,
    remainder: Remainder,
}

impl RequestBody {
    pub fn new(incoming: Incoming, activity: &Arc<Activity>) -> (Self, Remainder) {
        let receiving = Receiving(Arc::clone(activity));
        let unread =
            (!incoming.is_end_stream()).then_some(Unread { incoming, _receiving: receiving });
        let remainder = Remainder::default();
        (Self { unread, remainder: remainder.clone() }, remainder)
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(unread) = &mut self.unread else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(&mut unread.incoming).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) || unread.incoming.is_end_stream() {
            self.unread = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.unread.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.unread.as_ref().map_or(SizeHint::with_exact(0), |it| it.incoming.size_hint())
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        if let Some(unread) = self.unread.take() {
            *self.remainder.slot() = Some(unread);
        }
    }
}

/// The part of a body that its handler has not read.
#[derive(Clone, Default)]
pub struct Remainder(Arc<Mutex<Option<Unread>>>);

impl Remainder {
    /// Takes the unread part; `None` if the handler has read the body to its end.
    pub fn take(&self) -> Option<Unread> {
        self.slot().take()
    }

    fn slot(&self) -> MutexGuard<'_, Option<Unread>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An unread body, or the unread rest of one. While it exists, the connection waits for it.
pub struct Unread {
    incoming: Incoming,
    _receiving: Receiving,
}

impl Unread {
    /// Reads and discards the rest, so that another request can follow on the connection. The
    /// connection's timeouts apply.
    pub async fn discard(mut self) {
        while let Some(Ok(_)) = self.incoming.frame().await {}
    }
}

/// A request whose body has not been received.
struct Receiving(Arc<Activity>);

impl Drop for Receiving {
    fn drop(&mut self) {
        self.0.end_receiving();
    }
}
