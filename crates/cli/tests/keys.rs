//! Organisers and API keys on the command line.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use support::{Run, Stage, race_track};

#[test]
fn an_organiser_gets_keys_that_reach_nothing_of_another() {
    let stage = Stage::open();
    let ours = stage.json(&["organiser", "create", "--name", "Circuit"])["organiser"].as_str().unwrap().to_owned();
    stage.run(&["organiser", "create", "--name", "Circuit"]).fails(1, &["organiser_exists", &ours]);
    assert_eq!(stage.json(&["organiser", "list"])["organisers"][0]["name"], "Circuit");

    let prefix = &ours[..18];
    let args = ["key", "create", "--name", "office", "--scope", "organiser", "--organiser", prefix, "--requests-per-s", "500"];
    let made = stage.json(&args);
    assert_eq!((&made["organiser"], &made["requests_per_s"]), (&ours.as_str().into(), &500.into()));
    let secret = made["secret"].as_str().unwrap().to_owned();
    let office = |args: &[&str]| Run::of(stage.command().args(["--output", "json", "--key", &secret]).args(args));

    let venue = office(&["venue", "import", race_track().to_str().unwrap()]).json()["venue"].as_str().unwrap().to_owned();
    let product = ["--product", "Goal Stands=4500:categories=Goal Stands"];
    let show = office(&[&["show", "create", "--venue", &venue, "--name", "Ours", "--currency", "EUR"], &product[..]].concat()).json();
    assert_eq!(show["organiser"], ours.as_str());
    let shows = office(&["show", "list"]).json();
    assert_eq!(shows["shows"].as_array().unwrap().len(), 1, "and not the show of nobody");
    office(&["show", "show", &stage.show]).fails(3, &[&stage.show]);
    office(&["key", "create", "--name", "all", "--scope", "admin"]).fails(1, &["scope_missing"]);
    let refused = ["show", "create", "--venue", &venue, "--name", "x", "--currency", "EUR", product[0], product[1]];
    stage.run(&refused).fails(3, &["venue"]);

    let id = made["key"].as_str().unwrap();
    let listed = stage.run(&["key", "list"]);
    assert!(listed.stdout.lines().any(|line| line.contains(id) && line.contains(&ours) && line.contains("500") && !line.contains("never")));
    let rotated = stage.json(&["key", "rotate", id, "--overlap", "1h"])["secret"].as_str().unwrap().to_owned();
    assert_ne!(rotated, secret);
    office(&["show", "list"]).json();
    stage.run(&["key", "rotate", id]);
    office(&["show", "list"]).fails(1, &["invalid_key"]);
    stage.run(&["key", "rotate", id, "--overlap", "31d"]).fails(1, &["30 days"]);
}

#[test]
fn what_makes_no_sense_is_named() {
    let stage = Stage::open();
    stage.run(&["key", "create", "--name", "x", "--scope", "king"]).fails(2, &["king", "read_only"]);
    stage.run(&["key", "create", "--name", "x", "--scope", "organiser"]).fails(1, &["invalid_api_key", "organiser"]);
    stage.run(&["key", "create", "--name", "", "--scope", "shop"]).fails(1, &["name"]);
    stage.run(&["key", "create", "--name", "x", "--scope", "shop", "--requests-per-s", "0"]).fails(2, &["requests-per-s"]);
    stage.run(&["key", "create", "--name", "x", "--scope", "shop", "--organiser", "ffff"]).fails(3, &["organiser list"]);
    stage.run(&["serve", "--limit-per-address", "50/s"]).fails(2, &["50/s", "50:200"]);
    stage.run(&["serve", "--trust-proxy", "my-proxy"]).fails(2, &["my-proxy"]);
    std::fs::write(stage.directory.path().join("guichet.toml"), "limit_per_address = \"many\"\n").unwrap();
    stage.run(&["serve"]).fails(2, &["limit_per_address", "guichet.toml", "many"]);
}
