//! The generated side of the boundary. Plug-ins use [`crate::plugin`] instead.

use crate::plugin::{Plugin, Settings};
use exports::plimsoll::plugin::rules;
use std::marker::PhantomData;

#[allow(
    unsafe_code,
    missing_docs,
    unreachable_pub,
    reason = "generated: reads and writes the component's memory as the canonical ABI asks"
)]
#[allow(clippy::all, clippy::allow_attributes_without_reason, reason = "generated")]
mod generated {
    wit_bindgen::generate!({
        path: "../abi/wit",
        world: "plugin",
        pub_export_macro: true,
        default_bindings_module: "plimsoll_plugin_sdk::bindings",
        runtime_path: "plimsoll_plugin_sdk::bindings::runtime",
    });
}

pub use generated::*;
pub use wit_bindgen::rt as runtime;

plimsoll_plugin_abi::conversions!(crate::bindings::exports::plimsoll::plugin::rules);

/// A plug-in behind the generated interface.
pub struct Exported<P>(PhantomData<P>);

impl<P: Plugin> rules::Guest for Exported<P> {
    fn describe() -> rules::Metadata {
        P::metadata().cross()
    }

    fn check(project: rules::Project, settings: String) -> Result<Vec<rules::Finding>, rules::Error> {
        let project = crate::access::Project::new(project.cross());
        match P::check(&project, Settings::new(&settings)) {
            Ok(findings) => Ok(findings.cross()),
            Err(error) => Err(error.cross()),
        }
    }
}
