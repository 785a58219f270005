//! Payments by hand: a bank's statement, as nasty as they come, is booked once and tells what it did not book.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use serde_json::{Value, json};
use support::{Run, Stage};

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

/// The lines of a part of the report, each with what else is asked for.
fn lines(report: &Value, part: &str, also: &str) -> Vec<(u64, String)> {
    let rows = report[part].as_array().unwrap().iter();
    rows.map(|row| (row["line"].as_u64().unwrap(), text(row, also).to_owned())).collect()
}

#[test]
fn a_nasty_statement_is_booked_once_and_every_row_is_accounted_for() {
    let stage = Stage::open();
    let show = stage.open_show(&["--per-buyer-max", "40"]);
    let hold = |items: &str| {
        let hold = stage.json(&["hold", "place", &show, "--item", items, "--buyer-ref", items]);
        let place = ["order", "place", text(&hold, "hold"), "--provider", "manual", "--payment-token", "transfer"];
        stage.json(&place)
    };
    // 600.00, 15.00, 30.00, 45.00, 60.00.
    let orders: Vec<Value> = ["Infield:40", "Infield:1", "Infield:2", "Infield:3", "Infield:4"].map(hold).into();
    assert_eq!(orders[0]["total"]["amount_minor"], 60_000);
    let code = |order: usize| text(&orders[order], "code").to_owned();
    let card = stage.order(&stage.show, &["Infield:1"], "simulated");
    let id = |order: usize| text(&orders[order], "order").to_owned();

    let (spaced, hyphened) = (format!("{} {}", &code(1)[..3], &code(1)[3..]), format!("{}-{}", &code(2)[..5], &code(2)[5..]));
    // The last letter of a code, changed: no such order.
    let unknown = format!("{}{}", &code(3)[..code(3).len() - 1], if code(3).ends_with('7') { "8" } else { "7" });
    let file = stage.directory.path().join("statement.csv");
    let rows = [
        "\u{feff}Bank of Nowhere;Statement 7\r".to_owned(),
        "\r".into(),
        "Date;Purpose;Amount;Currency;Balance\r".into(),
        // 4, 5: thousands as in Germany; a code in pieces, in a cell of two lines.
        format!("2026-11-20;\"SVWZ+Tickets {}; thanks, \"\"Ada\"\"\";600,00;EUR;1.600,00\r", code(0).to_lowercase()),
        format!("2026-11-20;\"two lines\r\n{spaced}\";15,00;;1.615,00\r"),
        // 7: a hyphen inside, and the amount as elsewhere.
        format!("2026-11-20;order:{hyphened}/Infield;30.00;EUR;x\r"),
        // 8-15: what cannot be booked.
        "2026-11-20;\"invoice 4711, see tickets\";45,00;EUR;\r".into(),
        format!("2026-11-20;{unknown};45,00;EUR;\r"),
        format!("2026-11-20;{};44,99;EUR;\r", code(3)),
        format!("2026-11-20;{};1.234;EUR;\r", code(3)),
        format!("2026-11-20;{};45,00;USD;\r", code(3)),
        format!("2026-11-20;{};-45,00;EUR;\r", code(3)),
        format!("2026-11-20;{} and {};60,00;EUR;\r", code(3), code(4)),
        format!("2026-11-20;{};15,00;EUR;\r", text(&card, "code")),
        // 16: a second payment of the first order. 17: a row that breaks off.
        format!("2026-11-21;{};600,00;EUR;\r", code(0)),
        "2026-11-21;cut\r".into(),
        ";;;;\r".into(),
    ];
    std::fs::write(&file, rows.join("\n")).unwrap();
    let file = file.to_str().unwrap();
    let import = |args: &[&str]| {
        let run = stage.run(&[&["--output", "json", "payment", "import", file], args].concat());
        (serde_json::from_str::<Value>(&run.stdout).unwrap(), run)
    };

    // Told before, nothing done.
    let (foreseen, run) = import(&["--dry-run"]);
    assert_eq!(lines(&foreseen, "booked", "order"), [(4, code(0)), (5, code(1)), (7, code(2))]);
    assert_eq!((run.code, stage.json(&["order", "show", &id(0)])["state"].clone()), (1, json!("awaiting_payment")));

    let (first, run) = import(&[]);
    run.fails(1, &["10 of 13 rows did not match"]);
    assert_eq!((&first["rows"], &first["ok"], &first["known"]), (&json!(13), &json!(false), &json!([])));
    assert_eq!(lines(&first, "booked", "order"), [(4, code(0)), (5, code(1)), (7, code(2))]);
    let reasons = [
        (8, "no_order_code"),
        (9, "unknown_order"),
        (10, "wrong_amount"),
        (11, "unreadable"),
        (12, "wrong_currency"),
        (13, "not_incoming"),
        (14, "several_orders"),
        (15, "wrong_provider"),
        (16, "order_already_paid"),
        (17, "unreadable"),
    ];
    assert_eq!(lines(&first, "unmatched", "reason"), reasons.map(|(line, reason)| (line, reason.to_owned())));
    let wrong = &first["unmatched"][2];
    assert_eq!((&wrong["expected"]["amount_minor"], &wrong["received"]["amount_minor"]), (&json!(4_500), &json!(4_499)));
    assert!(text(&first["unmatched"][1], "detail").contains(&unknown), "{first}");
    for order in 0..3 {
        stage.until(&id(order), "it is sold", |order| order["state"] == "confirmed");
    }

    // The same file again changes nothing.
    let before = stage.json(&["order", "list"]);
    let (second, _) = import(&[]);
    assert_eq!(second["booked"], json!([]));
    assert_eq!((&second["known"], &second["unmatched"]), (&first["booked"], &first["unmatched"]));
    assert_eq!(stage.json(&["order", "list"]), before);

    // People read a table. When all that is in a file is known, all is well.
    let table = stage.run(&["payment", "import", file]).stdout;
    for said in ["already known", "wrong_amount: 45.00 EUR expected, 44.99 EUR received", "0 booked, 3 already known, 10 not matched"] {
        assert!(table.contains(said), "\"{said}\" is missing: {table}");
    }
    let good = stage.directory.path().join("good.csv");
    std::fs::write(&good, format!("id,reference,amount\nB-1,{},\"45.00\"\nB-1,{},\"45.00\"\n", code(3), code(3))).unwrap();
    let run = stage.run(&["payment", "import", good.to_str().unwrap()]);
    assert!(run.code == 0 && run.stdout.contains("1 booked, 1 already known, 0 not matched"), "{run:?}");

    // What payers write is personal, and the journal is for good.
    let data = stage.data();
    let nonsense = stage.directory.path().join("nonsense.csv");
    std::fs::write(&nonsense, "who,how much\nA,1\n").unwrap();
    stage.run(&["payment", "import", nonsense.to_str().unwrap()]).fails(2, &["reference", "amount"]);
    stage.run(&["payment", "import", "nowhere.csv"]).fails(3, &["nowhere.csv"]);
    assert_eq!(stage.json(&["verify"])["ok"], true);
    let (_directory, stopped) = stage.stop();
    assert_eq!(stopped.code, 0);
    for path in support::files(&data) {
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(3).any(|window| window == b"Ada"), "{} has what a payer wrote", path.display());
    }
}

