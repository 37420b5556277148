//! Rules about whom processes run as.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod cli_worker_root;
pub mod cron_as_root;
pub mod fpm_allows_root;
pub mod root_override;
pub mod runs_as_root;
pub mod sudo_or_setuid;
pub mod supervisord_root_programs;
