//! A plug-in in this worker: instantiated by the plan of the linker, called through the canonical ABI.

use crate::canonical::{load_at, load_result, lower_list, lower_text};
use crate::memory::{Memory, RESULT_BYTES};
use js_sys::{Array, Function, Object, Reflect, Uint8Array, WebAssembly};
use plimsoll_plugin_abi as abi;
use plimsoll_plugin_linker::{Core, Imports, LiftedFunction, Limits, Plan, plan};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};

type Result<T> = std::result::Result<T, String>;

/// A plug-in whose modules are instantiated. One call each: the worker is ended afterwards.
pub(crate) struct Guest {
    plan: Plan,
    instances: Vec<JsValue>,
}

impl Guest {
    /// Puts a plug-in together.
    pub(crate) fn new(bytes: &[u8]) -> Result<Self> {
        let plan = plan(bytes, &Limits::default()).map_err(|error| error.to_string())?;
        let mut modules = Vec::with_capacity(plan.modules.len());
        for module in &plan.modules {
            let bytes = Uint8Array::from(module.as_slice());
            // Synchronously, which a worker may: nothing else waits in it.
            modules.push(
                WebAssembly::Module::new(&bytes.into())
                    .map_err(|error| format!("it cannot be compiled: {}", said(&error)))?,
            );
        }
        let refused = refusing();
        let mut instances: Vec<JsValue> = Vec::with_capacity(plan.steps.len());
        for step in &plan.steps {
            let imports = Object::new();
            for (name, from) in &step.imports {
                let value = match from {
                    Imports::Instance(index) => instances.get(*index).cloned().unwrap_or(JsValue::UNDEFINED),
                    Imports::Items(items) => {
                        let object = Object::new();
                        for (name, core) in items {
                            set(&object, name, &resolve(&instances, core, &refused)?)?;
                        }
                        object.into()
                    }
                };
                set(&imports, name, &value)?;
            }
            let module = modules.get(step.module).ok_or("it refers to a module that is not there")?;
            let instance = WebAssembly::Instance::new(module, &imports)
                .map_err(|error| format!("it cannot be set up: {}", said(&error)))?;
            instances.push(instance.exports().into());
        }
        Ok(Self { plan, instances })
    }

    /// Asks what it is.
    pub(crate) fn describe(&self) -> Result<abi::Metadata> {
        let mut lifted = Lifted::new(&self.instances, &self.plan.describe)?;
        let at = lifted.call(&[])?;
        let metadata = load_at(&mut lifted, at)?;
        lifted.finish(at);
        Ok(metadata)
    }

    /// Has it look at a project.
    pub(crate) fn check(
        &self,
        project: &abi::Project,
        settings: &str,
    ) -> Result<std::result::Result<Vec<abi::Finding>, abi::Error>> {
        let mut lifted = Lifted::new(&self.instances, &self.plan.check)?;
        let pairs = [
            lower_list(&mut lifted, &project.documents)?,
            lower_list(&mut lifted, &project.entities)?,
            lower_list(&mut lifted, &project.relations)?,
            lower_list(&mut lifted, &project.properties)?,
            lower_text(&mut lifted, settings)?,
        ];
        let arguments: Vec<u32> = pairs.into_iter().flat_map(|(at, length)| [at, length]).collect();
        let at = lifted.call(&arguments)?;
        let result = load_result(&mut lifted, at)?;
        lifted.finish(at);
        Ok(result)
    }
}

/// A function of the interface with the memory its values are in.
struct Lifted {
    function: Function,
    memory: WebAssembly::Memory,
    realloc: Option<Function>,
    post_return: Option<Function>,
    view: Uint8Array,
    budget: usize,
}

impl Lifted {
    fn new(instances: &[JsValue], lifted: &LiftedFunction) -> Result<Self> {
        let refused = refusing();
        let function = |core: &Core| {
            resolve(instances, core, &refused)?
                .dyn_into::<Function>()
                .map_err(|_| "it exports no function where one is needed".to_owned())
        };
        let memory = lifted.memory.as_ref().ok_or("it has no memory")?;
        let memory: WebAssembly::Memory = resolve(instances, memory, &refused)?
            .dyn_into()
            .map_err(|_| "it exports no memory where one is needed".to_owned())?;
        let view = Uint8Array::new(&memory.buffer());
        Ok(Self {
            function: function(&lifted.function)?,
            realloc: lifted.realloc.as_ref().map(function).transpose()?,
            post_return: lifted.post_return.as_ref().map(function).transpose()?,
            memory,
            view,
            budget: RESULT_BYTES,
        })
    }

