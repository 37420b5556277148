//! wasmtime, set up for plug-ins, and one call into one of them.

use super::bindings;
use super::error::{During, PluginError, Stop};
use super::limits::Limits;
use std::time::Duration;
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, ResourceLimiter, Store, Trap};

/// How often the clock of [`Limits::ticks`] moves on.
const TICK: Duration = Duration::from_millis(10);

/// A compiler and its settings.
pub(super) struct Engine {
    engine: wasmtime::Engine,
}

/// What one call may use.
#[derive(Clone, Copy)]
pub(super) struct Run {
    pub(super) fuel: u64,
    pub(super) result_bytes: usize,
}

impl Engine {
    pub(super) fn new(limits: &Limits) -> Result<Self, PluginError> {
        let mut config = Config::new();
        config
            .wasm_component_model(true)
            .consume_fuel(true)
            .epoch_interruption(true)
            .max_wasm_stack(limits.stack_bytes);
        // The same result on every machine: no NaN bits of the processor, no instructions that may differ.
        config.cranelift_nan_canonicalization(true).wasm_relaxed_simd(false);
        // What no plug-in needs is not there to be attacked. Threads, GC and async are not even compiled in.
        config.wasm_memory64(false).wasm_multi_memory(false).wasm_stack_switching(false).wasm_custom_page_sizes(false);
        config.wasm_component_model_error_context(false).wasm_component_model_gc(false);
        let engine = wasmtime::Engine::new(&config).map_err(|error| PluginError::Compile(format!("{error:#}")))?;
        let weak = engine.weak();
        let ticker = std::thread::Builder::new().name("plug-in clock".to_owned()).spawn(move || {
            while let Some(engine) = weak.upgrade() {
                engine.increment_epoch();
                drop(engine);
                std::thread::sleep(TICK);
            }
        });
        // Without a thread there is still the fuel.
        drop(ticker);
        Ok(Self { engine })
    }

    pub(super) fn compile(&self, bytes: &[u8]) -> Result<Component, PluginError> {
        Component::new(&self.engine, bytes).map_err(|error| PluginError::Compile(format!("{error:#}")))
    }

    /// Instantiates a plug-in in a fresh store, calls it once, and drops the store: nothing of one call is left for the next.
    pub(super) fn call<T>(
        &self,
        component: &Component,
        limits: &Limits,
        run: Run,
        during: During,
        call: impl FnOnce(&bindings::Plugin, &mut Store<Guard>) -> wasmtime::Result<T>,
    ) -> Result<T, PluginError> {
        let mut store = Store::new(&self.engine, Guard::new(limits));
        store.limiter(|guard| guard);
        store.set_epoch_deadline(limits.ticks);
        store.set_hostcall_fuel(run.result_bytes);
        let fuel = store.set_fuel(run.fuel);
        fuel.map_err(|error| PluginError::Compile(format!("{error:#}")))?;
        let linker: Linker<Guard> = Linker::new(&self.engine);
        // Types are compared here; a start function of a module runs here, too.
        let plugin = match bindings::Plugin::instantiate(&mut store, component, &linker) {
            Ok(plugin) => plugin,
            Err(error) => return Err(not_started(&error, store.data())),
        };
        call(&plugin, &mut store).map_err(|error| PluginError::Run { during, stop: stop(&error, store.data()) })
    }
}

/// An instance that could not be made: it ran into a limit, or its types are others.
fn not_started(error: &wasmtime::Error, guard: &Guard) -> PluginError {
    if guard.denied.is_some() || error.downcast_ref::<Trap>().is_some() {
        PluginError::Run { during: During::Start, stop: stop(error, guard) }
    } else {
        PluginError::Shape(format!("{error:#}"))
    }
}

fn stop(error: &wasmtime::Error, guard: &Guard) -> Stop {
    if let Some(denied) = &guard.denied {
        return denied.clone();
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => Stop::Fuel,
        Some(Trap::Interrupt) => Stop::Time,
        Some(Trap::StackOverflow) => Stop::Stack,
        Some(Trap::UnreachableCodeReached) => Stop::Panic,
        Some(trap) => Stop::Trap(trap.to_string()),
        None => {
            let text = format!("{error:#}");
            // wasmtime has no type for this error.
            if text.contains("fuel allocated for hostcalls") { Stop::Result } else { Stop::Trap(text) }
        }
    }
}

/// Counts what a plug-in's memories and tables grow to, and remembers what it was denied.
pub(super) struct Guard {
    memory: usize,
    memory_limit: usize,
    elements: usize,
    element_limit: usize,
    instances: usize,
    entities: usize,
    denied: Option<Stop>,
}

impl Guard {
    fn new(limits: &Limits) -> Self {
        Self {
            memory: 0,
            memory_limit: limits.memory_bytes,
            elements: 0,
            element_limit: limits.table_elements,
            instances: limits.instances,
            entities: limits.stores,
            denied: None,
        }
    }
}

impl ResourceLimiter for Guard {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let total = self.memory.saturating_add(desired.saturating_sub(current));
        if total > self.memory_limit {
            self.denied = Some(Stop::Memory);
            // A trap, not a refusal: the plug-in's own out-of-memory message would say less.
            return Err(wasmtime::Error::msg("memory limit"));
        }
        self.memory = total;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        let total = self.elements.saturating_add(desired.saturating_sub(current));
        if total > self.element_limit {
            self.denied = Some(Stop::Table);
            return Err(wasmtime::Error::msg("table limit"));
        }
        self.elements = total;
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.entities
    }

    fn memories(&self) -> usize {
        self.entities
    }
}
