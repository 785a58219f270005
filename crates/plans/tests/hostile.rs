//! A file is hostile until it is read: whatever is in it, reading it ends with a plan or with faults.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod support;

use std::sync::LazyLock;

use guichet_plans::{read_plan, write_plan};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use support::{ROWS_AND_AREAS, SECTIONS, bytes};

/// One file of each kind that is small enough to be read some hundred times, without the line end that it can do without.
static FILES: LazyLock<[Vec<u8>; 3]> = LazyLock::new(|| {
    let own = write_plan(&read_plan(&bytes(SECTIONS)).unwrap().plan);
    [bytes(SECTIONS), bytes(ROWS_AND_AREAS), own.into_bytes()].map(|file| file.trim_ascii_end().to_vec())
});

/// Reads and holds the answer to what every answer must keep.
fn read(file: &[u8]) {
    match read_plan(file) {
        Ok(read) => assert_eq!(read.plan.check(), []),
        Err(errors) => {
            assert!(errors.count() >= 1);
            assert!(errors.to_string().lines().count() >= 1);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn changed_bytes(file in 0..3_usize, changes in vec((any::<Index>(), any::<u8>()), 1..8)) {
        let mut file = FILES[file].clone();
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        read(&file);
    }

    /// Changes that keep the file JSON more often than not: a digit, a quote or a bracket for its like.
    #[test]
    fn changed_values(file in 0..3_usize, changes in vec((any::<Index>(), any::<Index>()), 1..40)) {
        let mut file = FILES[file].clone();
        for (from, to) in changes {
            let (from, to) = (from.index(file.len()), to.index(file.len()));
            let alike = file[from].is_ascii_alphabetic() == file[to].is_ascii_alphabetic()
                && file[from].is_ascii_digit() == file[to].is_ascii_digit();
            if alike {
                file.swap(from, to);
            }
        }
        read(&file);
    }

    #[test]
    fn cut_and_spliced(file in 0..3_usize, cut in any::<Index>(), from in any::<Index>()) {
        let file = &FILES[file];
        let (cut, from) = (cut.index(file.len()), from.index(file.len()));
        prop_assert!(read_plan(&file[..cut]).is_err(), "a part of a file is not a plan");
        read(&[&file[..cut], &file[from..]].concat());
    }
}

/// Depth in every place where the reader looks, on a stack a quarter of what a thread has by default.
#[test]
fn depth_does_not_overflow_the_stack() {
    let deep = || {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("{\"subChart\":", "}"), ("{\"sections\":[", "]}")] {
            let depth = 200_000;
            let nested = format!("{}0{}", open.repeat(depth), close.repeat(depth));
            for file in [
                nested.clone(),
                open.repeat(depth),
                format!(r#"{{"subChart":{nested}}}"#),
                format!(r#"{{"subChart":{{"sections":[{nested}]}}}}"#),
                format!(r#"{{"subChart":{{"rows":[{{"seats":[{{"x":{nested}}}]}}]}}}}"#),
                format!(r#"{{"subChart":{{}},"anything":{nested}}}"#),
                format!(r#"{{"format":"guichet-plan","version":1,"rows":{nested}}}"#),
                format!(r#"{{"format":{nested},"version":1}}"#),
            ] {
                assert!(read_plan(file.as_bytes()).is_err());
            }
        }
    };
    std::thread::Builder::new().stack_size(512 * 1024).spawn(deep).unwrap().join().unwrap();
}

#[test]
fn a_file_of_a_million_objects_is_refused_before_it_is_parsed() {
    let file = format!(r#"{{"subChart":{{"tables":[{}{{}}]}}}}"#, "{},".repeat(1_000_000));
    let error = read_plan(file.as_bytes()).unwrap_err().to_string();
    assert_eq!(error, "document: holds 1000003 objects; a plan is read up to 1000000");
}

#[test]
fn a_list_of_the_wrong_things_costs_fifty_faults() {
    let file = format!(r#"{{"name":"x","categories":{{"list":[]}},"subChart":{{"rows":[{}0]}}}}"#, "0,".repeat(100_000));
    assert_eq!(read_plan(file.as_bytes()).unwrap_err().count(), 50);
}

#[test]
fn more_sections_than_an_index_holds() {
    let section = r#"{"label":"S","topLeft":{"x":0,"y":0},"subChart":{}}"#;
    let file = format!(r#"{{"name":"x","categories":{{"list":[]}},"subChart":{{"sections":[{}]}}}}"#, vec![section; 65_537].join(","));
    let errors = read_plan(file.as_bytes()).unwrap_err();
    assert_eq!(errors.to_string(), "subChart.sections[65536]: a plan takes at most 65,536 sections");
}
