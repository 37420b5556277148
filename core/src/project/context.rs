//! What kind of deployment a view or a service is part of, and what tells.

use crate::finding::Severity;
use crate::model::compose::{ServiceSpec, Text};
use crate::source::Location;
use crate::text::shorten;

/// The kind of a deployment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Context {
    /// Serves users.
    Production,
    /// Like production, for a rehearsal.
    Staging,
    /// Nothing tells; judged like production.
    Unknown,
    /// A pipeline's own containers.
    Ci,
    /// A developer's machine.
    Development,
}

impl Context {
    /// Its name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Staging => "staging",
            Self::Unknown => "unknown",
            Self::Ci => "ci",
            Self::Development => "development",
        }
    }

    /// Whether it is a developer's machine.
    #[must_use]
    pub fn is_development(self) -> bool {
        self == Self::Development
    }

    /// A severity as it counts here. `steps` is how much lower it is in development.
    #[must_use]
    pub fn lower(self, severity: Severity, steps: u8) -> Severity {
        match self {
            Self::Development => severity.lowered(steps),
            Self::Ci => severity.lowered(steps.min(1)),
            Self::Production | Self::Staging | Self::Unknown => severity,
        }
    }

    /// The context a word of a file, stage or profile name tells.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "prod" | "production" | "live" | "deploy" | "release" => Some(Self::Production),
            "staging" | "stage" | "preview" | "preprod" => Some(Self::Staging),
            "ci" => Some(Self::Ci),
            "dev" | "develop" | "development" | "local" | "override" | "debug" | "test" | "tests" | "testing"
            | "devcontainer" | "sail" => Some(Self::Development),
            _ => None,
        }
    }

    /// The context that the path of a script tells. `deploy.sh` and `release.sh` run anywhere, so these words say nothing here.
    #[must_use]
    pub fn of_script(path: &str) -> Option<Self> {
        path.rsplit('/').find_map(|part| {
            part.split(|c: char| !c.is_ascii_alphanumeric())
                .filter(|word| !matches!(word.to_ascii_lowercase().as_str(), "deploy" | "release"))
                .find_map(Self::of_word)
        })
    }

    /// The context a name tells, word by word.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        name.split(|c: char| !c.is_ascii_alphanumeric()).find_map(Self::of_word)
    }
}

/// What tells something, in words, and where it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Evidence {
    /// A sentence without its full stop: `the file is called compose.prod.yaml`.
    pub what: String,
    /// Where it is written; `None` for a folder's name.
    pub at: Option<Location>,
}

impl Evidence {
    /// A piece of evidence.
    pub fn new(what: impl Into<String>, at: Option<Location>) -> Self {
        Self { what: what.into(), at }
    }
}

/// A service's own context and what tells it: what the service itself says, else its view. `APP_ENV` tells nothing: that a production
/// stack runs with `APP_ENV=local` is a fault to find.
#[must_use]
pub(super) fn of_service(
    spec: &ServiceSpec,
    view: Context,
    view_evidence: Option<&Evidence>,
) -> (Context, Option<Evidence>) {
    let development = |profile: &Text| Context::of_name(&profile.text) == Some(Context::Development);
    if let Some(profile) = spec.profiles.first().filter(|_| spec.profiles.iter().all(development)) {
        let what = format!("it starts only with the profile {}", shorten(&profile.text, 40));
        return (Context::Development, Some(Evidence::new(what, Some(profile.at))));
    }
    // A view that says what it is outranks names inside of it.
    if view != Context::Unknown {
        return (view, view_evidence.cloned());
    }
    let target = spec.build.as_ref().and_then(|build| build.target.as_ref());
    if let Some((target, context)) = target.and_then(|target| Some((target, Context::of_name(&target.text)?))) {
        let what = format!("the stage {} is built", shorten(&target.text, 40));
        return (context, Some(Evidence::new(what, Some(target.at))));
    }
    (view, view_evidence.cloned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell() {
        assert_eq!(Context::of_name("app-dev"), Some(Context::Development));
        assert_eq!(Context::of_name("frankenphp_prod"), Some(Context::Production));
        assert_eq!(Context::of_name("devices"), None);
    }

    #[test]
    fn severities_by_context() {
        assert_eq!(Context::Development.lower(Severity::Critical, 2), Severity::Medium);
        assert_eq!(Context::Ci.lower(Severity::Critical, 2), Severity::High);
        assert_eq!(Context::Unknown.lower(Severity::Critical, 2), Severity::Critical);
    }
}
