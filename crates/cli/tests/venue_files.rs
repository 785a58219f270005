//! `guichet venue check` and `guichet venue export`: plans as files.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use support::{Run, Stage, guichet};

fn example(name: &str) -> String {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/data").join(name);
    path.to_str().unwrap().to_owned()
}

/// A command that fails at once if it looks for a server.
fn offline(cwd: &Path, args: &[&str]) -> Run {
    Run::of(guichet(cwd).env("GUICHET_SERVER", "no address at all").arg("venue").args(args))
}

#[test]
fn all_faults_of_a_plan_are_named_at_once_and_what_is_not_sold_too() {
    let cwd = tempfile::tempdir().unwrap();
    let mut chart: Value = serde_json::from_slice(&std::fs::read(example("sections.json")).unwrap()).unwrap();
    let seats = &mut chart["subChart"]["sections"][0]["subChart"]["rows"][0]["seats"];
    seats[1]["label"] = seats[0]["label"].clone();
    seats[2]["x"] = json!("no");
    std::fs::write(cwd.path().join("broken.json"), chart.to_string()).unwrap();
    let row = "subChart.sections[0].subChart.rows[0]";
    let (label, x) = (format!("{row}.seats[1].label: duplicate of"), format!("{row}.seats[2].x: a number is needed"));
    offline(cwd.path(), &["check", "broken.json"]).fails(2, &["broken.json", &label, &x]);
    offline(cwd.path(), &["check", "missing.json"]).fails(3, &["missing.json"]);

    let checked = offline(cwd.path(), &["check", &example("theatre.json")]);
    assert!(checked.stdout.contains("Little Theatre") && checked.stderr.contains("without a fault"), "{checked:?}");
    let stdout = Run::of(guichet(cwd.path()).args(["venue", "check", &example("banquet.json"), "--output", "json"])).json();
    assert_eq!((&stdout["seats"], &stdout["areas"][0]["name"]), (&json!(67), &json!("Bar")));
}

#[test]
fn a_plan_is_written_in_another_format_and_what_that_cannot_say_is_named() {
    let cwd = tempfile::tempdir().unwrap();
    let written = offline(cwd.path(), &["export", &example("theatre.json"), "--format", "pretix", "--to", "pretix.json"]);
    for said in ["written: pretix.json", "not in the file: areas[0] \"Promenade\"", "a booth is written as one seat"] {
        assert!(written.stderr.contains(said), "\"{said}\" is missing: {written:?}");
    }
    let read = offline(cwd.path(), &["check", "pretix.json"]);
    assert!(read.stderr.contains("a pretix plan") && read.stdout.contains("278"), "{read:?}");

    let printed = offline(cwd.path(), &["export", "pretix.json", "--format", "pretix"]);
    assert_eq!(printed.stdout, std::fs::read_to_string(cwd.path().join("pretix.json")).unwrap());
    offline(cwd.path(), &["export", &example("theatre.json"), "--format", "seatsio"]).fails(2, &["\"seatsio\"", "\"pretix\""]);
    offline(cwd.path(), &["export", &example("theatre.json"), "--to", "no/such/plan.json"]).fails(3, &["no/such/plan.json"]);
}

#[test]
fn a_venue_is_exported_as_it_was_imported() {
    let stage = Stage::open();
    let venues = stage.json(&["venue", "list"]);
    let venue = venues["venues"][0]["venue"].as_str().unwrap();
    let exported = stage.run(&["venue", "export", &venue[..14]]);
    let cwd = tempfile::tempdir().unwrap();
    assert_eq!(exported.stdout, offline(cwd.path(), &["export", &example("race-track.json")]).stdout);
    stage.run(&["venue", "export", "ffff"]).fails(3, &["no venue begins with \"ffff\"", "no file ffff"]);
}

#[test]
fn a_plan_in_use_is_taken_out_redrawn_tried_and_put_back() {
    let stage = Stage::open();
    let show = stage.show.as_str();
    stage.order(show, &["Goal Stands:Goal Stand 3-A-1"], "simulated");
    let text = stage.run(&["venue", "export", &example("race-track.json")]).stdout;
    let mut plan: Value = serde_json::from_str(&text).unwrap();
    let section = plan["sections"].as_array().unwrap().iter().position(|section| section["label"] == "Goal Stand 3").unwrap();
    let row = plan["rows"].as_array_mut().unwrap().iter_mut().find(|row| row["section"] == section && row["label"] == "A").unwrap();
    let seats = row["seats"].as_array_mut().unwrap();
    let at = |seats: &[Value], label: &str| seats.iter().position(|seat| seat["label"] == label).unwrap();
    seats.remove(at(seats, "2"));
    let sold = seats.remove(at(seats, "1"));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, plan.to_string()).unwrap();
    let file = file.path().to_str().unwrap();
    let tried = stage.run(&["show", "revise", &show[..16], file, "--dry-run"]);
    tried.fails(1, &["seats that stand against it: 1", "hint"]);
    assert!(tried.stdout.contains("conflict: Goal Stand 3-A-1: it is sold"), "{}", tried.stdout);
    stage.run(&["show", "revise", show, file]).fails(1, &["plan_conflict", "Goal Stand 3-A-1"]);

    let row = plan["rows"].as_array_mut().unwrap().iter_mut().find(|row| row["section"] == section && row["label"] == "A").unwrap();
    row["seats"].as_array_mut().unwrap().push(sold);
    std::fs::write(file, plan.to_string()).unwrap();
    let tried = stage.run(&["show", "revise", show, file, "--dry-run"]);
    assert!(tried.code == 0 && tried.stderr.contains("nothing has been changed"), "{tried:?}");
    let revised = stage.json(&["show", "revise", show, file]);
    assert_eq!((&revised["withdrawn"], &revised["added"]), (&json!(["Goal Stand 3-A-2"]), &json!([])));
    let drawn = stage.run(&["venue", "show", "--show", show, "--section", "Goal Stand 3"]).stdout;
    assert!(drawn.contains("booked 1") && drawn.contains("free 2213"), "{drawn}");
    stage.run(&["show", "revise", show, "missing.json"]).fails(3, &["missing.json"]);
    assert_eq!(stage.json(&["verify"])["ok"], json!(true));
}
