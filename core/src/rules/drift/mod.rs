//! Rules about containers that were changed instead of replaced.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod code_in_mutable_volume;
pub mod container_filesystem_modified;
pub mod declared_vs_running_mismatch;
pub mod dev_override_running;
pub mod image_from_commit;
pub mod install_at_container_start;
pub mod interactive_mutation_in_scripts;
pub mod packages_installed_at_runtime;
pub mod php_file_added_at_runtime;
