//! `plimsoll:plugin/rules@0.1`: the interface that this version of the tool is written for, so its types cross as they are.

use super::{Adapter, Answer, Foreign, Instance, Prepared};
use crate::plugin::engine::Guard;
use plimsoll_plugin_abi as abi;
use wasmtime::Store;
use wasmtime::component::{Component, Linker};

#[allow(
    unsafe_code,
    missing_docs,
    unreachable_pub,
    reason = "generated: reads and writes a component's memory as the canonical ABI asks"
)]
#[allow(
    clippy::all,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::allow_attributes_without_reason,
    reason = "generated"
)]
mod generated {
    wasmtime::component::bindgen!({ path: "../plugins/abi/wit", world: "plugin" });
}

use generated::exports::plimsoll::plugin::rules;

plimsoll_plugin_abi::conversions!(crate::plugin::adapters::v0_1::generated::exports::plimsoll::plugin::rules);

/// Version 0.1.
pub(super) struct V0_1;

impl Adapter for V0_1 {
    fn series(&self) -> (u64, u64) {
        (0, 1)
    }

    fn prepare(&self, linker: &Linker<Guard>, component: &Component) -> wasmtime::Result<Box<dyn Prepared>> {
        let found = generated::PluginPre::new(linker.instantiate_pre(component)?)?;
        Ok(Box::new(found))
    }

    fn input(&self, project: &abi::Project) -> Foreign {
        let project: rules::Project = project.clone().cross();
        Box::new(project)
    }
}

impl Prepared for generated::PluginPre<Guard> {
    fn start(&self, store: &mut Store<Guard>) -> wasmtime::Result<Box<dyn Instance>> {
        Ok(Box::new(self.instantiate(store)?))
    }
}

impl Instance for generated::Plugin {
    fn describe(&self, store: &mut Store<Guard>) -> wasmtime::Result<abi::Metadata> {
        Ok(self.plimsoll_plugin_rules().call_describe(store)?.cross())
    }

    fn check(&self, store: &mut Store<Guard>, input: &Foreign, settings: &str) -> wasmtime::Result<Answer> {
        let Some(project) = input.downcast_ref::<rules::Project>() else {
            return Err(wasmtime::Error::msg("the project is described for another version of the interface"));
        };
        Ok(match self.plimsoll_plugin_rules().call_check(store, project, settings)? {
            Ok(findings) => Ok(findings.cross()),
            Err(error) => Err(error.cross()),
        })
    }
}
