//! The picture of a [`State`]. Pure: the same state makes the same picture.
//!
//! From top to bottom: who is looked at, what is wrong, how much happens, what sells, what it runs on, what happened last. Whatever a
//! colour says is said by a word or a sign too.

mod bottom;
mod shows;
mod text;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Clear, Paragraph, Wrap};

use crate::rates::{Meter, SECONDS};
use crate::state::{Connection, Link, State};
use crate::theme::Theme;
use text::{clock, duration, fit, pace, right, spark, width};

/// The smallest terminal that everything fits on.
const WIDTH_MIN: u16 = 80;
const HEIGHT_MIN: u16 = 24;
/// One line in so many may tell of trouble: four on the smallest screen. The rest is counted.
const LINES_PER_TROUBLE: u16 = 6;

/// Draws everything.
pub(crate) fn draw(frame: &mut Frame, state: &State, theme: Theme) {
    let area = frame.area();
    if area.width < WIDTH_MIN || area.height < HEIGHT_MIN {
        let size = format!("{WIDTH_MIN}x{HEIGHT_MIN} is needed, this is {}x{}; q quits", area.width, area.height);
        frame.render_widget(Paragraph::new(size).wrap(Wrap { trim: true }), area);
        return;
    }
    let trouble = trouble(state, area, theme);
    let rates_height = 1 + (Meter::ALL.len() / 2) as u16;
    let fixed = 2 + trouble.len() as u16 + rates_height + 1;
    let bottom_height = (area.height - fixed) * 45 / 100;
    let heights = [2, trouble.len() as u16, rates_height].map(Constraint::Length);
    let heights = heights.into_iter().chain([Constraint::Fill(1), Constraint::Length(bottom_height), Constraint::Length(1)]);
    let [top, wrong, rates_area, shows_area, bottom_area, foot] = Layout::vertical(heights).areas(area);
    header(frame, top, state, theme);
    frame.render_widget(Paragraph::new(trouble), wrong);
    rates(frame, rates_area, state, theme);
    shows::draw(frame, shows_area, state, theme);
    bottom::draw(frame, bottom_area, state, theme);
    frame.render_widget(Line::styled("q quit   ? help   up/down scroll shows", Theme::quiet()), foot);
    if state.help {
        help(frame, area);
    }
}

/// Says so when what is shown is of an earlier time.
fn as_of(state: &State) -> String {
    match (&state.polls, state.answered_at) {
        (Link::Down { .. }, Some(at)) => format!(" as of {}", clock(at)),
        _ => String::new(),
    }
}

/// A part of the screen under a titled rule; the area below the rule.
fn section(frame: &mut Frame, area: Rect, title: &str) -> Rect {
    let title = Span::styled(format!(" {title} "), Theme::title());
    let block = Block::new().borders(Borders::TOP).border_style(Theme::quiet()).title(title);
    let inside = block.inner(area);
    frame.render_widget(block, area);
    inside
}

fn header(frame: &mut Frame, area: Rect, state: &State, theme: Theme) {
    let [first, second] = Layout::vertical([1, 1].map(Constraint::Length)).areas(area);
    let (sign, style) = match state.connection() {
        Connection::Connected => ("● connected".to_owned(), theme.good()),
        Connection::Connecting => ("○ connecting".to_owned(), theme.middling()),
        Connection::Reconnecting(since) => {
            let for_s = (state.now.as_millisecond() - since.as_millisecond()).max(0) / 1_000;
            (format!("✗ reconnecting since {}, for {}", clock(since), duration(for_s as f64)), theme.bad())
        }
    };
    let time = format!("{} UTC", clock(state.now));
    let left = usize::from(area.width).saturating_sub(width("guichet top  ") + width(&sign) + 2 + width(&time) + 1);
    let server = fit(&state.server, left.min(width(&state.server)));
    let line = vec![Span::styled("guichet top", Theme::title()), format!("  {server}  ").into(), Span::styled(sign, style)];
    frame.render_widget(Line::from(line), first);
    frame.render_widget(Line::from(time).right_aligned(), first);
    let about = match &state.status {
        Some(status) => {
            let line = format!("version {}  durability {}  position {}", status.version, status.durability, status.position);
            fit(&line, usize::from(area.width))
        }
        None => "no answer yet".to_owned(),
    };
    frame.render_widget(Line::styled(about, Theme::quiet()), second);
}

