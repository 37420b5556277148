//! Rules about what of the host and of each other containers see.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod code_owned_by_runtime_user;
pub mod config_mount_writable;
pub mod root_filesystem_writable;
pub mod sensitive_host_path_mounted;
pub mod source_bind_mount_in_production;
pub mod world_writable_permissions;
pub mod writable_volume_across_trust_zones;
