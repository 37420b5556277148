//! Rules about access to the container engine.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod docker_api_over_tcp;
pub mod docker_group_or_socket_permissions;
pub mod docker_socket_mounted;
pub mod socket_holder_exposed;
pub mod socket_proxy_overprivileged;
pub mod socket_proxy_reachable;
