//! Plans in the cells of a terminal.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use guichet_domain::seating::Section;
use guichet_drawing::{By, COVERED, Cell, Colours, Picture, Room, SeatState, picture};
use support::{chart, club, lattice};

const ROOM: Room = Room { width: 100, height: 40 };

#[track_caller]
fn looks(picture: &Picture, expected: &str) {
    let text = picture.text(Colours::None);
    assert_eq!(text, expected.strip_prefix('\n').unwrap(), "\n{text}");
}

#[test]
fn rows_have_their_places_and_their_labels() {
    let expected = "
A: C C C C C C c C
B: C C C C C C C C
C: A A A A A A A A
D: A A A A A A A A

C Cat1 16   A Cat2 16   a small letter: accessible   C GA1 up to 100   A GA2 up to 100
";
    let mut plan = chart("rows-and-areas.json");
    // What the chart has besides the seats is drawn in other tests.
    plan.shapes.clear();
    plan.areas.iter_mut().for_each(|area| area.outline = None);
    plan.focal_point = None;
    looks(&picture(&plan, By::Category, ROOM), expected);
}

#[test]
fn states_are_told_apart_without_colour() {
    let plan = chart("sections.json");
    let states: Vec<SeatState> = (0..plan.seats.len())
        .map(|seat| match seat {
            0..=2 => SeatState::Held,
            3..=8 => SeatState::Booked,
            40..=43 => SeatState::Blocked,
            _ => SeatState::Free,
        })
        .collect();
    let expected = "

   ⊕
      Section A         Section B
  A: ◐ ◐ ◐ ● ● ●     A: ○ ○ ○ ○ ×
  B: ● ● ● ○ ○ ○     B: × × × ○ ○
  C: ○ ○ ○ ○ ○ ○     C: ○ ○ ○ ○ ○
  D: ○ ○ ○ ○ ○ ○     D: ○ ○ ○ ○ ○
  E: ○ ○ ○ ○ ○ ○     E: ○ ○ ○ ○ ○
  F: ○ ○ ○ ○ ○ ○     F: ○ ○ ○ ○ ○
                     G: ○ ○ ○ ○ ○

○ free 58   ◐ held 3   ● booked 6   × blocked 4   ⊕ focal point
";
    looks(&picture(&plan, By::State(&states), ROOM), expected);
}

#[test]
fn floors_stand_beside_each_other_with_what_is_on_them() {
    let expected = "
           Ground           Upper
                              G
    ·───────────────· 1: G G G G G G
    │     Stage     │
    ·───────⊕───────·        G

  A: s S S S S S S S

         S   ░░░░░░░░░░░
       S □ S ░░░░Bar░░░░
         S

S Stalls 12   G Gallery 7   a small letter: accessible   S Bar up to 40   □ table   ⊕ focal point
";
    looks(&picture(&club(), By::Category, ROOM), expected);
}

#[test]
fn a_seat_without_a_state_is_not_promised() {
    let drawn = picture(&lattice(1, 3), By::State(&[SeatState::Free]), ROOM).text(Colours::None);
    assert!(drawn.contains("○ × ×"), "{drawn}");
}

#[test]
fn where_there_is_room_every_seat_has_a_cell() {
    for (rows, seats) in [(1, 1), (1, 40), (36, 1), (20, 49), (30, 45)] {
        let drawn = picture(&lattice(rows, seats), By::State(&[]), ROOM);
        // The legend has one more.
        assert_eq!(signs(&drawn, '×'), rows as usize * seats as usize + 1, "{rows} x {seats}");
    }
}

