//! The office: seats taken from sale, what a show has sold, orders as CSV, the rules of a show.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use serde_json::{Value, json};
use support::{Run, Stage};

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

#[test]
fn seats_are_taken_from_sale_and_the_report_says_why() {
    let stage = Stage::open();
    let show = stage.show.as_str();
    let block =
        |seats: &[&str], reason: &str| stage.run(&[&["--output", "json", "seat", "block", show], seats, &["--reason", reason]].concat());
    let broken = block(&["Goal Stand 3-A-1..4", "Goal Stand 3-A-7"], "broken");
    assert_eq!(
        (broken.json()["blocked"].clone(), broken.stderr.contains("4 seats: Goal Stand 3-A-1 to Goal Stand 3-A-4")),
        (json!(5), true)
    );
    assert_eq!(block(&["Goal Stand 3-A-5"], "camera").json()["blocked"], 1);
    // All or none, and nothing that is not clear.
    block(&["Goal Stand 3-A-4..6"], "again").fails(1, &["seat_taken", "Goal Stand 3-A-4"]);
    block(&["Goal Stand 3-A-1..B"], "x").fails(2, &["no range"]);
    block(&["Goal Stand 3-A-0..1"], "x").fails(1, &["unknown_seat"]);
    assert_eq!(stage.run(&["seat", "block", show, "Goal Stand 3-A-6"]).code, 2);
    stage.run(&["hold", "place", show, "--item", "Goal Stands:Goal Stand 3-A-2"]).fails(1, &["seat_taken"]);
    assert_eq!(stage.json(&["seat", "unblock", &show[..18], "Goal Stand 3-A-1..2"])["unblocked"], 2);
    stage.run(&["seat", "unblock", show, "Goal Stand 3-A-1"]).fails(1, &["seat_not_blocked"]);

    let order = stage.order(show, &["Goal Stands:Goal Stand 3-A-1,Goal Stand 3-A-2", "Infield:3"], "simulated");
    stage.json(&["order", "cancel", text(&order, "order"), "--position", "4", "--yes"]);
    stage.json(&["hold", "place", show, "--item", "Infield:4"]);
    let report = stage.json(&["show", "report", show]);
    assert_eq!(report["seats"]["blocked"], json!([{"reason": "broken", "seats": 3}, {"reason": "camera", "seats": 1}]));
    assert_eq!((&report["seats"]["booked"], &report["seats"]["free"]), (&json!(2), &json!(8_897 - 6)));
    let totals = &report["totals"];
    assert_eq!(
        (&totals["sold"], &totals["held"], &totals["cancelled"], &totals["revenue"]["amount_minor"]),
        (&json!(4), &json!(4), &json!(1), &json!(12_000))
    );
    let table = stage.run(&["show", "report", show]).stdout;
    for said in ["blocked: broken", "120.00 EUR", "Infield"] {
        assert!(table.contains(said), "\"{said}\" is missing: {table}");
    }
    let csv = stage.run(&["show", "report", show, "--csv"]);
    let golden = "product,price_minor,currency,held,sold,cancelled,fees_minor,revenue_minor\n\
                  Goal Stands,4500,EUR,0,2,0,0,9000\n\
                  Infield,1500,EUR,4,2,1,0,3000\n";
    assert_eq!((csv.code, csv.stdout.as_str()), (0, golden));
    stage.run(&["--output", "json", "show", "report", show, "--csv"]).fails(2, &["CSV"]);
}

