//! Rules about datastores.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod redis_published;
pub mod redis_without_authentication;