#[test]
fn a_crowd_shows_what_most_of_it_is() {
    let plan = lattice(200, 400);
    let states: Vec<SeatState> = (0..80_000)
        .map(|seat| match (seat % 400 < 200, seat % 3) {
            (true, 0) | (false, 1 | 2) => SeatState::Booked,
            _ => SeatState::Free,
        })
        .collect();
    let drawn = picture(&plan, By::State(&states), ROOM);
    assert!(drawn.width() <= ROOM.width && drawn.height() <= ROOM.height);
    let line: String = drawn.lines().nth(10).unwrap().iter().map(|cell| cell.sign).collect();
    let (left, right) = (line.matches('○').count(), line.matches('●').count());
    assert!(left > 30 && right > 30 && line.trim_end().rfind('○') < line.find('●'), "{line}");
    // By category: dots where the seats are, and letters that say whose they are.
    let line = picture(&plan, By::Category, ROOM).text(Colours::None).lines().nth(10).unwrap().to_owned();
    assert!(line.matches('A').count() > 4 && line.contains("A⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿A⣿") && line.ends_with("⣿⣿⣿⣿"), "{line}");
    // Too few for dots to be a shape.
    let sparse = picture(&lattice(40, 60), By::Category, Room { width: 50, height: 20 }).text(Colours::None);
    assert!(!sparse.contains('⠁') && sparse.lines().next().unwrap().matches('A').count() > 40, "{sparse}");
}

#[test]
fn a_large_crowd_has_its_name_inside_and_a_small_one_beside_it() {
    let mut plan = lattice(60, 400);
    plan.sections.push(Section { label: "Stand".to_owned(), ..Section::default() });
    plan.sections.push(Section { label: "Terrace".to_owned(), ..Section::default() });
    for (row, number) in plan.rows.iter_mut().zip(0..) {
        // Four rows far from the others are one line of cells.
        row.section = Some(u16::from(number >= 56));
        for seat in &row.seats {
            plan.seats[*seat as usize].position.y += if number >= 56 { 500.0 } else { 0.0 };
        }
    }
    let drawn = picture(&plan, By::Category, ROOM).text(Colours::None);
    let line = |name: &str| drawn.lines().find(|line| line.contains(name)).unwrap();
    assert!(line("Stand").contains("⣿ Stand ⣿"), "{drawn}");
    assert_eq!(line("Terrace").trim(), "Terrace", "{drawn}");
}

#[test]
fn the_race_track_keeps_its_proportions() {
    let drawn = picture(&chart("race-track.json"), By::Category, ROOM);
    // Between the outermost seats 33,862 by 8,083 units, and a cell is twice as high as it is wide.
    let seats =
        drawn.lines().enumerate().flat_map(|(line, cells)| cells.iter().enumerate().map(move |(column, cell)| (line, column, cell)));
    let seats: Vec<(usize, usize)> = seats
        .filter(|(line, _, cell)| cell.colour.is_some() && *line + 1 < drawn.height().into())
        .map(|(line, column, _)| (line, column))
        .collect();
    let span = |of: fn(&(usize, usize)) -> usize| seats.iter().map(of).max().unwrap() - seats.iter().map(of).min().unwrap();
    assert_eq!((span(|seat| seat.0), span(|seat| seat.1)), (12, 99));
}

#[test]
fn colour_is_only_added() {
    let drawn = picture(&club(), By::Category, ROOM);
    let plain = drawn.text(Colours::None);
    assert!(!plain.contains('\u{1b}') && !plain.contains(COVERED));
    for (colours, of_stalls) in [(Colours::True, "\u{1b}[0;38;2;0;85;170m"), (Colours::Indexed, "\u{1b}[0;38;5;25m")] {
        let coloured = drawn.text(colours);
        assert!(coloured.contains(of_stalls), "{coloured:?}");
        let stripped: String = coloured
            .split('\u{1b}')
            .enumerate()
            .map(|(part, text)| if part == 0 { text } else { text.split_once('m').unwrap().1 })
            .collect();
        assert_eq!(stripped, plain);
    }
}

#[test]
fn a_wide_letter_covers_two_cells_and_a_hostile_one_none() {
    let mut plan = lattice(1, 12);
    plan.rows[0].label = "席\u{1b}[2J\u{202e}\n".to_owned();
    let drawn = picture(&plan, By::Category, ROOM);
    let line = drawn.lines().next().unwrap();
    assert_eq!((line[0].sign, line[1].sign), ('席', COVERED));
    assert!(drawn.text(Colours::None).starts_with("席[2J: A"), "{}", drawn.text(Colours::None));
}

fn signs(picture: &Picture, sign: char) -> usize {
    picture.lines().flatten().filter(|cell: &&Cell| cell.sign == sign).count()
}