#[test]
fn orders_are_exported_place_by_place_without_their_buyers() {
    let stage = Stage::open();
    let show = stage.open_show(&["--product", "Meal, \"hot\"=1200:quotas=infield"]);
    let hold =
        stage.json(&["hold", "place", &show, "--item", "Goal Stands:Goal Stand 3-A-1,Goal Stand 3-A-2", "--item", "Meal, \"hot\":1"]);
    let pay = [
        "order",
        "place",
        text(&hold, "hold"),
        "--payment-token",
        "approve",
        "--wait",
        "10s",
        "--email",
        "ada@example.org",
        "--name",
        "Ada",
    ];
    let paid = stage.json(&pay);
    let waiting = stage.order(&show, &["Infield:1"], "manual");
    stage.order(&stage.show, &["Infield:1"], "simulated");
    let (id, code) = (text(&paid, "order"), text(&paid, "code"));
    let ticket = text(&stage.json(&["ticket", "list", id])["tickets"][0], "code").to_owned();
    assert_eq!(stage.run(&["checkin", "scan", &show, &ticket, "--gate", "North"]).code, 0);
    stage.json(&["order", "cancel", id, "--position", "1", "--yes"]);
    let seen = stage.until(id, "it is given back", |order| order["refunds"][0]["done"] == true);

    let run = stage.run(&["order", "export", "--show", &show]);
    let (placed, entered) = (text(&seen, "placed_at"), text(&seen["check_ins"][0], "scanned_at"));
    let tickets: Vec<&str> = seen["positions"].as_array().unwrap().iter().map(|position| text(position, "ticket")).collect();
    let (late, late_code, late_placed) = (text(&waiting, "order"), text(&waiting, "code"), text(&waiting, "placed_at"));
    let golden = format!(
        "order,code,placed_at,state,payment,provider,show,product,seat,price_minor,currency,cancelled,ticket,checked_in_at,gate\n\
         {late},{late_code},{late_placed},awaiting_payment,authorising,manual,{show},Infield,,1500,EUR,false,,,\n\
         {id},{code},{placed},confirmed,partially_refunded,simulated,{show},Goal Stands,Goal Stand 3-A-1,4500,EUR,false,{},{entered},North\n\
         {id},{code},{placed},confirmed,partially_refunded,simulated,{show},Goal Stands,Goal Stand 3-A-2,4500,EUR,true,{},,\n\
         {id},{code},{placed},confirmed,partially_refunded,simulated,{show},\"Meal, \"\"hot\"\"\",,1200,EUR,false,{},,\n",
        tickets[0], tickets[1], tickets[2]
    );
    assert_eq!((run.code, run.stdout.as_str()), (0, golden.as_str()));
    assert!(!run.stdout.contains("Ada") && !run.stdout.contains("ada@"));
    // Filters, and a file.
    let path = stage.directory.path().join("orders.csv");
    let written = stage.json(&["order", "export", "--show", &show, "--state", "confirmed", "--out", path.to_str().unwrap()]);
    assert_eq!((&written["orders"], &written["rows"]), (&json!(1), &json!(3)));
    let lines: Vec<&str> = golden.lines().collect();
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().collect::<Vec<_>>(), [lines[0], lines[2], lines[3], lines[4]]);
    stage.run(&["--output", "json", "order", "export"]).fails(2, &["--out"]);
}

#[test]
fn a_show_is_made_with_its_rules_and_they_hold() {
    let stage = Stage::open();
    let rules = [
        "--starts-at",
        "2099-05-01T20:00:00+02:00",
        "--per-buyer-max",
        "2",
        "--late-payment",
        "equivalent_seat",
        "--transfer-deadline",
        "3d",
        "--cancellation-fee",
        "24h=33.33%",
        "--check-in-list",
        "stand=Goal Stands",
        "--sale-closes-at",
        "2099-05-01T00:00:00Z",
        "--product",
        "Late Infield=900:quotas=infield:opens=2098-01-01T00:00:00Z",
    ];
    let show = stage.open_show(&rules);
    let seen = stage.json(&["show", "show", &show]);
    assert_eq!((&seen["per_buyer_max"], &seen["transfer_deadline_s"]), (&json!(2), &json!(259_200)));
    assert_eq!(seen["cancellation_fees"][0], json!({"within_s": 86_400, "price_percent": 33.33}));
    assert_eq!(seen["check_in_lists"], json!([{"name": "stand", "products": ["Goal Stands"]}]));
    assert_eq!((&seen["late_payment"], &seen["products"][2]["sale_opens_at"]), (&json!("equivalent_seat"), &json!("2098-01-01T00:00:00Z")));
    let table = stage.run(&["show", "show", &show]).stdout;
    for said in [
        "places per buyer",
        "equivalent_seat",
        "3d",
        "33.33 % of each price",
        "stand: Goal Stands",
        "2099-05-01T00:00:00Z",
        "from 2098-01-01",
    ] {
        assert!(table.contains(said), "\"{said}\" is missing: {table}");
    }
    let hold = |items: &str| stage.run(&["hold", "place", &show, "--item", items, "--buyer-ref", "ada"]);
    hold("Late Infield:1").fails(1, &["outside_sale_window"]);
    assert_eq!(hold("Infield:2").code, 0);
    hold("Infield:1").fails(1, &["limit_exceeded"]);
    let wrong = |flags: &[&str]| Run::of(stage.command().args(["show", "create", "--venue", "x"]).args(support::SHOW).args(flags)).code;
    for flags in [["--cancellation-fee", "24h=half"], ["--late-payment", "keep"], ["--check-in-list", "main="], ["--sale-opens-at", "soon"]]
    {
        assert_eq!(wrong(&flags), 2, "{flags:?}");
    }
}