    fn call(&mut self, arguments: &[u32]) -> Result<u32> {
        let list: Array = arguments.iter().map(|&argument| JsValue::from(argument)).collect();
        let result = self.function.apply(&JsValue::NULL, &list).map_err(|error| failed(&error))?;
        address(&result)
    }

    /// Tells the plug-in that its result has been read. What it does then cannot change anything any more.
    fn finish(&self, at: u32) {
        if let Some(post_return) = &self.post_return {
            let _ = post_return.call1(&JsValue::NULL, &at.into());
        }
    }

    /// The memory's bytes: growing it takes the old view away.
    fn view(&mut self) -> &Uint8Array {
        if self.view.length() == 0 || !js_sys::Object::is(&self.view.buffer(), &self.memory.buffer()) {
            self.view = Uint8Array::new(&self.memory.buffer());
        }
        &self.view
    }

    fn slice(&mut self, at: u32, length: u32) -> Result<Uint8Array> {
        let view = self.view();
        match at.checked_add(length) {
            Some(end) if end <= view.length() => Ok(view.subarray(at, end)),
            _ => Err("an address of the plug-in is outside of its memory".to_owned()),
        }
    }
}

impl Memory for Lifted {
    fn allocate(&mut self, align: u32, size: u32) -> Result<u32> {
        // An empty value needs no room, only an address that is aligned.
        if size == 0 {
            return Ok(align);
        }
        let realloc = self.realloc.as_ref().ok_or("it cannot make room for the project")?;
        let result = realloc
            .call4(&JsValue::NULL, &0.into(), &0.into(), &align.into(), &size.into())
            .map_err(|error| failed(&error))?;
        let at = address(&result)?;
        if at % align == 0 { Ok(at) } else { Err("it made room at an odd address".to_owned()) }
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<()> {
        let length = u32::try_from(bytes.len()).map_err(|_| "the project is too large for a plug-in".to_owned())?;
        if length > 0 {
            self.slice(at, length)?.copy_from(bytes);
        }
        Ok(())
    }

    fn read(&mut self, at: u32, length: u32) -> Result<Vec<u8>> {
        self.budget = self.budget.checked_sub(length as usize).ok_or("it returned more than is read")?;
        Ok(self.slice(at, length)?.to_vec())
    }
}

/// A function that fails: what a call out of the plug-in meets. No text is made into code: the page's policy forbids it.
fn refusing() -> Function {
    let refuse = Closure::<dyn Fn() -> std::result::Result<(), JsValue>>::new(|| {
        Err(JsValue::from_str("a plug-in may call nothing outside of itself"))
    });
    refuse.into_js_value().unchecked_into()
}

fn resolve(instances: &[JsValue], core: &Core, refused: &Function) -> Result<JsValue> {
    match core {
        Core::Refused => Ok(refused.clone().into()),
        Core::Export { instance, name } => {
            let exports = instances.get(*instance).ok_or("it refers to an instance that is not there")?;
            let value = Reflect::get(exports, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED);
            if value.is_undefined() { Err("it refers to an export that is not there".to_owned()) } else { Ok(value) }
        }
    }
}

fn set(object: &Object, name: &str, value: &JsValue) -> Result<()> {
    // A name such as `__proto__` must stay a name.
    let descriptor = Object::new();
    for (key, value) in [("value", value), ("enumerable", &JsValue::TRUE)] {
        Reflect::set(&descriptor, &key.into(), value).map_err(|error| said(&error))?;
    }
    match Reflect::define_property(object, &JsValue::from_str(name), &descriptor) {
        Ok(true) => Ok(()),
        _ => Err("its parts do not fit together".to_owned()),
    }
}

/// An address comes back as a signed number.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a wasm i32 is a whole number of 32 bits")]
fn address(value: &JsValue) -> Result<u32> {
    value.as_f64().map(|number| number as i64 as u32).ok_or_else(|| "it returned no address".to_owned())
}

/// What a browser says of a trap, in the host's words where it is one of the usual ones.
fn failed(error: &JsValue) -> String {
    let text = said(error);
    if text.contains("unreachable") {
        "it panicked while it looked at the project".to_owned()
    } else if text.contains("call stack") || text.contains("recursion") {
        "it called itself too deep".to_owned()
    } else {
        format!("it failed ({text})")
    }
}

fn said(error: &JsValue) -> String {
    let message = Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string());
    message
        .or_else(|| error.as_string())
        .unwrap_or_else(|| "the browser does not say why".to_owned())
        .chars()
        .take(200)
        .collect()
}
