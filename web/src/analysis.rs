//! The page's side of the analysis. The newest text wins: while one is analysed only the latest waits, so a slow machine skips
//! texts instead of falling behind, and a fast one needs no delay at all.

use crate::advisories::Store;
use crate::browser::{self, Timeout};
use crate::intake::{Content, File};
use crate::listing::Results;
use crate::plugins::shelf::Input;
use crate::plugins::{self, PluginAnswer, Told};
use crate::stack::{Act, Shared, Wants};
use crate::state::{Action, Trouble};
use crate::worker::{self, Answer, Bytes, Request, RequestFile};
use plimsoll_core::facts::advisories::is_wanted_for;
use plimsoll_core::report::json::ReportV1;
use std::cell::RefCell;
use std::rc::{Rc, Weak};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, MessageEvent, Worker, WorkerOptions, WorkerType};
use yew::Callback;

/// An analysis that takes longer has gone wrong: a thousand lines take some milliseconds.
const MOST_MILLIS: i32 = 2_000;
/// The same while the stack section is shown: breaches and plans are worked out as well.
const MOST_MILLIS_WITH_STACK: i32 = 5_000;
/// How long the worker may take to come up before the page does without.
const MOST_START_MILLIS: i32 = 20_000;

/// A revision of the files that waits.
pub(crate) struct Job {
    pub(crate) revision: u64,
    pub(crate) files: Rc<Vec<File>>,
    /// What the stack section wants to know.
    pub(crate) wants: Option<Wants>,
    /// Whether plug-ins wait for the project.
    pub(crate) describe: bool,
    /// What plug-ins said of these files, and in which turn of theirs.
    pub(crate) plugins: Vec<Input>,
    pub(crate) turn: u64,
}

/// The analysis that is under way.
struct Running {
    revision: u64,
    wants: Option<Wants>,
    /// The plug-ins whose answers it was given.
    plugins: Vec<u32>,
    turn: u64,
    since: f64,
    /// Ends it when it takes too long.
    _watchdog: Timeout,
}

/// Where the analysis happens.
enum Engine {
    /// In a worker, which may still be starting.
    Worker {
        worker: Worker,
        ready: bool,
        has_advisories: bool,
        _watchdog: Option<Timeout>,
        _listeners: [Closure<dyn FnMut(Event)>; 2],
    },
    /// In the page: no worker can be had here (a file, an old browser, an embedding that forbids it).
    Page { has_advisories: bool },
}

impl Engine {
    const PAGE: Self = Self::Page { has_advisories: false };

    /// Whether it was given the advisories; from now on it was.
    fn takes_advisories(&mut self) -> bool {
        let (Self::Worker { has_advisories, .. } | Self::Page { has_advisories }) = self;
        !std::mem::replace(has_advisories, true)
    }
}

struct Inner {
    engine: Engine,
    waiting: Option<Job>,
    running: Option<Running>,
    advisories: Store,
    /// The revision whose project was told last.
    described: Option<u64>,
    tell: Callback<Action>,
    me: Weak<RefCell<Inner>>,
}

/// Takes texts, tells findings.
#[derive(Clone)]
pub(crate) struct Analyst(Rc<RefCell<Inner>>);

impl Analyst {
    /// An analyst that tells what it found as actions.
    pub(crate) fn new(tell: Callback<Action>) -> Self {
        let inner = Rc::new_cyclic(|me| {
            RefCell::new(Inner {
                engine: spawn(me),
                waiting: None,
                running: None,
                advisories: Store::default(),
                described: None,
                tell,
                me: me.clone(),
            })
        });
        Self(inner)
    }

    /// Asks for an analysis; an older one that still waits is forgotten.
    pub(crate) fn request(&self, job: Job) {
        let mut inner = self.0.borrow_mut();
        inner.waiting = Some(job);
        inner.advance();
    }
}

impl Inner {
    /// Starts what waits, when nothing is under way.
    fn advance(&mut self) {
        if self.running.is_some() || matches!(&self.engine, Engine::Worker { ready: false, .. }) {
            return;
        }
        let Some(mut job) = self.waiting.take() else { return };
        let me = self.me.clone();
        let wanted = job.files.iter().any(|file| is_wanted_for(&file.path));
        // Without them the packages would look sound for a moment, so the analysis waits.
        if wanted && !self.advisories.ask(move || with(&me, Inner::advance)) {
            self.waiting = Some(job);
            return;
        }
        let advisories = self.advisories.text().filter(|_| wanted).filter(|_| self.engine.takes_advisories());
        // The same files are described once.
        job.describe &= self.described != Some(job.revision);
        let request = request(&job, advisories);
        let me = self.me.clone();
        let since = browser::now();
        let watchdog = match &self.engine {
            Engine::Worker { worker, .. } => {
                let sent = serde_wasm_bindgen::to_value(&request)
                    .map_err(|error| error.to_string())
                    .map(|message| worker.post_message(&message));
                if !matches!(sent, Ok(Ok(()))) {
                    self.tell.emit(Action::Failed { revision: job.revision, trouble: Trouble::Crashed });
                    return;
                }
                let most = if job.wants.is_some() { MOST_MILLIS_WITH_STACK } else { MOST_MILLIS };
                Timeout::new(most, move || with(&me, |inner| inner.fail(Trouble::Stopped)))
            }
            // After the browser has drawn: nothing can end it here, but typing does not wait for it at least.
            Engine::Page { .. } => Timeout::new(0, move || {
                let answer = worker::answer(&request);
                with(&me, |inner| inner.answered(answer));
            }),
        };
        self.running = Some(Running {
            revision: job.revision,
            wants: job.wants,
            plugins: job.plugins.iter().map(|input| input.id).collect(),
            turn: job.turn,
            since,
            _watchdog: watchdog,
        });
    }

