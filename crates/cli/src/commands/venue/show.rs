//! `guichet venue show`: a plan as a picture, and what it has.
//!
//! The plan is a file, which needs no server, or a venue's, or what a show sells. The picture and the summary are data; with `--svg -`
//! the picture alone is.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use guichet_api::{Area, Category, Client, Venue};
use guichet_core::domain::seating::SeatingPlan;
use guichet_drawing::{By, Colours, Room, SeatState, picture, svg};
use terminal_size::terminal_size_of;

use super::{DONE, Outcome, describe, read};
use crate::failure::{Explain, Failure, Kind};
use crate::output::{Output, colours_on};
use crate::resolve;
use crate::settings::Context;

/// Where stdout is no terminal.
const WIDTH_DEFAULT: u16 = 100;
const HEIGHT_DEFAULT: u16 = 40;

#[derive(Debug, clap::Args)]
pub(super) struct ShowArgs {
    /// A file (`-` reads stdin) or else a venue's id, or a prefix of it; not needed with --show
    #[arg(required_unless_present = "show")]
    plan: Option<String>,
    /// Draw what this show sells, by the state of its seats
    #[arg(long, value_name = "SHOW")]
    show: Option<String>,
    /// What signs and colours say [default: category; with --show, state]
    #[arg(long, value_enum, value_name = "category|state", hide_possible_values = true)]
    by: Option<Shown>,
    /// Draw one section alone
    #[arg(long, value_name = "LABEL")]
    section: Option<String>,
    /// Write the picture to a file, as SVG; `-` prints it
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Columns of the picture [default: those of the terminal, or 100]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(10..=1_000))]
    width: Option<u16>,
    /// Lines of the picture [default: those of the terminal, or 40]
    #[arg(long, value_name = "LINES", value_parser = clap::value_parser!(u16).range(3..=1_000))]
    height: Option<u16>,
}

/// What signs and colours say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Shown {
    Category,
    State,
}

/// A plan and what is known of it.
struct Found {
    plan: SeatingPlan,
    venue: Venue,
    states: Option<Vec<SeatState>>,
}

pub(super) async fn run(args: ShowArgs, context: &Context) -> Outcome {
    let screen = context.screen;
    let printed = args.svg.as_deref() == Some(Path::new("-"));
    if printed && screen.output == Output::Json {
        return Err(Failure::usage("an SVG is no JSON").hint("--svg FILE writes it beside the data"));
    }
    let Found { mut plan, venue, states } = find(&args, context).await?;
    if let Some(label) = &args.section {
        keep_section(&mut plan, label)?;
    }
    let by = match (args.by, &states) {
        (Some(Shown::Category), _) | (None, None) => By::Category,
        (_, Some(states)) => By::State(states),
        (Some(Shown::State), None) => {
            return Err(Failure::usage("a plan by itself has no states").hint("--show SHOW names a show that sells it"));
        }
    };
    match &args.svg {
        Some(_) if printed => io::stdout().lock().write_all(svg(&plan, by).as_bytes())?,
        Some(file) => {
            std::fs::write(file, svg(&plan, by)).doing(|| format!("{} cannot be written", file.display()))?;
            screen.data(&venue, describe)?;
            screen.say(format_args!("written: {}", file.display()));
        }
        None => {
            let picture = |venue: &Venue| format!("{}\n{}", picture(&plan, by, room(&args)).text(colours()), describe(venue));
            screen.data(&venue, picture)?;
        }
    }
    DONE
}

async fn find(args: &ShowArgs, context: &Context) -> Result<Found, Failure> {
    if let Some(show) = &args.show {
        return of_show(&context.client()?, show, args.plan.as_deref()).await;
    }
    let given = args.plan.as_deref().unwrap_or_default();
    if is_file(given) {
        let cannot = || format!("the plan {given} cannot be read");
        let bytes = read(Path::new(given)).doing(cannot)?;
        let read = guichet_plans::read_plan(&bytes).map_err(|errors| Failure::usage(errors).doing(cannot()))?;
        let venue = summary(&read.plan);
        for unsold in &read.unsold {
            context.screen.say(format_args!("not sold: {unsold}"));
        }
        return Ok(Found { venue, plan: read.plan, states: None });
    }
    let client = context.client()?;
    let id = resolve::venue(&client, given).await.map_err(|failure| failure.hint(format!("there is no file {given} either")))?;
    let plan = served(&client.venue_plan(&id).await?)?;
    Ok(Found { plan, venue: client.venue(&id).await?.value, states: None })
}

/// Whether a plan is named by a file: what is one, and what can be no id.
pub(super) fn is_file(given: &str) -> bool {
    given == "-" || given.contains(['/', '\\', '.']) || Path::new(given).is_file()
}

