//! Tickets: their codes checked offline, their keys changed, their QR codes drawn.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use guichet_core::{TicketId, TicketSigner, ticket_key_name};
use serde_json::{Value, json};
use support::{Run, Stage, fed, guichet};

fn ticket() -> TicketId {
    TicketId::from_bits(0x019a_5b0e_7c00_7000_8001_0000_0000_0001)
}

/// Signs what nobody's key of the house signed: the id of one key before the signature of another.
fn forge(shown: &TicketSigner, signed: &TicketSigner) -> String {
    // Four bytes are six characters and a half: of the seventh, the key has the first two bits.
    let (shown, signed) = (shown.code(ticket()), signed.code(ticket()));
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let value = |code: &str| digits.iter().position(|digit| *digit == code.as_bytes()[6]).unwrap();
    let seventh = char::from(digits[(value(&shown) & 0b11000) | (value(&signed) & 0b00111)]);
    format!("{}{seventh}{}", &shown[..6], &signed[7..])
}

/// A command that fails at once if it looks for a server or a data directory.
fn offline(cwd: &Path, args: &[&str]) -> std::process::Command {
    let mut command = guichet(cwd);
    command.env("GUICHET_SERVER", "no address at all").env("GUICHET_DATA", "/no/such/directory");
    command.args(["ticket", "verify"]).args(args);
    command
}

#[test]
fn a_code_is_checked_with_public_keys_alone() {
    let cwd = tempfile::tempdir().unwrap();
    let (old, new, other) = (TicketSigner::new(&[1; 32]), TicketSigner::new(&[2; 32]), TicketSigner::new(&[3; 32]));
    let (old_key, new_key) = (old.public_key().to_string(), new.public_key().to_string());
    let both = ["--public-key", &old_key, "--public-key", &new_key];
    let check = |code: &str, keys: &[&str]| Run::of(&mut offline(cwd.path(), &[&[code], keys].concat()));

    for signer in [&old, &new] {
        let genuine = check(&signer.code(ticket()), &both);
        assert_eq!(genuine.code, 0, "{genuine:?}");
        assert_eq!(genuine.stdout, format!("genuine: ticket {}, key {}\n", ticket(), ticket_key_name(signer.key_id())));
        assert!(genuine.stderr.contains("cancelled or used"), "{genuine:?}");
    }
    assert_eq!(check(&new.code(ticket()).to_lowercase(), &both).code, 0);
    assert!(Run::of(&mut offline(cwd.path(), &["--help"])).stdout.contains("cancelled or used"));

    // Each way of not being genuine has its name.
    let forged = forge(&new, &other);
    let truncated = &new.code(ticket())[..134];
    let cases = [(&*other.code(ticket()), "unknown key"), (&forged, "forged"), (truncated, "malformed"), ("HELLO", "malformed")];
    for (code, reason) in cases {
        let refused = check(code, &both);
        refused.fails(1, &["not genuine"]);
        assert!(refused.stdout.starts_with(&format!("NOT genuine, {reason}")) && refused.stdout.lines().count() == 1, "{refused:?}");
    }
    // A key that was left out.
    let refused = check(&old.code(ticket()), &["--public-key", &new_key]);
    assert_eq!(refused.code, 1);
    assert!(refused.stdout.contains("unknown key") && refused.stdout.contains(&ticket_key_name(old.key_id())), "{refused:?}");
    assert_eq!(std::fs::read_dir(cwd.path()).unwrap().count(), 0, "it left something behind");
}

#[test]
fn keys_come_from_files_and_what_is_no_key_is_usage() {
    let cwd = tempfile::tempdir().unwrap();
    let (old, new) = (TicketSigner::new(&[1; 32]), TicketSigner::new(&[2; 32]));
    let write = |name: &str, text: String| std::fs::write(cwd.path().join(name), text).unwrap();
    let listed = |signer: &TicketSigner, key_id: [u8; 4]| {
        json!({"key_id": ticket_key_name(key_id), "public_key": signer.public_key().to_string(), "made_at": "2027-01-01T00:00:00Z",
            "current": false})
    };
    write("lines", format!("# the door's keys\n\n{}\n  {}  \n", old.public_key(), new.public_key().to_string().to_uppercase()));
    write("json", json!({"keys": [listed(&old, old.key_id()), listed(&new, new.key_id())]}).to_string());
    write("mixed", json!({"keys": [listed(&old, new.key_id())]}).to_string());
    write("empty", "\n# none\n".into());
    write("no-keys", json!({"keys": []}).to_string());
    write("half", format!("{}\nnot a key\n", old.public_key()));
    let run = |keys: &[&str]| {
        let keys: Vec<&str> = keys.iter().flat_map(|key| ["--public-key", key]).collect();
        Run::of(&mut offline(cwd.path(), &[&[old.code(ticket()).as_str()], keys.as_slice()].concat()))
    };
    for keys in [["lines"].as_slice(), &["json"], &[&new.public_key().to_string(), "lines"]] {
        assert_eq!(run(keys).code, 0, "{keys:?}");
    }
    run(&[]).fails(2, &["--public-key"]);
    run(&["lines", "nowhere"]).fails(2, &["nowhere", "hint:"]);
    run(&["mixed"]).fails(2, &["another key"]);
    run(&["empty"]).fails(2, &["no public keys"]);
    run(&["no-keys"]).fails(2, &["no public keys"]);
    run(&["half"]).fails(2, &["line 2"]);
    // Anybody could sign for this one.
    run(&[&"0".repeat(64)]).fails(2, &["not the public key"]);
}

