//! Tracks the activity of a connection, and applies its timeouts.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

/// The timeouts of a client.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// To send the head of a request, measured from the start of the connection or of the head.
    pub head: Duration,
    /// To send another request on an idle connection.
    pub idle: Duration,
    /// To accept any part of a response.
    pub write: Duration,
    /// To accept the whole response.
    pub response: Duration,
}

/// The reason why the server closes a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Closed {
    /// The head of a request did not arrive in time.
    SlowHead,
    /// There was no further request.
    Idle,
    /// The client accepted no part of a response for too long.
    NotReading,
    /// The client accepted a response too slowly.
    SlowReading,
    /// The connection made room for a new one.
    Evicted,
}

impl Closed {
    pub const fn name(self) -> &'static str {
        match self {
            Self::SlowHead => "slow_head",
            Self::Idle => "idle",
            Self::NotReading => "not_reading",
            Self::SlowReading => "slow_reading",
            Self::Evicted => "evicted",
        }
    }

    /// Whether nothing was in progress, so that the connection can be closed gracefully.
    pub const fn is_orderly(self) -> bool {
        matches!(self, Self::Idle | Self::Evicted)
    }
}

/// The state of one connection.
pub struct Activity {
    state: Mutex<State>,
    closed: CancellationToken,
}

struct State {
    /// Requests whose responses have not been sent.
    requests: usize,
    /// Requests whose bodies have not been received, which may end after their responses.
    receiving: usize,
    /// Whether the connection uses HTTP/2, which also sends frames outside of requests.
    is_http2: bool,
    has_served: bool,
    /// Whether the response to a request was sent before all of the request was read.
    has_unread: bool,
    quiet_since: Instant,
    /// When the first byte of a head arrived.
    head_since: Option<Instant>,
    /// The time since which the client has accepted none of the data that is ready to be sent.
    blocked_since: Option<Instant>,
    /// The time since which there has been unsent data.
    unsent_since: Option<Instant>,
    /// When the client last accepted data.
    sent_at: Instant,
    /// When each response in progress began.
    responses: Vec<Instant>,
    reason: Option<Closed>,
}

impl State {
    fn is_idle(&self) -> bool {
        self.requests == 0 && self.unsent_since.is_none()
    }

    fn overdue(&self, now: Instant, timeouts: &Timeouts) -> Option<Closed> {
        let is_past = |since: Option<Instant>, timeout: Duration| {
            since.is_some_and(|since| now.saturating_duration_since(since) >= timeout)
        };
        if is_past(self.blocked_since, timeouts.write) {
            return Some(Closed::NotReading);
        }
        let oldest = self.responses.first().copied();
        // With HTTP/2 flow control, a client can refuse the data of responses although the socket
        // is not full.
        let refused_since = oldest.filter(|_| self.is_http2).map(|it| it.max(self.sent_at));
        if is_past(refused_since, timeouts.write) {
            return Some(Closed::NotReading);
        }
        if is_past(oldest, timeouts.response) || is_past(self.unsent_since, timeouts.response) {
            return Some(Closed::SlowReading);
        }
        if !self.is_idle() {
            return None;
        }
        let quiet = Some(self.quiet_since);
        if is_past(self.head_since, timeouts.head)
            || (!self.has_served && !self.is_http2 && is_past(quiet, timeouts.head))
        {
            return Some(Closed::SlowHead);
        }
        is_past(quiet, timeouts.idle).then_some(Closed::Idle)
    }
}

