//! The door: with a server, without one, and what comes out when gates without connection tell what they did.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::io::Read;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;

use guichet_core::TicketSigner;
use serde_json::{Value, json};
use support::{Run, Stage, fed, guichet};

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

fn codes(stage: &Stage, order: &Value) -> Vec<String> {
    let list = stage.json(&["ticket", "list", text(order, "order")]);
    list["tickets"].as_array().unwrap().iter().map(|ticket| text(ticket, "code").to_owned()).collect()
}

/// The lines of stdout as JSON.
fn lines(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_ticket_opens_each_door_once() {
    let stage = Stage::open();
    let lists = ["--check-in-list", "main=Goal Stands,Infield", "--check-in-list", "stand=Goal Stands"];
    let show = stage.open_show(&lists);
    assert!(stage.run(&["show", "show", &show]).stdout.contains("main: Goal Stands, Infield"));
    let order = stage.order(&show, &["Goal Stands:Goal Stand 3-A-1", "Infield:2"], "simulated");
    let tickets = codes(&stage, &order);
    // The door has a key that is good for nothing else.
    let door = text(&stage.json(&["key", "create", "--name", "north", "--scope", "check_in"]), "secret").to_owned();
    let command = || {
        let mut command = stage.command();
        command.env("GUICHET_KEY", &door);
        command
    };
    let scan = |code: &str, flags: &[&str]| Run::of(command().args(["checkin", "scan", &show, code, "--gate", "North"]).args(flags));
    Run::of(command().args(["order", "list"])).fails(1, &["scope_missing"]);

    let admitted = scan(&tickets[0], &[]);
    assert_eq!((admitted.code, admitted.stdout.as_str()), (0, "ADMIT   Goal Stands  Goal Stand 3-A-1\n"), "{admitted:?}");
    let again = scan(&tickets[0], &[]);
    again.fails(1, &["may not enter"]);
    assert!(again.stdout.starts_with("REFUSE  already used at gate North, 20"), "{again:?}");
    // Another control is another passage, for those whom it is for.
    assert_eq!(scan(&tickets[0], &["--list", "stand"]).code, 0);
    assert!(scan(&tickets[1], &["--list", "stand"]).stdout.starts_with("REFUSE  "));
    scan(&tickets[1], &["--list", "back door"]).fails(1, &["unknown_check_in_list"]);
    // A lost answer: the same scan is not a second one.
    let named = |nonce: &str| scan(&tickets[1], &["--nonce", nonce, "--output", "json"]);
    assert_eq!(named("-n1").json()["repeated"], Value::Null);
    assert_eq!(named("-n1").json()["repeated"], true);
    assert_eq!(named("-n2").code, 1);

    // A scanner behind stdin: everything is answered, and goes on.
    stage.json(&["order", "cancel", text(&order, "order"), "--position", "2", "--yes"]);
    let foreign = TicketSigner::new(&[3; 32]).code(guichet_core::TicketId::from_bits(7));
    let second = codes(&stage, &stage.order(&show, &["Infield:1"], "simulated"));
    let elsewhere = codes(&stage, &stage.order(&stage.show, &["Infield:1"], "simulated"));
    let input = format!("{}\nHELLO\n\n{}\n{foreign}\n{}\r\n{}", tickets[1], tickets[2], elsewhere[0], second[0]);
    let run = fed(command().args(["--output", "json", "checkin", "scan", &show, "-", "--gate", "South"]), input.as_bytes());
    run.fails(1, &["5 of 6 may not enter"]);
    let said: Vec<(u64, String)> =
        lines(&run).iter().map(|line| (line["line"].as_u64().unwrap(), line["code"].as_str().unwrap_or("admit").to_owned())).collect();
    let expected = [
        (1, "ticket_already_used"),
        (2, "not_a_ticket"),
        (4, "ticket_cancelled"),
        (5, "not_a_ticket"),
        (6, "ticket_of_other_show"),
        (7, "admit"),
    ];
    assert_eq!(said, expected.map(|(line, code)| (line, code.to_owned())));
    assert_eq!(lines(&run)[0]["used_at_gate"], "North");
    fed(command().args(["checkin", "scan", &show, "-", "--gate", "South"]), b"\n").fails(2, &["no code"]);
    stage.run(&["--server", "http://127.0.0.1:9", "checkin", "scan", &show, &tickets[0], "--gate", "North"]).fails(4, &["--nonce"]);

    let listed = |flags: &[&str]| {
        let run = Run::of(command().args(["--output", "json", "checkin", "list", &show]).args(flags));
        run.json()["entries"].as_array().unwrap().iter().map(|entry| text(entry, "product").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((listed(&[]).len(), listed(&["--entered"]).len(), listed(&["--missing"]).len()), (4, 3, 0));
    assert_eq!(listed(&["--list", "stand"]), ["Goal Stands"]);
    Run::of(command().args(["checkin", "list", &show, "--list", "none"])).fails(3, &["none"]);
    let exported = Run::of(stage.command().args(["--output", "json", "order", "show", text(&order, "order")])).json();
    assert_eq!((exported["check_ins"].as_array().unwrap().len(), &exported["check_ins"][0]["gate"]), (3, &json!("North")));
}

/// A way to a server that loses the first answer: the server has done what it was asked, and nobody hears of it.
fn lossy(server: &str) -> String {
    let upstream = server.trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for (number, client) in listener.incoming().enumerate() {
            let (mut from_client, mut to_client) = {
                let client = client.unwrap();
                (client.try_clone().unwrap(), client)
            };
            let mut to_server = TcpStream::connect(&upstream).unwrap();
            let mut from_server = to_server.try_clone().unwrap();
            std::thread::spawn(move || std::io::copy(&mut from_client, &mut to_server));
            if number == 0 {
                assert!(from_server.read(&mut [0; 4_096]).unwrap() > 0);
                to_client.shutdown(Shutdown::Both).unwrap();
                continue;
            }
            std::thread::spawn(move || std::io::copy(&mut from_server, &mut to_client));
        }
    });
    address
}

#[test]
fn a_lost_answer_does_not_turn_its_holder_away() {
    let stage = Stage::open();
    let ticket = codes(&stage, &stage.order(&stage.show, &["Infield:1"], "simulated")).remove(0);
    let scan = ["checkin", "scan", &stage.show, &ticket, "--gate", "North"];
    let run = stage.run(&[&["--server", &lossy(&stage.server.base)], scan.as_slice()].concat());
    assert_eq!((run.code, run.stdout.as_str()), (0, "ADMIT   Infield\n"), "{run:?}");
    assert!(stage.run(&scan).stdout.starts_with("REFUSE  already used"), "it was not the server who let the holder in");
}

/// A gate that fails at once if it looks for a server.
fn gate(cwd: &Path, code: &str, gate: &str, log: &str, flags: &[&str]) -> Run {
    let mut command = guichet(cwd);
    command.env("GUICHET_SERVER", "no address at all").args(flags);
    Run::of(command.args(["checkin", "offline", "list.json", code, "--gate", gate, "--log", log]))
}

#[test]
fn gates_without_connection_tell_afterwards_what_they_did() {
    let stage = Stage::open();
    let order = stage.order(&stage.show, &["Goal Stands:Goal Stand 3-A-1,Goal Stand 3-A-2", "Infield:4"], "simulated");
    let tickets = codes(&stage, &order);
    let cwd = stage.directory.path();
    // One has entered, one is cancelled, before the gates go away; one is cancelled and one is sold afterwards.
    assert_eq!(stage.run(&["checkin", "scan", &stage.show, &tickets[3], "--gate", "Main"]).code, 0);
    stage.json(&["order", "cancel", text(&order, "order"), "--position", "4", "--yes"]);
    let door = text(&stage.json(&["key", "create", "--name", "door", "--scope", "check_in"]), "secret").to_owned();
    let export = Run::of(stage.command().env("GUICHET_KEY", &door).args([
        "--output",
        "json",
        "checkin",
        "export",
        &stage.show,
        "--out",
        "list.json",
    ]));
    assert_eq!((&export.json()["tickets"], &export.json()["entered"]), (&json!(5), &json!(1)));
    stage.json(&["order", "cancel", text(&order, "order"), "--position", "5", "--yes"]);
    let later = codes(&stage, &stage.order(&stage.show, &["Infield:1"], "simulated"));

    let said = |code: &str, name: &str, log: &str| gate(cwd, code, name, log, &[]).stdout;
    assert_eq!(said(&tickets[0], "North", "north.log"), "ADMIT   Goal Stands  Goal Stand 3-A-1\n");
    let logged = std::fs::read_to_string(cwd.join("north.log")).unwrap();
    assert_eq!(logged.lines().count(), 1);
    let again = gate(cwd, &tickets[0], "North 2", "north.log", &[]);
    again.fails(1, &["may not enter", "what happened since"]);
    assert!(again.stdout.starts_with("REFUSE  already used at gate North, 20"), "{again:?}");
    for (code, why) in [
        (&tickets[3], "already used at gate Main"),
        (&tickets[4], "not on this list"),
        (&later[0], "not on this list"),
        (&"HELLO".to_owned(), "not a ticket code"),
        (&TicketSigner::new(&[3; 32]).code(guichet_core::TicketId::from_bits(7)), "another key"),
    ] {
        let said = said(code, "North", "north.log");
        assert!(said.starts_with("REFUSE  ") && said.contains(why), "{said}");
    }
    assert_eq!(std::fs::read_to_string(cwd.join("north.log")).unwrap(), logged, "who is refused is not in the log");
    // The other gate knows nothing of it. What a power cut left of a line let nobody in.
    std::fs::write(cwd.join("south.log"), "{\"show\":\"").unwrap();
    for code in [&tickets[0], &tickets[1]] {
        assert!(said(code, "South", "south.log").starts_with("ADMIT   Goal Stands  Goal Stand 3-A-"), "{code}");
    }
    let json = gate(cwd, &tickets[2], "North", "north.log", &["--output", "json"]).json();
    assert_eq!((&json["admit"], &json["product"]), (&json!(true), &json!("Infield")));
    assert!(said(&tickets[5], "South", "south.log").starts_with("ADMIT"), "it cannot know that this was cancelled since");
    // Not admitted where it cannot be kept.
    gate(cwd, &tickets[1], "West", "no/such/west.log", &[]).fails(3, &["west.log"]);
    std::fs::write(cwd.join("other.json"), "{}").unwrap();
    Run::of(guichet(cwd).args(["checkin", "offline", "other.json", "x", "--gate", "g", "--log", "l"])).fails(2, &["other.json"]);

    // Meanwhile a gate with a connection admits a third.
    assert_eq!(stage.run(&["checkin", "scan", &stage.show, &tickets[2], "--gate", "Main"]).code, 0);
    let import = || stage.run(&["--output", "json", "checkin", "import", &stage.show, "south.log", "north.log", "north.log"]);
    let first = import();
    first.fails(1, &["2 of 5 scans let a ticket in again, 1 are refused"]);
    let report: Value = serde_json::from_str(&first.stdout).unwrap();
    assert_eq!((&report["admitted"], &report["repeated"], &report["scans"]), (&json!(2), &json!(0), &json!(5)));
    let (both, main) = (&report["conflicts"][0], &report["conflicts"][1]);
    // In the order of the scans, whatever the order of the logs.
    assert_eq!((text(both, "first_gate"), text(both, "second_gate")), ("North", "South"));
    assert!(text(both, "first_at") < text(both, "second_at") && logged.contains(text(both, "first_at")), "{both}");
    assert_eq!((text(main, "first_gate"), text(main, "second_gate")), ("Main", "North"));
    assert_eq!((&report["refused"][0]["code"], &report["refused"][0]["gate"]), (&json!("ticket_cancelled"), &json!("South")));
    // Once more: nothing new, and the conflicts stay conflicts.
    let second: Value = serde_json::from_str(&import().stdout).unwrap();
    assert_eq!((&second["admitted"], &second["repeated"], &second["conflicts"]), (&json!(0), &json!(2), &report["conflicts"]));
    let table = stage.run(&["checkin", "import", &stage.show, "north.log"]);
    assert!(table.stdout.contains("2 scans: 0 admitted, 1 repeated, 1 conflicts") && table.stdout.contains("Main"), "{table:?}");
    stage.run(&["checkin", "import", &stage.open_show(&[]), "north.log"]).fails(2, &["north.log"]);
    assert_eq!(stage.json(&["verify"])["ok"], true);
}
