//! A second opinion on the journal.
//!
//! The engine keeps bitmaps, counters and timers; this crate keeps a map from seat to holder and a sum per quota, and nothing clever.
//! It reads the same records and shares only the *types* of the domain with it: must never be true that a rule here calls the code
//! that it checks (`inventory`, `state`, `dedup`, `saga::runner` or any decision). So a mistake there does not hide itself here.
//!
//! ```
//! use guichet_audit::Audit;
//! use guichet_domain::{Record, Rejection};
//!
//! let mut audit = Audit::new(1);
//! audit.record(0, 1_000, &Record::Refused { key: None, rejection: Rejection::EmptyHold });
//! let report = audit.finish();
//! assert!(report.is_clean());
//! assert_eq!(report.refusals["empty_hold"], 1);
//! ```

mod across;
mod after_sale;
mod catalogue;
mod door;
mod fold;
mod groups;
mod money;
mod part;
mod plan;
mod refusal;
mod report;
mod saga;
mod sale;

pub use fold::Audit;
pub use report::{AfterSaleCounts, FINDINGS_KEPT_MAX, Finding, HoldCounts, OrderCounts, QuotaSum, Report, Rule, ShowCounts};
