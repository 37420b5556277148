//! Who can reach what: the graph of a deployment with its evidence, what a breach of each service leads to, how much is lost with
//! it, which networks would keep it small, and how each container stands towards the machine.
//!
//! [`of`] makes a [`model::Graph`] from a project. Everything else is computed from the graph alone: [`segment`], [`walk`],
//! [`blast`], [`cuts`], [`plan`]. Only what reads or writes files asks the project again: [`boundary`], [`patch`].

pub mod blast;
pub mod boundary;
mod build;
pub mod cuts;
mod doors;
mod entries;
mod escape;
mod holdings;
mod influence;
pub mod model;
pub mod outcome;
pub mod patch;
pub mod plan;
mod reach;
pub mod segment;
#[cfg(test)]
mod testing;
pub mod visibility;
pub mod walk;

pub use build::of;

use crate::project::Project;
use model::Graph;

/// The graphs of all deployments of a project. A Dockerfile that no Compose file builds is none.
#[must_use]
pub fn all(project: &Project<'_>) -> Vec<Graph> {
    project.views.iter().filter(|view| !view.standalone).map(|view| of(project, view)).collect()
}