#[test]
fn a_payment_is_confirmed_by_hand_once() {
    let stage = Stage::open();
    let order = stage.order(&stage.show, &["Infield:2"], "manual");
    let code = text(&order, "code");
    let confirm =
        |amount: &str, reference: &str| stage.run(&["--output", "json", "payment", "confirm", code, amount, "--reference", reference]);
    confirm("29.00", "till 1").fails(1, &["wrong_amount"]);
    assert_eq!(confirm("29,00", "till 1").code, 2);
    assert_eq!(confirm("3000", "till 1").json()["payment"]["provider"], "manual");
    stage.until(code, "it is sold", |order| order["state"] == "confirmed");
    confirm("3000", "till 1").fails(1, &["payment_already_known"]);
    confirm("3000", "till 2").fails(1, &["order_already_paid"]);
    stage.run(&["payment", "confirm", code, "30.00", "--reference", "x", "--provider", "simulated"]).fails(1, &["wrong_provider"]);

    // Cancelled: the money waits for somebody to pay it out.
    let cancelled = Run::of(stage.command().args(["order", "cancel", code, "--yes"]));
    assert!(cancelled.stderr.contains("payment payout") && cancelled.stderr.contains("30.00 EUR"), "{cancelled:?}");
    stage.json(&["payment", "payout", code, "30.00 EUR", "--reference", "back"]);
    stage.until(code, "it is given back", |order| order["payment"]["state"] == "refunded");
}
