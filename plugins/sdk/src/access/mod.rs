//! Typed access to the project: documents and their nodes, the resolved model and how its parts belong together.
//!
//! Everything here is a small handle that borrows the [`Project`] and is copied freely. What the model cannot say is `None` or an
//! empty iterator, never a guess.

mod document;
mod entity;
mod index;
mod model;
mod node;
mod project;
mod service;
mod stage;

pub use document::DocumentRef;
pub use entity::{EntityRef, Link};
pub use model::{Config, Image, Mount, Network, Port, Secret, View, Volume};
pub use node::NodeRef;
pub use project::Project;
pub use service::{Context, Service, Variable};
pub use stage::{Base, Stage};
