//! The report: for a person on a terminal, and as JSON.

use std::fmt;
use std::time::Duration;

use guichet_core::verify::Verification;
use serde_json::{Value, json};

use super::experience::Experience;
use super::hall::Hall;
use super::tally::OrderTally;

/// Everything that the demo found out.
pub(super) struct Report {
    hall: String,
    seats: usize,
    places: u64,
    buyers: u32,
    experience: Experience,
    orders: OrderTally,
    holds: Holds,
    latency_ms: [f64; 3],
    oversold: u64,
    false_refusals: u64,
    verified: bool,
    checked_events: u64,
    findings: Vec<String>,
    took: Duration,
}

#[derive(Default)]
struct Holds {
    placed: u64,
    refused: u64,
    did_not_fit: u64,
    expired: u64,
    released: u64,
}

impl Report {
    pub(super) fn new(
        hall: &Hall,
        buyers: u32,
        experience: Experience,
        orders: OrderTally,
        verification: &Verification,
        took: Duration,
    ) -> anyhow::Result<Self> {
        let mut holds = Holds::default();
        let mut findings = verification.differences.clone();
        for report in &verification.reports {
            holds.placed += report.holds.placed;
            holds.expired += report.holds.expired;
            holds.released += report.holds.released;
            holds.refused += ["seat_taken", "sold_out"].iter().filter_map(|code| report.refusals.get(code)).sum::<u64>();
            holds.did_not_fit += report.refusals.get("not_enough_adjacent_seats").copied().unwrap_or_default();
            findings.extend(report.findings.iter().map(ToString::to_string));
        }
        let latencies = experience.latencies()?;
        let ms = |micros: u64| f64::from(u32::try_from(micros).unwrap_or(u32::MAX)) / 1_000.0;
        let latency_ms = [ms(latencies.value_at_quantile(0.5)), ms(latencies.value_at_quantile(0.99)), ms(latencies.max())];
        Ok(Self {
            hall: hall.name().to_owned(),
            seats: hall.seats(),
            places: hall.places(),
            buyers,
            experience,
            orders,
            holds,
            latency_ms,
            oversold: verification.oversold(),
            false_refusals: verification.false_refusals(),
            verified: verification.ok(),
            checked_events: verification.checked_events(),
            findings,
            took,
        })
    }

    /// Whether everything went as it must.
    pub(super) fn ok(&self) -> bool {
        self.verified && self.oversold == 0 && self.false_refusals == 0 && self.experience.failed == 0
    }

    #[allow(clippy::cast_precision_loss, reason = "a demo has far fewer than 2^52 holds")]
    fn holds_per_s(&self) -> f64 {
        self.holds.placed as f64 / self.took.as_secs_f64()
    }

    fn busiest_second(&self) -> u64 {
        self.experience.holds_by_second.iter().copied().max().unwrap_or(0)
    }

