//! Plug-ins stay in the browser for the next visit, in IndexedDB: nothing else of the page holds megabytes. Nothing is sent anywhere.
//!
//! Modules and records stand in two stores under the file's name, so that a changed setting does not write megabytes again.

use super::record;
use super::shelf::{Act, Keeping, Kept, Shelf};
use crate::stack::Shared;
use crate::state::Action;
use idb::{Database, Factory, ObjectStoreParams, TransactionMode, TransactionResult};
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use wasm_bindgen::{JsCast as _, JsValue};
use yew::Callback;

const DATABASE: &str = "plimsoll";
const MODULES: &str = "plugin-modules";
const RECORDS: &str = "plugins";

/// What is to be done.
enum Task {
    Write { file: Rc<str>, record: String, bytes: Option<Shared<Vec<u8>>> },
    Delete(Rc<str>),
}

struct Inner {
    /// `None` until it is open, and where nothing can be kept.
    database: Option<Rc<Database>>,
    /// What is kept, or about to be.
    saved: BTreeMap<Rc<str>, (Shared<Vec<u8>>, String)>,
    tasks: VecDeque<Task>,
    working: bool,
    /// Whether the state knows what was kept; before that, nothing is written.
    restored: bool,
    tell: Callback<Action>,
}

/// Keeps what the state holds.
#[derive(Clone)]
pub(crate) struct Store(Rc<RefCell<Inner>>);

impl Store {
    /// Opens the store and tells what it holds.
    pub(crate) fn open(tell: Callback<Action>) -> Self {
        let store = Self(Rc::new(RefCell::new(Inner {
            database: None,
            saved: BTreeMap::new(),
            tasks: VecDeque::new(),
            working: false,
            restored: false,
            tell,
        })));
        let opened = store.clone();
        wasm_bindgen_futures::spawn_local(async move { opened.restore().await });
        store
    }

    async fn restore(&self) {
        let (kept, keeping) = match open().await {
            Ok(database) => {
                let kept = read_all(&database).await.unwrap_or_default();
                self.0.borrow_mut().database = Some(Rc::new(database));
                (kept, Keeping::Kept)
            }
            Err(_) => (Vec::new(), Keeping::VisitOnly),
        };
        let tell = {
            let mut inner = self.0.borrow_mut();
            // What cannot be read any more is written anew: its text differs.
            inner.saved = kept.iter().map(|one| (Rc::clone(&one.file), (one.bytes.clone(), String::new()))).collect();
            inner.restored = true;
            inner.tell.clone()
        };
        tell.emit(Action::Plugin(Act::Restored { kept, keeping }));
    }

    /// Brings what is kept into step with the state.
    pub(crate) fn follow(&self, shelf: &Shelf) {
        let mut inner = self.0.borrow_mut();
        if !inner.restored || inner.database.is_none() || shelf.keeping == Keeping::Reading {
            return;
        }
        let mut saved = BTreeMap::new();
        for (place, plugin) in shelf.plugins.iter().enumerate() {
            let record = record::write(plugin, place);
            let before = inner.saved.get(&plugin.file);
            let same_bytes = before.is_some_and(|(bytes, _)| *bytes == plugin.bytes);
            if !same_bytes || before.is_some_and(|(_, text)| *text != record) {
                let bytes = (!same_bytes).then(|| plugin.bytes.clone());
                inner.tasks.push_back(Task::Write { file: Rc::clone(&plugin.file), record: record.clone(), bytes });
            }
            saved.insert(Rc::clone(&plugin.file), (plugin.bytes.clone(), record));
        }
        let gone: Vec<Rc<str>> = inner.saved.keys().filter(|file| !saved.contains_key(*file)).cloned().collect();
        inner.tasks.extend(gone.into_iter().map(Task::Delete));
        inner.saved = saved;
        if !inner.working && !inner.tasks.is_empty() {
            inner.working = true;
            let store = self.clone();
            wasm_bindgen_futures::spawn_local(async move { store.work().await });
        }
    }

    /// Does what is to be done, one after another.
    async fn work(&self) {
        loop {
            let (task, database) = {
                let mut inner = self.0.borrow_mut();
                match (inner.tasks.pop_front(), inner.database.clone()) {
                    (Some(task), Some(database)) => (task, database),
                    _ => {
                        inner.working = false;
                        return;
                    }
                }
            };
            let keeping = match run(&database, &task).await {
                Ok(()) => Keeping::Kept,
                Err(error) => {
                    // Tried again with the next change.
                    if let Task::Write { file, .. } = &task {
                        self.0.borrow_mut().saved.remove(file);
                    }
                    Keeping::Failed(plimsoll_core::text::shorten(&error, 200))
                }
            };
            let tell = self.0.borrow().tell.clone();
            tell.emit(Action::Plugin(Act::Keeping(keeping)));
        }
    }
}

async fn open() -> Result<Database, idb::Error> {
    let mut request = Factory::new()?.open(DATABASE, Some(1))?;
    request.on_upgrade_needed(|event| {
        use idb::DatabaseEvent as _;
        if let Ok(database) = event.database() {
            for name in [MODULES, RECORDS] {
                // Fails only for a store that is there already.
                let _ = database.create_object_store(name, ObjectStoreParams::new());
            }
        }
    });
    request.await
}

async fn read_all(database: &Database) -> Result<Vec<Kept>, idb::Error> {
    let transaction = database.transaction(&[RECORDS, MODULES], TransactionMode::ReadOnly)?;
    let (records, modules) = (transaction.object_store(RECORDS)?, transaction.object_store(MODULES)?);
    let mut all = Vec::new();
    for key in records.get_all_keys(None, None)?.await? {
        let (text, module) = (records.get(key.clone())?.await?, modules.get(key.clone())?.await?);
        let text = text.and_then(|text| text.as_string());
        let module = module.and_then(|module| module.dyn_into::<js_sys::Uint8Array>().ok());
        if let (Some(file), Some(text), Some(module)) = (key.as_string(), text, module)
            && let Some(one) = record::read(&file, &text, module.to_vec())
        {
            all.push(one);
        }
    }
    all.sort_by_key(|(place, _)| *place);
    Ok(all.into_iter().map(|(_, kept)| kept).collect())
}

async fn run(database: &Database, task: &Task) -> Result<(), String> {
    match carry_out(database, task).await {
        Ok(TransactionResult::Committed) => Ok(()),
        // How a browser says that its disk, or this page's share of it, is full.
        Ok(TransactionResult::Aborted) => Err("there may be no room left".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

async fn carry_out(database: &Database, task: &Task) -> Result<TransactionResult, idb::Error> {
    let transaction = database.transaction(&[RECORDS, MODULES], TransactionMode::ReadWrite)?;
    let (records, modules) = (transaction.object_store(RECORDS)?, transaction.object_store(MODULES)?);
    match task {
        Task::Write { file, record, bytes } => {
            let key = JsValue::from_str(file);
            if let Some(bytes) = bytes {
                modules.put(&js_sys::Uint8Array::from(bytes.as_slice()), Some(&key))?.await?;
            }
            records.put(&JsValue::from_str(record), Some(&key))?.await?;
        }
        Task::Delete(file) => {
            records.delete(JsValue::from_str(file))?.await?;
            modules.delete(JsValue::from_str(file))?.await?;
        }
    }
    transaction.commit()?.await
}
