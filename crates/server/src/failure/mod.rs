//! From what the engine says to a problem: a status, a stable code, a sentence, what to do.

mod catalogue;
mod rejection;

pub(crate) use catalogue::{Known, all as codes, find as known_code};

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
    code: &'static str,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Failure {
    /// A problem of a code in the catalogue, which has its status and what to do about it.
    pub(crate) fn new(code: &'static str, detail: impl ToString) -> Self {
        let known = catalogue::find(code);
        debug_assert!(known.is_some(), "nobody has written down what {code} means");
        let problem = Problem {
            kind: format!("urn:guichet:problem:{code}"),
            title: title(code),
            status: known.map_or(StatusCode::INTERNAL_SERVER_ERROR, |known| known.status).as_u16(),
            detail: detail.to_string(),
            code: code.to_owned(),
            advice: known.map(|known| known.advice.to_owned()).unwrap_or_default(),
            ..Problem::default()
        };
        Self { problem: Box::new(problem), code, headers: Vec::new() }
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
        let mut failure = Self::new("invalid_plan", format!("The plan has {count} fault(s), the first: {first}"));
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
            CommandError::Busy { retry_after } => Self::new("busy", "Too many requests wait; this one was not taken and nothing was done.")
                .retry_after_ms(u64::try_from(retry_after.as_millis()).unwrap_or(RETRY_AFTER_MS)),
            CommandError::OutcomeUnknown { .. } => {
                let detail = "The disk failed while this was written: it may have been done or not.";
                Self::new("outcome_unknown", detail).retry_after_ms(RETRY_AFTER_MS)
            }
            CommandError::Fault(fault) => fault.into(),
        }
    }

    /// The problem itself, for answers that hold several.
    pub(crate) fn into_problem(self) -> Box<Problem> {
        self.problem
    }
}

/// The same for every problem of a code.
fn title(code: &str) -> String {
    let mut title = code.replace('_', " ");
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    title
}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Self {
        Self::new(invalid.code(), invalid)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let code = match fault {
            Fault::PartitionStopped { .. } => "partition_stopped",
            Fault::Closing => "closing",
            Fault::NoSuchPartition { .. } => "partition_not_found",
            Fault::Journal(_) => "journal_unreadable",
            Fault::Vault(_) => "vault_unavailable",
            Fault::TicketKey(_) => "ticket_key_not_kept",
            Fault::Snapshot { .. } => "snapshot_not_taken",
            Fault::Lists(_) => "projection_unreadable",
            Fault::ListsVerifying => "projection_verifying",
            Fault::PositionNotReached { .. } => "position_not_reached",
        };
        let mut failure = Self::new(code, &fault);
        if let Fault::PositionNotReached { lag } = fault {
            failure.problem.lag = Some(lag);
        }
        let passes = matches!(fault, Fault::Closing | Fault::ListsVerifying | Fault::PositionNotReached { .. });
        if passes { failure.retry_after_ms(RETRY_AFTER_MS) } else { failure }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = Response::new(Body::from(serde_json::to_vec(&self.problem).unwrap_or_default()));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(header::PROBLEM_JSON));
        response.headers_mut().extend(self.headers);
        response.extensions_mut().insert(ProblemCode(self.code));
        response
    }
}

/// The code of an answer that is a problem, for whoever looks at answers on their way out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProblemCode(pub(crate) &'static str);
