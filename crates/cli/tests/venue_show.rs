//! `guichet venue show`: plans of files, venues and shows, as pictures.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::path::{Path, PathBuf};

use serde_json::json;
use support::{Run, Stage, fed, guichet, race_track};

fn rows_and_areas() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/data/rows-and-areas.json")
}

/// A command that fails at once if it looks for a server.
fn offline(cwd: &Path, args: &[&str]) -> Run {
    Run::of(guichet(cwd).env("GUICHET_SERVER", "no address at all").args(["venue", "show"]).args(args))
}

#[test]
fn a_file_is_drawn_without_a_server() {
    let cwd = tempfile::tempdir().unwrap();
    let chart = rows_and_areas();
    let chart = chart.to_str().unwrap();
    let shown = offline(cwd.path(), &[chart]);
    assert_eq!(shown.code, 0, "{shown:?}");
    for said in ["A: C C C C C C c C", "C Cat1 16", "CATEGORY", "Cat2", "GA1"] {
        assert!(shown.stdout.contains(said), "\"{said}\" is missing: {}", shown.stdout);
    }
    // Not a terminal.
    assert!(!shown.stdout.contains('\u{1b}'));
    let piped = fed(guichet(cwd.path()).args(["venue", "show", "-"]), &std::fs::read(chart).unwrap());
    assert_eq!(piped.stdout, shown.stdout);

    let narrow = offline(cwd.path(), &[race_track().to_str().unwrap(), "--width", "40", "--height", "12"]);
    let picture: Vec<&str> = narrow.stdout.split("\n\n").next().unwrap().lines().collect();
    assert!(picture.len() <= 12 && picture.iter().all(|line| line.chars().count() <= 40), "{picture:?}");
    let section = offline(cwd.path(), &[race_track().to_str().unwrap(), "--section", "Goal Stand 4"]);
    assert!(section.stdout.contains("Goal Stands 650") && !section.stdout.contains("MT1"), "{}", section.stdout);

    let json = Run::of(guichet(cwd.path()).args(["--output", "json", "venue", "show", chart])).json();
    assert_eq!((&json["seats"], &json["areas"][0]["capacity"]), (&json!(32), &json!(100)));
}

#[test]
fn an_svg_is_written_or_printed() {
    let cwd = tempfile::tempdir().unwrap();
    let chart = rows_and_areas();
    let chart = chart.to_str().unwrap();
    let printed = offline(cwd.path(), &[chart, "--svg", "-"]);
    assert!(printed.stdout.starts_with("<svg ") && printed.stdout.contains("<title>A-1</title>"), "{printed:?}");
    let written = offline(cwd.path(), &[chart, "--svg", "plan.svg"]);
    assert_eq!(std::fs::read_to_string(cwd.path().join("plan.svg")).unwrap(), printed.stdout);
    assert!(written.stderr.contains("written: plan.svg") && written.stdout.contains("Cat1"), "{written:?}");
}

#[test]
fn the_pictures_of_the_readme_are_what_is_drawn_today() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let drawn = offline(&root, &["examples/data/theatre.json", "--width", "80"]).stdout;
    let (picture, _) = drawn.split_once("\nname ").unwrap();
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    assert!(readme.contains(&format!("examples/data/theatre.json --width 80\n{picture}")), "for the README:\n{picture}");
    let svg = offline(&root, &["examples/data/theatre.json", "--svg", "-"]).stdout;
    let kept = std::fs::read_to_string(root.join("docs/pictures/plan.svg")).unwrap();
    assert!(kept == svg, "to be written anew: guichet venue show examples/data/theatre.json --svg docs/pictures/plan.svg");
}

#[test]
fn what_cannot_be_drawn_is_named() {
    let cwd = tempfile::tempdir().unwrap();
    let chart = rows_and_areas();
    let chart = chart.to_str().unwrap();
    std::fs::write(cwd.path().join("notes.txt"), "no plan").unwrap();
    offline(cwd.path(), &["notes.txt"]).fails(2, &["notes.txt", "is not JSON"]);
    offline(cwd.path(), &["missing.json"]).fails(3, &["missing.json"]);
    offline(cwd.path(), &[chart, "--by", "state"]).fails(2, &["no states", "--show"]);
    offline(cwd.path(), &[race_track().to_str().unwrap(), "--section", "X"]).fails(3, &["\"X\"", "\"Goal Stand 3\""]);
    offline(cwd.path(), &[chart, "--svg", "no/such/plan.svg"]).fails(3, &["no/such/plan.svg"]);
    offline(cwd.path(), &[chart, "--output", "json", "--svg", "-"]).fails(2, &["no JSON"]);
    offline(cwd.path(), &[]).fails(2, &["PLAN"]);
}

#[test]
fn a_venue_and_the_seats_of_a_show_are_drawn() {
    let stage = Stage::open();
    let venues = stage.json(&["venue", "list"]);
    let venue = venues["venues"][0]["venue"].as_str().unwrap();
    let shown = stage.run(&["venue", "show", &venue[..14]]);
    for said in ["G Goal Stands 2865", "Goal Stand 3", venue] {
        assert!(shown.stdout.contains(said), "\"{said}\" is missing: {shown:?}");
    }
    assert_eq!(stage.json(&["venue", "show", venue])["seats"], 8_897);
    stage.run(&["venue", "show", "ffff"]).fails(3, &["no venue begins with \"ffff\"", "no file ffff"]);

    let show = stage.show.as_str();
    stage.json(&["seat", "block", show, "Goal Stand 3-A-4..6", "--reason", "camera"]);
    stage.json(&["hold", "place", show, "--item", "Goal Stands:Goal Stand 3-A-7"]);
    stage.order(show, &["Goal Stands:Goal Stand 3-A-1,Goal Stand 3-A-2"], "simulated");
    let seats = stage.run(&["venue", "show", "--show", show, "--section", "Goal Stand 3"]).stdout;
    for said in ["free 2209", "held 1", "booked 2", "blocked 3"] {
        assert!(seats.contains(said), "\"{said}\" is missing: {seats}");
    }
    let svg = stage.run(&["venue", "show", venue, "--show", show, "--svg", "-"]).stdout;
    for said in ["Goal Stand 3-A-2, booked<", "Goal Stand 3-A-5, blocked<", "Goal Stand 3-A-7, held<", "Goal Stand 3-A-8, free<"] {
        assert!(svg.contains(said), "\"{said}\" is missing");
    }
    assert!(svg.len() < 900_000, "{} bytes", svg.len());
    let by_category = stage.run(&["venue", "show", "--show", show, "--by", "category"]).stdout;
    assert!(by_category.contains("G Goal Stands 2865"), "{by_category}");
    stage.run(&["venue", "show", "0000", "--show", show]).fails(2, &["Grand Prix", venue]);
}
