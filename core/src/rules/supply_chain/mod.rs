//! Rules about the supply chain: where images, packages and tools come from.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod composer_binary_unverified;
pub mod end_of_life_image;
pub mod unpinned_image_tag;
pub mod unverified_download_in_build;