#[test]
fn codes_from_stdin_are_all_reported_and_one_bad_one_decides() {
    let cwd = tempfile::tempdir().unwrap();
    let (house, other) = (TicketSigner::new(&[1; 32]), TicketSigner::new(&[3; 32]));
    let (key, good) = (house.public_key().to_string(), house.code(ticket()));
    let run = |flags: &[&str], input: &[u8]| fed(&mut offline(cwd.path(), &[&["-", "--public-key", &key], flags].concat()), input);

    let fine = run(&[], format!("{good}\n\n  {good}\r\n{good}").as_bytes());
    assert_eq!((fine.code, fine.stdout.lines().count()), (0, 3), "{fine:?}");
    let mixed =
        [format!("{good}\n{}\n{}\n", other.code(ticket()), forge(&house, &other)).as_bytes(), b"\xff\xfe\n", good.as_bytes()].concat();
    let said = run(&[], &mixed);
    said.fails(1, &["3 of 5"]);
    let starts = ["line 1: genuine", "line 2: NOT genuine, unknown key", "line 3: NOT genuine, forged", "line 4: NOT genuine, malformed"];
    for (line, start) in said.stdout.lines().zip(starts.into_iter().chain(["line 5: genuine"])) {
        assert!(line.starts_with(start), "{line} is not {start}");
    }
    let said = run(&["--output", "json"], &mixed);
    let lines: Vec<Value> = said.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((said.code, lines.len()), (1, 5));
    let key_id = ticket_key_name(house.key_id());
    assert_eq!(lines[0], json!({"line": 1, "genuine": true, "ticket": ticket().to_string(), "key_id": key_id}));
    assert_eq!(lines[2], json!({"line": 3, "genuine": false, "reason": "forged", "key_id": key_id}));
    // A report that nobody reads any more is not "all genuine" either.
    let mut unread = offline(cwd.path(), &["-", "--public-key", &key]);
    let mut child = unread.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    drop(child.stdout.take());
    child.stdin.take().unwrap().write_all(format!("{good}\n").as_bytes()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    // Nothing to check is not "all genuine".
    run(&[], b"\n\n").fails(2, &["no code"]);
}

fn read_qr(width: usize, pixels: &[u8]) -> String {
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, pixels.len() / width, |x, y| pixels[y * width + x]);
    let found = image.detect_grids();
    assert_eq!(found.len(), 1);
    found[0].decode().unwrap().1
}

fn read_png(bytes: &[u8]) -> String {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let width = reader.next_frame(&mut pixels).unwrap().width as usize;
    read_qr(width, &pixels)
}

/// Half blocks as pixels, four for a module's side.
fn read_terminal(lines: &[&str]) -> String {
    let modules = lines.iter().flat_map(|line| ["█▀", "█▄"].map(|dark| line.chars().map(|c| dark.contains(c)).collect::<Vec<_>>()));
    let rows = modules.flat_map(|row| std::iter::repeat_n(row, 4));
    let pixels: Vec<u8> = rows.flat_map(|row| row.into_iter().flat_map(|dark| [if dark { 0 } else { 255 }; 4])).collect();
    read_qr(4 * lines[0].chars().count(), &pixels)
}

