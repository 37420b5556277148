//! The text editor (web/editor, bundled into web/vendor/editor.js) and what keeps it in step with the state.

use crate::intake::File;
use crate::listing::Results;
use crate::state::{Reveal, State};
use serde::Serialize;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Element;
use yew::Callback;

#[wasm_bindgen(module = "/vendor/editor.js")]
extern "C" {
    /// One editor on the page.
    #[derive(Clone)]
    type Handle;

    fn create(
        parent: &Element,
        on_change: &Closure<dyn FnMut(String, String)>,
        on_fix: &Closure<dyn FnMut(String, u32)>,
        on_cursor: &Closure<dyn FnMut(String, u32, u32, u32)>,
    ) -> Handle;

    #[wasm_bindgen(method)]
    fn open(this: &Handle, name: &str, text: &str) -> String;
    #[wasm_bindgen(method)]
    fn close(this: &Handle, name: &str);
    #[wasm_bindgen(method)]
    fn rename(this: &Handle, from: &str, to: &str);
    #[wasm_bindgen(method, js_name = setText)]
    fn set_text(this: &Handle, name: &str, text: &str);
    #[wasm_bindgen(method)]
    fn text(this: &Handle, name: &str) -> Option<String>;
    #[wasm_bindgen(method, js_name = setDiagnostics)]
    fn set_diagnostics(this: &Handle, list: JsValue);
    #[wasm_bindgen(method)]
    fn reveal(this: &Handle, from: u32, to: u32);
    #[wasm_bindgen(method, js_name = setDark)]
    fn set_dark(this: &Handle, dark: bool);
    #[wasm_bindgen(method, js_name = setReadOnly)]
    fn set_read_only(this: &Handle, value: bool);
    #[wasm_bindgen(method, js_name = showDiff)]
    fn show_diff(this: &Handle, parent: &Element, before: &str, after: &str, name: &str) -> js_sys::Function;
    #[wasm_bindgen(method)]
    fn destroy(this: &Handle);
}

/// Most squiggles: beyond it they cost more than they tell.
const MOST_MARKS: usize = 500;

/// A squiggle, its gutter mark and its tooltip.
#[derive(Serialize)]
struct Mark<'a> {
    from: u32,
    to: u32,
    key: &'a str,
    severity: &'static str,
    level: String,
    source: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    why: &'a str,
    fixes: Vec<MarkFix<'a>>,
}

#[derive(Serialize)]
struct MarkFix<'a> {
    title: &'a str,
    index: usize,
}

fn marks<'a>(results: &'a Results, path: &str) -> Vec<Mark<'a>> {
    // Places of an older text may have moved.
    let here = results.items.iter().filter(|item| item.finding.location.path == path && !item.stale);
    let findings = here.map(|item| Mark {
        from: item.finding.location.start_utf16,
        to: item.finding.location.end_utf16,
        key: &item.key,
        severity: match item.finding.severity.as_str() {
            "critical" | "high" => "error",
            "medium" => "warning",
            "low" => "info",
            _ => "hint",
        },
        level: crate::words::capital(&item.finding.severity),
        source: &item.finding.rule,
        message: &item.finding.message,
        why: &item.finding.why,
        fixes: item.finding.fixes.iter().enumerate().map(|(index, fix)| MarkFix { title: &fix.title, index }).collect(),
    });
    let notices = results.report.notices.iter().filter(|notice| notice.path == path).filter_map(|notice| {
        let location = notice.location.as_ref()?;
        let (severity, level) = match notice.level.as_str() {
            "incomplete" => ("error", "Not analysed"),
            "recovered" => ("warning", "Read around"),
            _ => ("hint", "Note"),
        };
        Some(Mark {
            from: location.start_utf16,
            to: location.end_utf16,
            key: "",
            severity,
            level: level.to_owned(),
            source: &notice.code,
            message: &notice.message,
            why: notice.help.as_deref().unwrap_or(""),
            fixes: Vec::new(),
        })
    });
    notices.chain(findings).take(MOST_MARKS).collect()
}

/// What the editor tells.
#[derive(Clone, PartialEq)]
pub(crate) struct Events {
    /// A file's name and its new text.
    pub(crate) changed: Callback<(String, String)>,
    /// A finding's key and the number of its fix.
    pub(crate) fix: Callback<(String, u32)>,
    /// Line and column.
    pub(crate) cursor: Callback<(u32, u32)>,
}

/// What the editor calls; it has to live as long as the editor.
type Calls =
    (Closure<dyn FnMut(String, String)>, Closure<dyn FnMut(String, u32)>, Closure<dyn FnMut(String, u32, u32, u32)>);