async fn of_show(client: &Client, show: &str, venue: Option<&str>) -> Result<Found, Failure> {
    let id = resolve::show(client, show).await?;
    let show = client.show(&id).await?.value;
    if let Some(venue) = venue
        && (venue.is_empty() || !show.venue.starts_with(&venue.to_ascii_lowercase()))
    {
        return Err(Failure::usage(format!("the show \"{}\" is not in {venue}", show.name))
            .hint(format!("leave it out, or name its venue: {}", show.venue)));
    }
    let plan = served(&client.show_plan(&id).await?)?;
    let seats = client.seats(&id, true).await?.value;
    // By label, not by number: the plan that is served has no withdrawn seats. Of two seats of one label, the later one is on sale.
    let states: HashMap<String, SeatState> = seats.labels.iter().flatten().cloned().zip(seats.decode()?.iter().map(state)).collect();
    let numbers = 0..u32::try_from(plan.seats.len()).unwrap_or(u32::MAX);
    let states = numbers.map(|seat| states.get(&plan.seat_label(seat)).copied().unwrap_or(SeatState::Blocked)).collect();
    let venue = Venue { venue: show.venue, ..summary(&plan) };
    Ok(Found { plan, venue, states: Some(states) })
}

pub(super) fn served(plan: &str) -> Result<SeatingPlan, Failure> {
    let read = guichet_plans::read_plan(plan.as_bytes());
    Ok(read.doing(|| "the server's plan cannot be read: it may be newer than this program".to_owned())?.plan)
}

fn state(state: guichet_api::SeatState) -> SeatState {
    match state {
        guichet_api::SeatState::Free => SeatState::Free,
        guichet_api::SeatState::Held => SeatState::Held,
        guichet_api::SeatState::Booked => SeatState::Booked,
        guichet_api::SeatState::Blocked => SeatState::Blocked,
    }
}

/// Leaves one section in the plan, and nothing around it.
fn keep_section(plan: &mut SeatingPlan, label: &str) -> Result<(), Failure> {
    if !plan.sections.iter().any(|section| section.label == label) {
        let failure = Failure::new(Kind::NotFound, format!("no section is called \"{label}\""));
        let sections = plan.sections.iter().map(|section| format!("\"{}\"", section.label));
        let known = sections.collect::<Vec<_>>().join(", ");
        return Err(failure.hint(if known.is_empty() { "the plan has no sections".to_owned() } else { format!("there are {known}") }));
    }
    let sections = &plan.sections;
    plan.rows
        .retain(|row| row.section.and_then(|section| sections.get(usize::from(section))).is_some_and(|section| section.label == label));
    plan.areas.clear();
    plan.shapes.clear();
    plan.focal_point = None;
    plan.zones.iter_mut().for_each(|zone| zone.focal_point = None);
    Ok(())
}

/// What the server says of a venue with this plan.
pub(super) fn summary(plan: &SeatingPlan) -> Venue {
    let count = |many: usize| u32::try_from(many).unwrap_or(u32::MAX);
    let seats_of = |category: usize| plan.seats.iter().filter(|seat| usize::from(seat.category) == category && !seat.withdrawn).count();
    let name_of = |category: u16| plan.categories.get(usize::from(category)).map(|category| category.name.clone()).unwrap_or_default();
    let category = |(index, category): (usize, &guichet_core::domain::seating::Category)| Category {
        name: category.name.clone(),
        colour: category.colour.clone(),
        seats: count(seats_of(index)),
    };
    Venue {
        organiser: None,
        venue: String::new(),
        name: plan.name.clone(),
        seats: count(plan.seats.iter().filter(|seat| !seat.withdrawn).count()),
        rows: count(plan.rows.len()),
        sections: count(plan.sections.len()),
        zones: count(plan.zones.len()),
        areas: plan
            .areas
            .iter()
            .map(|area| Area { name: area.label.clone(), capacity: area.capacity, category: name_of(area.category) })
            .collect(),
        categories: plan.categories.iter().enumerate().map(category).collect(),
        unsold: Vec::new(),
    }
}

fn room(args: &ShowArgs) -> Room {
    let terminal = terminal_size_of(io::stdout()).map(|(width, height)| (width.0, height.0));
    let (width, height) = terminal.unwrap_or((WIDTH_DEFAULT, HEIGHT_DEFAULT));
    Room { width: args.width.unwrap_or(width), height: args.height.unwrap_or(height) }
}

/// What the terminal takes, if stdout is one.
fn colours() -> Colours {
    let all = std::env::var("COLORTERM").is_ok_and(|value| matches!(value.as_str(), "truecolor" | "24bit"));
    match (colours_on(&io::stdout()), all) {
        (false, _) => Colours::None,
        (true, true) => Colours::True,
        (true, false) => Colours::Indexed,
    }
}
