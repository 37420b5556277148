//! Rules about networks: what is published, and who can talk to whom.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod flat_network;
pub mod fpm_port_published;
pub mod internal_port_published;
