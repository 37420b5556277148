//! One function of a plug-in in this worker, with the memory its values are in.

use crate::failure::Failure;
use crate::js::said;
use js_sys::{Array, Function, Object, Uint8Array, WebAssembly};
use plimsoll_plugin_linker::canonical::Guest;
use plimsoll_plugin_linker::{Core, LiftedFunction, Stop};
use wasm_bindgen::{JsCast as _, JsValue};

/// A plug-in that gives up this close to its limit did so for want of memory: growing only fails here, and is no trap.
const CLOSE_BYTES: u64 = 4 << 20;

/// A function, its memory, and what goes with them.
pub(crate) struct JsGuest {
    function: Function,
    memory: WebAssembly::Memory,
    realloc: Option<Function>,
    post_return: Option<Function>,
    view: Uint8Array,
    memory_bytes: u64,
}

impl JsGuest {
    /// Finds what the plan names.
    pub(crate) fn new(
        lifted: &LiftedFunction,
        resolve: impl Fn(&Core) -> Result<JsValue, Failure>,
        memory_bytes: u64,
    ) -> Result<Self, Failure> {
        // A browser would call whatever is there with whatever it is given.
        let function = |core: &Core, parameters: u32| {
            let function = resolve(core)?.dyn_into::<Function>().ok();
            let function = function.filter(|function| function.length() == parameters);
            function.ok_or_else(|| Failure::compile("it exports no function of the right type where one is needed"))
        };
        let memory = resolve(&lifted.memory)?.dyn_into::<WebAssembly::Memory>();
        let memory = memory.map_err(|_| Failure::compile("it exports no memory where one is needed"))?;
        Ok(Self {
            function: function(&lifted.function, lifted.parameters)?,
            realloc: lifted.realloc.as_ref().map(|core| function(core, 4)).transpose()?,
            post_return: lifted.post_return.as_ref().map(|core| function(core, 1)).transpose()?,
            view: Uint8Array::new(&memory.buffer()),
            memory,
            memory_bytes,
        })
    }

    fn apply(&mut self, function: &Function, arguments: &[u32]) -> Result<JsValue, Stop> {
        let list: Array = arguments.iter().map(|&argument| JsValue::from(argument)).collect();
        function.apply(&JsValue::NULL, &list).map_err(|error| match Stop::of_browser(&said(&error)) {
            Stop::Panic if self.size() + CLOSE_BYTES > self.memory_bytes => Stop::Memory,
            stop => stop,
        })
    }

    /// The memory's bytes: growing it takes the old view away.
    fn view(&mut self) -> &Uint8Array {
        let buffer = self.memory.buffer();
        if !Object::is(&self.view.buffer(), &buffer) {
            self.view = Uint8Array::new(&buffer);
        }
        &self.view
    }
}

impl Guest for JsGuest {
    fn call(&mut self, arguments: &[u32]) -> Result<u32, Stop> {
        let function = self.function.clone();
        address(&self.apply(&function, arguments)?)
    }

    fn finish(&mut self, result: u32) -> Result<(), Stop> {
        match self.post_return.clone() {
            Some(post_return) => self.apply(&post_return, &[result]).map(|_| ()),
            None => Ok(()),
        }
    }

    fn allocate(&mut self, align: u32, size: u32) -> Result<u32, Stop> {
        let Some(realloc) = self.realloc.clone() else {
            return Err(Stop::Trap("it cannot make room".to_owned()));
        };
        address(&self.apply(&realloc, &[0, 0, align, size])?)
    }

    fn size(&mut self) -> u64 {
        u64::from(self.view().length())
    }

    fn write(&mut self, at: u32, bytes: &[u8]) {
        // Copying would throw, were it outside; the caller has looked at the size.
        let end = at.saturating_add(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        let place = self.view().subarray(at, end);
        if place.length() as usize == bytes.len() {
            place.copy_from(bytes);
        }
    }

    fn read(&mut self, at: u32, length: u32) -> Vec<u8> {
        self.view().subarray(at, at.saturating_add(length)).to_vec()
    }
}

/// An address comes back as a signed number.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a wasm i32 is a whole number of 32 bits")]
fn address(value: &JsValue) -> Result<u32, Stop> {
    let number = value.as_f64().ok_or_else(|| Stop::Value("no address".to_owned()))?;
    Ok(number as i64 as u32)
}
