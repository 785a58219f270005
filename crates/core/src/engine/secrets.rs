//! The file `secrets`: the key of hold tokens and references, and the ring of ticket keys. Readable by its owner alone.
//!
//! ```text
//! guichet secrets 2
//! token <64 hexadecimal digits>
//! ticket <64 hexadecimal digits> <made, in milliseconds since 1970>     one line for each key, the oldest first
//! check <BLAKE3 of everything above, 64 hexadecimal digits>
//! ```
//!
//! The last ticket key is the one that signs. Must never be true: a damaged file is read (one bit of a key changes every code that it
//! makes), a file that cannot be read is replaced by a new one, or a crash leaves neither the file before nor the one after.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use data_encoding::HEXLOWER;

use super::checked::{with_check, without_check};
use super::directory::{has_journal, random, write_aside};
use super::error::OpenError;
use crate::ticket_keys::TicketSecret;

const FILE: &str = "secrets";
/// The version that this program writes, and the only one that it reads.
const VERSION: u32 = 2;
const MAGIC: &str = "guichet secrets ";

/// Keys that never leave the directory.
pub(crate) struct Secrets {
    /// Makes hold tokens and hashes buyer references.
    pub(crate) token_key: [u8; 32],
    /// Signed ticket codes before, the oldest first.
    pub(crate) earlier_ticket_keys: Vec<TicketSecret>,
    /// Signs ticket codes.
    pub(crate) ticket_key: TicketSecret,
}

/// Reads the secrets, or makes them in a directory that is new.
pub(crate) fn read_or_make(directory: &Path, now_unix_ms: u64) -> Result<Secrets, OpenError> {
    let path = directory.join(FILE);
    let damaged = |what: &str| OpenError::DamagedFile { path: path.clone(), what: what.to_owned() };
    match fs::read(&path) {
        Ok(bytes) => match parse(&bytes) {
            Ok(secrets) => Ok(secrets),
            Err(Unread::Version(found)) => Err(OpenError::OtherSecrets { path, found, expected: VERSION }),
            Err(Unread::Damaged(what)) => Err(damaged(what)),
        },
        // New ones would open nothing that the old ones closed: no buyer's reference, no token, no code would be right any more.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && has_journal(directory) => {
            Err(damaged("it is missing, and there is a journal that was written with it"))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let ticket_key = TicketSecret { secret: random()?, made_unix_ms: now_unix_ms };
            let secrets = Secrets { token_key: random()?, earlier_ticket_keys: Vec::new(), ticket_key };
            write(directory, &secrets.token_key, &[ticket_key])?;
            Ok(secrets)
        }
        Err(source) => Err(OpenError::Directory { path, source }),
    }
}

/// Writes the file anew: all ticket keys, the current one last. When it returns, a crash finds the new file; before, the old one.
pub(crate) fn write(directory: &Path, token_key: &[u8; 32], ticket_keys: &[TicketSecret]) -> Result<(), OpenError> {
    write_aside(directory, FILE, text(token_key, ticket_keys).as_bytes())
}

fn text(token_key: &[u8; 32], ticket_keys: &[TicketSecret]) -> String {
    let mut text = format!("{MAGIC}{VERSION}\ntoken {}\n", HEXLOWER.encode(token_key));
    for key in ticket_keys {
        let _ = writeln!(text, "ticket {} {}", HEXLOWER.encode(&key.secret), key.made_unix_ms);
    }
    with_check(&text)
}

