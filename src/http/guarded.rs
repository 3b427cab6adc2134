//! A body that holds a guard until it has been sent or received, or is dropped.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};

/// A guard held by a body.
pub trait Guard: Unpin {
    /// Called when the body has been read to its end, but not if it is dropped before.
    fn body_ended(&mut self) {}
}

pub struct GuardedBody<G> {
    body: Body,
    guard: Option<G>,
}

impl<G: Guard> GuardedBody<G> {
    pub fn new(body: Body, guard: G) -> Self {
        let mut guarded = Self { body, guard: Some(guard) };
        if guarded.body.is_end_stream() {
            guarded.end();
        }
        guarded
    }

    fn end(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            guard.body_ended();
        }
    }
}

impl<G: Guard> HttpBody for GuardedBody<G> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            Some(Err(_)) => self.guard = None,
            Some(Ok(_)) if !self.body.is_end_stream() => {}
            _ => self.end(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
