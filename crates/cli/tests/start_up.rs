//! What a server says when it cannot start, and how it ends when it is told to.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use support::{Run, Server, Stage, flip_a_byte, guichet, segment};

fn serve(cwd: &Path, data: &Path, flags: &[&str]) -> Run {
    Run::of(guichet(cwd).arg("serve").arg("--data").arg(data).args(["--listen", "127.0.0.1:0"]).args(flags))
}

#[test]
fn a_taken_port_is_named_and_nothing_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = directory.path().join("data");
    let run = Run::of(guichet(directory.path()).arg("serve").arg("--data").arg(&data).args(["--listen", &address]));
    run.fails(1, &[&address, "taken", "--listen"]);
    assert!(!data.exists() && run.stdout.is_empty(), "{run:?}");
}

#[test]
fn an_address_that_is_none_is_a_mistake_of_usage() {
    let directory = tempfile::tempdir().unwrap();
    let run = Run::of(guichet(directory.path()).args(["serve", "--listen", "everywhere"]));
    run.fails(2, &["everywhere", "127.0.0.1:8080"]);
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, b"").unwrap();
    serve(directory.path(), &file.join("data"), &[]).fails(1, &["file/data", "--data"]);
}

#[test]
fn a_directory_of_another_version_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("format"), "guichet 99\npartitions 3\nincarnation 1\n").unwrap();
    serve(directory.path(), &data, &[]).fails(1, &["format 99", "nothing was changed"]);
    for verb in [["log", "verify"], ["log", "cat"]] {
        Run::of(guichet(directory.path()).args(verb).arg("--data").arg(&data)).fails(1, &["format 99"]);
    }
}

#[test]
fn a_directory_in_use_names_the_process_that_has_it() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let server = Server::start(&data, &[]);
    let pid = server.pid().to_string();
    serve(directory.path(), &data, &[]).fails(1, &["in use", &pid]);
    for verb in [["verify"].as_slice(), &["log", "verify"]] {
        Run::of(guichet(directory.path()).args(verb).arg("--data").arg(&data)).fails(1, &["in use", &pid]);
    }
    assert_eq!(server.stop().code, 0);
}

#[test]
fn a_damaged_journal_is_damage_and_its_place_is_named() {
    let (directory, _) = Stage::open().stop();
    let data = directory.path().join("data");
    flip_a_byte(&segment(&data, 1));
    let place = ["journal-1", "00000000000000000000.log"];
    serve(directory.path(), &data, &[]).fails(5, &place);
    let offline = |args: &[&str]| Run::of(guichet(directory.path()).args(args).arg("--data").arg(&data));
    offline(&["verify"]).fails(5, &place);
    offline(&["log", "cat", "--partition", "1"]).fails(5, &place);
    let run = offline(&["--output", "json", "log", "verify"]);
    run.fails(5, &place);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let states: Vec<_> = report["partitions"].as_array().unwrap().iter().map(|partition| partition["ok"].as_bool().unwrap()).collect();
    assert_eq!(states, [true, false, true], "{run:?}");
    assert_eq!(report["partitions"][1]["damage"]["segment"], "00000000000000000000.log", "{run:?}");
    assert!(report["partitions"][1]["damage"]["position"].is_u64(), "{run:?}");
    // The other partitions can still be read.
    assert_eq!(offline(&["log", "cat", "--partition", "0"]).code, 0);
}

#[test]
fn a_torn_tail_is_reported_and_is_no_error() {
    let (directory, _) = Stage::open().stop();
    let data = directory.path().join("data");
    // A stop makes all of it durable and says so: only what comes after can be torn.
    let path = segment(&data, 1);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend_from_slice(&[7; 100]);
    std::fs::write(&path, bytes).unwrap();
    let run = Run::of(guichet(directory.path()).args(["--output", "json", "log", "verify", "--data"]).arg(&data));
    let report = run.json();
    assert_eq!((&report["ok"], &report["partitions"][1]["torn"]["bytes"]), (&true.into(), &100.into()), "{run:?}");
    assert!(run.stderr.contains("cut short"), "{run:?}");
    assert_eq!(Run::of(guichet(directory.path()).args(["verify", "--data"]).arg(&data)).code, 0);
    assert_eq!(Server::start(&data, &[]).stop().code, 0);
    let report = Run::of(guichet(directory.path()).args(["--output", "json", "log", "verify", "--data"]).arg(&data)).json();
    assert!(report["partitions"][1]["torn"].is_null(), "{report}");
}

#[test]
fn both_signals_end_it_gracefully() {
    for signal in [Signal::TERM, Signal::INT] {
        let directory = tempfile::tempdir().unwrap();
        let mut server = Server::start(&directory.path().join("data"), &["-q"]);
        server.signal(signal);
        let run = server.wait();
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let mut server = Server::start(&data, &[]);
    let address = server.base.strip_prefix("http://").unwrap().to_owned();
    // A request that never ends: its body does not come.
    let mut stuck = std::net::TcpStream::connect(&address).unwrap();
    let key = server.admin_key.clone().unwrap();
    let request = format!("POST /v1/venues HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ncontent-length: 100\r\n\r\n{{");
    std::io::Write::write_all(&mut stuck, request.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    let began = Instant::now();
    server.signal(Signal::TERM);
    std::thread::sleep(Duration::from_millis(300));
    server.signal(Signal::TERM);
    let run = server.wait();
    assert_eq!(run.code, 1, "{run:?}");
    assert!(began.elapsed() < Duration::from_secs(5) && run.stderr.contains("at once"), "{run:?}");
    // Nothing that was answered is lost, and the directory is free again.
    let server = Server::start(&data, &[]);
    assert_eq!(server.admin_key, None);
    assert_eq!(server.stop().code, 0);
}

#[test]
fn beyond_this_machine_is_worth_a_warning() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    // The later flag wins.
    let run = Server::start(&data, &["--durability", "os"]).stop();
    assert!(!run.stderr.contains("without TLS"), "{run:?}");
    let mut file = String::from("listen = \"0.0.0.0:0\"\n");
    file.push_str("durability = \"os\"\n");
    std::fs::write(directory.path().join("guichet.toml"), file).unwrap();
    let mut child = guichet(directory.path())
        .arg("serve")
        .arg("--data")
        .arg(&data)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
    assert!(line.starts_with("listening on http://0.0.0.0:"), "{line}");
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), Signal::TERM).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("without TLS"), "{output:?}");
}

#[test]
fn a_damaged_snapshot_is_said_and_the_start_goes_on_without_it() {
    let stage = Stage::open();
    let taken = stage.json(&["log", "snapshot"])["snapshots"].clone();
    let partitions: Vec<u64> = taken.as_array().unwrap().iter().filter_map(|one| one["partition"].as_u64()).collect();
    assert_eq!(partitions, [0, 1], "the partitions that have records: {taken}");
    let data = stage.data();
    let (directory, _) = stage.stop();
    let snapshots = data.join("snapshots-1");
    let file = std::fs::read_dir(&snapshots).unwrap().next().unwrap().unwrap().path();
    flip_a_byte(&file);
    let server = Server::start(&data, &[]);
    let ended = server.stop();
    let name = file.file_name().unwrap().to_str().unwrap();
    assert!(ended.stderr.contains("passed over") && ended.stderr.contains(name), "{ended:?}");
    drop(directory);
}