    fn answered(&mut self, mut answer: Answer) {
        if answer.ready == Some(true) {
            if let Engine::Worker { ready, _watchdog, .. } = &mut self.engine {
                *ready = true;
                *_watchdog = None;
            }
            self.advance();
            return;
        }
        let Some(running) = self.running.take() else { return };
        let millis = browser::now() - running.since;
        let revision = running.revision;
        let told = told(&running, &mut answer);
        let project = answer.project.take().map(|text| {
            self.described = Some(revision);
            plugins::Act::Described { revision, project: Shared::new(text) }
        });
        let report = answer.json.and_then(|json| serde_json::from_str::<ReportV1>(&json).ok());
        let stack = running.wants.filter(|_| report.is_some()).map(|wants| Act::Told {
            revision,
            wants,
            stack: answer.stack.and_then(|json| serde_json::from_str(&json).ok()),
            answers: answer.inventory.and_then(|json| serde_json::from_str(&json).ok()),
        });
        let action = match report {
            Some(report) => {
                let results = Results { told, turn: running.turn, ..Results::new(report) };
                Action::Reported { revision, results: Rc::new(results), millis }
            }
            None => failed(revision, running.plugins, Trouble::Crashed),
        };
        // The next one runs while this one is drawn.
        self.advance();
        self.tell.emit(action);
        if let Some(stack) = stack {
            self.tell.emit(Action::Stack(stack));
        }
        if let Some(project) = project {
            self.tell.emit(Action::Plugin(project));
        }
    }

    /// Ends the worker and starts another. The text that did it is not tried again by itself.
    fn fail(&mut self, trouble: Trouble) {
        let Engine::Worker { worker, ready, .. } = &self.engine else { return };
        worker.terminate();
        // One that never came up will not come up the next time either.
        self.engine = if *ready { spawn(&self.me) } else { Engine::PAGE };
        if let Some(running) = self.running.take() {
            self.tell.emit(failed(running.revision, running.plugins, trouble));
        }
        self.advance();
    }
}

/// What a failed analysis means. What plug-ins said may be why: then it is made again without them.
fn failed(revision: u64, plugins: Vec<u32>, trouble: Trouble) -> Action {
    if plugins.is_empty() {
        Action::Failed { revision, trouble }
    } else {
        Action::Plugin(plugins::Act::Spoiled(plugins))
    }
}

/// Calls on what a callback refers to, when it is still there.
fn with(me: &Weak<RefCell<Inner>>, call: impl FnOnce(&mut Inner)) {
    if let Some(inner) = me.upgrade() {
        call(&mut inner.borrow_mut());
    }
}

/// What became of the plug-ins' answers, in their order.
fn told(running: &Running, answer: &mut Answer) -> Vec<Told> {
    let (mut problems, mut refused) = (answer.problems.drain(..), answer.refused.drain(..));
    let one = |&id: &u32| Told { id, refused: refused.next().flatten(), problems: problems.next().unwrap_or_default() };
    running.plugins.iter().map(one).collect()
}

fn answer_of(input: &Input) -> PluginAnswer {
    PluginAnswer {
        about: input.about.text.clone(),
        digest: input.about.digest.clone(),
        findings: input.findings.to_string(),
        off: input.off.iter().cloned().collect(),
    }
}

fn request(job: &Job, advisories: Option<Rc<str>>) -> Request {
    let file = |file: &File| RequestFile {
        path: file.path.to_string(),
        text: if let Content::Text(text) = &file.content { Some(text.to_string()) } else { None },
        bytes: if let Content::Bytes(bytes) = &file.content { Some(Bytes(bytes.to_vec())) } else { None },
    };
    // Revisions count keystrokes: they stay far below 2^53.
    #[allow(clippy::cast_precision_loss, reason = "see above")]
    let id = job.revision as f64;
    Request {
        id,
        today: browser::today(),
        files: job.files.iter().map(file).collect(),
        advisories: advisories.map(|text| text.to_string()),
        wants: job.wants.clone(),
        describe: job.describe,
        plugins: job.plugins.iter().map(answer_of).collect(),
    }
}

fn spawn(me: &Weak<RefCell<Inner>>) -> Engine {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let Ok(worker) = Worker::new_with_options("worker.js", &options) else { return Engine::PAGE };
    let answers = {
        let me = me.clone();
        Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            let data = event.unchecked_into::<MessageEvent>().data();
            let answer = serde_wasm_bindgen::from_value(data).unwrap_or_default();
            with(&me, |inner| inner.answered(answer));
        })
    };
    let errors = {
        let me = me.clone();
        Closure::<dyn FnMut(Event)>::new(move |_| later(&me, Trouble::Crashed))
    };
    worker.set_onmessage(Some(answers.as_ref().unchecked_ref()));
    worker.set_onerror(Some(errors.as_ref().unchecked_ref()));
    let watchdog = {
        let me = me.clone();
        Timeout::new(MOST_START_MILLIS, move || later(&me, Trouble::Stopped))
    };
    Engine::Worker {
        worker,
        ready: false,
        has_advisories: false,
        _watchdog: Some(watchdog),
        _listeners: [answers, errors],
    }
}

/// Fails outside of the callback that noticed: failing drops that callback.
fn later(me: &Weak<RefCell<Inner>>, trouble: Trouble) {
    let me = me.clone();
    wasm_bindgen_futures::spawn_local(async move { with(&me, |inner| inner.fail(trouble)) });
}
