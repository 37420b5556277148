//! What a plug-in sees and says, as plain data.
//!
//! The interface itself is `wit/plimsoll-plugin.wit`, where every key and kind is described; these are the same records and enums
//! for everyone who holds such values: the core that makes and judges them, the host, the page, and the SDK. A test holds the two
//! together, and [`for_every_type!`] lets each of them write its conversions once for all types.

mod limits;
mod schema;
mod types;
pub mod vocabulary;

pub use limits::Limits;
pub use types::{
    Confidence, Document, Edit, Entity, Error, ErrorKind, Finding, Fix, FixSafety, Location, Metadata, Node, NodeKind,
    Project, Property, Related, Relation, Rule, Severity, Span,
};

/// The interface a plug-in exports, without its version.
pub const INTERFACE_NAME: &str = "plimsoll:plugin/rules";

/// The version of the interface that this crate describes.
pub const INTERFACE_VERSION: &str = "0.1.0";

/// The export a component must have.
pub const INTERFACE: &str = "plimsoll:plugin/rules@0.1.0";

/// The interface's text, for tools that wrap modules or scaffold plug-ins.
pub const WIT: &str = include_str!("../wit/plimsoll-plugin.wit");

/// The world a plug-in is built for.
pub const WORLD: &str = "plugin";
