//! What authors of plug-ins need: a beginning, a build, tests, a look at what was made.

pub mod bench;
pub mod browser;
pub mod build;
pub mod fixtures;
pub mod inspect;
pub mod scaffold;
pub mod subject;

mod numbers;
