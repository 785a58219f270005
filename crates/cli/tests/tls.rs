//! `guichet serve` with TLS, and commands that ask it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use rustix::process::Signal;
use support::{PATIENCE, Run, Server, guichet};

#[test]
fn a_self_signed_server_is_asked_by_who_trusts_it() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let server = Server::start(&data, &["--tls-self-signed"]);
    assert!(server.base.starts_with("https://127.0.0.1:"), "{}", server.base);
    let certificate = data.join("tls/certificate.pem");
    let key = server.admin_key.clone().unwrap();
    let command = |base: &str, args: &[&str]| Run::of(guichet(directory.path()).args(["--server", base, "--key", &key]).args(args));
    command(&server.base, &["show", "list"]).fails(4, &["--ca"]);
    let ca = ["--ca", certificate.to_str().unwrap(), "show", "list"];
    assert_eq!(command(&server.base, &ca).code, 0);

    // Read again on a signal; what cannot be used is said and harms nobody.
    let kept = std::fs::read(&certificate).unwrap();
    std::fs::write(&certificate, "nothing").unwrap();
    server.signal(Signal::HUP);
    let started = std::time::Instant::now();
    while !server.said().contains("the one before goes on") {
        assert!(started.elapsed() < PATIENCE, "{}", server.said());
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    std::fs::write(&certificate, &kept).unwrap();
    assert_eq!(command(&server.base, &ca).code, 0);
    let ended = server.stop();
    assert_eq!(ended.code, 0, "{ended:?}");

    let again = Server::start(&data, &["--tls-self-signed"]);
    assert_eq!(std::fs::read(&certificate).unwrap(), kept, "it is made once");
    assert_eq!(command(&again.base, &ca).code, 0);
}

#[test]
fn files_and_flags_that_do_not_fit_are_named_before_anything_is_made() {
    let directory = tempfile::tempdir().unwrap();
    let serve = |args: &[&str]| Run::of(guichet(directory.path()).args(["serve", "--data", "data"]).args(args));
    serve(&["--tls-cert", "nowhere.pem", "--tls-key", "nowhere.key"]).fails(3, &["nowhere.pem"]);
    serve(&["--tls-cert", "nowhere.pem"]).fails(2, &["--tls-key"]);
    serve(&["--tls-self-signed", "--tls-cert", "nowhere.pem"]).fails(2, &["--tls-cert"]);
    std::fs::write(directory.path().join("empty.pem"), "").unwrap();
    serve(&["--tls-cert", "empty.pem", "--tls-key", "empty.pem"]).fails(1, &["empty.pem", "PEM"]);
    assert!(!directory.path().join("data").exists());
    Run::of(guichet(directory.path()).args(["--ca", "empty.pem", "show", "list"])).fails(2, &["empty.pem"]);
}
