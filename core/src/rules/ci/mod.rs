//! Rules about pipelines: what they may do, and what they let through.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod action_or_image_unpinned_in_ci;
pub mod ci_daemon_access;
pub mod mutable_tag_only_push;
pub mod no_continuous_image_scanning;
pub mod no_provenance_sbom_signature;
pub mod untrusted_code_with_secrets;
