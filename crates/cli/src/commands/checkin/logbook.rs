//! The log of a gate without connection: one JSON object a line, one line for each holder who was let in.
//!
//! What must never be true: somebody was let in and the log does not say so after a power cut. A line that a power cut has cut short
//! let nobody in: its holder was not told to enter.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::failure::{Explain, Failure, Kind};

/// One holder who was let in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Passage {
    /// Id of the show.
    pub(super) show: String,
    /// Name of the check-in list.
    pub(super) list: String,
    /// Id of the ticket.
    pub(super) ticket: String,
    /// What was scanned: the server checks it again.
    pub(super) code: String,
    /// Name of the gate.
    pub(super) gate: String,
    /// When.
    pub(super) scanned_at: Timestamp,
    /// Names this scan.
    pub(super) nonce: String,
}

/// A log that is read, and the end of it that was cut short.
#[derive(Debug, Default)]
pub(super) struct Passages {
    pub(super) passages: Vec<Passage>,
    /// Bytes of whole lines.
    whole: u64,
    /// Whether there is anything behind them.
    pub(super) torn: bool,
}

impl Passages {
    fn parse(bytes: &[u8], path: &Path) -> Result<Self, Failure> {
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        let mut passages = Vec::new();
        for (number, line) in (1..).zip(bytes[..whole].split(|byte| *byte == b'\n')) {
            if line.is_empty() {
                continue;
            }
            let damaged = |error| Failure::new(Kind::Damage, error).doing(format!("line {number} of {} is damaged", path.display()));
            passages.push(serde_json::from_slice(line).map_err(damaged)?);
        }
        Ok(Self { passages, whole: whole as u64, torn: whole < bytes.len() })
    }

    /// Reads a log that nobody writes to.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = std::fs::read(path).doing(|| format!("the log {} cannot be read", path.display()))?;
        Self::parse(&bytes, path)
    }
}

/// A log that is open: nobody else writes to it meanwhile.
pub(super) struct Logbook {
    file: File,
    pub(super) passages: Vec<Passage>,
}

impl Logbook {
    /// Opens a log, or makes it; waits while another process has it. What a power cut has cut short is removed.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let doing = || format!("the log {} cannot be opened", path.display());
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path).doing(doing)?;
        file.lock().doing(doing)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).doing(doing)?;
        let read = Passages::parse(&bytes, path)?;
        if read.torn {
            file.set_len(read.whole).doing(doing)?;
            file.seek(SeekFrom::End(0)).doing(doing)?;
        }
        // The directory too: a log that is gone after a power cut says of nobody that they entered.
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(directory).and_then(|directory| directory.sync_all()).doing(doing)?;
        Ok(Self { file, passages: read.passages })
    }

    /// Writes a line; it is durable when this returns.
    pub(super) fn append(&mut self, passage: Passage) -> Result<(), Failure> {
        let mut line = serde_json::to_vec(&passage)?;
        line.push(b'\n');
        self.file.write_all(&line).and_then(|()| self.file.sync_data()).doing(|| "the log cannot be written: let nobody in".into())?;
        self.passages.push(passage);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passage(nonce: &str) -> Passage {
        let text = |text: &str| text.to_owned();
        Passage {
            show: text("s"),
            list: text("main"),
            ticket: text("t"),
            code: text("c"),
            gate: text("North"),
            scanned_at: Timestamp::UNIX_EPOCH,
            nonce: nonce.to_owned(),
        }
    }

    #[test]
    fn what_a_power_cut_left_is_cut_off_and_the_log_goes_on() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        Logbook::open(&path).unwrap().append(passage("a")).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for cut in 0..whole.len() {
            std::fs::write(&path, [&whole, &whole[..cut]].concat()).unwrap();
            let mut log = Logbook::open(&path).unwrap();
            assert_eq!(log.passages.len(), 1, "cut at {cut}");
            log.append(passage("b")).unwrap();
            let read = Passages::read(&path).unwrap();
            assert_eq!((read.passages.len(), read.passages[1].nonce.as_str(), read.torn), (2, "b", false), "cut at {cut}");
        }
        std::fs::write(&path, [b"{}\n".as_slice(), &whole].concat()).unwrap();
        assert!(Logbook::open(&path).is_err(), "a damaged line is not left out");
    }
}
