//! wasmtime, set up for plug-ins, and one call into one of them.

use super::adapters::{Adapter, Instance, Prepared};
use super::error::{During, PluginError};
pub(super) use super::guard::Guard;
use super::guard::stop;
use super::ticker::Ticker;
use plimsoll_plugin_abi::Limits;
use std::panic::{AssertUnwindSafe, catch_unwind};
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Store};

/// Bytes of native stack that a call may use at most, whatever is granted: wasmtime itself takes no more.
const MOST_STACK: usize = 2 << 20;

/// As much as a thread of any program has to spare.
const SPARE_STACK: usize = 512 << 10;

/// Handles that plug-ins may hold on one another's resources: these are the host's memory, and findings need none.
const HANDLES: usize = 10_000;

/// A compiler and its settings.
pub(super) struct Engine {
    engine: wasmtime::Engine,
    stack: usize,
    _ticker: Ticker,
}

/// One call: of whom, and what it may use.
pub(super) struct Job<'a> {
    pub(super) plugin: &'a dyn Prepared,
    pub(super) limits: &'a Limits,
    pub(super) fuel: u64,
    pub(super) result_bytes: u64,
    pub(super) during: During,
}

/// What a call used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Used {
    pub(super) fuel: u64,
    pub(super) memory_bytes: u64,
}

/// Settings of the compiler: the same in the process that compiles and in the one that runs.
fn config() -> Config {
    let mut config = Config::new();
    config.wasm_component_model(true).consume_fuel(true).epoch_interruption(true);
    // The same result on every machine: no NaN bits of the processor, no instructions that may differ.
    config.cranelift_nan_canonicalization(true).wasm_relaxed_simd(false);
    // What no plug-in needs is not there to be attacked. Threads, GC, exceptions, async and the text format are not even compiled in.
    config.wasm_memory64(false).wasm_stack_switching(false).wasm_custom_page_sizes(false).wasm_wide_arithmetic(false);
    config
        .wasm_component_model_error_context(false)
        .wasm_component_model_gc(false)
        .wasm_component_model_memory64(false);
    // wasmtime joins nested components by modules of its own that use two memories. A plug-in's own modules have one: see `inspect`.
    config.wasm_multi_memory(true);
    // Nobody reads where in a plug-in it failed.
    config.wasm_backtrace_max_frames(None).generate_address_map(false);
    config
}

/// Compiles, without what running needs.
pub(super) fn compile(bytes: &[u8]) -> Result<Vec<u8>, PluginError> {
    let engine = wasmtime::Engine::new(&config()).map_err(|error| refused(&error))?;
    precompile(&engine, bytes)
}

/// A compiler is large and the file a stranger's: should it panic, the plug-in fails and not the tool.
fn precompile(engine: &wasmtime::Engine, bytes: &[u8]) -> Result<Vec<u8>, PluginError> {
    match catch_unwind(AssertUnwindSafe(|| engine.precompile_component(bytes))) {
        Ok(compiled) => compiled.map_err(|error| refused(&error)),
        Err(panic) => {
            let said = panic.downcast_ref::<String>().cloned();
            let said = said.or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()));
            Err(PluginError::CompileCrashed(said.unwrap_or_else(|| "it panicked".to_owned())))
        }
    }
}

fn refused(error: &wasmtime::Error) -> PluginError {
    PluginError::Compile(format!("{error:#}"))
}

impl Engine {
    pub(super) fn new(limits: &Limits) -> Result<Self, PluginError> {
        let stack = Limits::size(limits.stack_bytes).clamp(16 << 10, MOST_STACK);
        let mut config = config();
        config.max_wasm_stack(stack);
        let engine = wasmtime::Engine::new(&config).map_err(|error| refused(&error))?;
        let ticker = Ticker::start(engine.weak());
        Ok(Self { engine, stack, _ticker: ticker })
    }