#[test]
fn tickets_are_drawn_keys_change_and_what_was_sold_stays_genuine() {
    let stage = Stage::open();
    let buy = || {
        let hold = stage.json(&["hold", "place", &stage.show, "--product", "Infield", "--quantity", "2"]);
        let (hold, token) = (hold["hold"].as_str().unwrap().to_owned(), hold["token"].as_str().unwrap().to_owned());
        let order =
            stage.json(&["order", "place", &hold, "--payment-token", "approve", "--wait", "10s"])["order"].as_str().unwrap().to_owned();
        let tickets = stage.json(&["ticket", "list", &order]);
        (
            order,
            token,
            tickets["tickets"][1]["ticket"].as_str().unwrap().to_owned(),
            tickets["tickets"][1]["code"].as_str().unwrap().to_owned(),
        )
    };
    let (order, token, id, code) = buy();

    // On a terminal: the ticket, then the drawing.
    for name in [id.as_str(), &code] {
        let shown = stage.run(&["ticket", "show", name, "--order", &order]);
        assert_eq!(shown.code, 0, "{shown:?}");
        let (fields, drawn) = shown.stdout.split_once("\n\n").unwrap();
        assert!(fields.contains(&id) && fields.contains("Infield") && fields.contains(&code), "{fields}");
        assert_eq!(read_terminal(&drawn.lines().collect::<Vec<_>>()), code);
    }
    assert_eq!(stage.json(&["ticket", "show", &id, "--order", &order])["code"], code.as_str());
    // As a picture: alone on stdout, or in a file.
    let piped = stage.command().args(["ticket", "show", &id, "--order", &order, "--qr", "png"]).output().unwrap();
    assert_eq!(read_png(&piped.stdout), code);
    let svg = stage.run(&["ticket", "show", &id, "--order", &order, "--qr", "svg"]);
    assert!(svg.stdout.starts_with("<svg ") && svg.stdout.trim_end().ends_with("</svg>"), "{svg:?}");
    let path = stage.directory.path().join("ticket.png");
    let written = stage.json(&["ticket", "show", &id, "--order", &order, "--qr", "png", "--out", path.to_str().unwrap()]);
    assert_eq!((written["ticket"].as_str().unwrap(), read_png(&std::fs::read(&path).unwrap())), (&*id, code.clone()));
    stage.run(&["ticket", "show", &id, "--order", &order, "--out", "x"]).fails(2, &["--qr"]);
    stage.run(&["--output", "json", "ticket", "show", &id, "--order", &order, "--qr", "svg"]).fails(2, &["--out"]);
    // Not the order's own id: ids are unique among things of a kind, and a ticket made in the same millisecond may have it.
    stage.run(&["ticket", "show", &ticket().to_string(), "--order", &order]).fails(3, &["ticket list"]);

    // A shop sees the keys and its own ticket, and changes nothing.
    let secret = stage.json(&["key", "create", "--name", "shop", "--scope", "shop"])["secret"].as_str().unwrap().to_owned();
    let shop = |args: &[&str]| Run::of(stage.command().env("GUICHET_KEY", &secret).args(args));
    shop(&["ticket", "show", &id, "--order", &order]).fails(1, &["token"]);
    assert_eq!(shop(&["ticket", "show", &id, "--order", &order, "--token", &token]).code, 0);
    shop(&["ticket", "rotate-key"]).fails(1, &["scope_missing"]);
    assert_eq!(shop(&["ticket", "keys"]).code, 0);

    let first = stage.json(&["ticket", "keys"])["keys"][0]["public_key"].as_str().unwrap().to_owned();
    let made = stage.json(&["ticket", "rotate-key"]);
    let (_, _, new_id, new_code) = buy();
    let keys = stage.run(&["ticket", "keys", "--output", "json"]);
    assert_eq!((keys.json()["keys"].as_array().unwrap().len(), &keys.json()["keys"][1]), (2, &made));
    std::fs::write(stage.directory.path().join("keys.json"), &keys.stdout).unwrap();
    let table = stage.run(&["ticket", "keys"]).stdout;
    assert!(table.contains(&first) && table.lines().nth(2).unwrap().contains("now"), "{table}");

    // The server is gone; the file of keys is all there is.
    let (directory, _) = stage.stop();
    for (id, code) in [(&id, &code), (&new_id, &new_code)] {
        let genuine = Run::of(&mut offline(directory.path(), &[code, "--public-key", "keys.json"]));
        assert_eq!(genuine.code, 0, "{genuine:?}");
        assert!(genuine.stdout.contains(id.as_str()), "{genuine:?}");
    }
    assert_eq!(Run::of(&mut offline(directory.path(), &[&new_code, "--public-key", &first])).code, 1);
}

#[test]
fn a_directory_with_other_secrets_is_not_served_and_says_why() {
    let stage = Stage::open();
    let data = stage.data();
    let (directory, _) = stage.stop();
    let whole = std::fs::read(data.join("secrets")).unwrap();
    let serve = || Run::of(guichet(directory.path()).arg("serve").arg("--data").arg(&data).args(["--listen", "127.0.0.1:0"]));
    std::fs::write(data.join("secrets"), [b"guichet secrets 1\n".as_slice(), &[7; 64]].concat()).unwrap();
    serve().fails(1, &["secrets", "version 1", "version 2"]);
    std::fs::write(data.join("secrets"), &whole[..100]).unwrap();
    serve().fails(5, &["secrets", "damaged"]);
}