fn trouble(state: &State, area: Rect, theme: Theme) -> Vec<Line<'static>> {
    let trouble = state.trouble();
    if trouble.is_empty() {
        return vec![match state.status {
            Some(_) => Line::styled("✓ no trouble", theme.good()),
            None => Line::styled("○ waiting for the first answer", theme.middling()),
        }];
    }
    let lines_max = usize::from(area.height / LINES_PER_TROUBLE);
    let shown = if trouble.len() > lines_max { lines_max - 1 } else { trouble.len() };
    let mut lines: Vec<Line> =
        trouble[..shown].iter().map(|what| Line::styled(fit(&format!("! {what}"), usize::from(area.width)), theme.bad())).collect();
    if trouble.len() > shown {
        lines.push(Line::styled(format!("! and {} more", trouble.len() - shown), theme.bad()));
    }
    lines
}

fn rates(frame: &mut Frame, area: Rect, state: &State, theme: Theme) {
    let inside = section(frame, area, &format!("Per second, and the last {SECONDS} s"));
    let [left, right_half] = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).spacing(2).areas(inside);
    let (holds, orders) = Meter::ALL.split_at(Meter::ALL.len() / 2);
    for (half, meters) in [(left, holds), (right_half, orders)] {
        let lines = meters.iter().map(|meter| rate(state, *meter, usize::from(half.width), theme));
        frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), half);
    }
}

/// A name, a number, and a line that is as high as its own highest second.
fn rate(state: &State, meter: Meter, width: usize, theme: Theme) -> Line<'static> {
    const NAME: usize = 16;
    const NUMBER: usize = 7;
    let known = match meter {
        Meter::HoldsRefused => state.polls == Link::Up && state.rates.tells_refusals(),
        _ => state.stream == Link::Up,
    };
    let number = if known { pace(state.rates.per_second(meter)) } else { "-".to_owned() };
    let line = spark(&state.rates.line(meter, width.saturating_sub(NAME + NUMBER + 2)));
    Line::from(vec![
        Span::raw(fit(meter.name(), NAME)),
        Span::styled(format!(" {} ", right(&number, NUMBER)), Theme::title()),
        Span::styled(line, theme.line()),
    ])
}

fn help(frame: &mut Frame, area: Rect) {
    let keys = [
        ("q, Ctrl-C", "quit"),
        ("?, h", "open or close this; Esc closes it"),
        ("up, down, k, j", "scroll the shows"),
        ("", ""),
        ("●  ○  ✗", "connected, connecting, reconnecting"),
        ("✓  !", "no trouble, trouble (the worst first)"),
        ("█ ▓ ░ x", "booked, held, free, blocked"),
        ("-", "not known, or not yet"),
        ("", ""),
        ("per second", "mean of the last 5 s; sold: of the last 60 s"),
        ("holds refused", "hold requests answered with 4xx"),
        ("places sold", "places of orders that were booked"),
        ("sells out", "free and held, divided by sold per second"),
    ];
    let (wide, high) = (66, keys.len() as u16 + 2);
    let inside = Rect { x: (area.width - wide) / 2, y: (area.height - high) / 2, width: wide, height: high };
    let line =
        |(key, what): (&'static str, &'static str)| Line::from(vec![Span::styled(format!(" {key:<16}"), Theme::title()), what.into()]);
    let block = Block::bordered().title(" Help ").style(Style::new());
    frame.render_widget(Clear, inside);
    frame.render_widget(Paragraph::new(keys.map(line).to_vec()).block(block), inside);
}
