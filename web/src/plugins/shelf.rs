//! The plug-ins on the page and everything that is decided about them: which run, on what, and what their answers are good for.
//!
//! An answer is good for one revision of the files and one wish (module and settings). While the next one is awaited, the findings
//! of the last stay in the list as they are, marked as old: see [`Shelf::complete`].

mod report;
mod runs;

use super::about::{About, Failure};
use crate::stack::Shared;
use plimsoll_plugin_abi::Limits;
use std::collections::BTreeSet;
use std::rc::Rc;

/// Most plug-ins at once: each run is a worker.
pub(crate) const MOST_PLUGINS: usize = 16;
/// Most bytes of all plug-ins together: the page holds and stores them.
pub(crate) const MOST_TOTAL: usize = 64 << 20;

/// A loaded plug-in.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Plugin {
    pub(crate) id: u32,
    /// The file it came as. The same name again is a newer build of it.
    pub(crate) file: Rc<str>,
    pub(crate) bytes: Shared<Vec<u8>>,
    /// A JSON object as text.
    pub(crate) settings: Rc<str>,
    pub(crate) on: bool,
    /// Ids of the rules that are switched off.
    pub(crate) off: BTreeSet<String>,
    /// What it says of itself; `None` until it has said so.
    pub(crate) about: Option<Shared<About>>,
    /// Why findings of it were left out of the last report.
    pub(crate) problems: Vec<String>,
    /// Counts what makes earlier answers worthless: another module, other settings.
    wish: u64,
    answered: Option<Answered>,
    /// Why it cannot run, whatever the files say.
    broken: Option<Shared<Failure>>,
}

/// What a run came to: the findings as JSON text, or why there are none.
type Outcome = Result<Shared<String>, Shared<Failure>>;

#[derive(Clone, PartialEq, Debug)]
struct Answered {
    wish: u64,
    revision: u64,
    outcome: Outcome,
}

/// A plug-in as it was kept from an earlier visit.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Kept {
    pub(crate) file: Rc<str>,
    pub(crate) bytes: Shared<Vec<u8>>,
    pub(crate) settings: Rc<str>,
    pub(crate) on: bool,
    pub(crate) off: BTreeSet<String>,
    pub(crate) about: Option<Shared<About>>,
}

/// Whether plug-ins come back after a reload.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) enum Keeping {
    /// What was kept is still being read.
    #[default]
    Reading,
    Kept,
    /// The browser keeps nothing for this page.
    VisitOnly,
    /// Storing failed: the browser's words.
    Failed(String),
}

/// A run that is wanted.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Job {
    pub(crate) id: u32,
    pub(crate) wish: u64,
    pub(crate) revision: u64,
    pub(crate) bytes: Shared<Vec<u8>>,
    pub(crate) settings: Rc<str>,
    /// The project as JSON text; `None` when the plug-in is only asked what it is.
    pub(crate) project: Option<Shared<String>>,
}

impl Job {
    /// What tells one run from another.
    pub(crate) fn key(&self) -> (u32, u64, u64, bool) {
        (self.id, self.wish, self.revision, self.project.is_some())
    }
}

/// A plug-in's answer, as the analysis takes it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Input {
    pub(crate) id: u32,
    pub(crate) about: Shared<About>,
    pub(crate) findings: Shared<String>,
    pub(crate) off: BTreeSet<String>,
}

/// What became of an answer in a report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Told {
    pub(crate) id: u32,
    /// Why nothing of it was taken.
    pub(crate) refused: Option<String>,
    /// Why single findings were left out.
    pub(crate) problems: Vec<String>,
}

