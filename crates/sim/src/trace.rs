//! What happened, in words: the last lines for people, and a hash of all lines to show that two runs are the same.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// Lines that are kept for people.
const LINES_KEPT: usize = 40;
/// FNV-1a, 64 bits.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

#[derive(Debug)]
struct Inner {
    lines: VecDeque<String>,
    hash: u64,
    now_us: u64,
}

/// A trace. Clones write to the same one, so that it outlives a panic of what it traces.
#[derive(Clone, Debug)]
pub(crate) struct Trace(Rc<RefCell<Inner>>);

impl Default for Trace {
    fn default() -> Self {
        Self(Rc::new(RefCell::new(Inner { lines: VecDeque::new(), hash: FNV_OFFSET, now_us: 0 })))
    }
}

impl Trace {
    /// The simulated time of the lines to come.
    pub(crate) fn at(&self, now_us: u64) {
        self.0.borrow_mut().now_us = now_us;
    }

    /// Notes an event.
    pub(crate) fn note(&self, what: std::fmt::Arguments<'_>) {
        let mut inner = self.0.borrow_mut();
        let now_us = inner.now_us;
        let line = format!("{:>9}.{:06} s  {what}", now_us / 1_000_000, now_us % 1_000_000);
        for byte in line.bytes() {
            inner.hash = (inner.hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
        }
        if inner.lines.len() == LINES_KEPT {
            inner.lines.pop_front();
        }
        inner.lines.push_back(line);
    }

    /// Hash of all lines.
    #[must_use]
    pub(crate) fn hash(&self) -> u64 {
        self.0.borrow().hash
    }

    /// The last lines.
    #[must_use]
    pub(crate) fn tail(&self) -> Vec<String> {
        self.0.borrow().lines.iter().cloned().collect()
    }
}

/// Notes an event in a trace, with the arguments of `format!`.
macro_rules! note {
    ($trace:expr, $($what:tt)*) => { $trace.note(format_args!($($what)*)) };
}
pub(crate) use note;
