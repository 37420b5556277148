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
//! `plimsoll plugin build CRATE -o FILE` makes the component, `plimsoll check --plugin FILE` runs it. With the feature `testing`,
//! `testing::check` runs a plug-in on files without WebAssembly.

// Generated code names this crate by its name, because it also stands in the crates of plug-ins.
extern crate self as plimsoll_plugin_sdk;

pub mod access;
#[doc(hidden)]
pub mod bindings;
pub mod builders;
pub mod plugin;
#[cfg(feature = "testing")]
pub mod testing;

pub use plimsoll_plugin_abi as abi;

/// What most plug-ins need.
pub mod prelude {
    pub use crate::abi::{
        Confidence, Document, Edit, Entity, Error, ErrorKind, Finding, Fix, Location, Metadata, NodeKind, Rule,
        Severity, Span,
    };
    pub use crate::access::{DocumentRef, EntityRef, NodeRef, Project};
    pub use crate::builders::{
        BuildFinding as _, BuildFix as _, BuildMetadata as _, BuildRule as _, finding, fix, part, rule,
    };
    pub use crate::plugin::{Plugin, Settings};
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

/// A plug-in's metadata as its Cargo.toml tells it, still without rules.
#[macro_export]
macro_rules! metadata {
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
