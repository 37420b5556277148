//! Plug-ins in the page: [`dropped`] takes every `.wasm` file that is dropped, opened or pasted, [`files_changed`] is told what the
//! project's files are, and [`Section`] shows what the plug-ins say, below the findings.
//!
//! Each run has a worker of its own ([`run`]) that is ended after its answer, or after two seconds. A plug-in never sees the page,
//! and nothing of it is kept between runs.

mod run;
mod section;

use crate::browser::Timeout;
use crate::intake::File;
use plimsoll_core::report::json::FindingV1;
use run::{Answer, Run};
use std::cell::RefCell;
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
    /// Name and version, once it has said them.
    name: Option<(String, String)>,
    findings: Vec<Rc<FindingV1>>,
    /// Why it gave no findings, or not all.
    trouble: Option<String>,
    running: bool,
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
        // The same file again is a newer build of it.
        store.plugins.retain(|plugin| &*plugin.file != name);
        if bytes.len() > MOST_BYTES {
            return format!("{name} is larger than a plug-in may be");
        }
        if store.plugins.len() >= MOST_PLUGINS {
            return format!("{name} was not loaded: {MOST_PLUGINS} plug-ins are loaded already");
        }
        store.next += 1;
        let (id, file): (u32, Rc<str>) = (store.next, name.into());
        let shown = Shown { id, file: Rc::clone(&file), ..Shown::default() };
        store.plugins.push(Plugin { id, file, bytes: bytes.into(), shown, run: None });
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
        match Run::start(&plugin.bytes, &files, move |answer| finished(id, answer)) {
            Ok(run) => {
                plugin.shown.running = true;
                plugin.run = Some(run);
            }
            Err(trouble) => plugin.shown.trouble = Some(trouble),
        }
    }
}

fn finished(id: u32, answer: Answer) {
    with(|store| {
        let Some(plugin) = store.plugins.iter_mut().find(|plugin| plugin.id == id) else { return };
        plugin.run = None;
        let shown = &mut plugin.shown;
        shown.running = false;
        shown.name = answer.name.or_else(|| shown.name.take());
        shown.findings = answer.findings;
        shown.trouble = answer.trouble;
    });
    draw();
}
