//! The server: whether it is there, of this version, ready, and knows the key.

use guichet_api::{ClientError, ShowFilter};

use super::findings::Findings;
use crate::settings::Context;

const ABOUT: &str = "server";

pub(super) async fn check(context: &Context, findings: &mut Findings) {
    let client = match context.client() {
        Ok(client) => client,
        Err(error) => {
            return findings.problem(ABOUT, format_args!("{error:#}"), "correct it with --server, GUICHET_SERVER or guichet.toml");
        }
    };
    let health = match client.health().await {
        Ok(health) => health.value,
        Err(ClientError::Unreachable { url, .. }) => {
            return findings.warning(
                ABOUT,
                format_args!("nobody answers at {url}"),
                "start one with `guichet serve`, or name another with --server",
            );
        }
        Err(error) => return findings.problem(ABOUT, error, "name another with --server"),
    };
    let own = env!("CARGO_PKG_VERSION");
    if health.version == own {
        findings.fine(ABOUT, format_args!("answers at {}, version {own}", client.base()));
    } else {
        findings.warning(
            ABOUT,
            format_args!("answers at {} with version {}; this command is {own}", client.base(), health.version),
            "use the same version of both",
        );
    }
    match client.readiness().await {
        Ok(readiness) => {
            for reason in readiness.value.reasons {
                findings.problem(ABOUT, reason, "`guichet top` and the server's log tell more");
            }
        }
        Err(error) => findings.problem(ABOUT, error, "look at the server's log"),
    }
    match client.shows(&ShowFilter::default()).await {
        Ok(_) => findings.fine("key", "the server knows it"),
        Err(error) if error.code() == Some("unauthenticated") => {
            findings.warning(
                "key",
                "none is set",
                "give one with --key or GUICHET_KEY; the first `guichet serve` of a directory prints one",
            );
        }
        Err(error) => findings.problem("key", error, "`guichet key create` makes another one"),
    }
}
