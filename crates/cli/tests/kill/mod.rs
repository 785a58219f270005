//! The parts of the kill loop: what was acknowledged, who asks for it, and whether it is still there.

pub(crate) mod check;
pub(crate) mod ledger;
pub(crate) mod load;