    /// What machine code depends on besides the file.
    pub(super) fn fingerprint(&self) -> impl std::hash::Hash + '_ {
        self.engine.precompile_compatibility_hash()
    }

    pub(super) fn compile(&self, bytes: &[u8]) -> Result<Vec<u8>, PluginError> {
        precompile(&self.engine, bytes)
    }

    /// Takes over machine code that this program compiled.
    ///
    /// # Safety
    /// The bytes must be what [`compile`] or [`Engine::compile`] of this program gave, unchanged.
    #[allow(unsafe_code, reason = "wasmtime cannot tell whether machine code is its own")]
    pub(super) unsafe fn adopt(&self, artefact: &[u8]) -> Result<Component, PluginError> {
        // SAFETY: the caller's promise.
        unsafe { Component::deserialize(&self.engine, artefact) }.map_err(|error| refused(&error))
    }

    /// Finds an interface in a component.
    pub(super) fn prepare(
        &self,
        adapter: &dyn Adapter,
        component: &Component,
    ) -> Result<Box<dyn Prepared>, PluginError> {
        let linker: Linker<Guard> = Linker::new(&self.engine);
        adapter.prepare(&linker, component).map_err(|error| PluginError::Shape(format!("{error:#}")))
    }

    /// Instantiates a plug-in in a fresh store, calls it once, and drops the store: nothing of one call is left for the next.
    pub(super) fn call<T: Send>(
        &self,
        job: &Job<'_>,
        call: impl FnOnce(&dyn Instance, &mut Store<Guard>) -> wasmtime::Result<T> + Send,
    ) -> Result<(T, Used), PluginError> {
        if self.stack <= SPARE_STACK {
            return self.call_here(job, call);
        }
        // A stack that the user made larger needs a thread that has it.
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(self.stack + SPARE_STACK + (1 << 20));
            let spawned = thread.spawn_scoped(scope, || self.call_here(job, call));
            let ended = spawned.ok().and_then(|thread| thread.join().ok());
            ended.unwrap_or_else(|| Err(PluginError::Compile("there is no thread to run it on".to_owned())))
        })
    }

    fn call_here<T>(
        &self,
        job: &Job<'_>,
        call: impl FnOnce(&dyn Instance, &mut Store<Guard>) -> wasmtime::Result<T>,
    ) -> Result<(T, Used), PluginError> {
        let mut store = Store::new(&self.engine, Guard::new(job.limits));
        store.limiter(|guard| guard);
        store.set_epoch_deadline(job.limits.ticks);
        store.set_hostcall_fuel(Limits::size(job.result_bytes));
        store.set_max_component_handles(HANDLES);
        store.set_fuel(job.fuel).map_err(|error| refused(&error))?;
        // Types are compared here; a start function of a module runs here, too.
        let instance = match job.plugin.start(&mut store) {
            Ok(instance) => instance,
            Err(error) => {
                return Err(match store.data().stopped(&error) {
                    Some(stop) => PluginError::Run { during: During::Start, stop },
                    None => PluginError::Shape(format!("{error:#}")),
                });
            }
        };
        let answer = call(instance.as_ref(), &mut store)
            .map_err(|error| PluginError::Run { during: job.during, stop: stop(&error, store.data()) })?;
        let left = store.get_fuel().unwrap_or(job.fuel);
        Ok((answer, Used { fuel: job.fuel.saturating_sub(left), memory_bytes: store.data().memory_bytes() }))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a failing test may panic")]
mod tests {
    use super::*;

    fn compiled(fields: &str) -> Result<Vec<u8>, PluginError> {
        compile(&wat::parse_str(format!("(component (core module {fields}))")).unwrap())
    }

    /// A second wall: what the look at the file names and refuses, the compiler would not take either.
    #[test]
    fn what_is_off_is_off_in_the_compiler_too() {
        let off = [
            "(memory i64 1)",
            "(memory 1 2 shared)",
            "(memory 1 (pagesize 1))",
            "(tag)",
            "(func (param anyref))",
            "(memory 1) (func (drop (i32.atomic.load (i32.const 0))))",
            "(func (drop (i8x16.relaxed_swizzle (v128.const i64x2 0 0) (v128.const i64x2 0 0))))",
            "(func (i64.add128 (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0)) (drop) (drop))",
        ];
        for fields in off {
            assert!(matches!(compiled(fields), Err(PluginError::Compile(_))), "{fields}");
        }
        assert!(matches!(compile(b"(component)"), Err(PluginError::Compile(_))), "the text format");
        assert!(compiled("(memory 1) (func (drop (i32x4.splat (i32.const 1))))").is_ok());
    }

    #[test]
    fn the_same_file_gives_the_same_machine_code() {
        let fields =
            "(func (export \"f\") (param f64) (result f64) (f64.sqrt (local.get 0)))".to_owned() + &"(func)".repeat(50);
        assert_eq!(compiled(&fields).unwrap(), compiled(&fields).unwrap());
    }

    #[test]
    fn a_stack_is_never_none_and_never_more_than_there_is() {
        for (granted, given) in [(0, 16 << 10), (512 << 10, 512 << 10), (u64::MAX, MOST_STACK)] {
            assert_eq!(Engine::new(&Limits { stack_bytes: granted, ..Limits::default() }).unwrap().stack, given);
        }
    }
}
