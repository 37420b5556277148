//! Rules about what of the host and of each other containers see.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod sensitive_host_path_mounted;
pub mod world_writable_permissions;
