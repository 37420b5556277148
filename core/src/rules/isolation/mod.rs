//! Rules about isolation.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod privileged_container;