/// What can happen to plug-ins.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Act {
    /// A file came in; without its bytes it was too large to be read.
    Dropped {
        file: Rc<str>,
        bytes: Option<Shared<Vec<u8>>>,
    },
    /// What earlier visits kept was read.
    Restored {
        kept: Vec<Kept>,
        keeping: Keeping,
    },
    Keeping(Keeping),
    Remove(u32),
    Switch {
        id: u32,
        on: bool,
    },
    SwitchRule {
        id: u32,
        rule: String,
        on: bool,
    },
    Configure {
        id: u32,
        settings: Rc<str>,
    },
    /// Run it again, whatever it came to.
    Retry(u32),
    /// The files have rested for a moment.
    Quiet(u64),
    /// The project of a revision, as plug-ins see it.
    Described {
        revision: u64,
        project: Shared<String>,
    },
    About {
        id: u32,
        wish: u64,
        about: Shared<About>,
    },
    Answered {
        id: u32,
        wish: u64,
        revision: u64,
        outcome: Outcome,
    },
    /// The analysis fell over, or took too long, with the answers of these plug-ins.
    Spoiled(Vec<u32>),
}

/// A message for the user, when there is one.
pub(crate) type Said = Option<String>;

/// All plug-ins.
#[derive(Clone, PartialEq, Default, Debug)]
pub(crate) struct Shelf {
    pub(crate) plugins: Vec<Plugin>,
    /// Whether the panel is shown.
    pub(crate) open: bool,
    pub(crate) keeping: Keeping,
    /// Counts whatever gives another report of the same files.
    pub(crate) turn: u64,
    next: u32,
    /// The revision whose project is asked for.
    asked: Option<u64>,
    project: Option<(u64, Shared<String>)>,
}

impl Shelf {
    /// Changes it; `None` when there is nothing to change.
    pub(crate) fn act(&mut self, act: Act) -> Option<Said> {
        match act {
            Act::Dropped { file, bytes } => return self.take(file, bytes),
            Act::Restored { kept, keeping } => self.restore(kept, keeping),
            Act::Keeping(keeping) => {
                if self.keeping == keeping {
                    return None;
                }
                self.keeping = keeping;
            }
            Act::Remove(id) => {
                let index = self.plugins.iter().position(|plugin| plugin.id == id)?;
                self.plugins.remove(index);
                self.turn += 1;
            }
            Act::Switch { id, on } => {
                self.find(id)?.on = on;
                self.turn += 1;
            }
            Act::SwitchRule { id, rule, on } => {
                let plugin = self.find(id)?;
                let changed = if on { plugin.off.remove(&rule) } else { plugin.off.insert(rule) };
                if !changed {
                    return None;
                }
                self.turn += 1;
            }
            Act::Configure { id, settings } => {
                let plugin = self.find(id).filter(|plugin| plugin.settings != settings)?;
                plugin.settings = settings;
                plugin.wish += 1;
                self.turn += 1;
            }
            Act::Retry(id) => {
                let plugin = self.find(id)?;
                plugin.wish += 1;
                plugin.broken = None;
                self.turn += 1;
            }
            Act::Quiet(revision) => {
                if self.asked == Some(revision) {
                    return None;
                }
                self.asked = Some(revision);
            }
            Act::Described { revision, project } => self.project = Some((revision, project)),
            Act::About { id, wish, about } => {
                let plugin = self.find(id).filter(|plugin| plugin.wish == wish)?;
                // It says so at every run.
                if plugin.about.as_ref().is_some_and(|known| **known == *about) {
                    return None;
                }
                let same = plugin.name() == Some(about.metadata.name.as_str());
                plugin.about = Some(about);
                // Another name may be that of another plug-in.
                self.turn += u64::from(!same);
            }
            Act::Answered { id, wish, revision, outcome } => return self.answered(id, wish, revision, outcome),
            Act::Spoiled(ids) => {
                let text = "the analysis did not get through what it found, so that was left out";
                for id in ids {
                    self.refuse(id, text);
                }
                self.turn += 1;
            }
        }
        Some(None)
    }

    fn find(&mut self, id: u32) -> Option<&mut Plugin> {
        self.plugins.iter_mut().find(|plugin| plugin.id == id)
    }

