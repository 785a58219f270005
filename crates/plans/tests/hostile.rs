//! A file is hostile until it is read: whatever is in it, reading it ends with a plan or with faults.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod support;

use std::sync::LazyLock;

use guichet_plans::{PlanFormat, read_plan, write_plan, write_plan_as};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use support::{ROWS_AND_AREAS, SECTIONS, bytes};

const FILES: usize = 6;

/// Files of each kind that are small enough to be read some hundred times, without the line end that they can do without.
static FILE: LazyLock<[Vec<u8>; FILES]> = LazyLock::new(|| {
    let [sections, rows, banquet] = [SECTIONS, ROWS_AND_AREAS, "banquet.json"].map(bytes);
    let plan = |chart: &[u8]| read_plan(chart).unwrap().plan;
    let own = write_plan(&plan(&rows)).into_bytes();
    let tables = write_plan(&plan(&banquet)).into_bytes();
    let pretix = write_plan_as(PlanFormat::Pretix, &plan(&rows)).unwrap().text.into_bytes();
    [sections, rows, banquet, own, tables, pretix].map(|file| file.trim_ascii_end().to_vec())
});

/// Reads and holds the answer to what every answer must keep.
fn read(file: &[u8]) {
    match read_plan(file) {
        Ok(read) => {
            assert_eq!(read.plan.check(), []);
            assert_eq!(read_plan(write_plan(&read.plan).as_bytes()).map(|again| again.plan), Ok(read.plan));
        }
        Err(errors) => {
            assert!(errors.count() >= 1);
            assert!(errors.to_string().lines().count() >= 1);
        }
    }
}

/// What a value is exchanged for.
fn anything() -> impl Strategy<Value = Value> {
    let odd = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(0.5),
        json!(65_536),
        json!(u64::MAX),
        json!(-1e300),
        json!(1e300),
        json!(""),
        json!(" "),
        json!("A\u{0}\u{1b}[2J"),
        json!([]),
        json!([null, 1, [[]], {}]),
        json!({}),
        json!({"x": {"x": {"x": []}}}),
    ];
    proptest::sample::select(odd.to_vec())
}

/// One change of a file's structure.
#[derive(Clone, Debug)]
enum Change {
    Exchange(Index, Value),
    Copy(Index, Index),
    Remove(Index),
    Repeat(Index),
    Rename(Index, String),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    prop_oneof![
        (at(), anything()).prop_map(|(at, value)| Change::Exchange(at, value)),
        (at(), at()).prop_map(|(from, to)| Change::Copy(from, to)),
        at().prop_map(Change::Remove),
        at().prop_map(Change::Repeat),
        (at(), "[a-z]{1,8}").prop_map(|(at, name)| Change::Rename(at, name)),
    ]
}

/// The JSON pointers of every value below the root.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let below: Vec<(String, &Value)> = match value {
        Value::Array(list) => list.iter().enumerate().map(|(index, value)| (format!("{at}/{index}"), value)).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (format!("{at}/{name}"), value)).collect(),
        _ => return,
    };
    for (pointer, value) in below {
        pointers(value, &pointer, found);
        found.push(pointer);
    }
}

fn apply(change: Change, file: &mut Value) {
    let mut found = Vec::new();
    pointers(file, "", &mut found);
    if found.is_empty() {
        return;
    }
    let pointer = |at: &Index| at.get(found.as_slice()).as_str();
    let value = |at: &Index| file.pointer(pointer(at)).cloned();
    let (at, value) = match &change {
        Change::Exchange(at, value) => (at, Some(value.clone())),
        Change::Copy(from, to) => (to, value(from)),
        Change::Repeat(at) => (at, value(at)),
        Change::Remove(at) | Change::Rename(at, _) => (at, None),
    };
    let (parent, name) = pointer(at).rsplit_once('/').unwrap();
    let number = || name.parse::<usize>().unwrap();
    match (file.pointer_mut(parent).unwrap(), change, value) {
        (Value::Array(list), Change::Repeat(_), Some(value)) => list.insert(number(), value),
        (Value::Array(list), _, Some(value)) => list[number()] = value,
        (Value::Array(list), ..) => drop(list.remove(number())),
        (Value::Object(fields), Change::Rename(_, other), _) => drop(fields.remove(name).map(|value| fields.insert(other, value))),
        (Value::Object(fields), _, Some(value)) => drop(fields.insert(name.to_owned(), value)),
        (Value::Object(fields), ..) => drop(fields.remove(name)),
        _ => unreachable!("a value has something that holds it"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn changed_bytes(file in 0..FILES, changes in vec((any::<Index>(), any::<u8>()), 1..8)) {
        let mut file = FILE[file].clone();
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        read(&file);
    }

    /// Changes that keep the file JSON more often than not: a digit, a quote or a bracket for its like.
    #[test]
    fn changed_values(file in 0..FILES, changes in vec((any::<Index>(), any::<Index>()), 1..40)) {
        let mut file = FILE[file].clone();
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

    /// Always JSON: what is wrong is where and what the values are.
    #[test]
    fn changed_structure(file in 0..FILES, changes in vec(change(), 1..8)) {
        let mut file: Value = serde_json::from_slice(&FILE[file]).unwrap();
        for change in changes {
            apply(change, &mut file);
        }
        read(file.to_string().as_bytes());
    }

    #[test]
    fn cut_and_spliced(file in 0..FILES, cut in any::<Index>(), from in any::<Index>()) {
        let file = &FILE[file];
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
                format!(r#"{{"format":"guichet-plan","version":1,"shapes":[{{"figure":{nested}}}]}}"#),
                format!(r#"{{"zones":{nested}}}"#),
                format!(r#"{{"zones":[{{"rows":[{{"seats":[{nested}]}}]}}]}}"#),
                format!(r#"{{"zones":[],"categories":[{{"name":{nested}}}]}}"#),
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
