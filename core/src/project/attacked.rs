//! Components in versions that attackers are known to use, and whether what else they need is so here.

use super::{ImagePart, Project, ServiceRef, UsedImage};
use crate::facts::known_exploited::{self, Condition, Kind, KnownExploited, Verdict};
use crate::facts::tags::Precision;
use crate::source::Location;

/// A component in a version that attackers are known to use, or may be.
#[derive(Clone, Debug)]
pub struct AttackedComponent {
    /// What is known of it.
    pub row: &'static KnownExploited,
    /// The version, as far as it is known.
    pub version: String,
    /// Where it is written.
    pub at: Location,
    /// How sure the version makes it.
    pub verdict: Verdict,
    /// Whether what else has to be so is so; `None` when that is not known.
    pub met: Option<bool>,
}

impl ServiceRef<'_, '_> {
    /// Versions that the tags of its images name and that attackers are known to use. Stages that only build are left
    /// out, and rows whose condition is known not to hold.
    #[must_use]
    pub fn attacked_images(self) -> Vec<AttackedComponent> {
        let runs = |image: &UsedImage| matches!(image.part, ImagePart::Runs | ImagePart::Base);
        let mut found = Vec::new();
        for image in self.images().into_iter().filter(runs) {
            // A digest holds a patch that nobody can tell from the tag.
            let Some(version) = image.own_version().filter(|_| image.precision() >= Precision::Major) else { continue };
            for row in known_exploited::of(Kind::Image, version.product) {
                if let Some(verdict) = row.judge(&version.cycle_hint) {
                    let met = self.holds(row.needs);
                    found.push(AttackedComponent {
                        row,
                        version: version.cycle_hint.clone(),
                        at: image.at,
                        verdict,
                        met,
                    });
                }
            }
        }
        found.retain(|one| one.met != Some(false));
        found
    }

    /// Whether what a vulnerability needs is so in this service; `Some(true)` when it needs nothing.
    #[must_use]
    pub fn holds(self, needs: Option<Condition>) -> Option<bool> {
        match needs {
            None => Some(true),
            Some(Condition::RegisterArgcArgv) => self.php_settings().flag("register_argc_argv"),
            Some(Condition::DebugMode) => {
                let (value, _) = self.known_variable("APP_DEBUG")?;
                Some(matches!(value.to_ascii_lowercase().as_str(), "1" | "true" | "on"))
            }
            Some(Condition::VendorReachable) => self.ships_dev_packages().filter(|ships| !ships),
            // Whoever does not answer FastCGI has no such path to hand on.
            Some(Condition::PathInfoWithoutCheck) => (!self.is_fpm()).then_some(false),
            Some(Condition::Glibc | Condition::RootInContainer | Condition::Firewalld | Condition::LeakedAppKey) => {
                None
            }
        }
    }
}

impl Project<'_> {
    /// Parts of the engine in versions that attackers are known to use.
    #[must_use]
    pub fn attacked_engine(&self) -> Vec<AttackedComponent> {
        let Some(daemon) = self.inventory.daemon.as_ref().filter(|daemon| !daemon.podman) else { return Vec::new() };
        let engine = daemon.version.iter().map(|version| ("docker-engine", version.value.as_str(), version.at));
        let parts = daemon.components.iter().map(|part| (part.key.as_str(), part.value.as_str(), part.at));
        let mut found = Vec::new();
        for (name, version, at) in engine.chain(parts) {
            for row in known_exploited::of(Kind::Engine, &name.to_ascii_lowercase()) {
                if let Some(verdict) = row.judge(version.trim_start_matches('v')) {
                    let root = || self.services().any(|service| service.effective_user().is_known_root());
                    let met = match row.needs {
                        None => Some(true),
                        Some(Condition::RootInContainer) => root().then_some(true),
                        Some(_) => None,
                    };
                    found.push(AttackedComponent { row, version: version.to_owned(), at, verdict, met });
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    #[test]
    fn images_by_their_tags() {
        let of = |image: &str| {
            let text = format!("services:\n  a:\n    image: {image}\n");
            let sources = sources(&[("compose.yaml", &text)]);
            let project = Project::new(&sources, TODAY);
            let found = project.services().next().unwrap().attacked_images();
            found.iter().map(|one| format!("{:?}", one.verdict)).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(of("redis:7.0.11"), "Affected");
        assert_eq!(of("redis:7.2-alpine"), "Possible");
        assert_eq!(of("redis:8.2.9"), "");
        assert_eq!(of("redis"), "");
        assert_eq!(of("php:8.4-fpm"), "");
        assert_eq!(of("php:7.2.20-fpm"), "Affected");
        assert_eq!(of("php:7.2.20-cli"), "");
    }
}
