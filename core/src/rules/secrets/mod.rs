//! Rules about secrets: where they are written, and which images and layers they end up in.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod app_config_cached_at_build;
pub mod composer_credentials_exposed;
pub mod default_secret_fallback;
pub mod env_file_committed;
pub mod env_file_in_image;
pub mod env_instead_of_secret_files;
pub mod framework_key_weak_or_leaked;
pub mod known_token_or_private_key;
pub mod literal_secret_in_compose;
pub mod secret_as_build_arg;
pub mod secret_in_dockerfile;
pub mod secret_on_command_line;
pub mod secret_over_exposed;
pub mod secret_reused;
pub mod sensitive_files_in_build_context;
