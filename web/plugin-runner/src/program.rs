//! A plug-in's modules, compiled, and put together anew for each call by the plan of the linker.

use crate::failure::Failure;
use crate::guest::JsGuest;
use crate::js::{get, put, said};
use js_sys::{Function, Object, Reflect, Uint8Array, WebAssembly};
use plimsoll_plugin_linker::{Core, During, Imports, LiftedFunction, Plan, Stop};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

/// A compiled plug-in.
pub(crate) struct Program {
    plan: Plan,
    modules: Vec<WebAssembly::Module>,
    /// Bytes of memory that it may have.
    memory_bytes: u64,
}

impl Program {
    /// Has the browser compile a plug-in's modules. Not at once: a large one takes the browser some time, and other threads.
    pub(crate) async fn compile(mut plan: Plan, memory_bytes: u64) -> Result<Self, Failure> {
        let mut modules = Vec::with_capacity(plan.modules.len());
        for module in std::mem::take(&mut plan.modules) {
            let bytes = Uint8Array::from(module.as_slice());
            drop(module);
            let compiled = JsFuture::from(WebAssembly::compile(&bytes.into())).await;
            let compiled = compiled.map_err(|error| Failure::compile(&said(&error)))?;
            modules.push(compiled.unchecked_into());
        }
        Ok(Self { plan, modules, memory_bytes })
    }

    /// `describe` in instances of its own.
    pub(crate) fn describe<T>(&self, call: impl FnOnce(&mut JsGuest) -> Result<T, Stop>) -> Result<T, Failure> {
        self.call(During::Describe, &self.plan.describe, call)
    }

    /// `check` in instances of its own.
    pub(crate) fn check<T>(&self, call: impl FnOnce(&mut JsGuest) -> Result<T, Stop>) -> Result<T, Failure> {
        self.call(During::Check, &self.plan.check, call)
    }

    fn call<T>(
        &self,
        during: During,
        lifted: &LiftedFunction,
        call: impl FnOnce(&mut JsGuest) -> Result<T, Stop>,
    ) -> Result<T, Failure> {
        let refused = refusing();
        let instances = self.instantiate(&refused)?;
        let mut guest = JsGuest::new(lifted, |core| resolve(&instances, core, &refused), self.memory_bytes)?;
        call(&mut guest).map_err(|stop| Failure::run(during, &stop))
    }

    fn instantiate(&self, refused: &Function) -> Result<Vec<JsValue>, Failure> {
        let mut instances: Vec<JsValue> = Vec::with_capacity(self.plan.steps.len());
        for step in &self.plan.steps {
            let imports = Object::new();
            for (name, from) in &step.imports {
                let value = match from {
                    Imports::Instance(index) => instances.get(*index).cloned().unwrap_or(JsValue::UNDEFINED),
                    Imports::Items(items) => {
                        let object = Object::new();
                        for (name, core) in items {
                            define(&object, name, &resolve(&instances, core, refused)?)?;
                        }
                        object.into()
                    }
                };
                define(&imports, name, &value)?;
            }
            let module = self.modules.get(step.module).ok_or_else(|| Failure::compile("a module is missing"))?;
            let instance = WebAssembly::Instance::new(module, &imports).map_err(|error| not_started(&error))?;
            instances.push(instance.exports().into());
        }
        Ok(instances)
    }
}

/// An instance that could not be made: its parts do not fit together, or its start function failed.
fn not_started(error: &JsValue) -> Failure {
    let words = said(error);
    match get(error, "name").as_string().as_deref() {
        Some("LinkError" | "CompileError" | "TypeError") => Failure::compile(&words),
        _ => Failure::run(During::Start, &Stop::of_browser(&words)),
    }
}

/// A function that fails: what a call out of a component meets. The stubs that toolchains put there instead of a system do the same, as
/// `unreachable`. No text is made into code: the page's policy forbids it.
fn refusing() -> Function {
    let refuse = Closure::<dyn Fn() -> Result<(), JsValue>>::new(|| {
        Err(JsValue::from_str("unreachable: a call from one of its components to another"))
    });
    refuse.into_js_value().unchecked_into()
}

fn resolve(instances: &[JsValue], core: &Core, refused: &Function) -> Result<JsValue, Failure> {
    let missing = || Failure::compile("it refers to an export that is not there");
    match core {
        Core::Refused => Ok(refused.clone().into()),
        Core::Export { instance, name } => {
            let value = get(instances.get(*instance).ok_or_else(missing)?, name);
            if value.is_undefined() { Err(missing()) } else { Ok(value) }
        }
    }
}

/// Gives an object a property; a name such as `__proto__` stays a name.
fn define(object: &Object, name: &str, value: &JsValue) -> Result<(), Failure> {
    let descriptor = Object::new();
    put(&descriptor, "value", value);
    put(&descriptor, "enumerable", &JsValue::TRUE);
    match Reflect::define_property(object, &JsValue::from_str(name), &descriptor) {
        Ok(true) => Ok(()),
        _ => Err(Failure::compile("it imports the same name twice")),
    }
}
