//! Rules about networks: what is published, and who can talk to whom.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod admin_or_dev_ui_published;
pub mod data_network_not_internal;
pub mod flat_network;
pub mod fpm_port_published;
pub mod host_gateway_access;
pub mod internal_port_published;
pub mod plain_http_published;
pub mod published_port_bypasses_segmentation;
pub mod shared_external_network;
pub mod unneeded_reachability;
pub mod unrestricted_egress;
