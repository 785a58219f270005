//! The walk of a new user: from an empty directory to tickets, and back through the journal.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use serde_json::Value;
use support::{Run, Server, Stage, files, guichet};

#[test]
fn from_an_empty_directory_to_tickets_and_back_through_the_journal() {
    let stage = Stage::open();
    let show = stage.show.clone();

    let seen = stage.json(&["show", "show", &show]);
    assert_eq!((&seen["sale"], &seen["availability"]["seats"]["free"]), (&"open".into(), &8_897.into()));

    let stand = ["--item", "Goal Stands:Goal Stand 3-A-1,Goal Stand 3-A-2", "--item", "Infield:2"];
    let hold = stage.json(&[&["hold", "place", &show, "--ttl", "10m"], stand.as_slice()].concat());
    let (id, token) = (hold["hold"].as_str().unwrap(), hold["token"].as_str().unwrap());
    assert_eq!(hold["items"][0]["seats"][1], "Goal Stand 3-A-2");
    assert_eq!(hold["items"][1]["quantity"], 2);
    let seen = stage.json(&["hold", "show", id, "--token", token]);
    assert_eq!((&seen["state"], &seen["expires_at"]), (&"live".into(), &hold["expires_at"]));
    assert_eq!(stage.json(&["hold", "extend", id, "--token", token, "--ttl", "20m"])["state"], "live");

    let other = stage.json(&["hold", "place", &show, "--product", "Infield", "--quantity", "3"]);
    assert_eq!(stage.json(&["hold", "release", other["hold"].as_str().unwrap()])["state"], "released");

    let buyer = ["--email", "ada@example.org", "--name", "Ada"];
    let pay = ["order", "place", id, "--token", token, "--payment-token", "approve", "--wait", "10s"];
    let order = stage.json(&[pay.as_slice(), &buyer].concat());
    assert_eq!((&order["state"], &order["total"]["amount_minor"]), (&"confirmed".into(), &12_000.into()));
    let order_id = order["order"].as_str().unwrap();
    assert_eq!(stage.json(&["order", "show", order_id])["code"], order["code"]);

    let tickets = stage.json(&["ticket", "list", order_id]);
    assert_eq!(tickets["tickets"].as_array().unwrap().len(), 4);
    assert_eq!(tickets["tickets"][0]["seat"], "Goal Stand 3-A-1");
    let listed = stage.json(&["order", "list", "--state", "confirmed", "--show", &show]);
    assert_eq!(listed["orders"][0]["order"], order["order"]);

    // People read tables: each of these says what it is about.
    for (args, says) in [
        (vec!["venue", "list"], "Race Track"),
        (vec!["show", "list"], "Grand Prix"),
        (vec!["show", "show", &show], "45.00 EUR"),
        (vec!["order", "show", order_id], "120.00 EUR"),
        (vec!["ticket", "list", order_id], "Goal Stand 3-A-1"),
        (vec!["key", "list"], "admin"),
        (vec!["verify"], "everything is as it should be"),
    ] {
        let run = stage.run(&args);
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.stdout.contains(says), "{run:?}");
        assert!(!run.stdout.contains('\x1b'), "colours beyond a terminal: {run:?}");
    }
    let online = stage.json(&["verify"]);
    assert_eq!((&online["ok"], &online["oversold"]), (&true.into(), &0.into()));

    let key = stage.key.clone();
    let (directory, stopped) = stage.stop();
    assert_eq!(stopped.code, 0, "{stopped:?}");
    let data = directory.path().join("data");
    let offline = |args: &[&str]| Run::of(guichet(directory.path()).args(args).arg("--data").arg(&data));

    let verified = offline(&["--output", "json", "verify"]).json();
    // At its end the server has noted which keys were used.
    let online_and_one = online["checked_events"].as_u64().unwrap() + 1;
    assert_eq!((&verified["ok"], &verified["checked_events"]), (&true.into(), &online_and_one.into()));
    let report = offline(&["verify"]);
    assert!(report.stdout.contains("2 placed, 1 booked, 1 released"), "{report:?}");
    let sound = offline(&["--output", "json", "log", "verify"]).json();
    assert_eq!((&sound["ok"], sound["partitions"].as_array().unwrap().len()), (&true.into(), 3));

    let log = offline(&["log", "cat"]);
    assert_eq!(log.code, 0, "{log:?}");
    let records: Vec<Value> = log.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let events: Vec<&Value> = records.iter().filter_map(|record| record["events"].as_array()).flatten().collect();
    let of = |kind: &str| events.iter().find(|event| event["type"] == kind).copied().unwrap_or_else(|| panic!("no {kind}"));
    assert_eq!(of("hold_placed")["items"][0]["seats"][0], "Goal Stand 3-A-1");
    assert_eq!(of("order_placed")["total"]["currency"], "EUR");
    assert_eq!(of("show_adopted")["plan"]["seats"], 8_897);
    assert_eq!(of("api_key_created")["name"], "admin");
    for kind in ["venue_registered", "sale_state_changed", "hold_released", "effect_intended", "seats_booked", "order_confirmed"] {
        of(kind);
    }
    for secret in [key.as_str(), token, "approve", "ada@example.org", "sim_"] {
        assert!(!log.stdout.contains(secret), "the journal's text tells \"{secret}\"");
    }
    let tail = offline(&["log", "cat", "--partition", "0", "--from", "3", "--limit", "1"]);
    assert_eq!(tail.stdout.lines().count(), 1, "{tail:?}");
    let record: Value = serde_json::from_str(&tail.stdout).unwrap();
    assert!(record["partition"] == 0 && record["offset"].as_u64().unwrap() >= 3, "{tail:?}");
}

#[test]
fn the_admin_key_is_printed_once_and_stored_nowhere() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let server = Server::start(&data, &[]);
    let key = server.admin_key.clone().unwrap();
    let made =
        Run::of(server.command(directory.path(), &key).args(["--output", "json", "key", "create", "--name", "till", "--scope", "shop"]))
            .json();
    let shop = made["secret"].as_str().unwrap().to_owned();
    let first = server.stop();
    assert_eq!(first.stdout.matches(&key).count(), 1, "{first:?}");
    assert_eq!(first.stderr.matches(&key).count(), 0, "{first:?}");

    let server = Server::start(&data, &["-v"]);
    assert_eq!(server.admin_key, None);
    let command = || server.command(directory.path(), &key);
    let list = Run::of(command().args(["--output", "json", "key", "list"])).json();
    assert_eq!(list["keys"].as_array().unwrap().len(), 2);
    let id = made["key"].as_str().unwrap();
    let revoked = Run::of(command().args(["key", "revoke", id]));
    assert_eq!(revoked.code, 0, "{revoked:?}");
    Run::of(server.command(directory.path(), &shop).args(["show", "list"])).fails(1, &["--key"]);
    let second = server.stop();
    for text in [&second.stdout, &second.stderr] {
        assert!(!text.contains(&key) && !text.contains(&shop), "{second:?}");
    }

    for path in files(&data) {
        let bytes = std::fs::read(&path).unwrap();
        for secret in [&key, &shop] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{} holds a key in clear", path.display());
        }
    }
}
