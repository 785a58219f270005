//! `guichet doctor`: what it finds, in which order, and what it says to do.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use support::{Run, Stage, guichet};

/// What was found, by what it is about and how bad it is.
fn examine(cwd: &Path, args: &[&str], environment: &[(&str, &str)]) -> (i32, Value) {
    let run = Run::of(guichet(cwd).envs(environment.iter().copied()).args(["--output", "json", "doctor"]).args(args));
    (run.code, serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}")))
}

fn found<'a>(examined: &'a Value, level: &str, about: &str, says: &str) -> &'a Value {
    let findings = examined["findings"].as_array().unwrap();
    let fits =
        |finding: &&Value| finding["level"] == level && finding["about"] == about && finding["found"].as_str().unwrap().contains(says);
    findings.iter().find(fits).unwrap_or_else(|| panic!("no {level} about {about} that says \"{says}\": {findings:#?}"))
}

/// Some machines keep their temporary files in memory, and the doctor is right to complain; the tests are not about that.
fn no_problem_but_memory(examined: &Value) -> bool {
    let findings = examined["findings"].as_array().unwrap();
    findings.iter().filter(|finding| finding["level"] == "problem").all(|finding| finding["about"] == "disk")
}

#[test]
fn a_server_that_is_well_is_well_and_the_worst_comes_first() {
    let stage = Stage::open();
    let data = stage.directory.path().join("data");
    let environment = [("GUICHET_SERVER", stage.server.base.as_str()), ("GUICHET_KEY", stage.key.as_str()), ("GUICHET_SEVER", "x")];
    let (code, examined) = examine(stage.directory.path(), &["--data", data.to_str().unwrap()], &environment);
    assert!(no_problem_but_memory(&examined), "{examined:#}");
    assert_eq!((code == 0, code), (examined["healthy"] == true, i32::from(examined["healthy"] != true)));
    found(&examined, "fine", "server", "version");
    found(&examined, "fine", "key", "knows it");
    found(&examined, "fine", "directory", "3 partitions");
    found(&examined, "fine", "directory", &format!("process {}", stage.server.pid()));
    found(&examined, "warning", "settings", "GUICHET_SEVER");
    let order = ["problem", "warning", "fine"];
    let levels: Vec<_> = examined["findings"].as_array().unwrap().iter().map(|finding| finding["level"].as_str().unwrap()).collect();
    assert!(levels.is_sorted_by_key(|level| order.iter().position(|known| known == level)), "{levels:?}");

    let wrong = [("GUICHET_SERVER", stage.server.base.as_str()), ("GUICHET_KEY", "gk_wrong")];
    let (code, examined) = examine(stage.directory.path(), &[], &wrong);
    assert_eq!(code, 1);
    found(&examined, "problem", "key", "unknown or revoked");
}

#[test]
fn what_keeps_a_server_from_starting_is_found_before_it_starts() {
    let directory = tempfile::tempdir().unwrap();
    let cwd = directory.path();
    fs::create_dir(cwd.join("old")).unwrap();
    fs::write(cwd.join("old/format"), "guichet 1\n").unwrap();
    let (code, examined) = examine(cwd, &["--data", "old"], &[]);
    assert_eq!(code, 1);
    found(&examined, "problem", "directory", "format 1");

    fs::create_dir_all(cwd.join("ahead/journal-0")).unwrap();
    let written = fs::File::create(cwd.join("ahead/journal-0/0.log")).unwrap();
    written.set_modified(SystemTime::from(jiff::Timestamp::now()) + Duration::from_secs(3_600)).unwrap();
    let (_, examined) = examine(cwd, &["--data", "ahead"], &[]);
    found(&examined, "problem", "clock", "gone back");

    let (_, examined) = examine(cwd, &["--tls-cert", "nowhere.pem", "--tls-key", "nowhere.pem"], &[]);
    found(&examined, "problem", "TLS", "nowhere.pem");
    let tls = ["--tls-cert", "certificate.pem", "--tls-key", "key.pem"];
    for (level, says, days) in [("problem", "was good until", -1), ("warning", "alone", 20), ("fine", "the certificate is good until", 22)]
    {
        certificate(cwd, days);
        found(&examine(cwd, &tls, &[]).1, level, "TLS", says);
    }
    let (_, examined) = examine(cwd, &["--listen", "0.0.0.0:80"], &[]);
    found(&examined, "warning", "TLS", "other machines");
    fs::write(cwd.join("file"), "").unwrap();
    let (_, examined) = examine(cwd, &["--data", "file/data"], &[]);
    found(&examined, "problem", "directory", "file/data");
    assert_eq!(fs::read_dir(cwd).unwrap().count(), 5, "nothing is left behind");
}

/// A certificate that ends so many days from now, and its key.
fn certificate(directory: &Path, days: i64) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut wanted = rcgen::CertificateParams::new(["tickets.example".to_owned()]).unwrap();
    wanted.not_after = SystemTime::from(jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days)).into();
    fs::write(directory.join("certificate.pem"), wanted.self_signed(&key).unwrap().pem()).unwrap();
    fs::write(directory.join("key.pem"), key.serialize_pem()).unwrap();
}

#[test]
fn settings_are_explained_with_who_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let cwd = directory.path();
    fs::write(cwd.join("guichet.toml"), "key = \"gk_secret\"\ndurability = \"os\"\nlimit_per_address = \"many\"\n").unwrap();
    let run = Run::of(guichet(cwd).env("GUICHET_LISTEN", "127.0.0.1:9").args(["doctor", "--settings"]));
    assert_eq!(run.code, 0, "{run:?}");
    let line = |name: &str| run.stdout.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(line("listen").contains("127.0.0.1:9") && line("listen").contains("GUICHET_LISTEN"), "{run:?}");
    assert!(line("durability").contains("os") && line("durability").contains("guichet.toml"), "{run:?}");
    assert!(line("server").contains("default") && !run.stdout.contains("gk_secret"), "{run:?}");

    let (code, examined) = examine(cwd, &[], &[]);
    assert_eq!(code, 1);
    found(&examined, "problem", "settings", "many");
    found(&examined, "warning", "settings", "can read it");
    found(&examined, "warning", "disk", "durability is os");
    fs::write(cwd.join("guichet.toml"), "sever = \"x\"\n").unwrap();
    Run::of(guichet(cwd).arg("doctor")).fails(2, &["line 1", "sever", "doctor --settings"]);
}
