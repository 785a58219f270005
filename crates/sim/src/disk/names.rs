//! The directories: names as programs see them, names on the platter, and the operations between the two, in order.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use crate::rng::Rng;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Node {
    File(u64),
    Directory,
}

enum Operation {
    Put(String, Node),
    Remove(String),
    Rename(String, String),
}

type Entries = BTreeMap<String, Node>;

impl Operation {
    fn apply(&self, entries: &mut Entries) {
        match self {
            Self::Put(name, node) => drop(entries.insert(name.clone(), *node)),
            Self::Remove(name) => drop(entries.remove(name)),
            Self::Rename(from, to) => {
                if let Some(node) = entries.remove(from) {
                    entries.insert(to.clone(), node);
                }
            }
        }
    }
}

#[derive(Default)]
struct Directory {
    seen: Entries,
    durable: Entries,
    unsynced: Vec<Operation>,
}

impl Directory {
    fn change(&mut self, operation: Operation) {
        operation.apply(&mut self.seen);
        self.unsynced.push(operation);
    }

    /// The first so many operations reach the platter.
    fn persist(&mut self, operations: usize) {
        for operation in self.unsynced.drain(..operations) {
            operation.apply(&mut self.durable);
        }
    }

    fn persist_by_chance(&mut self, rng: &mut Rng) {
        let operations = rng.index(self.unsynced.len() + 1);
        self.persist(operations);
    }
}

/// The directory tree.
pub(super) struct Names {
    directories: BTreeMap<PathBuf, Directory>,
}

impl Default for Names {
    fn default() -> Self {
        Self { directories: BTreeMap::from([(PathBuf::new(), Directory::default())]) }
    }
}

fn split(path: &Path) -> io::Result<(&Path, String)> {
    let name = path.file_name().and_then(|name| name.to_str()).ok_or(io::ErrorKind::InvalidInput)?;
    Ok((path.parent().unwrap_or(Path::new("")), name.to_owned()))
}

impl Names {
    fn directory(&mut self, path: &Path) -> io::Result<&mut Directory> {
        self.directories.get_mut(path).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(super) fn create_dir_all(&mut self, path: &Path) -> io::Result<()> {
        if self.directories.contains_key(path) {
            return Ok(());
        }
        let (parent, name) = split(path)?;
        self.create_dir_all(parent)?;
        self.directory(parent)?.change(Operation::Put(name, Node::Directory));
        self.directories.insert(path.to_owned(), Directory::default());
        Ok(())
    }

    pub(super) fn list(&mut self, path: &Path) -> io::Result<Vec<String>> {
        Ok(self.directory(path)?.seen.keys().cloned().collect())
    }

    pub(super) fn find(&mut self, path: &Path) -> io::Result<u64> {
        let (parent, name) = split(path)?;
        match self.directory(parent)?.seen.get(&name) {
            Some(Node::File(inode)) => Ok(*inode),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    pub(super) fn create(&mut self, path: &Path, inode: u64) -> io::Result<()> {
        let (parent, name) = split(path)?;
        let directory = self.directory(parent)?;
        if directory.seen.contains_key(&name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        directory.change(Operation::Put(name, Node::File(inode)));
        Ok(())
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.find(from)?;
        let ((parent, from), (other, to)) = (split(from)?, split(to)?);
        if parent != other {
            return Err(io::ErrorKind::Unsupported.into());
        }
        self.directory(parent)?.change(Operation::Rename(from, to));
        Ok(())
    }

    pub(super) fn remove(&mut self, path: &Path) -> io::Result<()> {
        self.find(path)?;
        let (parent, name) = split(path)?;
        self.directory(parent)?.change(Operation::Remove(name));
        Ok(())
    }

    pub(super) fn sync(&mut self, path: &Path) -> io::Result<()> {
        let directory = self.directory(path)?;
        directory.persist(directory.unsynced.len());
        Ok(())
    }

    /// A sync that failed: some of the operations reached the platter.
    pub(super) fn fail_sync(&mut self, path: &Path, rng: &mut Rng) {
        if let Some(directory) = self.directories.get_mut(path) {
            directory.persist_by_chance(rng);
        }
    }

    /// The machine crashes: of each directory's operations the first few have reached the platter.
    pub(super) fn crash(&mut self, rng: &mut Rng) {
        for directory in self.directories.values_mut() {
            directory.persist_by_chance(rng);
            directory.unsynced.clear();
            directory.seen.clone_from(&directory.durable);
        }
        // What stood in a directory whose name is lost is lost with it.
        let mut there = BTreeSet::from([PathBuf::new()]);
        for (path, directory) in &self.directories {
            if there.contains(path) {
                let below = directory.seen.iter().filter(|(_, node)| **node == Node::Directory);
                there.extend(below.map(|(name, _)| path.join(name)).collect::<Vec<_>>());
            }
        }
        self.directories.retain(|path, _| there.contains(path));
        for path in there {
            self.directories.entry(path).or_default();
        }
    }

    /// Whether a file would be found after a crash.
    pub(super) fn is_durable(&self, path: &Path, inode: u64) -> bool {
        let named = |path: &Path, node: Node| {
            let Ok((parent, name)) = split(path) else { return path == Path::new("") };
            self.directories.get(parent).is_some_and(|directory| directory.durable.get(&name) == Some(&node))
        };
        named(path, Node::File(inode)) && path.ancestors().skip(1).all(|above| named(above, Node::Directory))
    }

    /// Every file that has a name.
    pub(super) fn inodes(&self) -> BTreeSet<u64> {
        let nodes = self.directories.values().flat_map(|directory| directory.seen.values());
        nodes.filter_map(|node| if let Node::File(inode) = node { Some(*inode) } else { None }).collect()
    }
}
