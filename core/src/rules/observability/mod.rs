//! Rules about observability: whether anybody would notice.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod healthcheck_missing;