impl Activity {
    pub fn new() -> Self {
        let state = State {
            requests: 0,
            receiving: 0,
            is_http2: false,
            has_served: false,
            has_unread: false,
            quiet_since: Instant::now(),
            head_since: None,
            blocked_since: None,
            unsent_since: None,
            sent_at: Instant::now(),
            responses: Vec::new(),
            reason: None,
        };
        Self { state: Mutex::new(state), closed: CancellationToken::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time since which the connection has been idle; `None` if it is not.
    pub fn idle_since(&self) -> Option<Instant> {
        let state = self.state();
        state.is_idle().then_some(state.quiet_since)
    }

    /// Whether part of a request has yet to be received.
    pub fn is_receiving(&self) -> bool {
        let state = self.state();
        state.receiving > 0 || (state.requests == 0 && state.head_since.is_some())
    }

    pub fn overdue(&self, now: Instant, timeouts: &Timeouts) -> Option<Closed> {
        self.state().overdue(now, timeouts)
    }

    /// Requests the closing of the connection. The first reason wins.
    pub fn close(&self, reason: Closed) {
        self.state().reason.get_or_insert(reason);
        self.closed.cancel();
    }

    /// Waits for a request to close the connection.
    pub async fn closed(&self) -> Closed {
        self.closed.cancelled().await;
        self.state().reason.unwrap_or(Closed::Idle)
    }

    /// Records bytes from the client.
    pub fn received(&self, bytes: &[u8]) {
        let mut state = self.state();
        if bytes.is_empty() || state.requests > 0 || state.receiving > 0 || state.is_http2 {
            return;
        }
        if !state.has_served && bytes.starts_with(b"PRI") {
            state.is_http2 = true;
        } else if state.head_since.is_none() {
            state.head_since = Some(Instant::now());
        }
    }

    /// Records that there is data to send, and whether the client accepted any of it.
    pub fn sending(&self, took: bool) {
        let mut state = self.state();
        let now = Instant::now();
        state.unsent_since.get_or_insert(now);
        if took {
            state.sent_at = now;
            state.blocked_since = None;
        } else {
            state.blocked_since.get_or_insert(now);
        }
    }

    /// Records that all data has been sent.
    pub fn sent(&self) {
        let mut state = self.state();
        if state.unsent_since.take().is_some() {
            state.quiet_since = Instant::now();
        }
        state.blocked_since = None;
    }

    pub fn begin_request(&self, is_http2: bool) {
        let mut state = self.state();
        state.is_http2 |= is_http2;
        state.has_served = true;
        state.head_since = None;
        state.requests += 1;
        state.receiving += 1;
    }

    pub fn end_receiving(&self) {
        let mut state = self.state();
        state.receiving = state.receiving.saturating_sub(1);
    }

    /// Records that the rest of a request will not be read, so that the connection is closed after
    /// the response.
    pub fn leave_unread(&self) {
        self.state().has_unread = true;
    }

    pub fn has_unread(&self) -> bool {
        self.state().has_unread
    }

    pub fn begin_response(&self) -> Instant {
        let now = Instant::now();
        self.state().responses.push(now);
        now
    }

    /// Ends a request, and its response if it had begun.
    pub fn end_request(&self, response: Option<Instant>) {
        let mut state = self.state();
        if let Some(index) = state.responses.iter().position(|it| Some(*it) == response) {
            state.responses.remove(index);
        }
        state.requests = state.requests.saturating_sub(1);
        state.quiet_since = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUTS: Timeouts = Timeouts {
        head: Duration::from_secs(10),
        idle: Duration::from_secs(60),
        write: Duration::from_secs(5),
        response: Duration::from_secs(30),
    };

    fn after(activity: &Activity, seconds: u64) -> Option<Closed> {
        activity.overdue(Instant::now() + Duration::from_secs(seconds), &TIMEOUTS)
    }

    #[test]
    fn each_phase_has_its_timeout() {
        let activity = Activity::new();
        assert_eq!((after(&activity, 9), after(&activity, 11)), (None, Some(Closed::SlowHead)));
        activity.received(b"GET /");
        assert!(activity.is_receiving());
        activity.begin_request(false);
        assert_eq!(after(&activity, 1000), None, "its request is in progress");
        activity.end_receiving();
        let response = activity.begin_response();
        assert_eq!((after(&activity, 29), after(&activity, 31)), (None, Some(Closed::SlowReading)));
        activity.sending(false);
        assert_eq!((after(&activity, 4), after(&activity, 6)), (None, Some(Closed::NotReading)));
        activity.sending(true);
        activity.end_request(Some(response));
        assert_eq!((activity.idle_since(), after(&activity, 29)), (None, None));
        activity.sent();
        assert_eq!((after(&activity, 59), after(&activity, 61)), (None, Some(Closed::Idle)));
        activity.received(b"GET /");
        assert_eq!((after(&activity, 9), after(&activity, 11)), (None, Some(Closed::SlowHead)));
    }

    #[test]
    fn a_client_of_http2_must_accept_the_data_of_its_responses() {
        let activity = Activity::new();
        activity.begin_request(true);
        activity.end_receiving();
        let response = activity.begin_response();
        activity.sending(true);
        activity.sent();
        assert_eq!((after(&activity, 4), after(&activity, 6)), (None, Some(Closed::NotReading)));
        activity.end_request(Some(response));
        assert_eq!(after(&activity, 6), None);
    }

    #[test]
    fn http2_has_frames_of_no_request() {
        let activity = Activity::new();
        activity.received(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        activity.received(b"settings");
        assert_eq!((after(&activity, 59), after(&activity, 61)), (None, Some(Closed::Idle)));
    }
}
