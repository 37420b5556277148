//! Rules about the supply chain: where images, packages and tools come from.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod composer_binary_unverified;
pub mod composer_dev_dependencies_in_production;
pub mod composer_insecure_config;
pub mod composer_lock_not_honoured;
pub mod composer_runs_untrusted_code_as_root;
pub mod end_of_life_image;
pub mod imported_scan_findings;
pub mod known_exploited_component;
pub mod no_digest_pin;
pub mod non_minimal_final_image;
pub mod unmaintained_image;
pub mod unpinned_image_tag;
pub mod untrusted_image_source;
pub mod unverified_download_in_build;
pub mod vulnerable_composer_package;
