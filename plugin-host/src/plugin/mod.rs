//! Runs plug-ins: components without any import, each in a store of its own, under fuel and limits.
//!
//! The way of a file: [`inspect::inspect`] (nothing is compiled yet) → [`Host::load`] (compiled in a process of its own or taken from
//! the [`Cache`], described under tight limits, its name judged) → [`Host::run`] (settings held against its schema, a fresh store,
//! what it says judged by [`plimsoll_core::plugin::accept`]). Whatever a plug-in does, it ends as a [`PluginError`]; the host and the
//! other plug-ins go on.

pub mod cache;
pub mod compile;
pub mod config;
pub mod error;
pub mod inspect;
pub mod lock;
pub mod measure;
#[cfg(feature = "oci")]
pub mod oci;
pub mod run;
pub mod signature;
pub mod source;

mod adapters;
mod engine;
mod guard;
mod ticker;

pub use adapters::Input;
pub use cache::Cache;
pub use compile::Compiler;
pub use error::{During, PluginError, Stop};
pub use plimsoll_plugin_abi::Limits;

use adapters::{Chosen, Prepared};
use cache::Key;
use engine::{Engine, Job};
use plimsoll_core::plugin::{Accepted, accept, judge, shown};
use plimsoll_core::project::Project;
use plimsoll_plugin_abi as abi;
use plimsoll_plugin_settings::Fault;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How a host is set up.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What plug-ins may use.
    pub limits: Limits,
    /// Where they are compiled.
    pub compiler: Compiler,
    /// Where what was compiled is kept; nowhere unless given.
    pub cache: Option<Cache>,
}

impl Setup {
    /// Compiles in this process and keeps nothing: for tests and tools that made the plug-in themselves.
    #[must_use]
    pub fn in_process(limits: Limits) -> Self {
        Self { limits, compiler: Compiler::InProcess, cache: None }
    }
}

/// What compiles and runs plug-ins.
pub struct Host {
    engine: Engine,
    setup: Setup,
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host").field("setup", &self.setup).finish_non_exhaustive()
    }
}

/// A plug-in ready to run.
pub struct Plugin {
    /// What it says of itself, safe to show.
    pub metadata: abi::Metadata,
    /// SHA-256 of its file, in hexadecimal digits.
    pub digest: String,
    /// The interface it is run through, with its version.
    pub interface: String,
    /// Whether it was compiled before.
    pub from_cache: bool,
    /// How long compiling it took, when it was compiled now.
    pub compile_time: Option<Duration>,
    /// Bytes of machine code and what belongs to it.
    pub compiled_bytes: usize,
    chosen: Chosen,
    prepared: Box<dyn Prepared>,
    /// Settings that its schema allows: many projects have the same.
    allowed: Mutex<Option<String>>,
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plugin")
            .field("name", &self.metadata.name)
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Ran {
    /// What is taken of its findings.
    pub accepted: Accepted,
    /// The fuel it used.
    pub fuel: u64,
    /// The most memory it had.
    pub memory_bytes: u64,
}

/// Machine code of a plug-in, and where it is from.
struct Compiled {
    component: wasmtime::component::Component,
    chosen: Chosen,
    bytes: usize,
    time: Option<Duration>,
}

impl Host {
    /// A host.
    ///
    /// # Errors
    /// When this machine cannot compile WebAssembly.
    pub fn new(setup: Setup) -> Result<Self, PluginError> {
        Ok(Self { engine: Engine::new(&setup.limits)?, setup })
    }

    /// What plug-ins may use here.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.setup.limits
    }

    /// Compiles a plug-in, or takes it from the cache, and has it describe itself.
    ///
    /// # Errors
    /// When it is no plug-in for this host.
    pub fn load(&self, bytes: &[u8]) -> Result<Plugin, PluginError> {
        let limits = self.limits();
        // Enough to know the file by, and what a file that was compiled before is still asked.
        let outline = inspect::outline(bytes, limits)?;
        outline.fits()?;
        let kept = self.setup.cache.as_ref().map(|cache| {
            let key = Key::new(self.engine.fingerprint(), &outline.sha256, limits);
            (cache, key)
        });
        let cached = kept.as_ref().and_then(|(cache, key)| self.adopt(&cache.get(key)?, &outline.exports, None).ok());
        let from_cache = cached.is_some();
        let compiled = match cached {
            Some(compiled) => compiled,
            None => {
                inspect::inspect(bytes, limits)?;
                let begun = Instant::now();
                let artefact = self.setup.compiler.compile(&self.engine, bytes, limits)?;
                let compiled = self.adopt(&artefact, &outline.exports, Some(begun.elapsed()))?;
                if let Some((cache, key)) = &kept {
                    cache.put(key, &artefact);
                }
                compiled
            }
        };
        let prepared = self.engine.prepare(compiled.chosen.adapter, &compiled.component)?;
        let metadata = self.described(prepared.as_ref())?;
        Ok(Plugin {
            metadata,
            digest: outline.sha256,
            interface: compiled.chosen.export.clone(),
            from_cache,
            compile_time: compiled.time,
            compiled_bytes: compiled.bytes,
            chosen: compiled.chosen,
            prepared,
            allowed: Mutex::new(None),
        })
    }

