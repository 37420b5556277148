//! Plug-ins in the page: [`dropped`] takes every `.wasm` file that is dropped, opened or pasted, [`files_changed`] is told what the
//! project's files are, and [`Section`] shows what the plug-ins say, below the findings.
//!
//! Each run has a worker of its own ([`run`]) that is ended after its answer, or after two seconds. A plug-in never sees the page,
//! and nothing of it is kept between runs.

mod run;
mod section;

use crate::browser::Timeout;
use crate::intake::File;
use crate::listing::Item;
use run::{About, Answer, Run, Trouble};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use yew::Callback;

pub(crate) use section::Section;

/// Most bytes of a plug-in: as in the terminal.
const MOST_BYTES: usize = 32 << 20;
/// Most plug-ins at once: each run is a worker.
const MOST_PLUGINS: usize = 8;
/// How long the files have to stay as they are before plug-ins look at them: starting a worker takes longer than a keystroke.
const PAUSE_MILLIS: i32 = 300;

/// A loaded plug-in.
struct Plugin {
    id: u32,
    file: Rc<str>,
    bytes: Rc<[u8]>,
    shown: Shown,
    /// The run that is under way; dropping it ends its worker.
    run: Option<Run>,
}

/// What is shown of a plug-in.
#[derive(Clone, PartialEq, Default)]
struct Shown {
    id: u32,
    file: Rc<str>,
    /// What it said of itself.
    about: Option<About>,
    findings: Vec<Item>,
    /// How many of its findings a comment in the files leaves out.
    suppressed: usize,
    /// Why it gave no findings, or not all.
    trouble: Option<Trouble>,
    /// JSON text, as it was typed; blank means none.
    settings: Rc<str>,
    /// Whether it has ever finished: until then there is nothing to show.
    finished: bool,
}

#[derive(Default)]
struct Store {
    plugins: Vec<Plugin>,
    files: Rc<Vec<File>>,
    next: u32,
    pause: Option<Timeout>,
    /// Draws the section again.
    draw: Option<Callback<()>>,
}

thread_local! {
    static STORE: RefCell<Store> = RefCell::default();
}

/// Uses the store. Never nested: what is called from here does not call back at once.
fn with<T>(call: impl FnOnce(&mut Store) -> T) -> T {
    STORE.with(|store| call(&mut store.borrow_mut()))
}

/// Draws what changed, when no one uses the store any more.
fn draw() {
    if let Some(draw) = with(|store| store.draw.clone()) {
        draw.emit(());
    }
}

/// Takes a dropped module. `say` shows a short message.
pub(crate) fn dropped(name: &str, bytes: Vec<u8>, say: &Callback<Rc<str>>) {
    let said = with(|store| {
        if bytes.len() > MOST_BYTES {
            return format!("{name} was not loaded: it is larger than a plug-in may be");
        }
        let earlier = store.plugins.iter().position(|plugin| &*plugin.file == name);
        if earlier.is_none() && store.plugins.len() >= MOST_PLUGINS {
            return format!("{name} was not loaded: {MOST_PLUGINS} plug-ins are loaded already");
        }
        store.next += 1;
        let (id, file): (u32, Rc<str>) = (store.next, name.into());
        let mut shown = Shown { id, file: Rc::clone(&file), ..Shown::default() };
        match earlier {
            // The same file again is a newer build of it; what it was told stays.
            Some(index) => {
                shown.settings = Rc::clone(&store.plugins[index].shown.settings);
                store.plugins[index] = Plugin { id, file, bytes: bytes.into(), shown, run: None };
            }
            None => store.plugins.push(Plugin { id, file, bytes: bytes.into(), shown, run: None }),
        }
        store.start(id);
        format!("{name} runs in this page; nothing of it or of your files is sent anywhere")
    });
    say.emit(said.into());
    draw();
}

