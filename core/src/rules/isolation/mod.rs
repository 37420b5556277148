//! Rules about isolation.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod dangerous_capability;
pub mod host_namespace_shared;
pub mod privileged_container;
