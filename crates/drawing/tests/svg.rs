//! Plans as SVG.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::collections::BTreeSet;

use guichet_drawing::{By, SeatState, SeatingPlan, svg};
use roxmltree::{Document, Node};
use support::{chart, club};

/// The elements of seats with their tooltips.
fn seats<'d>(document: &'d Document<'d>) -> Vec<(Node<'d, 'd>, &'d str)> {
    let tipped = |node: Node<'d, 'd>| Some((node, node.children().find(|child| child.has_tag_name("title"))?.text()?));
    document.descendants().filter(|node| matches!(node.tag_name().name(), "circle" | "rect")).filter_map(tipped).collect()
}

fn labels(plan: &SeatingPlan) -> BTreeSet<String> {
    plan.labels().into_keys().collect()
}

#[test]
fn every_seat_of_the_race_track_is_there_and_says_who_it_is() {
    let plan = chart("race-track.json");
    let drawn = svg(&plan, By::Category);
    let document = Document::parse(&drawn).unwrap();
    let tips: BTreeSet<String> = seats(&document).into_iter().map(|(_, tip)| tip.to_owned()).collect();
    assert_eq!(tips, labels(&plan));
    for name in plan.sections.iter().map(|section| &section.label).chain(plan.categories.iter().map(|category| &category.name)) {
        assert!(document.descendants().any(|node| node.text().is_some_and(|text| text.starts_with(name.as_str()))), "{name}");
    }
    let states = vec![SeatState::Blocked; plan.seats.len()];
    for drawn in [drawn, svg(&plan, By::State(&states))] {
        assert!(drawn.len() < 900_000, "{} bytes", drawn.len());
    }
}

#[test]
fn seats_are_where_they_are_in_the_plan() {
    let plan = chart("rows-and-areas.json");
    let drawn = svg(&plan, By::Category);
    let document = Document::parse(&drawn).unwrap();
    let seats = seats(&document);
    let middle = |label: &str| {
        let (node, _) = seats.iter().find(|(_, tip)| tip.split(", ").next() == Some(label)).unwrap();
        let number = |name: &str| node.attribute(name).map_or(0.0, |value| value.parse::<f64>().unwrap());
        (number("cx") + number("x") + number("width") / 2.0, number("cy") + number("y") + number("height") / 2.0)
    };
    // 20 units from a seat to the next and 24 to the next row; A-7 is a square.
    let ((x, y), (last_x, last_y), (_, next_row)) = (middle("A-1"), middle("A-7"), middle("B-1"));
    // To the tenth that is written.
    let apart = |from: f64, to: f64| ((to - from) * 10.0).round() / 10.0;
    assert_eq!((apart(x, last_x), apart(y, last_y), apart(y, next_row)), (120.0, 0.0, 24.0));
}

#[test]
fn names_of_sections_are_inside_or_beside_and_on_nothing_else() {
    let plan = chart("race-track.json");
    let drawn = svg(&plan, By::Category);
    let document = Document::parse(&drawn).unwrap();
    let number = |node: Node<'_, '_>, name: &str| node.attribute(name).unwrap().parse::<f64>().unwrap();
    let name = |label: &str| {
        let node = document.descendants().find(|node| node.has_tag_name("text") && node.text() == Some(label)).unwrap();
        (number(node, "x"), number(node, "y"))
    };
    let seats = seats(&document);
    let heights = |label: &str| {
        let of_section = seats.iter().filter(|(_, tip)| tip.starts_with(label)).map(|(node, _)| number(*node, "cy"));
        of_section.fold((f64::MAX, f64::MIN), |(top, bottom), y| (top.min(y), bottom.max(y)))
    };
    let (top, bottom) = heights("MT1-");
    assert!((top..bottom).contains(&name("MT1").1));
    // Above it is what people look at, and the name would be on that.
    assert!(name("Goal Stand 3").1 > heights("Goal Stand 3-").1);
    assert!(name("Goal Stand 4").1 < heights("Goal Stand 4-").0);
}

#[test]
fn everything_of_a_club_is_drawn() {
    let drawn = svg(&club(), By::Category);
    let document = Document::parse(&drawn).unwrap();
    let tips: BTreeSet<&str> = seats(&document).into_iter().map(|(_, tip)| tip).collect();
    for tip in ["A-1, accessible", "A-2", "T1-4, whole table", "G-1-6, restricted view", "Box"] {
        assert!(tips.contains(tip), "{tip}: {tips:?}");
    }
    let texts: BTreeSet<&str> = document.descendants().filter(|node| node.has_tag_name("text")).filter_map(|node| node.text()).collect();
    for text in ["Ground", "Upper", "Stage", "Bar", "Bar up to 40", "T1", "A", "G", "accessible", "sold as one", "restricted view"] {
        assert!(texts.contains(text), "{text}: {texts:?}");
    }
    let fills: BTreeSet<&str> = document.descendants().filter_map(|node| node.attribute("fill")).collect();
    assert!(fills.is_superset(&["#0055aa", "#aa5500", "#dddddd"].into()), "{fills:?}");
    // The two floors have the same coordinates and do not lie on each other.
    let x_of = |label: &str| {
        let (node, _) = seats(&document).into_iter().find(|(_, tip)| *tip == label).unwrap();
        node.attribute("cx").unwrap().parse::<f64>().unwrap()
    };
    assert!(x_of("G-1-1") > x_of("A-8"));
}

#[test]
fn states_have_forms_of_their_own_and_are_said() {
    let plan = chart("sections.json");
    let states: Vec<SeatState> =
        (0..71).map(|seat| [SeatState::Free, SeatState::Held, SeatState::Booked, SeatState::Blocked][seat % 4]).collect();
    let drawn = svg(&plan, By::State(&states));
    let document = Document::parse(&drawn).unwrap();
    let looks = |state: &str| -> BTreeSet<(Option<&str>, Option<&str>)> {
        let of_state = seats(&document).into_iter().filter(|(_, tip)| tip.ends_with(state));
        of_state.map(|(node, _)| node.parent().unwrap()).map(|group| (group.attribute("fill"), group.attribute("stroke"))).collect()
    };
    let all: Vec<_> = [", free", ", held", ", booked", ", blocked"].map(looks).into_iter().flatten().collect();
    let fills: BTreeSet<_> = all.iter().map(|(fill, _)| fill.unwrap()).collect();
    assert_eq!(fills, ["#fff", "url(#held)", "#c92a2a", "url(#blocked)"].into());
    assert_eq!(all.len(), 4);
    for pattern in ["held", "blocked"] {
        assert!(document.descendants().any(|node| node.attribute("id") == Some(pattern)), "{pattern}");
    }
}

#[test]
fn it_stands_alone() {
    let mut plan = club();
    plan.name = "<script>alert(1)</script> & \"more\"".to_owned();
    let drawn = svg(&plan, By::State(&[]));
    let document = Document::parse(&drawn).unwrap();
    assert_eq!(document.root_element().first_element_child().unwrap().text(), Some(plan.name.as_str()));
    for node in document.descendants().filter(Node::is_element) {
        assert!(!matches!(node.tag_name().name(), "script" | "style" | "image" | "use" | "a" | "foreignObject"), "{node:?}");
        for attribute in node.attributes() {
            assert!(!attribute.name().starts_with("on") && !attribute.name().contains("href"), "{attribute:?}");
        }
    }
    assert_eq!(drawn.matches("://").count(), 1, "the name space alone");
}
