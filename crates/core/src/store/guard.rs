//! Opens a store that may be damaged. Whatever goes wrong, the directory is moved aside and a new one begins: it fills itself again
//! from the journal.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use super::{SledStore, Store, StoreError};

/// Most damaged stores kept for somebody to look at.
const KEPT_MAX: u32 = 3;

/// Opens the store, or starts anew beside what cannot be opened.
///
/// # Errors
/// When even a new store cannot be made: then the disk is the matter.
pub(crate) fn open_guarded(path: &Path) -> Result<Arc<dyn Store>, StoreError> {
    match attempt(path) {
        Ok(store) => return Ok(store),
        Err(why) => {
            tracing::warn!(path = %path.display(), why, "the projection store is damaged: it is set aside and rebuilt from the journal")
        }
    }
    set_aside(path).map_err(|error| StoreError::Engine(format!("cannot move {} aside: {error}", path.display())))?;
    attempt(path).map_err(StoreError::Engine)
}

fn attempt(path: &Path) -> Result<Arc<dyn Store>, String> {
    // sled 0.34 panics on some damage; nothing of it survives the panic, so there is nothing to be left half changed.
    match catch_unwind(AssertUnwindSafe(|| SledStore::open(path))) {
        Ok(Ok(store)) => Ok(Arc::new(store)),
        Ok(Err(error)) => Err(error.to_string()),
        Err(panic) => Err(panic.downcast_ref::<String>().cloned().unwrap_or_else(|| "it panicked while opening".into())),
    }
}

fn set_aside(path: &Path) -> std::io::Result<()> {
    for number in 1..=KEPT_MAX {
        let aside = path.with_extension(format!("damaged-{number}"));
        if !aside.exists() {
            return std::fs::rename(path, aside);
        }
    }
    let oldest = path.with_extension("damaged-1");
    std::fs::remove_dir_all(&oldest)?;
    std::fs::rename(path, oldest)
}
