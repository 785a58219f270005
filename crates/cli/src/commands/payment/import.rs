//! `guichet payment import`: books the payments of a bank's statement.
//!
//! What must never be true: money is booked for an order that its payer did not name, or one payment is booked twice. A row's key and
//! the name of its payment come from the row itself. What payers write is personal: no word of it is sent to the server.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use guichet_api::{Client, ClientError, Money, MoneyMoved, Order, OrderState, PaymentState};

use super::super::{DONE, Outcome, venue};
use super::report::{Booking, Miss, Report};
use super::statement::{self, Entry};
use super::{MANUAL, code};
use crate::failure::{Explain, Failure, Kind};
use crate::progress::Progress;
use crate::settings::Context;
use crate::steady;

/// Hexadecimal digits of a row's hash that name it.
const NAME_DIGITS: usize = 32;

#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// The statement; `-` reads stdin
    file: PathBuf,
    /// Only say what would be booked
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(args: Import, context: &Context) -> Outcome {
    let name = args.file.display();
    let bytes = venue::read(&args.file).doing(|| format!("the statement {name} cannot be read"))?;
    let rows = statement::read(&bytes).doing(|| format!("{name} is no statement"))?;
    let client = context.client()?;
    let partitions = client.status().await?.value.partitions.len();
    let mut desk = Desk {
        client,
        partitions: u16::try_from(partitions).unwrap_or(u16::MAX),
        dry_run: args.dry_run,
        orders: HashMap::new(),
        foreseen: HashSet::new(),
    };
    let mut report = Report { dry_run: args.dry_run, rows: rows.len(), ..Report::default() };
    let mut broken = None;
    let progress = Progress::begin(context.screen, "booking the statement");
    for (done, row) in rows.into_iter().enumerate() {
        progress.done(done, "rows");
        let outcome = match row.read {
            Ok(entry) => desk.book(&entry).await,
            Err(why) => Ok(Booked::No(Miss::new("unreadable", why))),
        };
        match outcome {
            Ok(Booked::Now(order, amount)) => report.booked.push(Booking { line: row.line, order, amount }),
            Ok(Booked::Before(order, amount)) => report.known.push(Booking { line: row.line, order, amount }),
            Ok(Booked::No(miss)) => report.unmatched.push(Miss { line: row.line, ..miss }),
            // The rows behind it are not even tried: what is booked is reported, and the next import goes on from here.
            Err(error) => {
                broken =
                    Some(Failure::from(error).doing(format!("line {}", row.line)).hint("import it again: what is booked stays as it is"));
                break;
            }
        }
    }
    drop(progress);
    report.ok = broken.is_none() && report.unmatched.is_empty();
    context.screen.data(&report, Report::table)?;
    match broken {
        Some(failure) => Err(failure),
        None if report.unmatched.is_empty() => DONE,
        None => Err(Failure::new(Kind::Refused, format!("{} of {} rows did not match", report.unmatched.len(), report.rows))),
    }
}

/// What became of a row.
enum Booked {
    Now(String, Money),
    Before(String, Money),
    No(Miss),
}

/// Finds the orders of rows and books them.
struct Desk {
    client: Client,
    partitions: u16,
    dry_run: bool,
    /// What was found of codes, so that nothing is asked twice. An order here is as it was: only its id, code and price are used.
    orders: HashMap<String, Option<Order>>,
    /// Orders that a dry run has seen paid.
    foreseen: HashSet<String>,
}

