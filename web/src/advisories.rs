//! The advisories of Composer packages: fetched when the first `composer.lock` comes in, and not before. They are as large as a
//! third of the page, and most stacks that are looked at have no lock file.

use crate::browser::{self, Timeout};
use plimsoll_core::facts::advisories::{BUILT_IN_DIGEST, digest};
use std::cell::RefCell;
use std::rc::Rc;

/// How long the analysis waits for them. It goes on without, and says that packages were not looked up.
const MOST_MILLIS: i32 = 8_000;

enum State {
    Unasked,
    Coming {
        _watchdog: Timeout,
    },
    Here(Rc<str>),
    /// Not to be had, or too slow; one that comes late is taken all the same.
    Missing,
}

/// Where they are kept.
pub(crate) struct Store(Rc<RefCell<State>>);

impl Default for Store {
    fn default() -> Self {
        Self(Rc::new(RefCell::new(State::Unasked)))
    }
}

impl Store {
    /// Whether it is settled that they are here, or are not to be had. Otherwise `then` is called when it is.
    pub(crate) fn ask(&self, then: impl Fn() + Clone + 'static) -> bool {
        match *self.0.borrow() {
            State::Here(_) | State::Missing => return true,
            State::Coming { .. } => return false,
            State::Unasked => {}
        }
        let watchdog = {
            let (state, then) = (Rc::clone(&self.0), then.clone());
            Timeout::new(MOST_MILLIS, move || {
                if matches!(*state.borrow(), State::Coming { .. }) {
                    // The timer that runs right now is dropped with the state: after this call.
                    let late = Rc::clone(&state);
                    wasm_bindgen_futures::spawn_local(async move {
                        late.replace(State::Missing);
                        then();
                    });
                }
            })
        };
        self.0.replace(State::Coming { _watchdog: watchdog });
        let state = Rc::clone(&self.0);
        wasm_bindgen_futures::spawn_local(async move {
            let text = fetch().await.filter(|text| digest(text) == BUILT_IN_DIGEST);
            state.replace(text.map_or(State::Missing, |text| State::Here(text.into())));
            then();
        });
        false
    }

    /// The text, when it is here.
    pub(crate) fn text(&self) -> Option<Rc<str>> {
        match &*self.0.borrow() {
            State::Here(text) => Some(Rc::clone(text)),
            State::Unasked | State::Coming { .. } | State::Missing => None,
        }
    }
}

async fn fetch() -> Option<String> {
    // The digest in the address keeps a copy that the browser has of another version from being taken.
    browser::fetch_text(&format!("facts/advisories.json?{BUILT_IN_DIGEST}")).await
}
