//! Runs the plug-ins that the state wants run, few at a time, and ends those it no longer wants.

use super::run::Run;
use super::shelf::{Act, Job, Shelf};
use crate::browser::Timeout;
use crate::stack::Shared;
use crate::state::Action;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};
use yew::Callback;

/// How long the files have to stay as they are before plug-ins look at them: starting a worker takes longer than a keystroke.
const PAUSE_MILLIS: i32 = 300;
/// Runs at a time: the clock that ends a run must not count the time it waits for another.
const AT_A_TIME: usize = 2;

struct Inner {
    runs: BTreeMap<u32, (Key, Run)>,
    /// The pause that is waited for, and of which revision.
    pause: Option<(u64, Timeout)>,
    seen: Option<u64>,
    tell: Callback<Action>,
    me: Weak<RefCell<Inner>>,
}

/// What tells one run from another.
type Key = (u32, u64, u64, bool);

/// Follows the state.
#[derive(Clone)]
pub(crate) struct Runner(Rc<RefCell<Inner>>);

impl Runner {
    pub(crate) fn new(tell: Callback<Action>) -> Self {
        let inner = Rc::new_cyclic(|me| {
            RefCell::new(Inner { runs: BTreeMap::new(), pause: None, seen: None, tell, me: me.clone() })
        });
        Self(inner)
    }

    /// Brings the runs into step with the state.
    pub(crate) fn follow(&self, shelf: &Shelf, revision: u64, empty: bool) {
        self.0.borrow_mut().follow(shelf, revision, empty);
    }
}

impl Inner {
    fn follow(&mut self, shelf: &Shelf, revision: u64, empty: bool) {
        let jobs = shelf.jobs(revision, empty);
        // Dropping a run ends its worker.
        self.runs.retain(|_, (key, _)| jobs.iter().any(|job| job.key() == *key));
        for job in jobs {
            if self.runs.len() >= AT_A_TIME {
                break;
            }
            if !self.runs.contains_key(&job.id) {
                self.start(job);
            }
        }
        self.wait(shelf, revision, empty);
        self.seen = Some(revision);
    }

    /// Asks for the project of a revision once the files have rested.
    fn wait(&mut self, shelf: &Shelf, revision: u64, empty: bool) {
        if empty || !shelf.is_waiting(revision) {
            self.pause = None;
            return;
        }
        if self.pause.as_ref().is_some_and(|(of, _)| *of == revision) {
            return;
        }
        // A plug-in that comes in while nothing changes need not wait.
        let millis = if self.seen == Some(revision) { 0 } else { PAUSE_MILLIS };
        let tell = self.tell.clone();
        let pause = Timeout::new(millis, move || tell.emit(Action::Plugin(Act::Quiet(revision))));
        self.pause = Some((revision, pause));
    }

    fn start(&mut self, job: Job) {
        let (id, wish, revision, key) = (job.id, job.wish, job.revision, job.key());
        let me = self.me.clone();
        let told = move |act: Act, last: bool| later(&me, key, act, last);
        match Run::start(job, told) {
            Ok(run) => drop(self.runs.insert(id, (key, run))),
            Err(failure) => {
                let outcome = Err(Shared::new(failure));
                later(&self.me, key, Act::Answered { id, wish, revision, outcome }, true);
            }
        }
    }
}

/// Tells outside of the callback that noticed: the end of a run drops that callback.
fn later(me: &Weak<RefCell<Inner>>, key: Key, act: Act, last: bool) {
    let me = me.clone();
    wasm_bindgen_futures::spawn_local(async move {
        let Some(inner) = me.upgrade() else { return };
        if last {
            let (id, ..) = key;
            let ended = inner.borrow().runs.get(&id).is_some_and(|(running, _)| *running == key);
            let run = if ended { inner.borrow_mut().runs.remove(&id) } else { None };
            drop(run);
        }
        let tell = inner.borrow().tell.clone();
        tell.emit(Action::Plugin(act));
    });
}
