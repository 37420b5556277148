//! The whole state of the page and the only function that changes it. No browser in here: what an action leads to is tested
//! natively, and the page follows from the state.

#[cfg(test)]
mod tests;

use crate::edits::{self, Change};
use crate::intake::{self, Content, File};
use crate::listing::{Filter, Grouping, Results};
use crate::plugins::{self, Shelf};
use crate::stack::{Act, Stack};
use plimsoll_core::report::json::FixV1;
use std::rc::Rc;

/// Which theme is shown.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// What one press on the button leads to.
    pub(crate) fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    /// Its name, as shown and as kept.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads what was kept; anything else is the system's.
    pub(crate) fn parse(name: &str) -> Self {
        [Self::Light, Self::Dark].into_iter().find(|theme| theme.name() == name).unwrap_or_default()
    }
}

/// What a phone shows; beside the editor there is room for one of the others.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum Pane {
    #[default]
    Editor,
    Findings,
    Stack,
    Plugins,
}

/// Why there are no findings for the present text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Trouble {
    /// It took too long and was ended.
    Stopped,
    /// It fell over.
    Crashed,
}

/// Where in a file the editor shall go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Reveal {
    pub(crate) path: Rc<str>,
    pub(crate) from: u32,
    pub(crate) to: u32,
    /// Counts up, so that the same place can be asked for twice.
    pub(crate) turn: u32,
}

/// A fix that is being looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Preview {
    pub(crate) rule: String,
    pub(crate) title: String,
    pub(crate) safe: bool,
    pub(crate) changes: Rc<Vec<Change>>,
    /// The text the changes were made for.
    revision: u64,
}

/// What taking something back means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Undo {
    /// Put the texts of a fix back.
    Fix(Rc<Vec<Change>>),
    /// Put a whole project back.
    Project(Rc<Vec<File>>, Option<Rc<str>>, bool),
}

/// A short message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Toast {
    pub(crate) id: u32,
    pub(crate) text: Rc<str>,
    pub(crate) undo: Option<Undo>,
}

/// Most messages at once.
const MOST_TOASTS: usize = 3;

/// Everything the page shows.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct State {
    /// The project's files, in the order of their tabs.
    pub(crate) files: Rc<Vec<File>>,
    /// The file that is shown.
    pub(crate) active: Option<Rc<str>>,
    /// Whether the project is an example: the next dropped files take its place.
    pub(crate) example: bool,
    /// Counts every change of the files.
    pub(crate) revision: u64,
    /// Counts whole new projects: the editor forgets what it had open.
    pub(crate) epoch: u64,
    /// Counts changes of texts that did not come from the editor.
    pub(crate) pushed: u64,
    /// The shown file's name is being changed.
    pub(crate) naming: bool,
    /// Every renaming so far, old and new: the editor follows, and keeps what can be undone.
    pub(crate) renamed: Rc<Vec<(Rc<str>, Rc<str>)>>,
    /// The last report, and of which revision.
    pub(crate) results: Option<Rc<Results>>,
    pub(crate) reported: u64,
    /// The last revision that got an answer, be it a report or trouble.
    settled: u64,
    /// How many reports there were, and how long the last took.
    pub(crate) analysed: u64,
    pub(crate) millis: f64,
    pub(crate) trouble: Option<Trouble>,
    pub(crate) filter: Filter,
    pub(crate) preview: Option<Preview>,
    pub(crate) reveal: Option<Reveal>,
    pub(crate) toasts: Vec<Toast>,
    toasted: u32,
    pub(crate) theme: Theme,
    pub(crate) pane: Pane,
    /// The map and what belongs to it.
    pub(crate) stack: Stack,
    /// An organisation's own rules.
    pub(crate) plugins: Shelf,
}

