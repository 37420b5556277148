//! Rules about whom processes run as.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod cli_worker_root;
pub mod root_override;
pub mod runs_as_root;
