//! Rules about php.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod no_production_php_ini;
