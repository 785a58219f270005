//! What an operator reads: the metrics and the log.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use support::{Run, Server, Stage};

/// Not measured before a snapshot was taken, for which this is too short.
const RARE: &[&str] = &["guichet_snapshots_total", "guichet_snapshot_seconds", "guichet_snapshot_bytes"];

#[test]
fn every_metric_is_explained_and_every_explained_metric_is_there() {
    let stage = Stage::open();
    stage.order(&stage.show, &["Infield:3"], "simulated");
    let text = stage.server.get("/metrics", "scrape");
    let marked = |mark: &str| -> BTreeSet<String> {
        text.lines().filter_map(|line| line.strip_prefix(mark)?.split(' ').next().map(str::to_owned)).collect()
    };
    let (measured, helped) = (marked("# TYPE "), marked("# HELP "));
    assert_eq!(measured, helped);
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operations/metrics.md")).unwrap();
    let told: BTreeSet<String> = page.lines().filter_map(|line| Some(line.strip_prefix("| `")?.split('`').next()?.to_owned())).collect();
    assert!(measured.is_subset(&told), "not in docs/operations/metrics.md: {:?}", measured.difference(&told));
    let gone: Vec<_> = told.difference(&measured).filter(|name| !RARE.contains(&name.as_str())).collect();
    assert!(gone.is_empty() && measured.len() > 8, "nobody measures {gone:?}");
}

#[test]
fn the_log_can_be_json_and_names_the_request() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(&directory.path().join("data"), &["--log-format", "json", "-v"]);
    server.get("/healthz", "till-3/47");
    let stderr = server.stop().stderr;
    let lines: Vec<Value> = stderr.lines().filter(|line| line.starts_with('{')).map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["message"].as_str().is_some_and(|text| text.starts_with("serving on"))), "{stderr}");
    let answered = lines.iter().find(|line| line["message"] == "answered").unwrap();
    assert_eq!((&answered["span"]["id"], &answered["route"]), (&"till-3/47".into(), &"/healthz".into()), "{stderr}");
}

#[test]
fn the_log_is_changed_while_the_server_runs() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(&directory.path().join("data"), &[]);
    let key = server.admin_key.clone().unwrap();
    let ask = |args: &[&str]| Run::of(server.command(directory.path(), &key).args(args));
    assert!(ask(&["logging"]).stdout.contains("guichet_server=info"));
    ask(&["show", "list"]);
    assert!(!server.said().contains("/v1/shows"), "{}", server.said());
    assert_eq!(ask(&["logging", "warn,guichet_server=debug"]).code, 0);
    ask(&["show", "list"]);
    assert!(server.said().contains("/v1/shows"), "{}", server.said());
    for wrong in ["", "guichet_core=loud"] {
        ask(&["logging", wrong]).fails(1, &["invalid_log_filter", "hint:"]);
    }
    // Without a certificate a hangup means nothing, and ends nothing.
    server.signal(rustix::process::Signal::HUP);
    assert_eq!(ask(&["logging"]).stdout.trim(), "guichet_server=debug,warn");
}
