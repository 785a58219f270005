//! From what the engine says to a problem: a status, a stable code, a sentence, what to do.

mod rejection;

use std::fmt::Display;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use guichet_api::{Problem, ProblemError, header};
use guichet_core::domain::seating::PlanFault;
use guichet_core::{CommandError, Fault, Guichet, Invalid, ShowId};

/// How long a caller waits before trying something that is starting or closing, in milliseconds.
const RETRY_AFTER_MS: u64 = 1_000;

/// A request that was not done.
#[derive(Debug)]
pub(crate) struct Failure {
    problem: Box<Problem>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Failure {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let problem = Problem {
            kind: format!("urn:guichet:problem:{code}"),
            title: title(code),
            status: status.as_u16(),
            detail: detail.into(),
            code: code.to_owned(),
            ..Problem::default()
        };
        Self { problem: Box::new(problem), headers: Vec::new() }
    }

    /// 400.
    pub(crate) fn bad_request(code: &'static str, error: impl Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, error.to_string()).advice("Correct the request.")
    }

    /// 404.
    pub(crate) fn not_found(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, detail).advice("Check the id; ids are complete UUIDs.")
    }

    /// 422.
    pub(crate) fn invalid(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail).advice("Correct what is named and send it again.")
    }

    pub(crate) fn advice(mut self, advice: impl Into<String>) -> Self {
        self.problem.advice = advice.into();
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((HeaderName::from_static(name), value));
        }
        self
    }

    /// Says when to try again.
    pub(crate) fn retry_after_ms(mut self, ms: u64) -> Self {
        self.problem.retry_after_ms = Some(ms);
        self.headers.push((RETRY_AFTER, HeaderValue::from(ms.div_ceil(1_000))));
        self
    }

    /// A plan with everything that is wrong with it.
    pub(crate) fn plan(faults: &[PlanFault], count: usize) -> Self {
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        let mut failure = Self::invalid("invalid_plan", format!("The plan has {count} fault(s), the first: {first}"));
        failure.problem.errors = faults.iter().map(|fault| ProblemError { path: fault.path.clone(), what: fault.what.clone() }).collect();
        failure
    }

    /// What a command was answered; `show` is what it was about, so that its seats and products get their names.
    pub(crate) fn of_command(engine: &Guichet, error: CommandError, show: Option<ShowId>) -> Self {
        match error {
            CommandError::Rejected(rejected) => {
                let mut failure = rejection::failure(engine, &rejected.reason, show);
                let position = rejected.position.to_string();
                failure = failure.header(header::POSITION, &position);
                failure.problem.position = Some(position);
                if rejected.repeated { failure.header(header::IDEMPOTENCY_REPLAYED, "true") } else { failure }
            }
            CommandError::Invalid(Invalid::InvalidPlan { faults }) => Self::plan(&faults, faults.len()),
            CommandError::Invalid(invalid) => invalid.into(),
            CommandError::Busy { retry_after } => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "Too many requests wait; this one was not taken and nothing was done.")
                    .advice("Send the same request again, with the same key.")
                    .retry_after_ms(u64::try_from(retry_after.as_millis()).unwrap_or(RETRY_AFTER_MS))
            }
            CommandError::OutcomeUnknown { .. } => {
                let detail = "The disk failed while this was written: it may have been done or not.";
                Self::new(StatusCode::GATEWAY_TIMEOUT, "outcome_unknown", detail)
                    .advice("Send the same request again with the same Idempotency-Key (it is in this answer): that finds out.")
                    .retry_after_ms(RETRY_AFTER_MS)
            }
            CommandError::Fault(fault) => fault.into(),
        }
    }

    /// The problem itself, for answers that hold several.
    pub(crate) fn into_problem(self) -> Box<Problem> {
        self.problem
    }
}

fn title(code: &str) -> String {
    let mut title = code.replace('_', " ");
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    title
}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Self {
        let (code, detail) = (invalid.code(), invalid.to_string());
        let failure = match rejection::status(code) {
            StatusCode::NOT_FOUND => Self::not_found(code, detail),
            _ => Self::invalid(code, detail),
        };
        match invalid {
            Invalid::NotATicket(_) => failure.advice("Do not let the holder in: this house never signed that code."),
            Invalid::TicketOfOtherShow => failure.advice("Send the holder to the right door."),
            _ => failure,
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let detail = fault.to_string();
        let unavailable = |code, detail: String| Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail);
        match fault {
            Fault::PartitionStopped { .. } => {
                unavailable("partition_stopped", detail).advice("An operator must restart the server when the cause is mended.")
            }
            Fault::Closing => {
                unavailable("closing", detail).advice("Try again when the server has started.").retry_after_ms(RETRY_AFTER_MS)
            }
            Fault::NoSuchPartition { .. } => Self::not_found("partition_not_found", detail),
            Fault::Journal(_) => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "journal_unreadable", detail)
                .advice("An operator must look at the server's log."),
            Fault::Vault(_) => unavailable("vault_unavailable", detail).advice("Send the same request again, with the same key."),
            Fault::TicketKey(_) => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "ticket_key_not_kept", detail)
                .advice("An operator must look at the data directory; the key before goes on signing."),
            Fault::Snapshot { .. } => {
                unavailable("snapshot_not_taken", detail).advice("Nothing was lost. An operator must look at the server's log.")
            }
            Fault::Lists(_) => unavailable("projection_unreadable", detail).advice("An operator must look at the server's log."),
            Fault::ListsVerifying => unavailable("projection_verifying", detail).advice("Try again soon.").retry_after_ms(RETRY_AFTER_MS),
            Fault::PositionNotReached { lag } => {
                let mut failure = Self::new(StatusCode::GATEWAY_TIMEOUT, "position_not_reached", detail)
                    .advice("Try again, or ask without min_position.")
                    .retry_after_ms(RETRY_AFTER_MS);
                failure.problem.lag = Some(lag);
                failure
            }
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = Response::new(Body::from(serde_json::to_vec(&self.problem).unwrap_or_default()));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(header::PROBLEM_JSON));
        response.headers_mut().extend(self.headers);
        response
    }
}
