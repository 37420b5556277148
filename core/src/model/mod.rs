//! Typed views over the syntax trees. Every value keeps the place where it is written.
//!
//! The model knows nothing of rules.

pub mod ci;
pub mod commands;
pub mod compose;
pub mod composer;
pub mod docker_cli;
pub mod dockerfile;
pub mod interpolate;
pub mod inventory;
pub mod merge;
pub mod node;
pub mod php;
pub mod roadrunner;
pub mod scans;
pub mod supervisor;
pub mod unique;
pub mod web;

use crate::source::Location;

/// A value and where it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it is written.
    pub at: Location,
}

impl<T> Spanned<T> {
    /// A value at a place.
    pub fn new(value: T, at: Location) -> Self {
        Self { value, at }
    }
}
