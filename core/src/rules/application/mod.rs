//! Rules about the mode an application runs in, and the tools left in it.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod database_console_autologin;
pub mod debug_or_nonprod_mode;
pub mod debug_packages_in_production;
pub mod laravel_sail_in_production;
pub mod multiple_services_in_one_container;
pub mod sshd_in_container;
pub mod wordpress_hardening_missing;
