//! Rules about datastores.

// Rewritten by core/tests/registry.rs from the files in this folder.
pub mod app_uses_database_superuser;
pub mod datastore_published;
pub mod datastore_without_authentication;
pub mod redis_dangerous_commands;
pub mod redis_data_dir_in_executable_path;
pub mod redis_mixed_duties;
pub mod redis_published;
pub mod redis_without_authentication;
pub mod weak_or_default_credentials;
