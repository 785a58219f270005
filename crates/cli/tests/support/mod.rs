//! Runs the real binary: commands that end, and servers on a free port.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, reason = "each test uses its part; a test may panic")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// Longest that anything here may take, on a machine that is busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The shipped race track of 8,897 seats.
pub(crate) fn race_track() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/data/race-track.json")
}

/// A command without anything of this machine's settings.
pub(crate) fn guichet(cwd: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guichet"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("GUICHET_")) {
        command.env_remove(name);
    }
    command.current_dir(cwd).stdin(Stdio::null());
    command
}

/// What a command said and how it ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Its data; it must have been done.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{self:?}");
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// It must have failed this way, saying all of this on stderr and nothing on stdout.
    #[track_caller]
    pub(crate) fn fails(&self, code: i32, says: &[&str]) {
        assert_eq!(self.code, code, "{self:?}");
        for text in says {
            assert!(self.stderr.contains(text), "\"{text}\" is missing: {self:?}");
        }
    }
}

/// A server on a free port of its own.
pub(crate) struct Server {
    child: Option<Child>,
    pub(crate) base: String,
    /// Printed if this was the first start of the directory.
    pub(crate) admin_key: Option<String>,
    stdout: Arc<Mutex<String>>,
    stderr: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Server {
    /// Starts it and waits until it listens.
    pub(crate) fn start(data: &Path, flags: &[&str]) -> Self {
        let cwd = data.parent().unwrap();
        let mut command = guichet(cwd);
        command.arg("serve").arg("--data").arg(data).args(["--listen", "127.0.0.1:0"]).args(flags);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (stdout, out_reader) = collect(child.stdout.take().unwrap());
        let (stderr, err_reader) = collect(child.stderr.take().unwrap());
        let readers = vec![out_reader, err_reader];
        let started = Instant::now();
        loop {
            let said = stdout.lock().unwrap().clone();
            if let Some(base) = said.lines().find_map(|line| line.strip_prefix("listening on ")) {
                let admin_key = said.lines().find_map(|line| line.strip_prefix("admin key: ")).map(str::to_owned);
                return Self { child: Some(child), base: base.to_owned(), admin_key, stdout, stderr, readers };
            }
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none() && started.elapsed() < PATIENCE, "no server ({ended:?}): {said}{}", stderr.lock().unwrap());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What it has said on stderr so far.
    pub(crate) fn said(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(self.child.as_ref().unwrap()), signal).unwrap();
    }

    /// Ends it as an operator does.
    pub(crate) fn stop(mut self) -> Run {
        self.signal(Signal::TERM);
        self.wait()
    }

    /// Ends it as a power cut of this process does.
    pub(crate) fn kill(mut self) -> Run {
        self.signal(Signal::KILL);
        self.wait()
    }

    /// Waits until it has ended.
    pub(crate) fn wait(&mut self) -> Run {
        let mut child = self.child.take().unwrap();
        let started = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if started.elapsed() > PATIENCE {
                child.kill().unwrap();
                panic!("the server did not end: {}", self.stderr.lock().unwrap());
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        self.readers.drain(..).for_each(|reader| reader.join().unwrap());
        let text = |of: &Mutex<String>| of.lock().unwrap().clone();
        Run { code: status.code().unwrap_or(-1), stdout: text(&self.stdout), stderr: text(&self.stderr) }
    }

    /// What a path answers to a program on this machine that has no key: headers and body.
    pub(crate) fn get(&self, path: &str, request_id: &str) -> String {
        let mut stream = TcpStream::connect(self.base.strip_prefix("http://").unwrap()).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nx-request-id: {request_id}\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// A command that calls this server, with a key.
    pub(crate) fn command(&self, cwd: &Path, key: &str) -> Command {
        let mut command = guichet(cwd);
        command.env("GUICHET_SERVER", &self.base).env("GUICHET_KEY", key);
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn collect(from: impl Read + Send + 'static) -> (Arc<Mutex<String>>, JoinHandle<()>) {
    let text = Arc::new(Mutex::new(String::new()));
    let into = Arc::clone(&text);
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let mut text = into.lock().unwrap();
            text.push_str(&line);
            text.push('\n');
        }
    });
    (text, reader)
}

/// A server with a venue and an open show, and an operator who talks to it.
pub(crate) struct Stage {
    pub(crate) server: Server,
    pub(crate) key: String,
    pub(crate) directory: tempfile::TempDir,
    pub(crate) show: String,
}

/// Flags of a show that sells everything of the race track, and an infield of 500.
pub(crate) const SHOW: &[&str] = &[
    "--name",
    "Grand Prix",
    "--currency",
    "EUR",
    "--product",
    "Goal Stands=4500:categories=Goal Stands",
    "--product",
    "Infield=1500:quotas=infield",
    "--quota",
    "infield=500",
];

impl Stage {
    pub(crate) fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let server = Server::start(&directory.path().join("data"), &[]);
        let key = server.admin_key.clone().unwrap();
        let mut stage = Self { server, key, directory, show: String::new() };
        let venue = stage.json(&["venue", "import", race_track().to_str().unwrap()])["venue"].as_str().unwrap().to_owned();
        let create: Vec<&str> = [&["show", "create", "--venue", &venue], SHOW].concat();
        stage.show = stage.json(&create)["show"].as_str().unwrap().to_owned();
        stage.json(&["show", "open", &stage.show]);
        stage
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    pub(crate) fn command(&self) -> Command {
        self.server.command(self.directory.path(), &self.key)
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        Run::of(self.command().args(args))
    }

    /// Runs it for its data.
    #[track_caller]
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        Run::of(self.command().args(["--output", "json"]).args(args)).json()
    }

    /// Another open show of the race track: what `SHOW` sells, and more flags.
    #[track_caller]
    pub(crate) fn open_show(&self, flags: &[&str]) -> String {
        let venue = self.json(&["venue", "list"])["venues"][0]["venue"].as_str().unwrap().to_owned();
        let made = self.json(&[&["show", "create", "--venue", &venue], SHOW, flags].concat());
        let show = made["show"].as_str().unwrap().to_owned();
        self.json(&["show", "open", &show]);
        show
    }

    /// Holds items and orders them. A manual order waits for its money, any other is waited for.
    #[track_caller]
    pub(crate) fn order(&self, show: &str, items: &[&str], provider: &str) -> Value {
        let items: Vec<&str> = items.iter().flat_map(|item| ["--item", item]).collect();
        let hold = self.json(&[&["hold", "place", show], items.as_slice()].concat());
        let wait = if provider == "manual" { "1s" } else { "10s" };
        let place = ["order", "place", hold["hold"].as_str().unwrap(), "--provider", provider, "--payment-token", "approve"];
        let mut order = self.json(&[place.as_slice(), &["--wait", wait]].concat());
        order["hold_token"] = hold["token"].clone();
        order
    }

    /// Asks until an order is as it should be.
    #[track_caller]
    pub(crate) fn until(&self, order: &str, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let started = Instant::now();
        loop {
            let seen = self.json(&["order", "show", order]);
            if fits(&seen) {
                return seen;
            }
            assert!(started.elapsed() < PATIENCE, "{what}: {seen}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Stops the server; the directory stays.
    pub(crate) fn stop(self) -> (tempfile::TempDir, Run) {
        let run = self.server.stop();
        (self.directory, run)
    }
}

/// Runs a command with something on its stdin.
pub(crate) fn fed(command: &mut Command, input: &[u8]) -> Run {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Every file below a directory.
pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// The segment of a partition; there is only one in such short lives.
pub(crate) fn segment(data: &Path, partition: u16) -> PathBuf {
    data.join(format!("journal-{partition}/00000000000000000000.log"))
}

/// Changes one bit in the middle of a file.
pub(crate) fn flip_a_byte(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    std::fs::write(path, bytes).unwrap();
}