/// The editor on the page, and what it was told last.
struct Session {
    handle: Handle,
    opened: BTreeSet<Rc<str>>,
    epoch: u64,
    pushed: u64,
    renamed: usize,
    /// The file and the report whose squiggles are shown.
    marked: (Option<Rc<str>>, u64),
    revealed: u32,
    dark: bool,
    _calls: Calls,
}

/// The page's link to its editor, which exists from the first drawing on.
#[derive(Clone, Default)]
pub(crate) struct Editor(Rc<RefCell<Option<Session>>>);

impl PartialEq for Editor {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Editor {
    /// Puts the editor into an element.
    pub(crate) fn mount(&self, place: &Element, events: &Events) {
        let Events { changed, fix, cursor } = events.clone();
        let on_change = Closure::new(move |name, text| changed.emit((name, text)));
        let on_fix = Closure::new(move |key, index| fix.emit((key, index)));
        let on_cursor = Closure::new(move |_: String, line, column, _: u32| cursor.emit((line, column)));
        let handle = create(place, &on_change, &on_fix, &on_cursor);
        let session = Session {
            handle,
            opened: BTreeSet::new(),
            epoch: 0,
            pushed: 0,
            renamed: 0,
            marked: (None, 0),
            revealed: 0,
            dark: false,
            _calls: (on_change, on_fix, on_cursor),
        };
        *self.0.borrow_mut() = Some(session);
    }

    /// Takes it away.
    pub(crate) fn unmount(&self) {
        if let Some(session) = self.0.borrow_mut().take() {
            session.handle.destroy();
        }
    }

    /// Brings it into step with the state.
    pub(crate) fn follow(&self, state: &State, dark: bool) {
        if let Some(session) = self.0.borrow_mut().as_mut() {
            session.follow(state, dark);
        }
    }

    /// Shows a change in an element; the function that takes it away again.
    pub(crate) fn show_diff(&self, place: &Element, before: &str, after: &str, name: &str) -> Option<js_sys::Function> {
        let handle = self.0.borrow().as_ref()?.handle.clone();
        Some(handle.show_diff(place, before, after, name))
    }
}

impl Session {
    fn follow(&mut self, state: &State, dark: bool) {
        if self.dark != dark {
            self.dark = dark;
            self.handle.set_dark(dark);
        }
        for (from, to) in state.renamed.iter().skip(self.renamed) {
            if self.opened.remove(from) {
                self.handle.rename(from, to);
                self.opened.insert(Rc::clone(to));
            }
        }
        self.renamed = state.renamed.len();
        let other_project = self.epoch != state.epoch;
        self.epoch = state.epoch;
        let gone: Vec<Rc<str>> =
            self.opened.iter().filter(|name| other_project || state.file(name).is_none()).cloned().collect();
        for name in gone {
            self.handle.close(&name);
            self.opened.remove(&name);
            self.marked = (None, 0);
        }
        if self.pushed != state.pushed {
            self.pushed = state.pushed;
            for file in state.files.iter().filter(|file| self.opened.contains(&file.path)) {
                let text = file.shown().unwrap_or_default();
                if self.handle.text(&file.path).as_deref() != Some(&*text) {
                    self.handle.set_text(&file.path, &text);
                }
            }
        }
        let Some(file) = state.active.as_deref().and_then(|path| state.file(path)) else { return };
        self.show(file);
        if state.is_fresh() {
            self.mark(file, state);
        }
        if let Some(reveal) =
            state.reveal.as_ref().filter(|reveal| reveal.turn != self.revealed && reveal.path == file.path)
        {
            self.go(reveal);
        }
    }

    fn show(&mut self, file: &File) {
        let text = file.shown();
        self.handle.open(&file.path, text.as_deref().unwrap_or(""));
        self.opened.insert(Rc::clone(&file.path));
        self.handle.set_read_only(text.is_none());
    }

    fn mark(&mut self, file: &File, state: &State) {
        let wanted = (Some(Rc::clone(&file.path)), state.analysed);
        let Some(results) = state.results.as_ref().filter(|_| self.marked != wanted) else { return };
        if let Ok(list) = serde_wasm_bindgen::to_value(&marks(results, &file.path)) {
            self.handle.set_diagnostics(list);
        }
        self.marked = wanted;
    }

    fn go(&mut self, reveal: &Reveal) {
        self.revealed = reveal.turn;
        self.handle.reveal(reveal.from, reveal.to);
    }
}

/// Calls the function that takes a diff away.
pub(crate) fn call(function: &js_sys::Function) {
    // It only removes what it made.
    let _ = function.call0(&JsValue::NULL);
}
