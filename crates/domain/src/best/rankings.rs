//! The rankings of the rows: for each manner and set of categories that has been asked for, how well each row could seat a group of each
//! size that has been asked for now. The best row is at the root of a tournament tree.
//!
//! A change of a seat is noted in a log of rows. All rankings of one class read on in the log together when one of them is asked, so a
//! row is looked at once for all sizes, and what nobody asks for costs nothing. A class that has fallen too far behind begins anew. Must
//! never be true: a ranking used that has not read the whole log.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::house::House;
use super::place::Manner;
use super::rows::{Nearest, Rows, Seats, Sizes};
use super::tree::Tree;

/// Rankings that are kept. A show needs one for each size of group and set of categories, some dozens; a caller who asks for
/// everything once makes them all be made anew, and no more memory be used.
const RANKINGS_MAX: usize = 128;
/// A size that has not been asked for as many requests of its class is let go of: it would be kept up to date for nobody.
const REQUESTS_REMEMBERED: u64 = 1_000;
/// Rows that the log has at least: ranking a house anew costs as much as reading a log of its length.
const LOG_MIN: usize = 256;

/// Which seats are ranked, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Class {
    /// Index of its set of categories.
    set: usize,
    manner: Manner,
}

/// Lines that have changed, the latest at the end.
#[derive(Debug, Default)]
struct Log {
    lines: VecDeque<u32>,
    /// Number of the first of them.
    from: u64,
}

impl Log {
    fn end(&self) -> u64 {
        self.from + self.lines.len() as u64
    }

    fn note(&mut self, line: usize, lines_max: usize) {
        self.lines.extend(u32::try_from(line));
        while self.lines.len() > lines_max {
            self.lines.pop_front();
            self.from += 1;
        }
    }

    /// Lines that have changed since, each once; none when the log does not reach back that far.
    fn since(&self, read: u64) -> Option<Vec<usize>> {
        let from = usize::try_from(read.checked_sub(self.from)?).ok()?;
        let mut lines: Vec<usize> = self.lines.range(from..).map(|line| *line as usize).collect();
        lines.sort_unstable();
        lines.dedup();
        Some(lines)
    }
}

/// One class: what it knows of groups of each size, and of what could be seated at all.
#[derive(Debug)]
struct Ranking {
    /// How much of the log it has read.
    read: u64,
    requests: u64,
    groups: Vec<Group>,
    sizes: Option<Tree<Sizes>>,
}

#[derive(Debug)]
struct Group {
    quantity: usize,
    tree: Tree<f32>,
    /// The last request of its class that asked for it.
    asked_at: u64,
}

impl Ranking {
    fn begun(read: u64) -> Self {
        Self { read, requests: 0, groups: Vec::new(), sizes: None }
    }

    /// Looks again at every line that has changed.
    fn read_on(&mut self, log: &Log, rows: &Rows<'_>) {
        let Some(changed) = log.since(self.read) else { return *self = Self::begun(log.end()) };
        for line in changed.into_iter().filter(|line| rows.concern(*line)) {
            let row = rows.row(line, Nearest::ToFocus);
            for group in &mut self.groups {
                group.tree.set(line, row.score(group.quantity));
            }
            if let Some(sizes) = &mut self.sizes {
                sizes.set(line, row.sizes());
            }
        }
        self.read = log.end();
    }

    fn forget_what_nobody_asks_for(&mut self) {
        self.requests += 1;
        let since = self.requests.saturating_sub(REQUESTS_REMEMBERED);
        self.groups.retain(|group| group.asked_at >= since);
    }
}

/// All rankings of a show.
#[derive(Debug, Default)]
pub(super) struct Rankings {
    /// Sets of categories that have been asked for, each ascending.
    sets: Vec<Vec<u16>>,
    classes: FxHashMap<Class, Ranking>,
    log: Log,
}

impl Rankings {
    /// Notes that seats of a line have become free, or are free no more.
    pub(super) fn changed(&mut self, line: usize, house: &House) {
        self.log.note(line, house.lines.len().max(LOG_MIN));
    }

    /// The class of a request, which may make room for it.
    pub(super) fn class(&mut self, categories: &[u16], manner: Manner) -> Class {
        let kept: usize = self.classes.values().map(|class| class.groups.len() + usize::from(class.sizes.is_some())).sum();
        if kept > RANKINGS_MAX {
            self.classes.clear();
            self.sets.clear();
        }
        let known = self.sets.iter().position(|set| set == categories);
        let set = known.unwrap_or_else(|| {
            self.sets.push(categories.to_vec());
            self.sets.len() - 1
        });
        Class { set, manner }
    }

    /// The rows as requests of a class see them.
    pub(super) fn rows<'a>(&'a self, house: &'a House, seats: &Seats<'a>, class: Class) -> Rows<'a> {
        Rows { house, seats: *seats, categories: &self.sets[class.set], manner: class.manner }
    }

    /// Ranks the rows for a group of a size, up to this moment.
    pub(super) fn rank(&mut self, house: &House, seats: &Seats<'_>, class: Class, quantity: usize) {
        let rows = Rows { house, seats: seats.untaken(), categories: &self.sets[class.set], manner: class.manner };
        let ranking = self.classes.entry(class).or_insert_with(|| Ranking::begun(self.log.end()));
        ranking.read_on(&self.log, &rows);
        ranking.forget_what_nobody_asks_for();
        let asked_at = ranking.requests;
        match ranking.groups.iter_mut().find(|group| group.quantity == quantity) {
            Some(group) => group.asked_at = asked_at,
            None => {
                let scores = (0..house.lines.len()).map(|line| rows.row(line, Nearest::ToFocus).score(quantity));
                ranking.groups.push(Group { quantity, tree: Tree::new(scores), asked_at });
            }
        }
    }

    /// Ranks the rows by what they could seat, up to this moment.
    pub(super) fn rank_sizes(&mut self, house: &House, seats: &Seats<'_>, class: Class) {
        let rows = Rows { house, seats: seats.untaken(), categories: &self.sets[class.set], manner: class.manner };
        let ranking = self.classes.entry(class).or_insert_with(|| Ranking::begun(self.log.end()));
        ranking.read_on(&self.log, &rows);
        let lines = 0..house.lines.len();
        ranking.sizes.get_or_insert_with(|| Tree::new(lines.map(|line| rows.row(line, Nearest::ToFocus).sizes())));
    }

    /// What [`Rankings::rank`] has ranked.
    pub(super) fn scores(&self, class: Class, quantity: usize) -> Option<&Tree<f32>> {
        self.classes.get(&class)?.groups.iter().find(|group| group.quantity == quantity).map(|group| &group.tree)
    }

    /// What [`Rankings::rank_sizes`] has ranked.
    pub(super) fn sizes(&self, class: Class) -> Option<&Tree<Sizes>> {
        self.classes.get(&class)?.sizes.as_ref()
    }
}
