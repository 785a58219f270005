//! Exit codes, hints, settings and short ids.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use support::{Run, Stage, guichet, race_track};

const NOWHERE: &str = "019a5b0e-7c00-7000-8001-000000000001";

#[test]
fn each_kind_of_no_has_its_code_and_its_hint() {
    let stage = Stage::open();
    let show = stage.show.as_str();
    let place = ["hold", "place", show, "--product", "Goal Stands", "--seat", "Goal Stand 3-A-1"];
    assert_eq!(stage.run(&place).code, 0);

    // 1: refused.
    let taken = stage.run(&place);
    taken.fails(1, &["seat_taken", "Goal Stand 3-A-1", "hint:"]);
    assert!(taken.stdout.is_empty(), "{taken:?}");
    stage.run(&["hold", "place", show, "--product", "Infield", "--quantity", "101"]).fails(1, &["too_many_places"]);
    stage.run(&["hold", "place", show, "--product", "Goal Stands", "--seat", "Nowhere-1-1"]).fails(1, &["unknown_seat"]);
    let mut stranger = stage.command();
    stranger.env_remove("GUICHET_KEY");
    Run::of(stranger.args(["venue", "list"])).fails(1, &["--key"]);

    // 2: usage.
    for args in [
        ["hold", "place", show].as_slice(),
        &["hold", "place", show, "--product", "Infield"],
        &["hold", "place", show, "--item", "Infield"],
        &["show", "create", "--name", "x"],
        &["show", "fly", show],
        &["key", "create", "--name", "x", "--scope", "king"],
        &["--server", "nowhere", "show", "list"],
        &["order", "place", NOWHERE],
    ] {
        assert_eq!(stage.run(args).code, 2, "{args:?}");
    }

    // 3: not found.
    stage.run(&["hold", "show", NOWHERE]).fails(3, &[NOWHERE]);
    stage.run(&["order", "show", NOWHERE]).fails(3, &[NOWHERE]);
    stage.run(&["show", "open", "ffff"]).fails(3, &["show list"]);
    stage.run(&["venue", "import", "no-such-file.json"]).fails(3, &["no-such-file.json"]);
    stage.run(&["log", "cat", "--data", "no-such-directory"]).fails(3, &["no-such-directory"]);

    // 4: not reachable.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    stage.run(&["--server", &format!("http://{nobody}"), "show", "list"]).fails(4, &["guichet serve"]);
}

#[test]
fn a_plan_with_faults_names_them_all() {
    let stage = Stage::open();
    let path = stage.directory.path().join("plan.json");
    std::fs::write(&path, b"{\"subChart\": {}}").unwrap();
    let run = stage.run(&["venue", "import", path.to_str().unwrap()]);
    run.fails(1, &["hint:"]);
    // `-` is stdin.
    let mut import = stage.command();
    import.args(["--output", "json", "venue", "import", "-"]).stdin(std::fs::File::open(race_track()).unwrap());
    assert_eq!(Run::of(&mut import).json()["seats"], 8_897);
}

#[test]
fn ids_may_be_shortened_as_long_as_one_has_them() {
    let stage = Stage::open();
    let show = stage.show.as_str();
    assert_eq!(stage.json(&["show", "show", &show[..13]])["show"], show);
    let venue = stage.json(&["venue", "list"])["venues"][0]["venue"].as_str().unwrap().to_owned();
    let second = stage.json(&[&["show", "create", "--venue", &venue[..13]], support::SHOW].concat());
    let second = second["show"].as_str().unwrap();
    stage.run(&["show", "pause", &show[..2]]).fails(2, &["2 shows begin with", show, second, "Grand Prix"]);
}

#[test]
fn a_show_comes_from_a_file_or_from_flags() {
    let stage = Stage::open();
    let venue = stage.json(&["venue", "list"])["venues"][0]["venue"].as_str().unwrap().to_owned();
    let path = stage.directory.path().join("show.json");
    let body = format!(
        "{{\"venue\":\"{venue}\",\"name\":\"Matinee\",\"currency\":\"JPY\",\"products\":[{{\"name\":\"All\",\"price\":\
         {{\"amount_minor\":900,\"currency\":\"JPY\"}},\"categories\":[\"Goal Stands\"]}}]}}"
    );
    std::fs::write(&path, &body).unwrap();
    let made = stage.json(&["show", "create", "--file", path.to_str().unwrap()]);
    assert_eq!((&made["name"], &made["currency"]), (&"Matinee".into(), &"JPY".into()));
    std::fs::write(&path, body.replace("currency\":\"JPY\",\"products", "curency\":\"JPY\",\"products")).unwrap();
    stage.run(&["show", "create", "--file", path.to_str().unwrap()]).fails(2, &["curency"]);
    let timed = stage.json(&[&["show", "create", "--venue", &venue, "--starts-at", "in 2h"], support::SHOW].concat());
    assert!(timed["starts_at"].is_string(), "{timed}");
}

#[test]
fn the_same_idempotency_key_is_the_same_hold() {
    let stage = Stage::open();
    let place = |quantity: &str| {
        let item = format!("Infield:{quantity}");
        let args = ["--output", "json", "hold", "place", &stage.show, "--item", &item, "--idempotency-key", "visitor-17"];
        stage.run(&args)
    };
    assert_eq!(place("2").json()["hold"], place("2").json()["hold"]);
    place("3").fails(1, &["idempotency_key_reused"]);
}

#[test]
fn settings_come_from_the_file_below_the_environment_below_flags() {
    let stage = Stage::open();
    let cwd = tempfile::tempdir().unwrap();
    let path = cwd.path().join("guichet.toml");
    let nobody = "http://127.0.0.1:9";
    std::fs::write(&path, format!("server = \"{}\"\nkey = \"{}\"\noutput = \"json\"\n", stage.server.base, stage.key)).unwrap();
    assert_eq!(Run::of(guichet(cwd.path()).args(["show", "list"])).json()["shows"][0]["show"], stage.show);
    assert!(Run::of(guichet(cwd.path()).args(["show", "list", "--output", "table"])).stdout.contains("SHOW"));
    assert_eq!(Run::of(guichet(cwd.path()).env("GUICHET_SERVER", nobody).args(["show", "list"])).code, 4);
    let flag = Run::of(guichet(cwd.path()).env("GUICHET_SERVER", nobody).args(["--server", &stage.server.base, "show", "list"]));
    assert_eq!(flag.code, 0, "{flag:?}");
    std::fs::write(&path, "sever = \"http://127.0.0.1:9\"\n").unwrap();
    Run::of(guichet(cwd.path()).args(["show", "list"])).fails(2, &["guichet.toml", "sever"]);
}

#[test]
fn help_groups_the_commands_by_task() {
    let cwd = tempfile::tempdir().unwrap();
    let help = Run::of(guichet(cwd.path()).arg("help"));
    assert_eq!(help.code, 0);
    let places: Vec<_> = ["Prepare a sale:", "  venue", "Sell:", "  hold", "Check:", "  verify", "Exit codes:"]
        .iter()
        .map(|text| help.stdout.find(text).unwrap_or_else(|| panic!("\"{text}\" is missing: {help:?}")))
        .collect();
    assert!(places.is_sorted(), "{help:?}");
    assert!(Run::of(guichet(cwd.path()).args(["completions", "bash"])).stdout.contains("guichet"));
    assert!(Run::of(guichet(cwd.path()).args(["man", "hold", "place"])).stdout.contains(".TH"));
}
