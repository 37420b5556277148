//! The rules, one file each, in one folder for each pillar.
//!
//! To add a rule, add its file. The lists below and the tables in the manuals are rewritten from the files by
//! `core/tests/registry.rs`, which then fails once: run it again and commit.

use crate::rule::Rule;

// <registry> rewritten by core/tests/registry.rs
pub mod application;
pub mod ci;
pub mod control_plane;
pub mod datastores;
pub mod drift;
pub mod identity;
pub mod inventory;
pub mod isolation;
pub mod mounts;
pub mod network;
pub mod observability;
pub mod php;
pub mod secrets;
pub mod supply_chain;
pub mod web_server;

/// Every built-in rule, by pillar and name.
#[rustfmt::skip]
pub static RULES: &[&Rule] = &[
    &application::database_console_autologin::RULE,
    &application::debug_or_nonprod_mode::RULE,
    &application::debug_packages_in_production::RULE,
    &application::laravel_sail_in_production::RULE,
    &application::multiple_services_in_one_container::RULE,
    &application::sshd_in_container::RULE,
    &application::wordpress_hardening_missing::RULE,
    &ci::action_or_image_unpinned_in_ci::RULE,
    &ci::ci_daemon_access::RULE,
    &ci::mutable_tag_only_push::RULE,
    &ci::no_continuous_image_scanning::RULE,
    &ci::no_provenance_sbom_signature::RULE,
    &ci::untrusted_code_with_secrets::RULE,
    &control_plane::docker_api_over_tcp::RULE,
    &control_plane::docker_group_or_socket_permissions::RULE,
    &control_plane::docker_socket_mounted::RULE,
    &control_plane::socket_holder_exposed::RULE,
    &control_plane::socket_proxy_overprivileged::RULE,
    &control_plane::socket_proxy_reachable::RULE,
    &datastores::app_uses_database_superuser::RULE,
    &datastores::datastore_published::RULE,
    &datastores::datastore_without_authentication::RULE,
    &datastores::redis_dangerous_commands::RULE,
    &datastores::redis_data_dir_in_executable_path::RULE,
    &datastores::redis_mixed_duties::RULE,
    &datastores::redis_published::RULE,
    &datastores::redis_without_authentication::RULE,
    &datastores::weak_or_default_credentials::RULE,
    &drift::code_in_mutable_volume::RULE,
    &drift::container_filesystem_modified::RULE,
    &drift::declared_vs_running_mismatch::RULE,
    &drift::dev_override_running::RULE,
    &drift::image_from_commit::RULE,
    &drift::install_at_container_start::RULE,
    &drift::interactive_mutation_in_scripts::RULE,
    &drift::packages_installed_at_runtime::RULE,
    &drift::php_file_added_at_runtime::RULE,
    &identity::cli_worker_root::RULE,
    &identity::cron_as_root::RULE,
    &identity::fpm_allows_root::RULE,
    &identity::root_override::RULE,
    &identity::runs_as_root::RULE,
    &identity::sudo_or_setuid::RULE,
    &identity::supervisord_root_programs::RULE,
    &inventory::mixed_environments_on_one_host::RULE,
    &inventory::orphaned_service::RULE,
    &inventory::running_image_not_current::RULE,
    &inventory::stale_image::RULE,
    &inventory::stopped_containers::RULE,
    &inventory::unhealthy_or_restarting::RULE,
    &inventory::unmanaged_container::RULE,
    &inventory::unused_images::RULE,
    &inventory::unused_networks::RULE,
    &inventory::unused_volumes::RULE,
    &isolation::capabilities_not_dropped::RULE,
    &isolation::confinement_disabled::RULE,
    &isolation::daemon_hardening_missing::RULE,
    &isolation::dangerous_capability::RULE,
    &isolation::host_namespace_shared::RULE,
    &isolation::host_network::RULE,
    &isolation::no_new_privileges_missing::RULE,
    &isolation::privileged_container::RULE,
    &isolation::untrusted_processor_not_isolated::RULE,
    &mounts::code_owned_by_runtime_user::RULE,
    &mounts::config_mount_writable::RULE,
    &mounts::root_filesystem_writable::RULE,
    &mounts::sensitive_host_path_mounted::RULE,
    &mounts::source_bind_mount_in_production::RULE,
    &mounts::world_writable_permissions::RULE,
    &mounts::writable_volume_across_trust_zones::RULE,
    &network::admin_or_dev_ui_published::RULE,
    &network::data_network_not_internal::RULE,
    &network::flat_network::RULE,
    &network::fpm_port_published::RULE,
    &network::host_gateway_access::RULE,
    &network::internal_port_published::RULE,
    &network::plain_http_published::RULE,
    &network::published_port_bypasses_segmentation::RULE,
    &network::shared_external_network::RULE,
    &network::unneeded_reachability::RULE,
    &network::unrestricted_egress::RULE,
    &observability::errors_unlogged_or_debug_logging::RULE,
    &observability::healthcheck_missing::RULE,
    &observability::log_rotation_missing::RULE,
    &observability::logs_stay_in_container::RULE,
    &observability::no_central_observability::RULE,
    &observability::resource_limits_missing::RULE,
    &php::allow_url_include::RULE,
    &php::development_server_in_production::RULE,
    &php::display_errors_on::RULE,
    &php::fpm_environment_exposed::RULE,
    &php::fpm_limit_extensions_cleared::RULE,
    &php::fpm_listens_on_all_interfaces::RULE,
    &php::fpm_override_has_no_effect::RULE,
    &php::memory_budget_exceeded::RULE,
    &php::no_production_php_ini::RULE,
    &php::opcache_revalidates_in_production::RULE,
    &php::open_basedir_unset::RULE,
    &php::process_functions_enabled::RULE,
    &php::register_argc_argv_on::RULE,
    &php::risky_ini_flags::RULE,
    &php::session_cookie_insecure::RULE,
    &php::upload_limits_excessive::RULE,
    &php::xdebug_in_production::RULE,
    &secrets::app_config_cached_at_build::RULE,
    &secrets::composer_credentials_exposed::RULE,
    &secrets::default_secret_fallback::RULE,
    &secrets::env_file_committed::RULE,
    &secrets::env_file_in_image::RULE,
    &secrets::env_instead_of_secret_files::RULE,
    &secrets::framework_key_weak_or_leaked::RULE,
    &secrets::known_token_or_private_key::RULE,
    &secrets::literal_secret_in_compose::RULE,
    &secrets::secret_as_build_arg::RULE,
    &secrets::secret_in_dockerfile::RULE,
    &secrets::secret_on_command_line::RULE,
    &secrets::secret_over_exposed::RULE,
    &secrets::secret_reused::RULE,
    &secrets::sensitive_files_in_build_context::RULE,
    &supply_chain::composer_binary_unverified::RULE,
    &supply_chain::composer_dev_dependencies_in_production::RULE,
    &supply_chain::composer_insecure_config::RULE,
    &supply_chain::composer_lock_not_honoured::RULE,
    &supply_chain::composer_runs_untrusted_code_as_root::RULE,
    &supply_chain::end_of_life_image::RULE,
    &supply_chain::imported_scan_findings::RULE,
    &supply_chain::known_exploited_component::RULE,
    &supply_chain::no_digest_pin::RULE,
    &supply_chain::non_minimal_final_image::RULE,
    &supply_chain::unmaintained_image::RULE,
    &supply_chain::unpinned_image_tag::RULE,
    &supply_chain::untrusted_image_source::RULE,
    &supply_chain::unverified_download_in_build::RULE,
    &supply_chain::vulnerable_composer_package::RULE,
    &web_server::apache_override_or_handler_risk::RULE,
    &web_server::app_server_misconfigured::RULE,
    &web_server::caddy_admin_exposed::RULE,
    &web_server::directory_listing_or_traversal::RULE,
    &web_server::document_root_not_public::RULE,
    &web_server::dotfiles_served::RULE,
    &web_server::fastcgi_params_from_request::RULE,
    &web_server::php_executes_in_upload_directory::RULE,
    &web_server::php_location_accepts_path_info::RULE,
    &web_server::sensitive_files_in_document_root::RULE,
    &web_server::status_endpoints_public::RULE,
    &web_server::trusted_proxies_wildcard::RULE,
    &web_server::version_disclosure_and_headers::RULE,
];
// </registry>

#[cfg(test)]
pub(crate) mod testing;

/// The rule with an identity.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id == id)
}
