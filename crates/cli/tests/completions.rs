//! Completions as a shell gets them: the printed script, in a real bash, asking a real server.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::path::Path;
use std::process::Command;

use support::{Stage, guichet};

/// What bash offers after a tab behind these words.
fn offered(stage: &Stage, words: &[&str]) -> Vec<String> {
    let binary = Path::new(env!("CARGO_BIN_EXE_guichet"));
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let script = format!(
        "source <(guichet completions bash) && COMP_WORDS=({}) && COMP_CWORD={} && COMP_TYPE=9 && \
         _clap_complete_guichet guichet '{}' && printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        quoted.join(" "),
        words.len() - 1,
        words.last().unwrap()
    );
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", &script]).env("PATH", path);
    bash.env("GUICHET_SERVER", &stage.server.base).env("GUICHET_KEY", &stage.key).current_dir(stage.directory.path());
    let output = bash.output().unwrap();
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(|line| line.trim_end().to_owned()).filter(|line| !line.is_empty()).collect()
}

#[test]
fn bash_offers_commands_flags_and_live_ids() {
    let stage = Stage::open();
    let verbs = offered(&stage, &["guichet", "show", "op"]);
    assert_eq!(verbs, ["open"]);
    assert!(offered(&stage, &["guichet", "key", "create", "--sc"]).contains(&"--scope".to_owned()));
    assert_eq!(offered(&stage, &["guichet", "show", "open", ""]).first(), Some(&stage.show));
    assert_eq!(offered(&stage, &["guichet", "show", "open", &stage.show[..13]]), std::slice::from_ref(&stage.show));
    assert!(offered(&stage, &["guichet", "show", "open", "ffff"]).is_empty());
    let key = &stage.json(&["key", "list"])["keys"][0]["key"];
    assert_eq!(offered(&stage, &["guichet", "key", "revoke", "0"]), [key.as_str().unwrap()]);
}

#[test]
fn nobody_waits_for_a_server_that_is_not_there() {
    let directory = tempfile::tempdir().unwrap();
    let mut ask = guichet(directory.path());
    ask.env("COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", "3").env("GUICHET_SERVER", "http://127.0.0.1:9");
    let output = ask.args(["--", "guichet", "show", "open", ""]).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = guichet(directory.path()).args(["completions", shell]).output().unwrap();
        assert!(script.status.success() && String::from_utf8_lossy(&script.stdout).contains("COMPLETE"), "{shell}");
    }
}
