//! One run of one plug-in: a worker, a question, its answers, and the clock. The protocol is that of `plugin-worker.js`.

use super::about::{About, Failure, size};
use super::shelf::{Act, Job};
use crate::browser::Timeout;
use crate::stack::Shared;
use serde::Deserialize;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Event, MessageEvent, Worker, WorkerOptions, WorkerType};

/// How long a plug-in may take to say what it is, and then for the files. In the terminal fuel decides; a browser has only the clock.
const MOST_MILLIS: i32 = 2_000;
/// The same for the first answer of a large file, which has to be compiled.
const MOST_MILLIS_LARGE: i32 = 10_000;
/// A large file.
const LARGE: usize = 1 << 20;
/// How long the worker may take to come up: its module is fetched now.
const MOST_START_MILLIS: i32 = 20_000;

/// What a worker says.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Message {
    ready: Option<bool>,
    about: Option<String>,
    digest: String,
    interface: String,
    findings: Option<String>,
    error: Option<Failure>,
}

/// A run under way. Dropping it ends the worker, whatever the plug-in is doing.
pub(super) struct Run {
    worker: Worker,
    _listeners: [Closure<dyn FnMut(Event)>; 2],
    _watchdog: Watchdog,
}

/// What fails the run when it goes off.
type Watchdog = Rc<RefCell<Option<Timeout>>>;

impl Drop for Run {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// What a run tells; at most one answer, and nothing after it.
struct Telling {
    job: Job,
    over: Cell<bool>,
    tell: Box<dyn Fn(Act, bool)>,
}

impl Telling {
    fn about(&self, about: About) {
        if !self.over.get() {
            let (id, wish) = (self.job.id, self.job.wish);
            // When nothing else was asked, that is all.
            let last = self.job.project.is_none();
            self.over.set(last);
            (self.tell)(Act::About { id, wish, about: Shared::new(about) }, last);
        }
    }

    fn answer(&self, outcome: Result<String, Failure>) {
        if !self.over.replace(true) {
            let Job { id, wish, revision, .. } = self.job;
            let outcome = outcome.map(Shared::new).map_err(|failure| Shared::new(failure.cleaned()));
            (self.tell)(Act::Answered { id, wish, revision, outcome }, true);
        }
    }

    fn fail(&self, code: &str, message: &str, help: &str) {
        self.answer(Err(Failure::new(code, message, help)));
    }
}

impl Run {
    /// Starts a run. `tell` is called later, never from here: with what happened, and whether that was all.
    pub(super) fn start(job: Job, tell: impl Fn(Act, bool) + 'static) -> Result<Self, Failure> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options("plugin-worker.js", &options).map_err(|_| {
            Failure::new(
                "worker",
                "this browser gives the page no workers, so plug-ins cannot run here",
                "Use plimsoll check --plugin.",
            )
        })?;
        let watchdog: Watchdog = Rc::default();
        let large = job.bytes.len() > LARGE;
        let telling = Rc::new(Telling { job, over: Cell::new(false), tell: Box::new(tell) });
        watch(&watchdog, &telling, MOST_START_MILLIS, "start");
        let answers = {
            let (worker, telling, watchdog) = (worker.clone(), Rc::clone(&telling), Rc::clone(&watchdog));
            Closure::<dyn FnMut(Event)>::new(move |event: Event| {
                let data = event.unchecked_into::<MessageEvent>().data();
                let message: Message = serde_wasm_bindgen::from_value(data).unwrap_or_default();
                if message.ready == Some(true) {
                    let most = if large { MOST_MILLIS_LARGE } else { MOST_MILLIS };
                    watch(&watchdog, &telling, most, "describe");
                    if request(&telling.job).is_none_or(|request| worker.post_message(&request).is_err()) {
                        telling.fail("worker", "the files could not be handed to it", "Try again.");
                    }
                } else {
                    if message.about.is_some() {
                        watch(&watchdog, &telling, MOST_MILLIS, "check");
                    }
                    hear(message, &telling);
                }
            })
        };
        let errors = {
            let telling = Rc::clone(&telling);
            Closure::<dyn FnMut(Event)>::new(move |_| {
                let help = "Tell whoever wrote it. The other findings stand.";
                telling.fail("worker", "it brought its worker down", help);
            })
        };
        worker.set_onmessage(Some(answers.as_ref().unchecked_ref()));
        worker.set_onerror(Some(errors.as_ref().unchecked_ref()));
        Ok(Self { worker, _listeners: [answers, errors], _watchdog: watchdog })
    }
}

/// Sets the clock for the next step.
fn watch(watchdog: &Watchdog, telling: &Rc<Telling>, millis: i32, step: &'static str) {
    let late = Rc::clone(telling);
    let timeout = Timeout::new(millis, move || {
        let seconds = millis / 1000;
        match step {
            "start" => {
                late.fail("worker", "the worker for plug-ins did not start", "Check the connection and try again.")
            }
            "describe" => {
                let bytes = size(late.job.bytes.len());
                let text = format!(
                    "it took longer than {seconds} seconds to compile and to say what it is ({bytes}), and was ended"
                );
                late.fail("time", &text, "Make it smaller, or use it in the terminal.");
            }
            _ => {
                let text = format!("it took longer than {seconds} seconds and was ended");
                late.fail("time", &text, "Tell whoever wrote it, or switch it off.");
            }
        }
    });
    *watchdog.borrow_mut() = Some(timeout);
}

fn hear(message: Message, telling: &Rc<Telling>) {
    if let Some(failure) = message.error {
        telling.answer(Err(failure));
    } else if let Some(text) = message.about {
        match About::read(&text, &message.digest, &message.interface) {
            Ok(about) => telling.about(about),
            Err(failure) => telling.answer(Err(failure)),
        }
    } else if let Some(findings) = message.findings {
        telling.answer(Ok(findings));
    } else {
        telling.fail("worker", "its answer could not be read", "Reload the page.");
    }
}

/// The question, as the worker takes it. Its strings and bytes are copied once, when it is posted.
fn request(job: &Job) -> Option<JsValue> {
    let request = js_sys::Object::new();
    let put = |key: &str, value: &JsValue| js_sys::Reflect::set(&request, &JsValue::from_str(key), value).ok();
    put("id", &JsValue::from(job.id))?;
    put("bytes", &js_sys::Uint8Array::from(job.bytes.as_slice()))?;
    put("settings", &JsValue::from_str(&job.settings))?;
    if let Some(project) = &job.project {
        put("project", &JsValue::from_str(project))?;
    }
    Some(request.into())
}