/// What can happen.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Action {
    /// A new project takes the place of the present one.
    Load {
        files: Vec<File>,
        example: bool,
        title: Option<String>,
    },
    /// Files join the project; those of the same name are replaced.
    Add {
        files: Vec<File>,
        left_out: usize,
    },
    /// The editor changed a text.
    Edit {
        path: Rc<str>,
        text: Rc<str>,
    },
    /// A new empty file.
    Create,
    Rename {
        from: Rc<str>,
        to: String,
    },
    /// The shown file's name is to be changed, or no longer.
    Naming(bool),
    Close {
        path: Rc<str>,
    },
    Activate {
        path: Rc<str>,
    },
    Reveal {
        path: Rc<str>,
        from: u32,
        to: u32,
    },
    Reported {
        revision: u64,
        results: Rc<Results>,
        millis: f64,
    },
    Failed {
        revision: u64,
        trouble: Trouble,
    },
    /// Analyse the same text again.
    Retry,
    DismissTrouble,
    ToggleSeverity(usize),
    FilterText(String),
    GroupBy(Grouping),
    ClearFilter,
    ShowAll,
    /// Look at a fix: the finding's key and the fix's number.
    Preview {
        key: Rc<str>,
        fix: usize,
    },
    /// Look at the patch of a plan of networks, by its preset.
    PreviewPlan(Rc<str>),
    ClosePreview,
    /// Apply the fix that is looked at.
    Apply,
    Undo {
        toast: u32,
    },
    Theme(Theme),
    Show(Pane),
    Say(Rc<str>),
    Dismiss {
        toast: u32,
    },
    /// Something in the stack section.
    Stack(Act),
    /// Something about plug-ins.
    Plugin(plugins::Act),
}

impl State {
    /// Whether an analysis is still to come.
    pub(crate) fn is_analysing(&self) -> bool {
        self.settled < self.revision
    }

    /// Whether the report is about the present texts.
    pub(crate) fn is_fresh(&self) -> bool {
        self.results.is_some() && self.reported == self.revision
    }

    /// Whether plug-ins still have to say what they think of the present texts.
    pub(crate) fn awaits_plugins(&self) -> bool {
        let told = self.results.as_ref().map_or(self.plugins.turn, |results| results.turn);
        !self.is_empty() && (self.plugins.is_busy(self.revision) || told != self.plugins.turn)
    }

    /// Files with a tab.
    pub(crate) fn tabs(&self) -> impl DoubleEndedIterator<Item = &File> {
        self.files.iter().filter(|file| file.has_tab())
    }

    /// Whether there is nothing to show.
    pub(crate) fn is_empty(&self) -> bool {
        self.tabs().next().is_none()
    }