    /// The shape that programs rely on.
    pub(super) fn json(&self) -> Value {
        let [p50, p99, max] = self.latency_ms;
        json!({
            "seats": self.seats,
            "places": self.places,
            "buyers": self.buyers,
            "holds": {
                "placed": self.holds.placed,
                "refused": self.holds.refused,
                "did_not_fit": self.holds.did_not_fit,
                "best_available": self.experience.seated_by_house,
                "expired": self.holds.expired,
                "released": self.holds.released,
            },
            "orders": {
                "confirmed": self.orders.confirmed,
                "awaiting_payment": self.orders.awaiting(),
                "declined": self.orders.declined,
                "cancelled": self.orders.cancelled,
                "stuck": self.orders.stuck,
                "retried": self.orders.retried,
                "partly_cancelled": self.orders.partly_cancelled,
            },
            "refunds": {"done": self.orders.refunds, "amount_minor": self.orders.refunded_minor, "currency": "EUR"},
            "tickets": self.orders.tickets,
            "revenue": {"amount_minor": self.orders.revenue_minor, "currency": "EUR"},
            "oversold": self.oversold,
            "false_refusals": self.false_refusals,
            "latency_ms": {"p50": p50, "p99": p99, "max": max},
            "holds_per_s": self.holds_per_s(),
            "holds_per_s_max": self.busiest_second(),
            "duration_s": self.took.as_secs_f64(),
            "failed_buyers": self.experience.failed,
            "verify": {"ok": self.verified, "checked_events": self.checked_events},
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [p50, p99, max] = self.latency_ms;
        let (holds, orders, experience) = (&self.holds, &self.orders, &self.experience);
        let percent = (orders.tickets * 100).checked_div(self.places).unwrap_or(0);
        writeln!(
            f,
            "\n  {}: {} of {} places sold ({percent} %) in {:.1} s",
            self.hall,
            orders.tickets,
            self.places,
            self.took.as_secs_f64()
        )?;
        writeln!(f, "  {}\n", sparkline(&experience.holds_by_second))?;
        writeln!(
            f,
            "  buyers   {:>8}  {} with tickets, {} gave theirs back, {} found nothing left, {} left without paying, {} declined",
            self.buyers, experience.happy, experience.gave_back, experience.empty_handed, experience.left, experience.declined
        )?;
        writeln!(
            f,
            "  holds    {:>8}  {} refused (somebody was faster), {} expired, {} released; {} in the busiest second",
            holds.placed,
            holds.refused,
            holds.expired,
            holds.released,
            self.busiest_second()
        )?;
        writeln!(
            f,
            "  groups   {:>8}  given the best seats by the house; {} times no seats were left together for one",
            experience.seated_by_house, holds.did_not_fit
        )?;
        writeln!(
            f,
            "  orders   {:>8}  {} confirmed, {} declined, {} cancelled, {} waiting, {} stuck; {} survived a provider failure",
            orders.placed,
            orders.confirmed,
            orders.declined,
            orders.cancelled,
            orders.awaiting(),
            orders.stuck,
            orders.retried
        )?;
        let euros = |minor: i64| format!("{}.{:02} EUR", minor / 100, minor % 100);
        let (revenue, refunded) = (euros(orders.revenue_minor), euros(orders.refunded_minor));
        writeln!(f, "  tickets  {:>8}  for {revenue}; {refunded} given back in {} refunds", orders.tickets, orders.refunds)?;
        writeln!(f, "  hold, over HTTP and durable: p50 {p50:.1} ms, p99 {p99:.1} ms, max {max:.1} ms\n")?;
        writeln!(f, "  oversold          {:>6}   places given to two buyers", self.oversold)?;
        writeln!(f, "  false refusals    {:>6}   \"taken\", \"sold out\" or \"does not fit\" while there was room", self.false_refusals)?;
        let verdict = if self.verified { "everything recounted from the journal, all right" } else { "NOT ALL RIGHT" };
        writeln!(f, "  verify            {:>6}   events: {verdict}", self.checked_events)?;
        for finding in self.findings.iter().take(10) {
            writeln!(f, "    {finding}")?;
        }
        if experience.failed > 0 {
            let example = experience.example.as_deref().unwrap_or_default();
            writeln!(f, "  {} buyers met something unexpected, for example: {example}", experience.failed)?;
        }
        // As it was called: a newcomer has it in no path yet.
        let program = std::env::args().next().unwrap_or_else(|| "guichet".into());
        writeln!(f, "\n  What next")?;
        writeln!(f, "    {program} demo --buyers 30000 --seed 2      a larger crowd")?;
        writeln!(f, "    {program} demo --keep                       look around afterwards")?;
        writeln!(f, "    {program} serve --data ./data               your own box office")
    }
}

/// Holds per second, as bars.
fn sparkline(values: &[u64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = values.iter().copied().max().unwrap_or(0).max(1);
    let bar = |value: &u64| BARS[usize::try_from(value * 7 / most).unwrap_or(7).min(7)];
    format!("{}  holds per second", values.iter().map(bar).collect::<String>())
}
