//! A bank's statement: CSV as banks write it, its columns found by their names.
//!
//! What must never be true: a row is left out in silence. What cannot be read is a row with its line number and the reason.

use std::collections::HashMap;

use crate::failure::Failure;

use super::amount::Written;

/// Names of the columns that say what a payment is for.
const PURPOSE: &[&str] = &["reference", "purpose", "subject"];
const AMOUNT: &[&str] = &["amount"];
const CURRENCY: &[&str] = &["currency"];
const DATE: &[&str] = &["date"];
const ID: &[&str] = &["id"];
/// Some banks put their name and the account above the headings.
const LINES_ABOVE_MAX: usize = 30;

/// A row of the statement.
#[derive(Debug)]
pub(super) struct Row {
    /// Where it begins in the file, from 1.
    pub(super) line: u64,
    /// What it says, or why it cannot be read.
    pub(super) read: Result<Entry, String>,
}

/// What a row says.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) purpose: String,
    pub(super) amount: Written,
    /// The amount as it was written.
    pub(super) amount_text: String,
    pub(super) currency: Option<String>,
    /// Names the payment, whatever file it is in: the bank's id, or else all that the row says, and which of several such it is.
    pub(super) identity: String,
    /// The bank's id.
    pub(super) id: Option<String>,
}

/// Reads a statement.
///
/// # Errors
/// When it has no headings that say where reference and amount are.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Row>, Failure> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut fault = None;
    for separator in [b';', b','] {
        match read_with(bytes, separator) {
            Ok(Some(rows)) => return Ok(rows),
            Ok(None) => {}
            Err(failure) => fault = Some(failure),
        }
    }
    Err(fault.unwrap_or_else(|| {
        Failure::usage("there is no line of headings with a reference and an amount")
            .hint("a statement has a column called reference, purpose or subject, and one called amount; separated by commas or semicolons")
    }))
}

/// Where the columns are.
struct Columns {
    purpose: Vec<usize>,
    amount: usize,
    currency: Option<usize>,
    date: Option<usize>,
    id: Option<usize>,
    count: usize,
}

fn read_with(bytes: &[u8], separator: u8) -> Result<Option<Vec<Row>>, Failure> {
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).has_headers(false).flexible(true).from_reader(bytes);
    let mut records: Vec<(csv::ByteRecord, u64, usize)> = Vec::new();
    let (mut line, mut counted) = (1_u64, 0_usize);
    for record in reader.byte_records() {
        let record = record?;
        let mut start = record.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(bytes.len());
        // The reader counts the end of the line before, and empty lines, as a part of the record.
        while bytes.get(start).is_some_and(|byte| matches!(byte, b'\r' | b'\n')) {
            start += 1;
        }
        line += bytes.get(counted..start).unwrap_or_default().iter().filter(|byte| **byte == b'\n').count() as u64;
        counted = start;
        records.push((record, line, start));
    }
    let mut found = None;
    for (index, (record, ..)) in records.iter().take(LINES_ABOVE_MAX).enumerate() {
        if let Some(columns) = Columns::find(record)? {
            found = Some((index, columns));
            break;
        }
    }
    let Some((headings, columns)) = found else { return Ok(None) };
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut rows = Vec::new();
    for (index, (record, line, start)) in records.iter().enumerate().skip(headings + 1) {
        let end = records.get(index + 1).map_or(bytes.len(), |(.., start)| *start);
        let raw = bytes.get(*start..end).unwrap_or_default();
        if record.iter().all(|cell| cell.trim_ascii().is_empty()) {
            continue;
        }
        rows.push(Row { line: *line, read: columns.entry(record, raw, &mut seen) });
    }
    Ok(Some(rows))
}

