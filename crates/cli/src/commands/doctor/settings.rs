//! The settings: whether they make sense together.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;

use guichet_server::Tls;

use super::findings::Findings;
use crate::settings::explained::unknown_variables;
use crate::settings::{Context, FILE, Served};

const ABOUT: &str = "settings";

pub(super) fn check(context: &Context, serving: &Served<'_>, findings: &mut Findings) {
    for name in unknown_variables() {
        findings.warning(ABOUT, format_args!("the environment has {name}, which means nothing"), "correct its name, or take it away");
    }
    let wrong = [serving.allowed_origins().err(), serving.address_limit().err(), serving.trusted_proxies().err()];
    for error in wrong.into_iter().flatten() {
        findings.problem(ABOUT, format_args!("{error:#}"), format_args!("correct it in {FILE}"));
    }
    key_in_file(context, findings);
    let tls = match serving.tls_files().map(|files| files.map(Tls::open)) {
        Err(error) => return findings.problem("TLS", format_args!("{error:#}"), "name both"),
        Ok(Some(Err(error))) => return findings.problem("TLS", error, "`guichet serve` does not start like this"),
        Ok(tls) => tls.is_some(),
    };
    let listen = serving.listen();
    match listen.parse::<SocketAddr>() {
        Ok(address) if tls => findings.fine("TLS", format_args!("certificate and key fit, for {address}")),
        Ok(address) if !address.ip().is_loopback() => findings.warning(
            "TLS",
            format_args!("{address} is reached from other machines, and there is no TLS"),
            "set tls_cert and tls_key, unless a proxy with TLS stands before it",
        ),
        Ok(address) => findings.fine("TLS", format_args!("none, and {address} is reached from this machine alone")),
        // A name: only the server looks it up.
        Err(_) => findings.fine("TLS", format_args!("none; the server will listen on {listen}")),
    }
}

/// A file with a key is its owner's alone.
fn key_in_file(context: &Context, findings: &mut Findings) {
    let Ok(metadata) = std::fs::metadata(FILE) else { return };
    if context.key_is_in_file() && metadata.permissions().mode() & 0o077 != 0 {
        findings.warning(
            ABOUT,
            format_args!("{FILE} has an API key, and others on this machine can read it"),
            format_args!("chmod 600 {FILE}"),
        );
    }
}
