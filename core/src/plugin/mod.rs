//! The boundary to plug-ins: the project as they see it, and what they say checked before it counts.
//!
//! Terminal and page both go through here, so a plug-in means the same in either. Nothing here runs a plug-in.

mod accept;
mod arena;
mod configs;
mod describe;
mod dockerfile;
mod model;
mod stages;
mod yaml;

#[cfg(test)]
mod tests;

pub use accept::{Accepted, Problem, Refusal, accept, judge};
pub use describe::describe;

/// Most findings one plug-in may give for one project: more are not read by anyone.
pub const MAX_FINDINGS: usize = 10_000;

/// Most rules one plug-in may declare.
pub const MAX_RULES: usize = 1_000;

/// Most bytes of a message, a title or another short text.
pub const MAX_MESSAGE: usize = 4 << 10;

/// Most bytes one edit may insert.
pub const MAX_EDIT: usize = 64 << 10;

/// Most places, fixes or edits that belong to one finding.
pub const MAX_PARTS: usize = 100;
