//! Public keys as the command line gives them: in person, or in a file.
//!
//! Must never be true: a key that was meant is left out in silence. Whoever checks tickets would turn guests away.

use std::path::Path;

use guichet_api::TicketKeyList;
use guichet_core::{TicketPublicKey, ticket_key_name};

use crate::failure::{Explain, Failure};

/// Characters of a public key.
const KEY_CHARS: usize = 64;

/// The keys that these arguments mean.
///
/// # Errors
/// When one is neither a key nor a file of keys. It is usage, whatever is wrong: of a code nothing is known yet.
pub(super) fn gather(given: &[String]) -> Result<Vec<TicketPublicKey>, Failure> {
    let mut keys = Vec::new();
    for given in given {
        let is_key = given.len() == KEY_CHARS && given.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_key {
            keys.push(given.parse().map_err(|error| Failure::usage(error).doing(format!("--public-key {given}")))?);
        } else {
            keys.extend(file(Path::new(given))?);
        }
    }
    keys.sort_unstable_by_key(|key| key.to_bytes());
    keys.dedup();
    Ok(keys)
}

fn file(path: &Path) -> Result<Vec<TicketPublicKey>, Failure> {
    let name = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        let hint =
            "--public-key takes 64 hexadecimal digits, or a file of such lines or of what `guichet ticket keys --output json` prints";
        Failure::usage(error).doing(format!("\"{name}\" is neither a public key nor a file that can be read")).hint(hint)
    })?;
    let keys =
        if text.trim_start().starts_with('{') { json(&text) } else { lines(&text) }.doing(|| format!("{name} has no public keys"))?;
    if keys.is_empty() {
        return Err(Failure::usage(format!("{name} has no public keys")));
    }
    Ok(keys)
}

/// One key a line; empty lines and those that begin with `#` are for people.
fn lines(text: &str) -> Result<Vec<TicketPublicKey>, Failure> {
    let lines = (1..).zip(text.lines()).map(|(number, line)| (number, line.trim()));
    let keys = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    keys.map(|(number, line)| line.parse().map_err(|error| Failure::usage(format!("line {number}: {error}")))).collect()
}

fn json(text: &str) -> Result<Vec<TicketPublicKey>, Failure> {
    let list: TicketKeyList = serde_json::from_str(text).map_err(Failure::usage)?;
    let key = |listed: &guichet_api::TicketKey| {
        let key: TicketPublicKey = listed.public_key.parse().map_err(Failure::usage)?;
        // A file that somebody put together by hand, with the wrong halves beside each other.
        if ticket_key_name(key.id()) == listed.key_id { Ok(key) } else { Err(Failure::usage("its key_id is that of another key")) }
    };
    list.keys.iter().map(|listed| key(listed).doing(|| format!("key {}", listed.key_id))).collect()
}
