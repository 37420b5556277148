//! Rules about what is running, and what was left behind.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod mixed_environments_on_one_host;
pub mod orphaned_service;
pub mod running_image_not_current;
pub mod stale_image;
pub mod stopped_containers;
pub mod unhealthy_or_restarting;
pub mod unmanaged_container;
pub mod unused_images;
pub mod unused_networks;
pub mod unused_volumes;
