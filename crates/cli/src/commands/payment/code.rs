//! The short code of an order in what a payer wrote: in any case, with spaces and hyphens inside, between any other words.

use guichet_core::OrderId;
use guichet_core::domain::id::IdParts;
use guichet_core::domain::order::{order_code, order_of_code};

/// Most letters of a code.
const LETTERS_MAX: usize = 10;

/// A text that may be a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    /// As the house writes it.
    pub(super) code: String,
    /// Whether it has a digit as it was written. Without one it is most likely a word.
    pub(super) has_digit: bool,
}

/// Every text in a reference that may be a code, where the server has so many partitions.
pub(super) fn candidates(reference: &str, partitions: u16) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    // Spaces and hyphens may stand inside a code; whatever else ends it.
    for run in reference.split(|letter: char| !letter.is_ascii_alphanumeric() && !letter.is_whitespace() && letter != '-') {
        let words: Vec<&str> = run.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        for first in 0..words.len() {
            let mut joined = String::new();
            for word in &words[first..] {
                joined.push_str(word);
                if joined.len() > LETTERS_MAX {
                    break;
                }
                if let Some(candidate) = candidate(&joined, partitions)
                    && !found.iter().any(|other| other.code == candidate.code)
                {
                    found.push(candidate);
                }
            }
        }
    }
    found
}

fn candidate(text: &str, partitions: u16) -> Option<Candidate> {
    let (partition, sequence) = order_of_code(text)?;
    // Partition 0 is the catalogue: no order lives there.
    if partition == 0 || partition >= partitions || sequence == 0 {
        return None;
    }
    let code = order_code(OrderId::new(IdParts { partition, incarnation: 0, created_at_unix_ms: 0, sequence }));
    // A code has no zeros in front of it.
    (code.len() == text.len()).then(|| Candidate { code, has_digit: text.bytes().any(|byte| byte.is_ascii_digit()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(reference: &str) -> Vec<String> {
        candidates(reference, 3).into_iter().map(|candidate| candidate.code).collect()
    }

    #[test]
    fn a_code_is_found_however_it_is_written() {
        let id = OrderId::new(IdParts { partition: 1, incarnation: 0, created_at_unix_ms: 0, sequence: 77 });
        let code = order_code(id);
        let (head, tail) = code.split_at(4);
        for text in [
            code.clone(),
            code.to_lowercase(),
            format!("Tickets {code}, thank you"),
            format!("SVWZ+{head}-{tail}"),
            format!("{head} {tail}"),
            format!("order:{head} - {tail}/2026"),
            code.replace('1', "l").replace('0', "o"),
        ] {
            assert!(codes(&text).contains(&code), "{text}: {:?}", codes(&text));
        }
        assert!(candidates(&code, 1).is_empty(), "there is no such partition");
    }

    #[test]
    fn other_texts_are_no_codes() {
        for text in ["", "thank you", "0000000", "tickets", "x".repeat(40).as_str(), "019a5b0e"] {
            assert_eq!(codes(text), Vec::<String>::new(), "{text}");
        }
        assert!(candidates("invoices", 3).iter().all(|candidate| !candidate.has_digit));
    }
}