    #[allow(unsafe_code, reason = "wasmtime cannot tell whether machine code is its own")]
    fn adopt(&self, artefact: &[u8], exports: &[String], time: Option<Duration>) -> Result<Compiled, PluginError> {
        // SAFETY: the bytes are from this program's own compiler, here or in a child of the same program, or from the cache: a file
        // that only this user can have written, with the digest of its content, the compiler's fingerprint and this version in it.
        let component = unsafe { self.engine.adopt(artefact) }?;
        Ok(Compiled { component, chosen: adapters::of(exports)?, bytes: artefact.len(), time })
    }

    fn described(&self, plugin: &dyn Prepared) -> Result<abi::Metadata, PluginError> {
        let limits = self.limits();
        let job = Job {
            plugin,
            limits,
            fuel: limits.describe_fuel,
            result_bytes: limits.describe_bytes,
            during: During::Describe,
        };
        let (metadata, _) = self.engine.call(&job, |instance, store| instance.describe(store))?;
        judge(&metadata, limits).map_err(PluginError::Refused)?;
        Ok(shown(&metadata))
    }

    /// Runs a plug-in on a project.
    ///
    /// # Errors
    /// When its settings do not match its schema, it fails, runs into a limit, gives an error, or what it gives cannot be used at all.
    /// Findings that cannot be used one by one are in [`Accepted::problems`].
    pub fn run(&self, plugin: &Plugin, project: &Project<'_>, settings: &str) -> Result<Ran, PluginError> {
        self.run_on(plugin, project, &Input::of(project), settings)
    }

    /// The same for a project that is described already: describing it once is enough for all plug-ins.
    ///
    /// # Errors
    /// As [`Host::run`].
    pub fn run_on(
        &self,
        plugin: &Plugin,
        project: &Project<'_>,
        input: &Input,
        settings: &str,
    ) -> Result<Ran, PluginError> {
        let limits = self.limits();
        let settings = if settings.trim().is_empty() { "{}" } else { settings };
        self.allow(plugin, settings)?;
        let Some(foreign) = input.for_plugin(&plugin.chosen) else { return Err(PluginError::NoInterface) };
        let job = Job {
            plugin: plugin.prepared.as_ref(),
            limits,
            fuel: limits.fuel_for(input.bytes().saturating_add(settings.len())),
            result_bytes: limits.result_bytes,
            during: During::Check,
        };
        let (answer, used) = self.engine.call(&job, |instance, store| instance.check(store, foreign, settings))?;
        let findings = answer.map_err(|error| PluginError::Said {
            settings: error.kind == abi::ErrorKind::Settings,
            message: error.message,
        })?;
        let accepted = accept(project, &plugin.metadata, findings, limits).map_err(PluginError::Refused)?;
        Ok(Ran { accepted, fuel: used.fuel, memory_bytes: used.memory_bytes })
    }

    /// Holds settings against a plug-in's schema.
    fn allow(&self, plugin: &Plugin, settings: &str) -> Result<(), PluginError> {
        let mut allowed = plugin.allowed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if allowed.as_deref() == Some(settings) {
            return Ok(());
        }
        let fault = |message: String| PluginError::Settings(vec![Fault { pointer: String::new(), message }]);
        let most = self.limits().settings_bytes;
        if !Limits::holds(most, settings.len()) {
            return Err(fault(format!("the settings have {} bytes; the limit is {most}", settings.len())));
        }
        let object: Result<serde_json::Map<String, serde_json::Value>, _> = serde_json::from_str(settings);
        object.map_err(|error| fault(format!("the settings are no JSON object: {error}")))?;
        if let Some(schema) = &plugin.metadata.settings_schema {
            plimsoll_plugin_settings::validate(schema, settings).map_err(PluginError::Settings)?;
        }
        *allowed = Some(settings.to_owned());
        Ok(())
    }
}
