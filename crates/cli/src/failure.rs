//! An error is a kind, a chain of causes and hints. The kind sets the exit code.
//!
//! Commands use `?` on whatever they call; what each error type means to the caller of the command line is decided here and nowhere
//! else.

use std::error::Error;
use std::fmt::{self, Display, Write as _};
use std::io::{self, Write as _};
use std::process::ExitCode;

use guichet_api::ClientError;
use guichet_core::broker::{JournalError, LockError};
use guichet_core::verify::VerifyError;
use guichet_core::{CommandError, OpenError};

use crate::output::colours_on;

/// What kind of no it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Somebody said no: the rules, the server, the operating system.
    Refused,
    /// The command line, a file or a setting makes no sense.
    Usage,
    /// What was named is not there.
    NotFound,
    /// The server cannot be reached.
    Unreachable,
    /// Stored data is not what was written.
    Damage,
}

impl Kind {
    pub(crate) fn exit_code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Refused => 1,
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::Unreachable => 4,
            Self::Damage => 5,
        })
    }
}

/// A command was not done.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    error: anyhow::Error,
    hints: Vec<String>,
}

impl Failure {
    /// A failure that has no cause below it.
    pub(crate) fn new(kind: Kind, what: impl Display) -> Self {
        Self { kind, error: anyhow::Error::msg(what.to_string()), hints: Vec::new() }
    }

    /// What makes no sense.
    pub(crate) fn usage(what: impl Display) -> Self {
        Self::new(Kind::Usage, what)
    }

    /// Says what was being done.
    pub(crate) fn doing(self, what: impl Display) -> Self {
        Self { error: self.error.context(what.to_string()), ..self }
    }

    /// Says what to do next.
    pub(crate) fn hint(mut self, hint: impl Display) -> Self {
        self.hints.push(hint.to_string());
        self
    }

    /// The same failure as another kind.
    pub(crate) fn of_kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// Prints it on stderr; the exit code of the program.
    pub(crate) fn report(&self, verbose: bool) -> ExitCode {
        if self.is_closed_pipe() {
            // Whoever read stdout has seen enough: `guichet log cat | head`.
            return ExitCode::SUCCESS;
        }
        let mut text = String::new();
        let (red, cyan, plain) = if colours_on(&io::stderr()) { ("\x1b[1;31m", "\x1b[36m", "\x1b[0m") } else { ("", "", "") };
        let mut said = self.error.to_string();
        let _ = writeln!(text, "{red}error:{plain} {said}");
        for cause in self.error.chain().skip(1) {
            let cause = cause.to_string();
            // Many errors name their cause in their own sentence already.
            if verbose || !said.contains(&cause) {
                let _ = writeln!(text, "  because: {cause}");
                said.push_str(&cause);
            }
        }
        for hint in &self.hints {
            let _ = writeln!(text, "{cyan}hint:{plain} {hint}");
        }
        let _ = io::stderr().write_all(text.as_bytes());
        self.kind.exit_code()
    }

    fn is_closed_pipe(&self) -> bool {
        self.error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        let error = error.into();
        let (kind, hints) = error.chain().find_map(known).unwrap_or((Kind::Refused, Vec::new()));
        Self { kind, error, hints }
    }
}

/// What an error means, if its type is known here.
fn known(error: &(dyn Error + 'static)) -> Option<(Kind, Vec<String>)> {
    if let Some(error) = error.downcast_ref::<ClientError>() {
        Some(of_client(error))
    } else if let Some(error) = error.downcast_ref::<OpenError>() {
        Some(of_open(error))
    } else if let Some(error) = error.downcast_ref::<VerifyError>() {
        Some(match error {
            VerifyError::Open(error) => of_open(error),
            VerifyError::Journal(_) if error.is_damage() => damage(),
            VerifyError::Journal(_) => (Kind::Refused, Vec::new()),
        })
    } else if let Some(error) = error.downcast_ref::<JournalError>() {
        Some(if error.is_damage() { damage() } else { (Kind::Refused, Vec::new()) })
    } else if let Some(error) = error.downcast_ref::<LockError>() {
        Some(of_lock(error))
    } else if error.is::<CommandError>() {
        Some((Kind::Refused, Vec::new()))
    } else {
        let error = error.downcast_ref::<io::Error>()?;
        Some((if error.kind() == io::ErrorKind::NotFound { Kind::NotFound } else { Kind::Refused }, Vec::new()))
    }
}

fn of_client(error: &ClientError) -> (Kind, Vec<String>) {
    match error {
        ClientError::Refused(problem) | ClientError::NotFound(problem) => {
            let mut hints: Vec<String> = problem.errors.iter().map(|fault| format!("{}: {}", fault.path, fault.what)).collect();
            if !problem.advice.is_empty() {
                hints.push(problem.advice.clone());
            }
            if matches!(problem.status, 401 | 403) {
                hints.push("give an API key with --key or GUICHET_KEY; the first `guichet serve` of a directory prints one".into());
            }
            let kind = if matches!(error, ClientError::NotFound(_)) { Kind::NotFound } else { Kind::Refused };
            (kind, hints)
        }
        ClientError::Unreachable { source, .. } if is_about_certificates(source) => (
            Kind::Unreachable,
            vec!["--ca FILE names a certificate to trust: of your own authority, or the server's self-signed one".into()],
        ),
        ClientError::Unreachable { .. } => {
            (Kind::Unreachable, vec!["start one with `guichet serve`, or name another with --server".into()])
        }
        ClientError::Unexpected { .. } => {
            (Kind::Unreachable, vec!["that does not look like a Guichet server; name another with --server".into()])
        }
        ClientError::BadAddress { .. } | ClientError::BadCertificate { .. } | ClientError::NoTls { .. } => (Kind::Usage, Vec::new()),
    }
}

/// Whether somebody answered whom this client has no reason to trust.
fn is_about_certificates(error: &(dyn Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |error| (*error).source());
    causes.any(|cause| cause.to_string().contains("certificate"))
}

fn of_open(error: &OpenError) -> (Kind, Vec<String>) {
    match error {
        error if error.is_damage() => damage(),
        OpenError::Lock(error) => of_lock(error),
        OpenError::Directory { source, .. } if source.kind() == io::ErrorKind::NotFound => {
            (Kind::NotFound, vec!["--data DIR names the directory that `guichet serve` was given".into()])
        }
        OpenError::Directory { .. } => (Kind::Refused, vec!["--data DIR names another directory".into()]),
        OpenError::OtherVersion { .. } => {
            (Kind::Refused, vec!["nothing was changed; --data DIR names another directory, a new one if need be".into()])
        }
        _ => (Kind::Refused, Vec::new()),
    }
}

fn of_lock(error: &LockError) -> (Kind, Vec<String>) {
    let hint = match error {
        LockError::AlreadyOpen { pid, .. } => format!("`kill {pid}` stops it gracefully; --data DIR names another directory"),
        LockError::Unwritable { .. } => "--data DIR names another directory".into(),
    };
    (Kind::Refused, vec![hint])
}

fn damage() -> (Kind, Vec<String>) {
    (
        Kind::Damage,
        vec!["`guichet log verify --data DIR` shows what is damaged and what is not; keep a copy before you try anything".into()],
    )
}

/// Adds to what a [`Result`] says when it fails.
pub(crate) trait Explain<T> {
    /// Says what was being done.
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, Failure>;
}

impl<T, E: Into<Failure>> Explain<T> for Result<T, E> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, Failure> {
        self.map_err(|error| error.into().doing(what()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}
