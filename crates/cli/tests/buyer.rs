//! `guichet buyer erase`: never without a confirmation, and what it says.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use support::Stage;

fn buy(stage: &Stage, seat: &str, email: &str, name: &str) -> String {
    let hold = stage.json(&["hold", "place", &stage.show, "--product", "Goal Stands", "--seat", seat]);
    let hold = hold["hold"].as_str().unwrap();
    let order = ["order", "place", hold, "--payment-token", "approve", "--wait", "10s", "--email", email, "--name", name];
    stage.json(&order)["order"].as_str().unwrap().to_owned()
}

#[test]
fn a_buyer_is_erased_only_when_that_is_confirmed() {
    let stage = Stage::open();
    let order = buy(&stage, "Goal Stand 3-A-1", "ada@example.org", "Ada");
    buy(&stage, "Goal Stand 3-A-2", "ADA@example.org", "Countess");

    // Stdin is no terminal here: without --yes nothing is even asked of the server.
    stage.run(&["buyer", "erase", "--order", &order]).fails(2, &["--yes", "--dry-run", "terminal"]);
    stage.run(&["--server", "http://127.0.0.1:9", "buyer", "erase", "--order", &order]).fails(2, &["--yes"]);
    assert_eq!(stage.json(&["buyer", "erase", "--email", "ada@example.org", "--dry-run"])["would_erase"], 2);

    let run = stage.run(&["buyer", "erase", "--order", &order, "--yes"]);
    assert_eq!((run.code, run.stdout.trim()), (0, "erased  1 record"), "{run:?}");
    assert!(run.stderr.contains("backups"), "{run:?}");
    assert_eq!(stage.json(&["buyer", "erase", "--email", "Ada@Example.org", "--yes"])["erased"], 1);
    let again = stage.run(&["buyer", "erase", "--order", &order, "--yes"]);
    assert_eq!((again.code, again.stdout.trim()), (0, "erased  0 records"), "{again:?}");
    assert!(again.stderr.contains("nothing there"), "{again:?}");
    assert_eq!(stage.json(&["ticket", "list", &order])["tickets"].as_array().unwrap().len(), 1);
    assert_eq!(stage.json(&["verify"])["ok"], true);
}

#[test]
fn who_is_meant_must_be_said_once() {
    let stage = Stage::open();
    let nowhere = "019a5b0e-7c00-7000-8001-000000000001";
    for args in [
        ["buyer", "erase", "--yes"].as_slice(),
        &["buyer", "erase", "--order", nowhere, "--email", "ada@example.org", "--yes"],
        &["buyer", "erase", "--order", nowhere, "--yes", "--dry-run"],
        &["buyer", "erase", "ada@example.org", "--yes"],
    ] {
        assert_eq!(stage.run(args).code, 2, "{args:?}");
    }
    stage.run(&["buyer", "erase", "--order", nowhere, "--yes"]).fails(3, &[nowhere]);
    stage.run(&["buyer", "erase", "--email", " ", "--yes"]).fails(1, &["empty"]);
    assert_eq!(stage.json(&["buyer", "erase", "--email", "nobody@example.org", "--yes"])["erased"], 0);
}
