//! Rules about secrets: where they are written, and which images and layers they end up in.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod env_file_in_image;
pub mod literal_secret_in_compose;
pub mod secret_in_dockerfile;
pub mod sensitive_files_in_build_context;