/// Hands over the project's files: call it whenever they change.
pub(crate) fn files_changed(files: &Rc<Vec<File>>) {
    with(|store| {
        store.files = Rc::clone(files);
        if !store.plugins.is_empty() {
            store.pause = Some(Timeout::new(PAUSE_MILLIS, || {
                with(Store::start_all);
                draw();
            }));
        }
    });
}

fn remove(id: u32) {
    with(|store| store.plugins.retain(|plugin| plugin.id != id));
    draw();
}

/// Gives a plug-in other settings.
fn configure(id: u32, settings: &str) {
    with(|store| {
        let Some(plugin) = store.plugins.iter_mut().find(|plugin| plugin.id == id) else { return };
        plugin.shown.settings = settings.into();
        store.start(id);
    });
    draw();
}

fn shown() -> Vec<Shown> {
    with(|store| store.plugins.iter().map(|plugin| plugin.shown.clone()).collect())
}

impl Store {
    fn start_all(&mut self) {
        let ids: Vec<u32> = self.plugins.iter().map(|plugin| plugin.id).collect();
        for id in ids {
            self.start(id);
        }
    }

    /// Runs a plug-in on the files as they are now; a run that is still under way is ended.
    fn start(&mut self, id: u32) {
        let files = Rc::clone(&self.files);
        let Some(plugin) = self.plugins.iter_mut().find(|plugin| plugin.id == id) else { return };
        plugin.run = None;
        let settings = &plugin.shown.settings;
        let started = match settings_error(settings) {
            Some(trouble) => Err(trouble),
            None => Run::start(&plugin.bytes, settings, &files, move |answer| finished(id, answer)),
        };
        match started {
            Ok(run) => plugin.run = Some(run),
            Err(text) => plugin.shown.take(Answer { trouble: Some(Trouble::all(text)), ..Answer::default() }),
        }
    }
}

impl Shown {
    /// What a run came to.
    fn take(&mut self, answer: Answer) {
        self.finished = true;
        self.about = answer.about.or_else(|| self.about.take());
        self.suppressed = answer.suppressed;
        self.trouble = answer.trouble;
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        self.findings = answer
            .findings
            .into_iter()
            .map(|mut finding| {
                // The page applies fixes of its own findings only: a button for these would do nothing.
                finding.fixes.clear();
                let nth = seen.entry(finding.fingerprint.clone()).or_default();
                *nth += 1;
                let key = format!("plugin-{}-{}-{nth}", self.id, finding.fingerprint);
                Item { key: key.into(), finding: Rc::new(finding) }
            })
            .collect();
    }

    fn has_name(&self, name: &str) -> bool {
        self.about.as_ref().is_some_and(|about| about.name == name)
    }

    /// Whether the settings may be why it gave nothing.
    fn doubts_settings(&self) -> bool {
        let all = self.trouble.as_ref().is_some_and(|trouble| !trouble.partial);
        all && !self.settings.trim().is_empty()
    }
}

/// What is wrong with settings before any plug-in sees them: as in the terminal.
fn settings_error(settings: &str) -> Option<String> {
    if settings.trim().is_empty() {
        return None;
    }
    let object: Result<serde_json::Map<String, serde_json::Value>, _> = serde_json::from_str(settings);
    object.err().map(|error| format!("its settings are no JSON object: {error}"))
}

fn finished(id: u32, mut answer: Answer) {
    with(|store| {
        let Some(index) = store.plugins.iter().position(|plugin| plugin.id == id) else { return };
        // A rule's name says whose it is: the first that took a name keeps it.
        if let Some(about) = &answer.about
            && store.plugins[..index].iter().any(|other| other.shown.has_name(&about.name))
        {
            let text = format!("the name `{}` belongs to another plug-in that is loaded", about.name);
            answer = Answer { trouble: Some(Trouble::all(text)), ..Answer::default() };
        }
        let plugin = &mut store.plugins[index];
        plugin.run = None;
        plugin.shown.take(answer);
    });
    draw();
}