impl Desk {
    async fn book(&mut self, entry: &Entry) -> Result<Booked, ClientError> {
        let order = match self.find(&entry.purpose).await? {
            Ok(order) => order,
            Err(miss) => return Ok(Booked::No(miss)),
        };
        let miss = |reason, detail: String| Booked::No(Miss { order: Some(order.code.clone()), ..Miss::new(reason, detail) });
        let currency = &order.total.currency;
        if let Some(other) = entry.currency.as_ref().filter(|other| *other != currency) {
            return Ok(miss("wrong_currency", format!("{} {other} came, the order is in {currency}", entry.amount_text)));
        }
        let Some(amount) = entry.amount.of(currency) else {
            return Ok(miss("unreadable", format!("\"{}\" is not an amount in {currency}", entry.amount_text)));
        };
        if amount.amount_minor <= 0 {
            return Ok(miss("not_incoming", "no money came with this row".into()));
        }
        if order.payment.provider != MANUAL {
            return Ok(miss("wrong_provider", format!("the order is not paid by hand but through {}", order.payment.provider)));
        }
        if self.dry_run {
            return Ok(self.foresee(&order, amount));
        }
        let name: String = blake3::hash(entry.identity.as_bytes()).to_hex().chars().take(NAME_DIGITS).collect();
        let reference = entry.id.clone().unwrap_or_else(|| format!("statement-{name}"));
        let request = MoneyMoved { amount: amount.clone(), reference, provider: Some(MANUAL.into()) };
        match steady::send(&format!("statement-{name}"), || self.client.confirm_payment(&order.order, &request)).await {
            Ok(answer) if answer.replayed => Ok(Booked::Before(order.code, amount)),
            Ok(_) => Ok(Booked::Now(order.code, amount)),
            Err(error) if error.code() == Some("payment_already_known") => Ok(Booked::Before(order.code, amount)),
            Err(error) => match error.problem().filter(|problem| matches!(problem.status, 404 | 409 | 422)) {
                Some(problem) => {
                    let (expected, received) = (problem.expected.clone(), problem.received.clone());
                    let miss = Miss::new(&problem.code, problem.detail.clone());
                    Ok(Booked::No(Miss { order: Some(order.code), expected, received, ..miss }))
                }
                None => Err(error),
            },
        }
    }

    /// The one order that a reference names.
    async fn find(&mut self, purpose: &str) -> Result<Result<Order, Miss>, ClientError> {
        let candidates = code::candidates(purpose, self.partitions);
        let mut found: Vec<Order> = Vec::new();
        for candidate in &candidates {
            if let Some(order) = self.look_up(&candidate.code).await? {
                found.push(order);
            }
        }
        let listed = |codes: Vec<&str>| codes.join(", ");
        Ok(match (found.len(), found.pop()) {
            (1, Some(order)) => Ok(order),
            (0 | 1, _) => {
                // A word that happens to look like a code is no code that somebody misspelt.
                let meant: Vec<&str> =
                    candidates.iter().filter(|candidate| candidate.has_digit).map(|candidate| candidate.code.as_str()).collect();
                Err(if meant.is_empty() {
                    Miss::new("no_order_code", "the reference has no order code".into())
                } else {
                    Miss::new("unknown_order", format!("there is no order {}", listed(meant)))
                })
            }
            (_, last) => {
                let codes = found.iter().chain(&last).map(|order| order.code.as_str()).collect();
                Err(Miss::new("several_orders", format!("the reference names several orders: {}", listed(codes))))
            }
        })
    }

    async fn look_up(&mut self, code: &str) -> Result<Option<Order>, ClientError> {
        if let Some(known) = self.orders.get(code) {
            return Ok(known.clone());
        }
        let found = match self.client.order(code).await {
            Ok(answer) => Some(answer.value),
            Err(ClientError::NotFound(_)) => None,
            Err(error) => return Err(error),
        };
        self.orders.insert(code.to_owned(), found.clone());
        Ok(found)
    }

    /// What the server would say, as far as that can be told from the order alone.
    fn foresee(&mut self, order: &Order, amount: Money) -> Booked {
        let miss = |reason, detail: &str| Miss { order: Some(order.code.clone()), ..Miss::new(reason, detail.to_owned()) };
        let unpaid = matches!(order.state, OrderState::Placed | OrderState::AwaitingPayment);
        if order.state == OrderState::Stuck {
            return Booked::No(miss("order_stuck", "the order is stuck"));
        }
        if order.state == OrderState::Confirmed || order.payment.state == PaymentState::PaidUnfulfilled {
            let detail = "the order is paid, by this payment or by another: only the import itself tells";
            return Booked::No(miss("order_already_paid", detail));
        }
        if unpaid && amount != order.total {
            let (expected, received) = (Some(order.total.clone()), Some(amount));
            return Booked::No(Miss { expected, received, ..miss("wrong_amount", "the order costs something else") });
        }
        if !self.foreseen.insert(order.order.clone()) {
            return Booked::No(miss("order_already_paid", "a row before this one pays the order"));
        }
        Booked::Now(order.code.clone(), amount)
    }
}
