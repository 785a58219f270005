//! What can go wrong with a call.

use std::path::PathBuf;

use crate::Problem;

/// A call did not give what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server said no.
    #[error("{0}")]
    Refused(Box<Problem>),
    /// What was named does not exist.
    #[error("{0}")]
    NotFound(Box<Problem>),
    /// Nobody answered, or the answer broke off.
    #[error("{url} cannot be reached: {source}; is the server running?")]
    Unreachable {
        /// Where.
        url: String,
        /// Why.
        source: reqwest::Error,
    },
    /// Something answered that is not Guichet.
    #[error("unexpected answer with status {status}: {body}")]
    Unexpected {
        /// Its status.
        status: u16,
        /// The beginning of its body.
        body: String,
    },
    /// The address is none.
    #[error("\"{url}\" is not the address of a server: {why}; addresses look like http://127.0.0.1:8080")]
    BadAddress {
        /// The text.
        url: String,
        /// Why.
        why: String,
    },
    /// A file of certificates to trust cannot be used.
    #[error("{} cannot be used: {why}", path.display())]
    BadCertificate {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// There is no TLS in this build.
    #[error("TLS cannot be used: {why}")]
    NoTls {
        /// Why.
        why: String,
    },
}

/// Of an answer that is not understood, this much is kept: enough to see what it is.
const BODY_BYTES_KEPT: usize = 1_000;

impl ClientError {
    /// The problem, if the server gave one.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Refused(problem) | Self::NotFound(problem) => Some(problem),
            _ => None,
        }
    }

    /// The problem's stable code, if the server gave one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.problem().map(|problem| problem.code.as_str())
    }

    pub(super) fn of_answer(status: u16, body: &[u8]) -> Self {
        match serde_json::from_slice::<Problem>(body) {
            Ok(problem) if !problem.code.is_empty() && status == 404 => Self::NotFound(Box::new(problem)),
            Ok(problem) if !problem.code.is_empty() => Self::Refused(Box::new(problem)),
            _ => Self::unexpected(status, body),
        }
    }

    pub(super) fn unexpected(status: u16, body: &[u8]) -> Self {
        let kept = &body[..body.len().min(BODY_BYTES_KEPT)];
        Self::Unexpected { status, body: String::from_utf8_lossy(kept).into_owned() }
    }
}