/// Why a file was not read.
#[derive(Debug, PartialEq, Eq)]
enum Unread {
    Version(String),
    Damaged(&'static str),
}

fn parse(bytes: &[u8]) -> Result<Secrets, Unread> {
    // The version first: nothing else is known of a file of another one, which need not even be text.
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let version = first.strip_prefix(MAGIC.as_bytes()).and_then(|version| std::str::from_utf8(version).ok());
    let version = version.filter(|version| !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit()));
    match version {
        Some(version) if version == VERSION.to_string() => {}
        Some(version) => return Err(Unread::Version(version.to_owned())),
        None => return Err(Unread::Damaged("it does not begin with \"guichet secrets\" and a number")),
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Unread::Damaged("it is not text"))?;
    let body = without_check(text).map_err(Unread::Damaged)?;
    // Beyond the check only a faulty program can have written what is wrong.
    keys(body).ok_or(Unread::Damaged("it has a wrong form"))
}

fn keys(body: &str) -> Option<Secrets> {
    let mut lines = body.lines().skip(1);
    let token_key = key(lines.next()?.strip_prefix("token ")?)?;
    let ticket_key = |line: &str| {
        let (secret, made) = line.strip_prefix("ticket ")?.split_once(' ')?;
        Some(TicketSecret { secret: key(secret)?, made_unix_ms: made.parse().ok()? })
    };
    let mut earlier_ticket_keys = lines.map(ticket_key).collect::<Option<Vec<_>>>()?;
    let ticket_key = earlier_ticket_keys.pop()?;
    Some(Secrets { token_key, earlier_ticket_keys, ticket_key })
}

fn key(digits: &str) -> Option<[u8; 32]> {
    HEXLOWER.decode(digits.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring() -> [TicketSecret; 2] {
        [TicketSecret { secret: [7; 32], made_unix_ms: 1_700_000_000_000 }, TicketSecret { secret: [8; 32], made_unix_ms: u64::MAX }]
    }

    #[test]
    fn what_was_written_is_read() {
        let directory = tempfile::tempdir().unwrap();
        write(directory.path(), &[1; 32], &ring()).unwrap();
        let read = read_or_make(directory.path(), 0).unwrap();
        assert_eq!(read.token_key, [1; 32]);
        assert!(read.earlier_ticket_keys == ring()[..1] && read.ticket_key == ring()[1]);
    }

    #[test]
    fn a_new_directory_gets_keys_of_its_own_and_keeps_them() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let made = read_or_make(one.path(), 5).unwrap();
        assert!(made.earlier_ticket_keys.is_empty() && made.ticket_key.made_unix_ms == 5);
        let again = read_or_make(one.path(), 6).unwrap();
        assert!(again.ticket_key == made.ticket_key && again.token_key == made.token_key);
        let other = read_or_make(two.path(), 5).unwrap();
        assert!(other.ticket_key != made.ticket_key && other.token_key != made.token_key && made.token_key != made.ticket_key.secret);
    }

    #[test]
    fn every_changed_bit_and_every_cut_is_noticed() {
        let whole = text(&[1; 32], &ring()).into_bytes();
        assert!(parse(&whole).is_ok());
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut changed = whole.clone();
                changed[at] ^= 1 << bit;
                assert!(parse(&changed).is_err(), "bit {bit} of byte {at}");
            }
            assert!(parse(&whole[..at]).is_err(), "cut at {at}");
        }
        assert!(parse(&[&whole[..], b"\n"].concat()).is_err(), "more at the end");
        assert_eq!(parse(&whole[..200]).err(), Some(Unread::Damaged("it has no check at its end")));
    }

    #[test]
    fn another_version_is_named_and_a_sound_check_over_nonsense_is_not_enough() {
        let first = [b"guichet secrets 1\n".as_slice(), &[0xff; 64]].concat();
        assert_eq!(parse(&first).err(), Some(Unread::Version("1".into())));
        for body in ["guichet secrets 2\n", "guichet secrets 2\ntoken 00\n", &format!("guichet secrets 2\ntoken {}\n", "0".repeat(64))] {
            let file = format!("{body}check {}\n", HEXLOWER.encode(blake3::hash(body.as_bytes()).as_bytes()));
            assert_eq!(parse(file.as_bytes()).err(), Some(Unread::Damaged("it has a wrong form")), "{body}");
        }
    }
}
