//! One example of everything that travels. A test reads each as its type and writes it again: nothing here can be wrong or old.

use guichet_api as api;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use utoipa::ToSchema;

const VENUE: &str = "019a5b0e-7c00-7000-8000-000000000001";
const SHOW: &str = "019a5b0e-7c00-7000-8001-000000000002";
const HOLD: &str = "019a5b0e-7c00-7000-8001-000000000003";
const ORDER: &str = "019a5b0e-7c00-7000-8001-000000000004";
const TICKET: &str = "019a5b0e-7c00-7000-8001-000000000005";
const SAGA: &str = "019a5b0e-7c00-7000-8001-000000000006";
const KEY: &str = "019a5b0e-7c00-7000-8000-000000000007";
const ORGANISER: &str = "019a5b0e-7c00-7000-8000-000000000008";
const CODE: &str = "BCDFGHJ";
const SEAT: &str = "Goal Stand 3-A-1";
const POSITION: &str = "p1.1042";

/// A type that travels.
pub(crate) trait Example: ToSchema + Serialize + DeserializeOwned {
    /// One of it.
    fn example() -> Value;
}

macro_rules! examples {
    ($($kind:ident => $example:expr;)*) => {
        $(impl Example for api::$kind {
            fn example() -> Value { $example }
        })*

        #[cfg(test)]
        mod tests {
            use super::*;

            #[test]
            fn every_example_is_what_it_says_to_be() {
                $(
                    let read: api::$kind = serde_json::from_value($example).expect(stringify!($kind));
                    assert_eq!(serde_json::to_value(&read).unwrap(), $example, stringify!($kind));
                )*
            }
        }
    };
}

