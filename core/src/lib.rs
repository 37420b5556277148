//! The pure analysis of Plimsoll: names and text in, plain data out.
//!
//! ```
//! use plimsoll_core::{Date, Options, Sources, check};
//!
//! let mut sources = Sources::new();
//! sources.add("compose.yaml", "services:\n  app:\n    image: php:8.4-fpm\n    privileged: true\n");
//! let report = check(&sources, &Options::new(Date::new(2026, 11, 24)));
//! assert!(report.findings.iter().any(|finding| finding.rule == "isolation/privileged-container"));
//! ```
//!
//! The way data takes: [`source`] → [`detect`] → [`syntax`] (one file → tree, errors, comments) → [`model`] (typed views, every
//! value keeps its place) → [`project`] (the only step across files) → [`rules`] → [`engine`] (joined by root cause, sorted) →
//! [`report`] (rendered). Beside the rules stands [`graph`]: who reaches whom in each deployment, what a breach leads to, and which
//! networks would keep it small. Each step may be called and tested alone; none looks back, but for one thing that is kept: the plan
//! of a view's networks, which several rules offer as their fix, is remembered by the project.
//!
//! What is deliberately absent, and enforced by `clippy.toml`: file system, environment, network, processes, threads, clock,
//! randomness, terminal. Today's date is an argument. Nothing panics on any input: a broken file yields its findings and located
//! notices. The same input gives the same report, byte for byte, natively and in wasm.

pub mod date;
pub mod detect;
pub mod engine;
pub mod facts;
pub mod finding;
pub mod fix;
pub mod graph;
pub mod image;
pub mod inventory;
pub mod model;
pub mod plugin;
pub mod policy;
pub mod project;
pub mod report;
pub mod rule;
pub mod rules;
pub mod score;
pub mod source;
pub mod span;
pub mod suppress;
pub mod syntax;
pub mod text;

pub use date::Date;
pub use engine::{Options, Report, check};
pub use finding::{Confidence, Finding, Severity};
pub use fix::{Fix, Safety};
pub use source::Sources;
