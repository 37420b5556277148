//! Runs plug-ins: components without any import, each in a store of its own, under fuel and limits.
//!
//! The way of a file: [`inspect::inspect`] (nothing is compiled yet) → [`Host::load`] (compiled, described under tight limits,
//! its name judged) → [`Host::run`] (a fresh store, what it says judged by [`plimsoll_core::plugin::accept`]). Whatever a plug-in
//! does, it ends as a [`PluginError`]; the host and the other plug-ins go on.

pub mod build;
pub mod error;
pub mod inspect;
pub mod limits;
pub mod run;

mod bindings;
mod engine;

pub use error::{During, PluginError, Stop};
pub use limits::Limits;

use bindings::Cross as _;
use engine::{Engine, Run};
use plimsoll_core::plugin::{Accepted, accept, describe, judge};
use plimsoll_core::project::Project;
use plimsoll_plugin_abi as abi;
use wasmtime::component::Component;

/// What compiles and runs plug-ins.
pub struct Host {
    engine: Engine,
    limits: Limits,
}

/// A plug-in ready to run.
pub struct Plugin {
    /// What it says of itself.
    pub metadata: abi::Metadata,
    component: Component,
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plugin").field("name", &self.metadata.name).finish_non_exhaustive()
    }
}

impl Host {
    /// A host under these limits.
    ///
    /// # Errors
    /// When this machine cannot compile WebAssembly.
    pub fn new(limits: Limits) -> Result<Self, PluginError> {
        Ok(Self { engine: Engine::new(&limits)?, limits })
    }

    /// Compiles a plug-in and has it describe itself.
    ///
    /// # Errors
    /// When it is no plug-in for this host.
    pub fn load(&self, bytes: &[u8]) -> Result<Plugin, PluginError> {
        inspect::inspect(bytes, &self.limits)?.fits()?;
        let component = self.engine.compile(bytes)?;
        let budget = Run { fuel: self.limits.describe_fuel, result_bytes: self.limits.describe_bytes };
        let metadata = self.engine.call(&component, &self.limits, budget, During::Describe, |plugin, store| {
            plugin.plimsoll_plugin_rules().call_describe(store)
        })?;
        let metadata: abi::Metadata = metadata.cross();
        judge(&metadata).map_err(PluginError::Refused)?;
        Ok(Plugin { metadata, component })
    }

    /// Runs a plug-in on a project.
    ///
    /// # Errors
    /// When it fails, runs into a limit, gives an error, or what it gives cannot be used at all. Findings that cannot be used one by
    /// one are in [`Accepted::problems`].
    pub fn run(&self, plugin: &Plugin, project: &Project<'_>, settings: &str) -> Result<Accepted, PluginError> {
        let input = describe(project);
        let bytes = input.documents.iter().map(|document| document.text.len()).sum::<usize>() + settings.len();
        let budget = Run { fuel: self.limits.fuel_for(bytes), result_bytes: self.limits.result_bytes };
        let input = input.cross();
        let said = self.engine.call(&plugin.component, &self.limits, budget, During::Check, |bindings, store| {
            bindings.plimsoll_plugin_rules().call_check(store, &input, settings)
        })?;
        let findings: Vec<abi::Finding> = said.map_err(|error| said_error(error.cross()))?.cross();
        accept(project, &plugin.metadata, findings).map_err(PluginError::Refused)
    }
}

fn said_error(error: abi::Error) -> PluginError {
    PluginError::Said { settings: error.kind == abi::ErrorKind::Settings, message: error.message }
}
