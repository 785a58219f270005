//! What sells: a line for each show, and a bar for its seats and for each of its quotas.

use guichet_api::SaleState;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::text::{bar, count, duration, fit, pace, right};
use super::{as_of, section};
use crate::sales::{Counter, Sales, SellOut};
use crate::state::State;
use crate::theme::Theme;

const NAME: usize = 20;
/// Widths of the columns right of the bar, and their headings.
const COLUMNS: [(usize, &str); 5] = [(8, "free"), (7, "held"), (8, "booked"), (7, "sold/s"), (10, "sells out")];

pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: Theme) {
    let inside = section(frame, area, &format!("Shows{}: █ booked ▓ held ░ free x blocked", as_of(state)));
    if state.sales.is_empty() {
        let nothing = if state.status.is_some() { "no shows yet; `guichet show create` makes one" } else { "not known yet" };
        frame.render_widget(Line::styled(nothing, Theme::quiet()), inside);
        return;
    }
    let wide = usize::from(inside.width);
    let bar_cells = wide.saturating_sub(NAME + 1 + COLUMNS.iter().map(|(width, _)| width).sum::<usize>());
    let mut lines = Vec::new();
    for sales in &state.sales {
        lines.push(title(sales, wide, theme));
        let open = sales.show.sale == SaleState::Open;
        lines.extend(sales.counters.iter().map(|counter| counted(counter, open, bar_cells, theme)));
    }
    let mut shown: Vec<Line> = vec![headings(bar_cells)];
    shown.extend(lines.into_iter().skip(state.scrolled));
    // What does not fit is counted in the last line.
    let high = usize::from(inside.height);
    let hidden = if shown.len() > high { shown.len() - (high - 1) } else { 0 };
    let mut more = Vec::new();
    if hidden > 0 {
        shown.truncate(high - 1);
        more.push(format!("{hidden} more lines below"));
    }
    if state.shows_not_followed > 0 {
        shown.truncate(high - 1);
        more.push(format!("{} more shows are not followed", state.shows_not_followed));
    }
    if !more.is_empty() {
        shown.push(Line::styled(more.join(", "), Theme::quiet()));
    }
    frame.render_widget(Paragraph::new(shown), inside);
}

fn headings(bar_cells: usize) -> Line<'static> {
    let columns: String = COLUMNS.iter().map(|(width, name)| right(name, *width)).collect();
    Line::styled(format!("{}{columns}", " ".repeat(NAME + 1 + bar_cells)), Theme::quiet())
}

fn title(sales: &Sales, wide: usize, theme: Theme) -> Line<'static> {
    let (sale, style) = match sales.show.sale {
        SaleState::Open => ("on sale", theme.good()),
        SaleState::Paused => ("paused", theme.middling()),
        SaleState::Draft => ("not yet on sale", Theme::quiet()),
        SaleState::Closed => ("closed", Theme::quiet()),
    };
    let starts = sales.show.starts_at.map(|at| at.strftime("  starts %Y-%m-%d %H:%M UTC").to_string()).unwrap_or_default();
    let beside = sale.len() + starts.len() + "  []".len();
    let name = fit(&sales.show.name, super::width(&sales.show.name).min(wide.saturating_sub(beside)));
    // Names need not differ; the id is for commands, where there is room for all of it.
    let id = format!("  {}", sales.show.show);
    let id = if super::width(&name) + beside + id.len() <= wide { id } else { String::new() };
    Line::from(vec![
        Span::styled(name, Theme::title()),
        "  [".into(),
        Span::styled(sale, style),
        "]".into(),
        starts.into(),
        Span::styled(id, Theme::quiet()),
    ])
}

fn counted(counter: &Counter, open: bool, bar_cells: usize, theme: Theme) -> Line<'static> {
    let counts = counter.counts;
    // Free places end the bar: the last part takes what rounding leaves, and a full bar is a sold-out one.
    let [blocked, booked, held, free] = bar([counts.blocked, counts.booked, counts.held, counts.free], bar_cells);
    let numbers = [
        count(counts.free),
        count(counts.held),
        count(counts.booked),
        counter.sold_per_second().map_or("-".to_owned(), pace),
        match counter.sell_out() {
            SellOut::SoldOut => "sold out".to_owned(),
            SellOut::InSeconds(seconds) if open => format!("~{}", duration(seconds)),
            _ => "-".to_owned(),
        },
    ];
    let numbers: String = numbers.iter().zip(COLUMNS).map(|(number, (width, _))| right(number, width)).collect();
    Line::from(vec![
        Span::raw(fit(&format!("  {}", counter.name), NAME + 1)),
        Span::styled("█".repeat(booked), theme.good()),
        Span::styled("▓".repeat(held), theme.middling()),
        Span::styled("░".repeat(free), Theme::quiet()),
        Span::styled("x".repeat(blocked), Theme::quiet()),
        Span::raw(numbers),
    ])
}
