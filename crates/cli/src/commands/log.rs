//! `guichet log cat|verify`: the journal of a directory, offline. `guichet log snapshot`: asks a running server for snapshots.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use guichet_core::broker::{JournalError, VerifySummary};
use guichet_core::codec::decode_record;
use serde_json::{Value, json};

use super::{DONE, Outcome};
use crate::failure::{Explain, Failure, Kind};
use crate::journal::Directory;
use crate::journal::describe;
use crate::journal::names::Names;
use crate::output::Rows;
use crate::progress::Progress;
use crate::settings::Context;

#[derive(Debug, clap::Args)]
pub(crate) struct LogArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Print records, one JSON object a line: partition, offset, time, outcome and events
    Cat(Cat),
    /// Check checksums, hash chain and continuity of every partition; nothing is changed
    Verify {
        /// The data directory [default: ./guichet-data]
        #[arg(long, env = "GUICHET_DATA", value_name = "DIR")]
        data: Option<PathBuf>,
    },
    /// Let the server take a snapshot of every partition now, so that its next start is short; sales go on meanwhile
    Snapshot,
}

#[derive(Debug, clap::Args)]
struct Cat {
    /// The data directory [default: ./guichet-data]
    #[arg(long, env = "GUICHET_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// Only this partition; 0 is the catalogue
    #[arg(long, value_name = "N")]
    partition: Option<u16>,
    /// Only records from this offset on
    #[arg(long, value_name = "OFFSET", default_value_t = 0)]
    from: u64,
    /// At most so many records
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
}

#[allow(clippy::unused_async, reason = "the shape of a command")]
pub(crate) async fn run(args: LogArgs, context: &Context) -> Outcome {
    match args.verb {
        Verb::Cat(cat) => run_cat(cat, context),
        Verb::Verify { data } => run_verify(data, context),
        Verb::Snapshot => snapshot(context).await,
    }
}

async fn snapshot(context: &Context) -> Outcome {
    let progress = Progress::begin(context.screen, "writing snapshots");
    let taken = context.client()?.take_snapshots().await?.value;
    drop(progress);
    context.screen.data(&taken, |taken| {
        let mut rows = Rows::new(&["partition", "offset", "bytes", "took"]);
        for one in &taken.snapshots {
            rows.row(&[&one.partition, &one.offset, &one.bytes, &format!("{} ms", one.took_ms)]);
        }
        rows.text()
    })?;
    DONE
}

fn run_cat(cat: Cat, context: &Context) -> Outcome {
    let directory = Directory::open(&context.data(cat.data))?;
    // Reading goes on beside a running server: what is there is printed, and only its last moment may look torn.
    let written_to = directory.quiet().is_err();
    let partitions = match cat.partition {
        Some(partition) if partition >= directory.manifest.partitions => {
            let last = directory.manifest.partitions - 1;
            return Err(Failure::new(Kind::NotFound, format!("there is no partition {partition}")).hint(format!("they are 0 to {last}")));
        }
        Some(partition) => partition..partition + 1,
        None => 0..directory.manifest.partitions,
    };
    let mut left = cat.limit.unwrap_or(u64::MAX);
    let mut out = BufWriter::new(io::stdout().lock());
    for partition in partitions {
        let read = cat_partition(&directory, partition, cat.from, &mut left, &mut out, context);
        out.flush()?;
        match read {
            Err(failure) if written_to => {
                let hint = "a server is writing to it just now; stop it to be sure";
                return Err(failure.of_kind(Kind::Refused).hint(hint));
            }
            read => read?,
        }
    }
    DONE
}

