//! The keys that frameworks sign and encrypt with: `APP_KEY`, `APP_SECRET`, the salts of WordPress and Drupal.

use super::reused::SharedValue;
use super::{Project, ServiceRef};
use crate::facts::secrets::{is_guarded_path, is_placeholder};
use crate::finding::Confidence;
use crate::model::interpolate::Certainty;
use crate::model::php::WORDPRESS_KEYS;
use crate::source::{Location, file_name};

/// Variables that hold such a key.
const KEYS: [&str; 6] =
    ["APP_KEY", "APP_SECRET", "JWT_PASSPHRASE", "SECURITY_SALT", "encryption.key", "DRUPAL_HASH_SALT"];

/// Values that stand in the skeletons and documentation of frameworks, in lower case.
const KNOWN: [&str; 9] = [
    "thistokenisnotsosecretchangeit",
    "!changeme!",
    "changeme",
    "somerandomstring",
    "somerandomstring!",
    "put your unique phrase here",
    "__salt__",
    "s$cretf0rt3st",
    "secret",
];

/// What is wrong with a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyFault {
    /// It is empty.
    Empty,
    /// Everybody knows it.
    Known,
    /// It is too short to resist guessing.
    Short,
}

/// A key that protects nothing.
#[derive(Clone, Debug)]
pub struct FrameworkKey {
    /// Its name.
    pub key: String,
    /// What is wrong.
    pub fault: KeyFault,
    /// Where it is set.
    pub at: Location,
    /// How sure.
    pub confidence: Confidence,
}

/// Whether a variable holds a key of a framework.
#[must_use]
pub(super) fn is_framework_key(key: &str) -> bool {
    KEYS.contains(&key) || WORDPRESS_KEYS.iter().any(|name| key.strip_prefix("WORDPRESS_").unwrap_or(key) == *name)
}

impl ServiceRef<'_, '_> {
    /// The keys in its environment, and in the environment file of its application, that protect nothing.
    #[must_use]
    pub fn weak_framework_keys(self) -> Vec<FrameworkKey> {
        let mut found = Vec::new();
        for variable in self.service.variables.iter().filter(|variable| is_framework_key(&variable.key)) {
            let Some(value) = variable.value.as_ref().filter(|value| value.certainty == Certainty::Known) else {
                continue;
            };
            if let Some(fault) = fault(&variable.key, &value.text) {
                let at = self.written_at(variable);
                found.push(FrameworkKey { key: variable.key.clone(), fault, at, confidence: Confidence::High });
            }
        }
        if !self.environment_is_supplied() {
            return found;
        }
        let Some(application) = self.php_application() else { return found };
        let environment = self.project().application_environment(&application.folder);
        for variable in environment.variables.values().filter(|variable| is_framework_key(&variable.key)) {
            if self.variable(&variable.key).is_none()
                && let Some(fault) = variable.value.as_deref().and_then(|value| fault(&variable.key, value))
                // Symfony commits `APP_SECRET=` and expects the server to set it; Laravel reads its key from this file.
                && (fault != KeyFault::Empty || variable.key == "APP_KEY")
            {
                let (key, at) = (variable.key.clone(), variable.at);
                found.push(FrameworkKey { key, fault, at, confidence: Confidence::Medium });
            }
        }
        found
    }
}

impl Project<'_> {
    /// The keys that PHP files of applications write out and that protect nothing.
    #[must_use]
    pub fn weak_configured_keys(&self) -> Vec<FrameworkKey> {
        let mut found = Vec::new();
        for (path, config) in self.php_configs().filter(|(path, _)| !is_guarded_path(path)) {
            if file_name(path) == "wp-config.php" {
                for name in WORDPRESS_KEYS {
                    let Some(value) = config.constant(name) else { continue };
                    // A key that the environment decides is judged there.
                    let written = value.value.text();
                    if let Some(fault) = written.and_then(|text| fault(name, text)) {
                        let key = name.to_owned();
                        found.push(FrameworkKey { key, fault, at: value.at, confidence: Confidence::High });
                    }
                }
            }
            if file_name(path) == "settings.php"
                && let Some(entry) = config.php.assigned("settings", &["hash_salt"])
                && let Some(fault) = entry.value.text().and_then(|text| fault("hash_salt", text))
            {
                let at = Location::new(config.source, entry.value.span);
                found.push(FrameworkKey { key: "hash_salt".to_owned(), fault, at, confidence: Confidence::High });
            }
        }
        found
    }

    /// Keys of a deployment that serves users which one for development or tests sets to the same value, in another
    /// place.
    #[must_use]
    pub fn shared_framework_keys(&self) -> Vec<SharedValue> {
        self.shared_values(&|key, value| is_framework_key(key) && fault(key, value).is_none())
    }
}

fn fault(key: &str, value: &str) -> Option<KeyFault> {
    let value = value.trim();
    let bare = value.strip_prefix("base64:").unwrap_or(value).trim_end_matches('=');
    let first = bare.chars().next();
    if value.is_empty() {
        // Symfony signs nothing with a passphrase.
        return (key != "JWT_PASSPHRASE").then_some(KeyFault::Empty);
    }
    if value.contains('$') && !KNOWN.contains(&value.to_ascii_lowercase().as_str()) {
        return None;
    }
    let repeated = bare.chars().count() >= 4 && bare.chars().all(|c| Some(c) == first);
    // `%env(…)%`, `{{ … }}`, a path: what stands for a key, or a real salt with any character.
    let stands_for = value.contains(['(', '%', '{', '<']) || value.starts_with('/');
    if KNOWN.contains(&value.to_ascii_lowercase().as_str()) || repeated {
        return Some(KeyFault::Known);
    }
    if stands_for {
        return None;
    }
    if is_placeholder(key, value) {
        return Some(KeyFault::Known);
    }
    let least = if key == "JWT_PASSPHRASE" { 12 } else { 32 };
    (matches!(key, "APP_SECRET" | "SECURITY_SALT" | "JWT_PASSPHRASE") && value.chars().count() < least)
        .then_some(KeyFault::Short)
}

#[cfg(test)]
mod tests {
    use super::{KeyFault, fault, is_framework_key};

    #[test]
    fn faults() {
        assert_eq!(fault("APP_KEY", ""), Some(KeyFault::Empty));
        assert_eq!(fault("APP_KEY", &format!("base64:{}=", "A".repeat(43))), Some(KeyFault::Known));
        assert_eq!(fault("APP_SECRET", "ThisTokenIsNotSoSecretChangeIt"), Some(KeyFault::Known));
        assert_eq!(fault("AUTH_KEY", "put your unique phrase here"), Some(KeyFault::Known));
        assert_eq!(fault("APP_SECRET", "abc123def456"), Some(KeyFault::Short));
        assert_eq!(fault("APP_SECRET", &"0a1b2c3d".repeat(4)), None);
        assert_eq!(fault("APP_SECRET", "%env(file:APP_SECRET_FILE)%"), None);
        assert_eq!(fault("JWT_PASSPHRASE", ""), None);
        assert!(is_framework_key("WORDPRESS_AUTH_KEY") && !is_framework_key("DB_PASSWORD"));
    }
}
