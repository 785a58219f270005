//! `docs/errors/`: one page for each code, for readers of the repository. Written from the catalogue; a test holds them against it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::{ROUTES, page};
use crate::failure::{Known, codes};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors");
/// Set, the pages are written anew instead of compared.
const WRITE: &str = "GUICHET_WRITE_DOCS";

fn one(known: &Known) -> String {
    let Known { code, status, meaning, advice } = known;
    let mut text = format!("# {code}\n\n{}\n\n{meaning}\n\n**What to do.** {advice}\n\n", page::status(*status));
    let answering: Vec<_> = page::answering(known, &ROUTES).collect();
    text.push_str(if answering.is_empty() { "No route answers so by itself: see [the others](README.md).\n" } else { "Answered by:\n\n" });
    for route in answering {
        let _ = writeln!(text, "- `{} {}`: {}", route.method, route.path, route.operation.summary);
    }
    text
}

fn index() -> String {
    let mut text = String::from(
        "# Codes of problems\n\nWhat is refused is answered as `application/problem+json` (RFC 9457) with a `code` that never changes its \
         meaning, a sentence for people in `detail`, and what to do in `advice`. A server shows the same pages at `/docs/errors`.\n\n\
         These pages are generated: `GUICHET_WRITE_DOCS=1 cargo test -p guichet-server error_docs`.\n\n| code | status | when |\n|---|---|---|\n",
    );
    for Known { code, status, meaning, .. } in codes() {
        let _ = writeln!(text, "| [{code}]({code}.md) | {} | {} |", status.as_u16(), meaning.replace('|', "\\|"));
    }
    text
}

#[test]
fn every_code_has_its_page_and_no_page_is_old() {
    let mut pages: BTreeMap<String, String> = codes().map(|known| (format!("{}.md", known.code), one(known))).collect();
    pages.insert("README.md".into(), index());
    let folder = Path::new(FOLDER);
    if std::env::var_os(WRITE).is_some() {
        for (name, text) in &pages {
            fs::write(folder.join(name), text).unwrap();
        }
    }
    let found: BTreeMap<String, String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), fs::read_to_string(entry.path()).unwrap()))
        .collect();
    for (name, text) in &pages {
        assert!(found.get(name) == Some(text), "docs/errors/{name} is missing or old; {WRITE}=1 writes it");
    }
    let stale: Vec<_> = found.keys().filter(|name| !pages.contains_key(*name)).collect();
    assert!(stale.is_empty(), "pages of codes that do not exist: {stale:?}");
}

#[test]
fn every_code_that_a_route_may_answer_with_is_known() {
    for route in ROUTES.iter() {
        for code in route.refusals.codes() {
            assert!(
                crate::failure::known_code(code).is_some(),
                "{} {} refuses with {code}, which nobody explains",
                route.method,
                route.path
            );
        }
    }
}