/// Prints the records of a partition. It is read from its start all the same: the chain is checked and names are learnt.
fn cat_partition(
    directory: &Directory,
    partition: u16,
    from: u64,
    left: &mut u64,
    out: &mut impl Write,
    context: &Context,
) -> Result<(), Failure> {
    let mut names = Names::default();
    let mut verifier = directory.partition(partition)?;
    while *left > 0 {
        let Some(verified) = verifier.next() else { break };
        let batch = verified?.batch;
        for (offset, bytes) in batch.records() {
            let unreadable = |error| Failure::new(Kind::Damage, error).doing(format!("partition {partition}, offset {offset}"));
            let record = decode_record(bytes).map_err(unreadable)?;
            names.learn(&record);
            if offset >= from && *left > 0 {
                let line = describe::record(&names, partition, offset, batch.stamp_unix_ms(), &record);
                writeln!(out, "{}", serde_json::to_string(&line)?)?;
                *left -= 1;
            }
        }
    }
    if let Some(torn) = verifier.summary().and_then(|summary| summary.torn) {
        context.screen.say(format_args!("partition {partition} ends in a write that was cut short at offset {}", torn.offset));
    }
    Ok(())
}

fn run_verify(data: Option<PathBuf>, context: &Context) -> Outcome {
    let path = context.data(data);
    let directory = Directory::open(&path)?;
    let _quiet = directory.quiet()?;
    let mut checked = Vec::new();
    for partition in 0..directory.manifest.partitions {
        checked.push((partition, check(&directory, partition)));
    }
    let report = json!({
        "ok": checked.iter().all(|(_, result)| result.is_ok()),
        "partitions": checked.iter().map(|(partition, result)| as_json(*partition, result)).collect::<Vec<_>>(),
    });
    context.screen.data(&report, |_| table(&checked))?;
    let mut damage = None;
    for (partition, result) in checked {
        match result {
            Ok(summary) => {
                if let Some(torn) = summary.torn {
                    let what = format!("partition {partition} ends in a write that was cut short at offset {}", torn.offset);
                    context.screen.say(format_args!("{what}: {} bytes, never acknowledged; the next start removes them", torn.bytes));
                }
            }
            // What is damaged goes before what merely cannot be read.
            Err(error) if damage.is_none() || error.is_damage() => damage = Some(error),
            Err(_) => {}
        }
    }
    match damage {
        Some(error) => Err(error).doing(|| format!("the journal in {} is not sound", path.display())),
        None => DONE,
    }
}

fn check(directory: &Directory, partition: u16) -> Result<VerifySummary, JournalError> {
    let mut verifier = directory.partition(partition)?;
    for batch in verifier.by_ref() {
        batch?;
    }
    Ok(verifier.summary().unwrap_or_default())
}

fn as_json(partition: u16, result: &Result<VerifySummary, JournalError>) -> Value {
    match result {
        Ok(summary) => json!({
            "partition": partition,
            "ok": true,
            "batches": summary.batches,
            "records": summary.records,
            "bytes": summary.bytes,
            "segments": summary.segments,
            "next_offset": summary.next_offset,
            "synced_offset": summary.synced_offset,
            "generation": summary.generation,
            "superseded": summary.superseded,
            "torn": summary.torn.as_ref().map(|cut| json!({
                "segment": cut.segment,
                "position": cut.position,
                "offset": cut.offset,
                "bytes": cut.bytes,
                "reason": cut.reason.to_string(),
            })),
        }),
        Err(JournalError::Damaged { segment, position, offset, reason, .. }) => json!({
            "partition": partition,
            "ok": false,
            "damage": {"segment": segment, "position": position, "offset": offset, "reason": reason.to_string()},
        }),
        Err(error) => json!({"partition": partition, "ok": false, "error": error.to_string()}),
    }
}

fn table(checked: &[(u16, Result<VerifySummary, JournalError>)]) -> String {
    let mut rows =
        Rows::new(&["partition#", "state", "batches#", "records#", "bytes#", "segments#", "next offset#", "synced#", "generation#"]);
    for (partition, result) in checked {
        match result {
            Ok(summary) => {
                let state = if summary.torn.is_some() { "torn tail" } else { "sound" };
                let (next, synced) = (&summary.next_offset, &summary.synced_offset);
                let (batches, records, bytes, generation) = (&summary.batches, &summary.records, &summary.bytes, &summary.generation);
                rows.row(&[partition, &state, batches, records, bytes, &summary.segments, next, synced, generation]);
            }
            Err(error) => {
                let state = if error.is_damage() { "DAMAGED" } else { "unreadable" };
                rows.row(&[partition, &state, &"", &"", &"", &"", &"", &"", &""]);
            }
        }
    }
    rows.text()
}
