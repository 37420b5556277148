//! Seven predictable mistakes, and poor observability: a light for each.

use super::inputs::Assessed;
use crate::finding::{Finding, Severity};

/// What a light shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Colour {
    /// A critical or high finding.
    Red,
    /// A medium or low one.
    Amber,
    /// Assessed, and clean.
    Green,
    /// No input.
    NotAssessed,
}

impl Colour {
    /// Its name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Amber => "amber",
            Self::Green => "green",
            Self::NotAssessed => "not-assessed",
        }
    }
}

/// A mistake that is made again and again, and whether this stack makes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Light {
    /// A short name.
    pub name: &'static str,
    /// The mistake.
    pub title: &'static str,
    /// Whether it is made.
    pub colour: Colour,
    /// How many findings light it.
    pub findings: usize,
}

/// Name, mistake, the pillar whose input it needs, and its rules.
type Row = (&'static str, &'static str, &'static str, &'static [&'static str]);

pub(super) const LIGHTS: [Row; 8] = [
    (
        "root",
        "Containers run as root",
        "identity",
        &[
            "identity/runs-as-root",
            "identity/root-override",
            "identity/cli-worker-root",
            "identity/fpm-allows-root",
            "identity/supervisord-root-programs",
            "identity/cron-as-root",
        ],
    ),
    (
        "flat-network",
        "Everything talks to everything",
        "network",
        &["network/flat-network", "network/unneeded-reachability"],
    ),
    (
        "public-redis",
        "Redis is open",
        "datastores",
        &["datastores/redis-published", "datastores/redis-without-authentication"],
    ),
    (
        "socket",
        "The Docker socket is within reach",
        "control-plane",
        &[
            "control-plane/docker-socket-mounted",
            "control-plane/socket-proxy-overprivileged",
            "control-plane/socket-proxy-reachable",
            "control-plane/docker-api-over-tcp",
            "control-plane/socket-holder-exposed",
        ],
    ),
    (
        "baked-secrets",
        "Secrets are baked into images",
        "secrets",
        &[
            "secrets/secret-in-dockerfile",
            "secrets/env-file-in-image",
            "secrets/sensitive-files-in-build-context",
            "secrets/app-config-cached-at-build",
            "secrets/secret-as-build-arg",
            "secrets/composer-credentials-exposed",
        ],
    ),
    (
        "privileged",
        "Containers are privileged",
        "isolation",
        &[
            "isolation/privileged-container",
            "isolation/host-namespace-shared",
            "isolation/host-network",
            "isolation/dangerous-capability",
            "isolation/confinement-disabled",
        ],
    ),
    (
        "mounts",
        "Mounts are too permissive",
        "mounts",
        &[
            "mounts/sensitive-host-path-mounted",
            "mounts/source-bind-mount-in-production",
            "mounts/config-mount-writable",
            "mounts/writable-volume-across-trust-zones",
        ],
    ),
    (
        "observability",
        "Nobody would see it",
        "observability",
        &[
            "observability/healthcheck-missing",
            "observability/log-rotation-missing",
            "observability/logs-stay-in-container",
            "observability/no-central-observability",
        ],
    ),
];

pub(super) fn of(assessed: &Assessed, findings: &[Finding]) -> Vec<Light> {
    LIGHTS
        .iter()
        .map(|&(name, title, pillar, rules)| {
            // What is only informed about lights nothing.
            let lit = || {
                findings
                    .iter()
                    .filter(|finding| rules.contains(&finding.rule.as_ref()) && finding.severity > Severity::Info)
            };
            let colour = match lit().map(|finding| finding.severity).max() {
                Some(Severity::Critical | Severity::High) => Colour::Red,
                Some(_) => Colour::Amber,
                None if assessed.pillar(pillar) => Colour::Green,
                None => Colour::NotAssessed,
            };
            Light { name, title, colour, findings: lit().count() }
        })
        .collect()
}
