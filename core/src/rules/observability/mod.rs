//! Rules about observability: whether anybody would notice.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod errors_unlogged_or_debug_logging;
pub mod healthcheck_missing;
pub mod log_rotation_missing;
pub mod logs_stay_in_container;
pub mod no_central_observability;
pub mod resource_limits_missing;
