//! How a stack hands secrets to its services: through the environment, or through files and a secret manager.

use super::{Project, ServiceRef, View, secret_in};
use crate::facts::secrets::{KeyStrength, key_is_secret};
use crate::model::compose::EnvVar;
use crate::model::interpolate::Certainty;

/// Beginnings of variables that tell of a secret manager.
const MANAGERS: [&str; 8] = [
    "VAULT_ADDR",
    "VAULT_ROLE",
    "AWS_SECRETS",
    "DOPPLER_",
    "INFISICAL_",
    "OP_SERVICE_ACCOUNT",
    "OP_CONNECT",
    "AKEYLESS_",
];
/// Commands that put secrets in when a process starts.
const WRAPPERS: [&str; 6] = ["doppler run", "op run", "infisical run", "chamber exec", "sops exec", "vault agent"];

impl<'p> ServiceRef<'p, '_> {
    /// The variables of its environment that hold a secret, written out or known on the server only.
    #[must_use]
    pub fn secret_variables(self) -> Vec<&'p EnvVar> {
        self.service.variables.iter().filter(|variable| is_secret_variable(variable)).collect()
    }

    /// Whether its `APP_DEBUG` is on: its error pages show the environment.
    #[must_use]
    pub fn shows_environment(self) -> bool {
        let on = |text: &str| matches!(text.to_ascii_lowercase().as_str(), "1" | "true" | "on" | "yes");
        self.variable("APP_DEBUG").and_then(|variable| variable.value.as_ref()).is_some_and(|value| on(&value.text))
    }

    fn has_secret_files(self) -> bool {
        let commands = [&self.command, &self.entrypoint].into_iter().flatten();
        let mut texts = commands.map(|command| command.text());
        !self.secrets.is_empty()
            || self.variables.iter().any(|variable| {
                variable.key.ends_with("_FILE")
                    && variable.value.as_ref().is_some_and(|value| value.text.starts_with('/'))
                    || MANAGERS.iter().any(|start| variable.key.starts_with(start))
            })
            || texts.any(|text| WRAPPERS.iter().any(|wrapper| text.contains(wrapper)))
    }
}

impl Project<'_> {
    /// Whether a deployment has secret files, or a secret manager, for at least some of its secrets.
    #[must_use]
    pub fn has_secret_files(&self, view: &View) -> bool {
        let encrypted = [".sops.yaml", ".sops.yml", "doppler.yaml", ".infisical.json"];
        !view.secrets.is_empty()
            || self.services_of(view).any(|service| service.has_secret_files())
            || encrypted.iter().any(|name| self.sources.knows(name))
    }
}

/// Whether a name announces a secret. A switch such as `MYSQL_RANDOM_ROOT_PASSWORD` is none.
pub(super) fn is_secret_key(key: &str) -> bool {
    let upper = key.to_ascii_uppercase();
    key_is_secret(key).is_some_and(|strength| strength >= KeyStrength::Pattern)
        && !["RANDOM", "ALLOW_EMPTY"].iter().any(|word| upper.contains(word))
}

/// Whether a variable holds a secret, or one that only the server knows.
pub(super) fn is_secret_variable(variable: &EnvVar) -> bool {
    match &variable.value {
        Some(value) if value.is_known() && value.text.trim().is_empty() => false,
        Some(value) if value.certainty == Certainty::Known => secret_in(&variable.key, &value.text).is_some(),
        // What a default says tells nothing of the value on the server.
        _ => is_secret_key(&variable.key),
    }
}

#[cfg(test)]
mod tests {
    use super::is_secret_key;

    #[test]
    fn switches_are_no_secrets() {
        assert!(is_secret_key("DB_PASSWORD") && is_secret_key("STRIPE_SECRET"));
        assert!(
            !is_secret_key("MYSQL_RANDOM_ROOT_PASSWORD")
                && !is_secret_key("DB_PASSWORD_FILE")
                && !is_secret_key("APP_ENV")
        );
    }
}
