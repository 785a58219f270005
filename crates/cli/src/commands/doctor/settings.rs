//! The settings: whether they make sense together.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;

use guichet_server::Tls;
use jiff::{SignedDuration, Timestamp};

use super::findings::Findings;
use crate::settings::explained::unknown_variables;
use crate::settings::{Context, FILE, Served};

const ABOUT: &str = "settings";
/// How long before its end a certificate should have been renewed.
const RENEWED_BEFORE: SignedDuration = SignedDuration::from_hours(21 * 24);

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
        Ok(Some(Ok(tls))) => {
            expiry(&tls, findings);
            true
        }
        Ok(None) => false,
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

/// Certificates are renewed a month before they end; one that was not is worth a word.
fn expiry(tls: &Tls, findings: &mut Findings) {
    const RENEW: &str = "renew it; a server that runs reads the new one within 10 s";
    match tls.expires_at() {
        Err(error) => findings.problem("TLS", error, "`guichet serve` does not start like this"),
        Ok(end) if end <= Timestamp::now() => findings.problem("TLS", format_args!("the certificate was good until {end}"), RENEW),
        Ok(end) if end.duration_since(Timestamp::now()) < RENEWED_BEFORE => {
            findings.warning("TLS", format_args!("the certificate is good until {end} alone"), RENEW);
        }
        Ok(end) => findings.fine("TLS", format_args!("the certificate is good until {end}")),
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
