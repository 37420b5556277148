//! One run of one plug-in: a worker, a question, an answer, and the clock.

use crate::browser::{self, Timeout};
use crate::intake::{Content, File};
use crate::worker::{Bytes, RequestFile};
use plimsoll_core::report::json::{FindingV1, ReportV1};
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, MessageEvent, Worker, WorkerOptions, WorkerType};

/// How long a plug-in may take. In the terminal fuel decides; a browser has only the clock.
const MOST_MILLIS: i32 = 2_000;
/// How long the worker may take to come up: its module is fetched now.
const MOST_START_MILLIS: i32 = 20_000;

/// What a run came to.
#[derive(Default)]
pub(super) struct Answer {
    /// What the plug-in said of itself.
    pub(super) about: Option<About>,
    /// Its findings, without the built-in rules'.
    pub(super) findings: Vec<FindingV1>,
    /// How many more a comment in the files leaves out.
    pub(super) suppressed: usize,
    /// Why there are none, or not all.
    pub(super) trouble: Option<Trouble>,
}

impl Answer {
    fn failed(text: &str) -> Self {
        Self { trouble: Some(Trouble::all(text)), ..Self::default() }
    }
}

/// Why findings are missing.
#[derive(Clone, PartialEq)]
pub(super) struct Trouble {
    pub(super) text: String,
    /// Only some are.
    pub(super) partial: bool,
}

impl Trouble {
    pub(super) fn all(text: impl Into<String>) -> Self {
        Self { text: text.into(), partial: false }
    }
}

#[derive(Serialize)]
struct Request {
    id: u32,
    bytes: Bytes,
    settings: String,
    today: String,
    files: Vec<RequestFile>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Message {
    ready: Option<bool>,
    json: Option<String>,
    error: Option<String>,
    plugin: Option<About>,
    problems: Vec<String>,
}

/// What a plug-in says of itself.
#[derive(Deserialize, Clone, PartialEq)]
pub(super) struct About {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) rules: usize,
}

/// A run under way. Dropping it ends the worker, whatever the plug-in is doing.
pub(super) struct Run {
    worker: Worker,
    _listeners: [Closure<dyn FnMut(Event)>; 2],
    _watchdog: Rc<RefCell<Option<Timeout>>>,
}

impl Drop for Run {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

impl Run {
    /// Starts a run; `done` is called once, never from here.
    pub(super) fn start(
        bytes: &Rc<[u8]>,
        settings: &str,
        files: &[File],
        done: impl Fn(Answer) + 'static,
    ) -> Result<Self, String> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options("plugin-worker.js", &options)
            .map_err(|_| "plug-ins cannot be run here: the browser gives this page no workers".to_owned())?;
        let done = Rc::new(once(done));
        let watchdog: Rc<RefCell<Option<Timeout>>> = Rc::default();
        let watch = |millis: i32, trouble: &'static str| {
            let done = Rc::clone(&done);
            Timeout::new(millis, move || done(Answer::failed(trouble)))
        };
        *watchdog.borrow_mut() = Some(watch(MOST_START_MILLIS, "the worker for plug-ins did not start"));
        let request = request(bytes, settings, files);
        let answers = {
            let (worker, done, watchdog) = (worker.clone(), Rc::clone(&done), Rc::clone(&watchdog));
            Closure::<dyn FnMut(Event)>::new(move |event: Event| {
                let message: Message =
                    serde_wasm_bindgen::from_value(event.unchecked_into::<MessageEvent>().data()).unwrap_or_default();
                if message.ready == Some(true) {
                    let late = Rc::clone(&done);
                    *watchdog.borrow_mut() = Some(Timeout::new(MOST_MILLIS, move || {
                        late(Answer::failed("it took longer than two seconds and was ended"));
                    }));
                    let sent = serde_wasm_bindgen::to_value(&request)
                        .map_err(|error| error.to_string())
                        .map(|value| worker.post_message(&value));
                    if !matches!(sent, Ok(Ok(()))) {
                        done(Answer::failed("the files could not be handed to it"));
                    }
                } else {
                    done(read(message));
                }
            })
        };
        let errors = {
            let done = Rc::clone(&done);
            Closure::<dyn FnMut(Event)>::new(move |_| {
                done(Answer::failed("it brought its worker down"));
            })
        };
        worker.set_onmessage(Some(answers.as_ref().unchecked_ref()));
        worker.set_onerror(Some(errors.as_ref().unchecked_ref()));
        Ok(Self { worker, _listeners: [answers, errors], _watchdog: watchdog })
    }
}

/// Calls at most once, and later: finishing a run drops the callback that noticed.
fn once(done: impl Fn(Answer) + 'static) -> impl Fn(Answer) {
    let (done, called) = (Rc::new(done), Cell::new(false));
    move |answer| {
        if !called.replace(true) {
            let done = Rc::clone(&done);
            wasm_bindgen_futures::spawn_local(async move { done(answer) });
        }
    }
}

fn request(bytes: &Rc<[u8]>, settings: &str, files: &[File]) -> Request {
    let file = |file: &File| RequestFile {
        path: file.path.to_string(),
        text: if let Content::Text(text) = &file.content { Some(text.to_string()) } else { None },
        bytes: if let Content::Bytes(bytes) = &file.content { Some(Bytes(bytes.to_vec())) } else { None },
    };
    Request {
        id: 1,
        bytes: Bytes(bytes.to_vec()),
        settings: settings.to_owned(),
        today: browser::today(),
        files: files.iter().map(file).collect(),
    }
}

fn read(message: Message) -> Answer {
    if let Some(error) = message.error {
        return Answer { about: message.plugin, ..Answer::failed(&error) };
    }
    let report = message.json.and_then(|json| serde_json::from_str::<ReportV1>(&json).ok());
    let (Some(about), Some(report)) = (message.plugin, report) else {
        return Answer::failed("its answer could not be read");
    };
    // The report holds the built-in rules' findings too; a plug-in's rules start with its own name.
    let prefix = format!("{}/", about.name);
    let own = |finding: &FindingV1| finding.rule.starts_with(&prefix);
    let suppressed = report.suppressed.iter().filter(|one| own(&one.finding)).count();
    let findings = report.findings.into_iter().filter(own).collect();
    let more = match message.problems.len() {
        0 | 1 => String::new(),
        count => format!(", and {} more", count - 1),
    };
    let trouble = message.problems.first().map(|problem| Trouble { text: format!("{problem}{more}"), partial: true });
    Answer { about: Some(about), findings, suppressed, trouble }
}