examples! {
    Venue => json!({
        "venue": VENUE, "name": "Race Track", "seats": 8897, "rows": 408, "sections": 34, "zones": 0,
        "areas": [{"name": "Infield", "capacity": 2000, "category": "Infield"}],
        "categories": [{"name": "Goal Stands", "colour": "#7238f0", "seats": 4212}],
    });
    VenueList => json!({"venues": [api::Venue::example()]});
    CreateShow => json!({
        "venue": VENUE, "name": "Grand Prix", "starts_at": "2027-05-01T13:00:00Z", "currency": "EUR",
        "products": [{"name": "Goal Stands", "price": price(), "categories": ["Goal Stands"]}],
        "per_buyer_max": 8,
        "cancellation_fees": [{"within_s": 604_800, "price_percent": 10, "fixed": {"amount_minor": 100, "currency": "EUR"}}],
        "seating": {"orphans": "prefer", "accessible_released_when_sold_out": false},
    });
    Show => json!({
        "show": SHOW, "venue": VENUE, "name": "Grand Prix", "starts_at": "2027-05-01T13:00:00Z", "sale": "open", "currency": "EUR",
        "products": [{"name": "Goal Stands", "price": price(), "categories": ["Goal Stands"], "quotas": []}],
        "quotas": [{"name": "Infield", "size": 2000}],
        "order_deadline_s": 900, "transfer_deadline_s": 604_800, "per_buyer_max": 8, "late_payment": "same_seat",
        "cancellation_fees": [], "check_in_lists": [{"name": "main", "products": []}],
        "seating": {"orphans": "prefer", "accessible_released_when_sold_out": false},
    });
    ShowList => json!({"shows": [api::Show::example()]});
    PlanRevision => json!({
        "dry_run": true, "added": [], "withdrawn": ["Goal Stand 3-A-2"], "moved": [],
        "conflicts": [{"seat": SEAT, "reason": "booked"}],
    });
    Availability => json!({
        "position": POSITION, "sale": "open",
        "seats": {"free": 8890, "held": 2, "booked": 5, "blocked": 0,
            "by_category": [{"category": "Goal Stands", "free": 4205, "held": 2, "booked": 5, "blocked": 0}]},
        "quotas": [{"name": "Infield", "size": 2000, "held": 0, "booked": 40, "left": 1960}],
        "products": [{"name": "Goal Stands", "price": price(), "left": 4205}],
    });
    Seats => json!({"position": POSITION, "count": 16, "encoding": "runs", "states": "f3hb12"});
    BlockSeats => json!({"seats": [SEAT], "reason": "camera"});
    UnblockSeats => json!({"seats": [SEAT]});
    BlockedSeats => json!({"blocked": 1});
    UnblockedSeats => json!({"unblocked": 1});
    ShowReport => json!({
        "show": SHOW, "position": POSITION,
        "totals": {"held": 2, "sold": 5, "cancelled": 0, "fees": euros(0), "revenue": euros(22_500)},
        "products": [{"product": "Goal Stands", "price": price(), "held": 2, "sold": 5, "cancelled": 0, "fees": euros(0), "revenue": euros(22_500)}],
        "seats": {"free": 8890, "held": 2, "booked": 5, "blocked": []},
    });
    CheckIn => json!({"code": "GT1...", "gate": "north"});
    Admission => json!({
        "ticket": TICKET, "order": ORDER, "order_code": CODE, "position": 0, "product": "Goal Stands", "seat": SEAT, "repeated": false,
    });
    CheckInLists => json!({"check_in_lists": [{"name": "main", "products": []}]});
    CheckInSheet => json!({"entries": [{
        "ticket": TICKET, "order_code": CODE, "product": "Goal Stands", "seat": SEAT, "cancelled": false,
        "checked_in_at": "2027-05-01T12:01:13Z", "gate": "north",
    }]});
    PlaceHold => json!({"buyer_ref": "visitor-17", "items": [{"product": "Goal Stands", "seats": [SEAT]}], "ttl_s": 600});
    Hold => json!({
        "hold": HOLD, "token": "qx0tW1m2Zc8", "show": SHOW, "state": "live",
        "items": [{"product": "Goal Stands", "seats": [SEAT]}], "expires_at": "2027-01-10T10:10:00Z",
    });
    ExtendHold => json!({"ttl_s": 600});
    PlaceOrder => json!({
        "holds": [HOLD], "tokens": ["qx0tW1m2Zc8"], "buyer": {"email": "ada@example.org", "name": "Ada"},
        "payment": {"provider": "simulated", "token": "approve"},
    });
    Order => json!({
        "order": ORDER, "code": CODE, "show": SHOW, "holds": [HOLD], "state": "confirmed",
        "payment": {"state": "captured", "provider": "simulated"}, "total": price(),
        "positions": [{
            "number": 0, "show": SHOW, "product": "Goal Stands", "seat": SEAT, "price": price(), "cancelled": false, "ticket": TICKET,
        }],
        "tickets": 1, "fees": euros(0), "refunds": [], "refunded": euros(0), "late_payment": null, "check_ins": [],
        "placed_at": "2027-01-10T10:01:00Z", "updated_at": "2027-01-10T10:01:01Z", "deadline": "2027-01-10T10:16:00Z",
        "saga": {"saga": SAGA, "definition": "order", "step": "notify", "unwinding": false, "attempt": 0},
    });
    OrderList => json!({"orders": [api::Order::example()], "next": ORDER});
    TicketList => json!({"tickets": [{
        "ticket": TICKET, "code": "GT1...", "position": 0, "show": SHOW, "product": "Goal Stands", "seat": SEAT, "order": ORDER,
    }]});
    CancelOrder => json!({"positions": [0], "by": "buyer"});
    RefundOrder => json!({"amount": euros(1_000), "note": "rain"});
    MoneyMoved => json!({"amount": price(), "reference": "transfer 4711"});
    ResolveLatePayment => json!({"policy": "refund"});
    EraseBuyer => json!({"order": ORDER});
    ErasedBuyer => json!({"erased": 1});
    RetriedSaga => json!({"order": api::Order::example()});
    BatchCommand => json!({"place_hold": {
        "show": SHOW, "idempotency_key": "visitor-17-a", "items": [{"product": "Goal Stands", "seats": [SEAT]}],
    }});
    BatchReply => json!({"idempotency_key": "visitor-17-a", "hold": api::Hold::example()});
    CreateApiKey => json!({"name": "web shop", "scope": "shop"});
    CreatedApiKey => json!({"key": KEY, "name": "web shop", "scope": "shop", "secret": "gk_4Qq0c8nS1tVx"});
    ApiKeyList => json!({"keys": [{
        "key": KEY, "name": "web shop", "scope": "shop", "organiser": ORGANISER, "requests_per_s": 500,
        "created_at": "2027-01-05T09:00:00Z", "last_used_at": "2027-03-01T08:59:59Z",
    }]});
    LogFilter => json!({"filter": "warn,guichet_core=debug"});
    RotateApiKey => json!({"overlap_s": 3600});
    RotatedApiKey => json!({"key": KEY, "secret": "gk_9Zr1d7mT0uWy"});
    CreateOrganiser => json!({"name": "Circuit Events"});
    Organiser => json!({"organiser": ORGANISER, "name": "Circuit Events"});
    OrganiserList => json!({"organisers": [api::Organiser::example()]});
    TicketKey => json!({
        "key_id": "5f0c21aa", "public_key": "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "made_at": "2027-01-01T00:00:00Z", "current": true,
    });
    TicketKeyList => json!({"keys": [api::TicketKey::example()]});
    SnapshotList => json!({"snapshots": [{"partition": 1, "offset": 1043, "bytes": 51_200, "took_ms": 12}]});
    Status => json!({
        "version": "0.1.0", "durability": "fsync", "position": POSITION, "ready": true,
        "partitions": [{"partition": 1, "durable_end": 1043, "mailbox": 0, "projection_lag": 0, "lists_lag": 0, "live_orders": 0}],
    });
    Verification => json!({
        "ok": true, "checked_events": 1043, "oversold": 0, "false_refusals": 0, "findings": [], "differences": [],
    });
    Health => json!({"status": "ok", "version": "0.1.0"});
    Readiness => json!({"ready": true});
}

fn price() -> Value {
    euros(4_500)
}

fn euros(amount_minor: i64) -> Value {
    json!({"amount_minor": amount_minor, "currency": "EUR"})
}

/// A small plan in Guichet's own format.
pub(super) fn plan() -> Value {
    serde_json::from_str(include_str!("plan.json")).unwrap_or_default()
}
