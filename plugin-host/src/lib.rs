//! The terminal door: files in, the analysis of [`plimsoll_core`], text out.
//!
//! This crate owns what the core must not have: the file system, the terminal, plug-ins in wasmtime. Nothing depends on it but
//! the tests.

pub mod apply;
pub mod author;
pub mod boundaries;
pub mod breach;
pub mod exit;
pub mod facts;
pub mod human;
pub mod inventory;
pub mod manual;
pub mod map;
pub mod plan;
pub mod plugin;
pub mod score;
pub mod seal;
pub mod walk;
