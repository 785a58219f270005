//! What the sale runs on, and what happened last.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::text::{clock, count, fit, right};
use super::{as_of, section};
use crate::events::Happened;
use crate::state::State;
use crate::theme::Theme;

/// Cells of the partitions; the happenings take the rest.
const PARTITIONS: u16 = 36;
/// Widths of the columns of the partitions, and their headings.
const COLUMNS: [(usize, &str); 5] = [(4, "no."), (8, "mailbox"), (8, "lag"), (9, "list lag"), (7, "orders")];
/// Cells of what happened: the longest name of those that matter.
const WHAT: usize = 18;

pub(super) fn draw(frame: &mut Frame, area: Rect, state: &State, theme: Theme) {
    let [left, right_half] = Layout::horizontal([Constraint::Length(PARTITIONS), Constraint::Fill(1)]).spacing(1).areas(area);
    partitions(frame, left, state, theme);
    happenings(frame, right_half, state, theme);
}

fn partitions(frame: &mut Frame, area: Rect, state: &State, theme: Theme) {
    let inside = section(frame, area, &format!("Partitions{}", as_of(state)));
    let Some(status) = &state.status else { return };
    let columns: String = COLUMNS.iter().map(|(width, name)| right(name, *width)).collect();
    let mut lines = vec![Line::styled(columns, Theme::quiet())];
    for partition in &status.partitions {
        let number = u64::from(partition.partition);
        let numbers = [number, partition.mailbox, partition.projection_lag, partition.lists_lag, partition.live_orders];
        let cells = numbers.iter().zip(COLUMNS).map(|(number, (width, _))| right(&count(*number), width));
        lines.push(if partition.stopped.is_some() {
            Line::styled(format!("{}  STOPPED", right(&count(number), COLUMNS[0].0)), theme.bad())
        } else {
            Line::raw(cells.collect::<String>())
        });
    }
    let high = usize::from(inside.height);
    if lines.len() > high {
        let hidden = lines.len() - (high - 1);
        lines.truncate(high - 1);
        lines.push(Line::styled(format!("{hidden} more; trouble is told above"), Theme::quiet()));
    }
    frame.render_widget(Paragraph::new(lines), inside);
}

fn happenings(frame: &mut Frame, area: Rect, state: &State, theme: Theme) {
    let inside = section(frame, area, "Last events");
    if state.happenings.is_empty() {
        frame.render_widget(Line::styled("none since this was opened", Theme::quiet()), inside);
        return;
    }
    let latest = state.happenings.iter().take(usize::from(inside.height));
    let lines: Vec<Line> = latest.map(|happened| line(happened, state, usize::from(inside.width), theme)).collect();
    frame.render_widget(Paragraph::new(lines), inside);
}

fn line(happened: &Happened, state: &State, wide: usize, theme: Theme) -> Line<'static> {
    let style = match happened.kind.as_str() {
        "order_stuck" | "saga_stuck" | "payment_unknown" => theme.bad(),
        _ => ratatui::style::Style::new(),
    };
    let time = clock(happened.at);
    let place = fit(&place(happened, state), wide.saturating_sub(time.len() + WHAT + 2));
    Line::from(vec![
        Span::styled(format!("{time} "), Theme::quiet()),
        Span::styled(format!("{} ", fit(&happened.kind.replace('_', " "), WHAT)), style),
        Span::raw(place),
    ])
}

/// Where it happened: the partition, then the order by its code, the show by its name, or else the narrowest id, and what the event
/// says of it.
fn place(happened: &Happened, state: &State) -> String {
    let named = happened.show.as_deref().and_then(|show| state.show_name(show));
    let ids = [("order", &happened.order), ("hold", &happened.hold), ("saga", &happened.saga), ("show", &happened.show)];
    let code = happened.order.as_deref().and_then(|order| state.code_of(order));
    let subject = match (code, named) {
        (Some(code), _) => Some(format!("order {code}")),
        (None, Some(name)) => Some(name.to_owned()),
        (None, None) => ids.iter().find_map(|(kind, id)| Some(format!("{kind} {}", id.as_deref()?))),
    };
    let detail = happened.reason.as_ref().or(happened.error.as_ref()).map(|detail| detail.replace('_', " "));
    // A state is a short word, a name may be long and a reason longer.
    let parts = [Some(format!("p{}", happened.partition)), happened.sale.clone(), subject, detail];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