    fn take(&mut self, file: Rc<str>, bytes: Option<Shared<Vec<u8>>>) -> Option<Said> {
        let limit = Limits::size(Limits::default().file_bytes);
        let Some(bytes) = bytes.filter(|bytes| bytes.len() <= limit) else {
            return Some(Some(format!(
                "{file} was not loaded: a plug-in may have {} at most",
                super::about::size(limit)
            )));
        };
        let others: usize =
            self.plugins.iter().filter(|plugin| plugin.file != file).map(|plugin| plugin.bytes.len()).sum();
        if others + bytes.len() > MOST_TOTAL {
            let most = super::about::size(MOST_TOTAL);
            return Some(Some(format!(
                "{file} was not loaded: all plug-ins together may have {most}. Remove one first"
            )));
        }
        let earlier = self.plugins.iter().position(|plugin| plugin.file == file);
        if earlier.is_none() && self.plugins.len() >= MOST_PLUGINS {
            return Some(Some(format!("{file} was not loaded: there are {MOST_PLUGINS} plug-ins. Remove one first")));
        }
        self.next += 1;
        self.turn += 1;
        let mut plugin = Plugin::new(self.next, Rc::clone(&file), bytes);
        match earlier.and_then(|index| self.plugins.get_mut(index)) {
            // A newer build of it: what it was told stays.
            Some(before) => {
                plugin.settings = Rc::clone(&before.settings);
                plugin.off = std::mem::take(&mut before.off);
                *before = plugin;
            }
            None => self.plugins.push(plugin),
        }
        Some(Some(format!("{file} runs in this page; nothing of it or of your files is sent anywhere")))
    }

    fn restore(&mut self, kept: Vec<Kept>, keeping: Keeping) {
        self.keeping = keeping;
        // What was dropped while the store was read is newer.
        let new: BTreeSet<Rc<str>> = self.plugins.iter().map(|plugin| Rc::clone(&plugin.file)).collect();
        let mut bytes: usize = self.plugins.iter().map(|plugin| plugin.bytes.len()).sum();
        let mut restored = Vec::new();
        for one in kept.into_iter().filter(|one| !new.contains(&one.file)) {
            bytes = bytes.saturating_add(one.bytes.len());
            if bytes > MOST_TOTAL || restored.len() + self.plugins.len() >= MOST_PLUGINS {
                break;
            }
            self.next += 1;
            let Kept { file, bytes, settings, on, off, about } = one;
            restored.push(Plugin { settings, on, off, about, ..Plugin::new(self.next, file, bytes) });
        }
        self.turn += u64::from(!restored.is_empty());
        restored.append(&mut self.plugins);
        self.plugins = restored;
    }

    fn answered(&mut self, id: u32, wish: u64, revision: u64, outcome: Outcome) -> Option<Said> {
        let plugin = self.find(id).filter(|plugin| plugin.wish == wish)?;
        match (&plugin.about, outcome) {
            // It never said what it is: other files will not change that.
            (None, Err(failure)) => plugin.broken = Some(failure),
            (_, outcome) => plugin.answered = Some(Answered { wish, revision, outcome }),
        }
        self.turn += 1;
        Some(None)
    }
}

impl Plugin {
    fn new(id: u32, file: Rc<str>, bytes: Shared<Vec<u8>>) -> Self {
        Self {
            id,
            file,
            bytes,
            settings: "{}".into(),
            on: true,
            off: BTreeSet::new(),
            about: None,
            problems: Vec::new(),
            wish: 0,
            answered: None,
            broken: None,
        }
    }

    /// The name it gives itself.
    pub(crate) fn name(&self) -> Option<&str> {
        self.about.as_ref().map(|about| about.metadata.name.as_str())
    }

    /// Its name, or that of its file while it has not said one.
    pub(crate) fn title(&self) -> String {
        plimsoll_core::text::shorten(self.name().unwrap_or(&self.file), 100)
    }
}
