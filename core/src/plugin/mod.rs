//! The boundary to plug-ins: the project as they see it, and what they say checked before it counts.
//!
//! Terminal and page both go through here, so a plug-in means the same in either. Nothing here runs a plug-in. What is described is
//! listed in [`plimsoll_plugin_abi::vocabulary`]; a test holds the two together.

mod accept;
mod arena;
mod automation;
mod configs;
mod containers;
mod describe;
mod dockerfile;
mod info;
mod json;
mod judge;
mod model;
mod packages;
mod php;
mod problem;
mod properties;
mod reach;
mod services;
mod stages;
mod words;
mod yaml;

#[cfg(test)]
mod describe_tests;
#[cfg(test)]
mod judge_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vocabulary_tests;

pub use accept::{Accepted, accept};
pub use describe::describe;
pub use info::{PluginInfo, RuleInfo};
pub use judge::{Refusal, judge, shown};
pub use problem::Problem;