impl Columns {
    fn find(record: &csv::ByteRecord) -> Result<Option<Self>, Failure> {
        let names: Vec<String> = record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_lowercase()).collect();
        let all = |known: &[&str]| -> Vec<usize> {
            names.iter().enumerate().filter(|(_, name)| known.contains(&name.as_str())).map(|(index, _)| index).collect()
        };
        let one = |known: &[&str]| match all(known).as_slice() {
            [] => Ok(None),
            [column] => Ok(Some(*column)),
            _ => Err(Failure::usage(format!("there are several columns called {}", known.join(" or ")))),
        };
        let (purpose, amounts) = (all(PURPOSE), all(AMOUNT));
        if purpose.is_empty() || amounts.is_empty() {
            return Ok(None);
        }
        let Some(amount) = one(AMOUNT)? else { return Ok(None) };
        Ok(Some(Self { purpose, amount, currency: one(CURRENCY)?, date: one(DATE)?, id: one(ID)?, count: names.len() }))
    }

    fn entry(&self, record: &csv::ByteRecord, raw: &[u8], seen: &mut HashMap<String, u32>) -> Result<Entry, String> {
        // A quotation that is never closed swallows the rows behind it.
        if raw.iter().filter(|byte| **byte == b'"').count() % 2 == 1 {
            let lines = raw.trim_ascii_end().iter().filter(|byte| **byte == b'\n').count() + 1;
            return Err(format!("a quotation mark has no partner; {lines} line(s) from here on are not read"));
        }
        if record.len() != self.count {
            return Err(format!("it has {} columns, the headings have {}", record.len(), self.count));
        }
        let cell = |column: usize| {
            let text = String::from_utf8_lossy(record.get(column).unwrap_or_default());
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let optional = |column: Option<usize>| column.map(cell).filter(|text| !text.is_empty());
        let purpose = self.purpose.iter().map(|column| cell(*column)).collect::<Vec<_>>().join(" / ");
        let amount_text = cell(self.amount);
        let amount = Written::read(&amount_text)?;
        let (currency, date, id) = (optional(self.currency).map(|text| text.to_uppercase()), optional(self.date), optional(self.id));
        let identity = match &id {
            Some(id) => ["id", id.as_str(), &amount_text].join("\u{1f}"),
            None => {
                let content =
                    [date.as_deref().unwrap_or_default(), purpose.as_str(), &amount_text, currency.as_deref().unwrap_or_default()];
                let content = content.join("\u{1f}");
                // Two equal rows are two payments: nothing else says that they are one.
                let number = seen.entry(content.clone()).and_modify(|number| *number += 1).or_insert(1);
                format!("row\u{1f}{content}\u{1f}{number}")
            }
        };
        Ok(Entry { purpose, amount, amount_text, currency, identity, id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Row> {
        read(text.as_bytes()).unwrap()
    }

    #[test]
    fn columns_are_found_by_name_below_what_banks_put_above_them() {
        for text in [
            "reference,amount\nA,\"1,00\"\n",
            "\u{feff}Amount;Date;Purpose\r\n1,00;2026-11-20;A\r\n",
            "Bank of Nowhere\nAccount;DE00\n\nSUBJECT;\"Amount\";Balance\n\"A\";1.00;9\n",
        ] {
            let rows = rows(text);
            let entry = rows[0].read.as_ref().unwrap();
            assert_eq!((rows.len(), entry.purpose.as_str(), entry.amount.of("EUR").unwrap().amount_minor), (1, "A", 100), "{text}");
        }
        for text in ["", "amount,date\n1,2\n", "reference,amount,amount\nA,1,2\n"] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_keeps_its_line() {
        let text = "reference;amount\n\n\"two\nlines\";1.00\n;;\nshort\nA;dear\nB;\"2.00\n C;3.00\n";
        for text in [text.to_owned(), text.replace('\n', "\r\n")] {
            let rows = rows(&text);
            let lines: Vec<(u64, bool)> = rows.iter().map(|row| (row.line, row.read.is_ok())).collect();
            assert_eq!(lines, [(3, true), (6, false), (7, false), (8, false)]);
            assert!(rows[3].read.as_ref().unwrap_err().contains("2 line(s)"), "{rows:?}");
        }
    }

    #[test]
    fn equal_rows_are_two_payments_unless_the_bank_names_them() {
        let identities = |text: &str| -> Vec<String> { rows(text).into_iter().map(|row| row.read.unwrap().identity).collect() };
        let twice = identities("reference,amount\nA,1\nA,1\n");
        assert_ne!(twice[0], twice[1]);
        assert_eq!(twice, identities("amount , reference\n1,A\n1 ,  A\n"));
        let named = identities("id,reference,amount\n7,A,1\n7,A,1\n");
        assert_eq!(named[0], named[1]);
    }
}
