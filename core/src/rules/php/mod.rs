//! Rules about php.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod allow_url_include;
pub mod development_server_in_production;
pub mod display_errors_on;
pub mod fpm_environment_exposed;
pub mod fpm_limit_extensions_cleared;
pub mod fpm_listens_on_all_interfaces;
pub mod fpm_override_has_no_effect;
pub mod memory_budget_exceeded;
pub mod no_production_php_ini;
pub mod opcache_revalidates_in_production;
pub mod open_basedir_unset;
pub mod process_functions_enabled;
pub mod register_argc_argv_on;
pub mod risky_ini_flags;
pub mod session_cookie_insecure;
pub mod upload_limits_excessive;
pub mod xdebug_in_production;
