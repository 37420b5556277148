//! Rules about isolation.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod capabilities_not_dropped;
pub mod confinement_disabled;
pub mod daemon_hardening_missing;
pub mod dangerous_capability;
pub mod host_namespace_shared;
pub mod host_network;
pub mod no_new_privileges_missing;
pub mod privileged_container;
pub mod untrusted_processor_not_isolated;
