//! Rules about access to the container engine.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod docker_socket_mounted;
