//! Write rules for Plimsoll in Rust.
//!
//! A plug-in is a type with a name, rules and one function from a project to findings. It sees the files with their trees and the
//! resolved model, and nothing else: no file system, no network, no clock. The same component runs in the terminal and in the page.
//!
//! ```
//! use plimsoll_plugin_sdk::prelude::*;
//!
//! struct Maintainers;
//!
//! impl Plugin for Maintainers {
//!     fn metadata() -> Metadata {
//!         plimsoll_plugin_sdk::metadata!()
//!             .rule(rule("deprecated-maintainer", "MAINTAINER is deprecated", Severity::Info, "Tools read the label instead."))
//!     }
//!
//!     fn check(project: &Project, _: Settings<'_>) -> Result<Vec<Finding>, Error> {
//!         let found = project.documents("dockerfile").flat_map(|doc| doc.instructions("MAINTAINER"));
//!         Ok(found.map(|node| finding("deprecated-maintainer", node.location(), "This image names its author in MAINTAINER")).collect())
//!     }
//! }
//!
//! plimsoll_plugin_sdk::export!(Maintainers);
//! ```
//!
//! `plimsoll plugin build CRATE -o FILE` makes the component, `plimsoll check --plugin FILE` runs it. Without WebAssembly, a plug-in
//! runs on a project in JSON with [`native`], and, in Plimsoll's own checkout, on files with the feature `testing`.
//!
//! # The project
//!
//! A [`Project`](access::Project) has documents, which are trees of [nodes](access::NodeRef) as they are written, and the resolved
//! model: services, stages, images, networks, volumes, after merge and interpolation. Rules mostly ask the model and use the tree to
//! point at something or to mend it:
//!
//! ```
//! use plimsoll_plugin_sdk::prelude::*;
//!
//! fn restart_policies(project: &Project) -> Vec<Finding> {
//!     let deployed = project.services().filter(|service| Context::deployed().contains(&service.context()));
//!     let without = deployed.filter(|service| service.property("restart").is_none());
//!     let found = without.filter_map(|service| {
//!         let add = |node| fix("Restart it unless it was stopped").add_key(node, "restart: unless-stopped");
//!         let fix = service.node().and_then(add);
//!         Some(finding("no-restart", service.origin()?, format!("`{}` stays down", service.name())).on(service).fix(fix))
//!     });
//!     found.collect()
//! }
//! ```
//!
//! What the files do not tell is absent, and a value with a `$` in it is not wholly known ([`access::Variable::known`]): a rule that
//! says nothing then is believed when it says something.

// Generated code names this crate by its name, because it also stands in the crates of plug-ins.
extern crate self as plimsoll_plugin_sdk;

pub mod access;
#[doc(hidden)]
pub mod bindings;
pub mod builders;
pub mod native;
pub mod pattern;
pub mod plugin;
pub mod shell;
#[cfg(feature = "testing")]
pub mod testing;

pub use plimsoll_plugin_abi as abi;

/// What most plug-ins need.
pub mod prelude {
    pub use crate::abi::{
        Confidence, Document, Edit, Entity, Error, ErrorKind, Finding, Fix, FixSafety, Location, Metadata, NodeKind,
        Rule, Severity, Span,
    };
    pub use crate::access::{
        Base, Config, Context, DocumentRef, EntityRef, Image, Link, Mount, Network, NodeRef, Port, Project, Secret,
        Service, Stage, Variable, View, Volume,
    };
    pub use crate::builders::{
        BuildFinding as _, BuildFix as _, BuildMetadata as _, BuildRule as _, SeveritySteps as _, finding, fix, part,
        rule, yaml_text,
    };
    pub use crate::plugin::{Plugin, Settings, settings_error};
}

/// Exports a type that implements [`plugin::Plugin`] from the component.
#[macro_export]
macro_rules! export {
    ($plugin:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            type PlimsollPlugin = $crate::bindings::Exported<$plugin>;
    $crate::bindings::export!(PlimsollPlugin with_types_in $crate::bindings);
        };
    };
}

/// A plug-in's metadata as its Cargo.toml tells it, still without rules; with the JSON Schema of its settings when one is given:
/// `metadata!(include_str!("../settings.schema.json"))`.
#[macro_export]
macro_rules! metadata {
    ($schema:expr) => {
        $crate::builders::BuildMetadata::settings_schema($crate::metadata!(), $schema)
    };
    () => {
        $crate::abi::Metadata {
            name: ::std::env!("CARGO_PKG_NAME").to_owned(),
            version: ::std::env!("CARGO_PKG_VERSION").to_owned(),
            description: ::std::env!("CARGO_PKG_DESCRIPTION").to_owned(),
            license: ::std::env!("CARGO_PKG_LICENSE").to_owned(),
            rules: ::std::vec::Vec::new(),
            settings_schema: ::std::option::Option::None,
            properties: ::std::vec::Vec::new(),
        }
    };
}

// The examples of the manual are held to compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Manual;
