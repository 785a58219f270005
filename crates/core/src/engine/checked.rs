//! Small text files whose last line is a check of everything above it.

use data_encoding::HEXLOWER;

const CHECK: &str = "check ";

/// The text with its check.
pub(super) fn with_check(text: &str) -> String {
    format!("{text}{}", check(text))
}

/// The text without its check.
///
/// # Errors
/// What is wrong, when it is not what was written.
pub(super) fn without_check(text: &str) -> Result<&str, &'static str> {
    let (body, found) = text.rfind(CHECK).map(|at| text.split_at(at)).ok_or("it has no check at its end")?;
    if found == check(body) { Ok(body) } else { Err("its check does not fit: something in it was changed or cut") }
}

fn check(text: &str) -> String {
    format!("{CHECK}{}\n", HEXLOWER.encode(blake3::hash(text.as_bytes()).as_bytes()))
}
