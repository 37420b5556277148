//! Rules about the configuration of nginx, Apache, Caddy and application servers.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod apache_override_or_handler_risk;
pub mod app_server_misconfigured;
pub mod caddy_admin_exposed;
pub mod directory_listing_or_traversal;
pub mod document_root_not_public;
pub mod dotfiles_served;
pub mod fastcgi_params_from_request;
pub mod php_executes_in_upload_directory;
pub mod php_location_accepts_path_info;
pub mod sensitive_files_in_document_root;
pub mod status_endpoints_public;
pub mod trusted_proxies_wildcard;
pub mod version_disclosure_and_headers;
