//! `guichet checkin scan`: the server decides.

use guichet_api::CheckIn;

use super::super::Outcome;
use super::verdict::{Codes, Gate, Verdict};
use crate::failure::Failure;
use crate::settings::Context;
use crate::{resolve, steady};

#[derive(Debug, clap::Args)]
pub(super) struct Scan {
    /// Id of the show, or a prefix of it
    show: String,
    /// The code on the ticket; `-` reads codes from stdin, one a line, and answers each as it comes
    code: String,
    /// Name of the gate
    #[arg(long, value_name = "NAME")]
    gate: String,
    /// Name of the check-in list [default: the show's first]
    #[arg(long, value_name = "NAME")]
    list: Option<String>,
    /// Names this one scan: sent again after a lost answer, it gets the same answer [default: a new one for each code]
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    nonce: Option<String>,
}

pub(super) async fn run(args: Scan, context: &Context) -> Outcome {
    if args.nonce.is_some() && args.code == "-" {
        return Err(Failure::usage("--nonce names one scan, stdin has many"));
    }
    let client = context.client()?;
    let show = resolve::show(&client, &args.show).await?;
    let (mut codes, mut gate) = (Codes::of(&args.code), Gate::new(context.screen));
    while let Some((line, code)) = codes.next()? {
        let nonce = args.nonce.clone().unwrap_or_else(steady::key);
        let scan = CheckIn { code, gate: args.gate.clone(), list: args.list.clone(), scanned_at: None };
        let verdict = match steady::send(&nonce, || client.check_in(&show, &scan)).await {
            // A try of ours may have been done and its answer lost: whose scan it was before, only a caller with a nonce knows.
            Ok(answer) => {
                Verdict::admit(guichet_api::Admission { repeated: answer.value.repeated && args.nonce.is_some(), ..answer.value })
            }
            Err(error) => match error.problem().and_then(Verdict::of_problem) {
                Some(verdict) => verdict,
                None => return Err(Failure::from(error).hint(format!("--nonce {nonce} asks again about this very scan"))),
            },
        };
        gate.tell(line, verdict)?;
    }
    gate.close()
}