    /// A file by name.
    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| &*file.path == path)
    }

    /// The state after an action; `None` when nothing changes.
    pub(crate) fn after(&self, action: Action) -> Option<Self> {
        let mut next = self.clone();
        next.act(action)?;
        Some(next)
    }

    fn act(&mut self, action: Action) -> Option<()> {
        match action {
            Action::Load { files, example, title } => self.load(files, example, title),
            Action::Add { files, left_out } => return self.add(files, left_out),
            Action::Edit { path, text } => return self.edit(&path, text),
            Action::Create => self.create(),
            Action::Rename { from, to } => return self.rename(&from, &to),
            Action::Naming(naming) => self.naming = naming,
            Action::Close { path } => return self.close(&path),
            Action::Activate { path } => {
                self.file(&path).filter(|file| file.has_tab())?;
                self.naming = false;
                self.active = Some(path);
            }
            Action::Reveal { path, from, to } => {
                self.file(&path).filter(|file| file.has_tab())?;
                self.active = Some(Rc::clone(&path));
                self.pane = Pane::Editor;
                self.reveal(path, from, to);
            }
            Action::Reported { revision, results, millis } => {
                // A report about an older text would put marks in the wrong places; a newer one is on its way.
                if revision != self.revision {
                    return None;
                }
                self.plugins.hear(&results.told);
                let mut results = Rc::unwrap_or_clone(results);
                self.plugins.complete(&mut results, self.results.as_deref(), revision);
                self.results = Some(Rc::new(results));
                self.reported = revision;
                self.settled = revision;
                self.analysed += 1;
                self.millis = millis;
                self.trouble = None;
            }
            Action::Failed { revision, trouble } => {
                self.settled = self.settled.max(revision);
                self.trouble = Some(trouble);
                self.stack.fail(revision);
            }
            Action::Retry => {
                self.revision += 1;
                self.trouble = None;
            }
            Action::DismissTrouble => self.trouble = None,
            Action::ToggleSeverity(index) => {
                let shown = self.filter.shown.get_mut(index)?;
                *shown = !*shown;
            }
            Action::FilterText(text) => self.filter.text = text,
            Action::GroupBy(grouping) => self.filter.grouping = grouping,
            Action::ClearFilter => self.filter = Filter { grouping: self.filter.grouping, ..Filter::default() },
            Action::ShowAll => self.filter.all = true,
            Action::Preview { key, fix } => self.preview(&key, fix),
            Action::PreviewPlan(preset) => self.preview_plan(&preset),
            Action::ClosePreview => {
                self.preview.take()?;
            }
            Action::Apply => return self.apply(),
            Action::Undo { toast } => return self.undo(toast),
            Action::Theme(theme) => self.theme = theme,
            Action::Show(pane) => {
                self.pane = pane;
                // Beside the editor, what was shown stays.
                if pane != Pane::Editor {
                    self.stack.open = pane == Pane::Stack;
                    self.plugins.open = pane == Pane::Plugins;
                }
            }
            Action::Stack(act) => return self.stack.act(act, self.revision),
            Action::Plugin(act) => {
                if let Some(text) = self.plugins.act(act)? {
                    self.say(text.into(), None);
                }
            }
            Action::Say(text) => self.say(text, None),
            Action::Dismiss { toast } => self.toasts.retain(|one| one.id != toast),
        }
        Some(())
    }

    /// Takes new files; every change of the project ends here.
    fn set_files(&mut self, files: Vec<File>) {
        self.files = Rc::new(files);
        self.revision += 1;
        // Putting a whole project back would lose what came after.
        self.toasts.retain(|toast| !matches!(toast.undo, Some(Undo::Project(..))));
        if self.is_empty() {
            // Nothing is analysed any more, so nothing may be waited for.
            self.settled = self.revision;
            self.results = None;
            self.active = None;
            self.trouble = None;
            self.stack.forget();
        }
    }

    fn load(&mut self, mut files: Vec<File>, example: bool, title: Option<String>) {
        intake::sort(&mut files);
        let undo = (!self.is_empty() && !self.example)
            .then(|| Undo::Project(Rc::clone(&self.files), self.active.clone(), self.example));
        self.epoch += 1;
        self.naming = false;
        self.preview = None;
        self.reveal = None;
        self.example = example;
        self.filter = Filter { grouping: self.filter.grouping, ..Filter::default() };
        self.results = None;
        self.stack.forget();
        self.pane = Pane::Editor;
        self.active = files.iter().find(|file| file.has_tab()).map(|file| Rc::clone(&file.path));
        self.set_files(files);
        if let Some(title) = title {
            self.say(format!("{title} loaded").into(), undo);
        } else if undo.is_some() {
            self.say("The files before were put aside".into(), undo);
        }
    }

    fn add(&mut self, mut added: Vec<File>, mut left_out: usize) -> Option<()> {
        // They were counted as they were read; now they count together with what is here.
        if !self.example {
            let mut quota = intake::Quota::after(&self.files);
            added.retain(|file| quota.admit(&file.path, file.size(), true) == intake::Verdict::Read);
            left_out += quota.left_out;
        }
        if left_out > 0 {
            let what = crate::words::counted(left_out, "file");
            self.say(
                format!("{what} left out: at most {} files of 4 MiB, 16 MiB together", intake::MOST_FILES).into(),
                None,
            );
        } else if added.is_empty() {
            return None;
        }
        if added.is_empty() {
            return Some(());
        }
        if self.example || self.is_empty() {
            self.load(added, false, None);
            return Some(());
        }
        let first = added.iter().find(|file| file.has_tab()).map(|file| Rc::clone(&file.path));
        let mut files = self.files.to_vec();
        for file in added {
            match files.iter_mut().find(|one| one.path == file.path) {
                Some(one) => *one = file,
                None => files.push(file),
            }
        }
        intake::sort(&mut files);
        self.pushed += 1;
        self.active = first.or_else(|| self.active.take());
        self.set_files(files);
        Some(())
    }

    fn edit(&mut self, path: &str, text: Rc<str>) -> Option<()> {
        let index = self.files.iter().position(|file| &*file.path == path)?;
        if self.files[index].shown().as_deref() == Some(&*text) {
            return None;
        }
        let mut files = self.files.to_vec();
        files[index].content = Content::Text(text);
        self.set_files(files);
        Some(())
    }

    fn create(&mut self) {
        let usual = ["compose.yaml", "Dockerfile", ".env"].into_iter().map(str::to_owned);
        let name = usual.chain((1..).map(|number| format!("untitled-{number}"))).find(|name| self.file(name).is_none());
        let file = File::text(&name.unwrap_or_default(), "");
        self.active = Some(Rc::clone(&file.path));
        self.naming = true;
        self.pane = Pane::Editor;
        let mut files = self.files.to_vec();
        files.push(file);
        self.set_files(files);
    }

    fn rename(&mut self, from: &str, to: &str) -> Option<()> {
        self.naming = false;
        let to: Rc<str> = plimsoll_core::source::normalise(to.trim()).into();
        if to.is_empty() || &*to == from {
            return Some(());
        }
        if self.file(&to).is_some() {
            self.say(format!("There is a file {to} already").into(), None);
            return Some(());
        }
        let index = self.files.iter().position(|file| &*file.path == from)?;
        let mut files = self.files.to_vec();
        let from = std::mem::replace(&mut files[index].path, Rc::clone(&to));
        Rc::make_mut(&mut self.renamed).push((Rc::clone(&from), Rc::clone(&to)));
        if self.active.as_ref() == Some(&from) {
            self.active = Some(to);
        }
        self.set_files(files);
        Some(())
    }

    fn close(&mut self, path: &str) -> Option<()> {
        let tabs: Vec<&Rc<str>> = self.tabs().map(|file| &file.path).collect();
        let index = tabs.iter().position(|tab| &***tab == path)?;
        if self.active.as_deref() == Some(path) {
            // The neighbour, as in every editor.
            let next = tabs.get(index + 1).or_else(|| index.checked_sub(1).and_then(|before| tabs.get(before)));
            self.active = next.map(|path| Rc::clone(path));
        }
        let before = Undo::Project(Rc::clone(&self.files), Some(path.into()), self.example);
        self.naming = false;
        let files = self.files.iter().filter(|file| &*file.path != path).cloned().collect();
        self.set_files(files);
        self.say(format!("{path} closed").into(), Some(before));
        Some(())
    }

    fn preview(&mut self, key: &str, fix: usize) {
        let item = self.results.as_ref().and_then(|results| results.item(key)).filter(|_| self.is_fresh());
        let item = item.filter(|item| !item.stale);
        let found = item.and_then(|item| Some((item.finding.rule.clone(), item.finding.fixes.get(fix)?.clone())));
        self.look_at(found);
    }

    fn preview_plan(&mut self, preset: &str) {
        let plan = self.stack.plan(preset).filter(|_| self.stack.is_of(self.revision));
        let found = plan.and_then(|plan| Some((format!("plimsoll plan --preset {preset}"), plan.fix.clone()?)));
        self.look_at(found);
    }

    /// Shows a fix, when there is one that fits the present texts, and where it comes from.
    fn look_at(&mut self, found: Option<(String, FixV1)>) {
        let planned = found.and_then(|(rule, fix)| Some((rule, edits::plan(&fix, &self.files)?, fix)));
        match planned {
            Some((rule, changes, fix)) => {
                self.preview = Some(Preview {
                    rule,
                    title: fix.title,
                    safe: fix.safety == "safe",
                    changes: Rc::new(changes),
                    revision: self.revision,
                });
            }
            None => self.say("The files have changed since; try again in a moment".into(), None),
        }
    }

    fn apply(&mut self) -> Option<()> {
        let preview = self.preview.take()?;
        if preview.revision != self.revision {
            self.say("The files have changed since; nothing was applied".into(), None);
            return Some(());
        }
        let first = preview.changes.first()?;
        let (path, at) = (Rc::clone(&first.path), first.at);
        let mut files = self.files.to_vec();
        for change in preview.changes.iter() {
            put(&mut files, &change.path, Some(Rc::clone(&change.after)));
        }
        self.pushed += 1;
        self.set_files(files);
        self.active = Some(Rc::clone(&path));
        self.pane = Pane::Editor;
        self.reveal(path, at, at);
        self.say(format!("Fix applied to {}", names(&preview.changes)).into(), Some(Undo::Fix(preview.changes)));
        Some(())
    }

    fn undo(&mut self, toast: u32) -> Option<()> {
        let index = self.toasts.iter().position(|one| one.id == toast)?;
        match self.toasts.remove(index).undo? {
            Undo::Fix(changes) => {
                let holds =
                    |change: &Change| self.file(&change.path).and_then(File::shown).as_deref() == Some(&*change.after);
                if !changes.iter().all(holds) {
                    self.say("The text has changed since: undo in the editor instead".into(), None);
                    return Some(());
                }
                let mut files = self.files.to_vec();
                for change in changes.iter() {
                    put(&mut files, &change.path, change.before.clone());
                }
                if let Some(first) = changes.iter().find(|change| change.before.is_some()) {
                    self.active = Some(Rc::clone(&first.path));
                } else {
                    self.active = files.iter().find(|file| file.has_tab()).map(|file| Rc::clone(&file.path));
                }
                self.pushed += 1;
                self.set_files(files);
            }
            Undo::Project(files, active, example) => {
                self.epoch += 1;
                self.example = example;
                self.naming = false;
                self.active = active;
                self.set_files(files.to_vec());
            }
        }
        Some(())
    }

    fn reveal(&mut self, path: Rc<str>, from: u32, to: u32) {
        // The editor comes back when it has something to show.
        self.stack.wide = false;
        let turn = self.reveal.as_ref().map_or(0, |reveal| reveal.turn) + 1;
        self.reveal = Some(Reveal { path, from, to, turn });
    }

    fn say(&mut self, text: Rc<str>, undo: Option<Undo>) {
        self.toasted += 1;
        self.toasts.push(Toast { id: self.toasted, text, undo });
        let surplus = self.toasts.len().saturating_sub(MOST_TOASTS);
        self.toasts.drain(..surplus);
    }
}

/// Sets, adds or removes a text.
fn put(files: &mut Vec<File>, path: &Rc<str>, text: Option<Rc<str>>) {
    let index = files.iter().position(|file| file.path == *path);
    match (index, text) {
        (Some(index), Some(text)) => files[index].content = Content::Text(text),
        (Some(index), None) => drop(files.remove(index)),
        (None, Some(text)) => files.push(File { path: Rc::clone(path), content: Content::Text(text) }),
        (None, None) => {}
    }
}

fn names(changes: &[Change]) -> String {
    match changes {
        [one] => one.path.to_string(),
        many => crate::words::counted(many.len(), "file"),
    }
}
