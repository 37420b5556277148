//! The rules, one file each, in one folder for each pillar.
//!
//! To add a rule, add its file. The lists below and the tables in the manuals are rewritten from the files by
//! `core/tests/registry.rs`, which then fails once: run it again and commit.

use crate::rule::Rule;

// <registry> rewritten by core/tests/registry.rs
pub mod control_plane;
pub mod datastores;
pub mod identity;
pub mod isolation;
pub mod mounts;
pub mod network;
pub mod observability;
pub mod php;
pub mod secrets;
pub mod supply_chain;

/// Every built-in rule, by pillar and name.
#[rustfmt::skip]
pub static RULES: &[&Rule] = &[
    &control_plane::docker_socket_mounted::RULE,
    &datastores::redis_published::RULE,
    &datastores::redis_without_authentication::RULE,
    &identity::cli_worker_root::RULE,
    &identity::root_override::RULE,
    &identity::runs_as_root::RULE,
    &isolation::dangerous_capability::RULE,
    &isolation::host_namespace_shared::RULE,
    &isolation::privileged_container::RULE,
    &mounts::sensitive_host_path_mounted::RULE,
    &mounts::world_writable_permissions::RULE,
    &network::flat_network::RULE,
    &network::fpm_port_published::RULE,
    &network::internal_port_published::RULE,
    &observability::healthcheck_missing::RULE,
    &php::no_production_php_ini::RULE,
    &secrets::env_file_in_image::RULE,
    &secrets::literal_secret_in_compose::RULE,
    &secrets::secret_in_dockerfile::RULE,
    &secrets::sensitive_files_in_build_context::RULE,
    &supply_chain::composer_binary_unverified::RULE,
    &supply_chain::end_of_life_image::RULE,
    &supply_chain::unpinned_image_tag::RULE,
    &supply_chain::unverified_download_in_build::RULE,
];
// </registry>

#[cfg(test)]
pub(crate) mod testing;

/// The rule with an identity.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id == id)
}
