//! Eight bullets of a mature setup, each from level 0 to 3: a level is reached when its rules are silent and those below hold.

use super::inputs::Assessed;
use crate::finding::{Finding, Severity};
use crate::graph::model::Graph;
use crate::graph::segment::segmentation;
use crate::project::{Group, Project};

/// A bullet and how far this stack is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bullet {
    /// A short name.
    pub name: &'static str,
    /// What it asks for.
    pub title: &'static str,
    /// 0 to 3; `None` when no file shows it.
    pub level: Option<u8>,
    /// What the next level takes.
    pub next: Option<&'static str>,
}

/// What keeps a level from being reached.
#[derive(Clone, Copy)]
enum Need {
    /// Findings of a rule, or of a pillar when it has no slash, from a severity on.
    Silent(Severity, &'static [&'static str]),
    /// The same, for services that face users or run PHP.
    SilentInFront(Severity, &'static [&'static str]),
    /// Something that has to be there.
    Has(fn(&Project<'_>) -> bool),
    /// The least segmentation index of every deployment.
    Separated(u8),
}

use Need::{Has, Separated, Silent, SilentInFront};
use Severity::{High, Info, Low, Medium};

/// Three levels: what each takes, in words and as needs.
type Levels = [(&'static str, &'static [Need]); 3];

/// Name, what it asks for, the pillar whose input it needs, and its levels.
pub(super) struct Row {
    name: &'static str,
    title: &'static str,
    pillar: &'static str,
    levels: Levels,
}

const ROWS: [Row; 8] = [
    Row {
        name: "non-root",
        title: "Non-root containers",
        pillar: "identity",
        levels: [
            (
                "no PHP process runs as root",
                &[Silent(High, &["identity/runs-as-root", "identity/cli-worker-root", "identity/fpm-allows-root"])],
            ),
            (
                "services that face users and those that run PHP start as another user than root",
                &[SilentInFront(Low, &["identity/runs-as-root", "identity/root-override", "identity/cli-worker-root"])],
            ),
            (
                "no service runs as root, none can become it, and code belongs to another user than the one it runs as",
                &[Silent(Low, &["identity", "mounts/world-writable-permissions", "mounts/code-owned-by-runtime-user"])],
            ),
        ],
    },
    Row {
        name: "minimal-images",
        title: "Minimal base images",
        pillar: "supply-chain",
        levels: [
            (
                "final images carry no compilers and shells of other tools",
                &[Silent(Medium, &["supply-chain/non-minimal-final-image"])],
            ),
            (
                "build tools and development dependencies stay in an earlier stage",
                &[Silent(
                    Low,
                    &["supply-chain/non-minimal-final-image", "supply-chain/composer-dev-dependencies-in-production"],
                )],
            ),
            (
                "one process for each image, none of them with sudo",
                &[Silent(
                    Low,
                    &[
                        "identity/sudo-or-setuid",
                        "application/multiple-services-in-one-container",
                        "application/sshd-in-container",
                    ],
                )],
            ),
        ],
    },
    Row {
        name: "segmented-network",
        title: "Segmented internal networking",
        pillar: "network",
        levels: [
            ("more than one network, each for those that need it", &[Silent(Low, &["network/flat-network"])]),
            (
                "data services are on internal networks that only their clients join",
                &[
                    Silent(Medium, &["network/unneeded-reachability"]),
                    Silent(Low, &["network/data-network-not-internal"]),
                    Separated(80),
                ],
            ),
            (
                "no service reaches another that it does not need, by no way around",
                &[
                    Silent(
                        Low,
                        &[
                            "network/unneeded-reachability",
                            "network/published-port-bypasses-segmentation",
                            "network/shared-external-network",
                            "php/fpm-listens-on-all-interfaces",
                        ],
                    ),
                    Separated(95),
                ],
            ),
        ],
    },
    Row {
        name: "runtime-restrictions",
        title: "Runtime capability restrictions",
        pillar: "isolation",
        levels: [
            (
                "nothing is privileged, unconfined, or in the host's namespaces",
                &[Silent(
                    Medium,
                    &[
                        "isolation/privileged-container",
                        "isolation/confinement-disabled",
                        "isolation/dangerous-capability",
                        "isolation/host-namespace-shared",
                        "isolation/host-network",
                    ],
                )],
            ),
            (
                "`cap_drop: [ALL]` and `no-new-privileges` where users arrive and PHP runs",
                &[SilentInFront(Low, &["isolation/capabilities-not-dropped", "isolation/no-new-privileges-missing"])],
            ),
            (
                "the same everywhere, with a read-only root file system and limits",
                &[Silent(
                    Low,
                    &[
                        "isolation/capabilities-not-dropped",
                        "isolation/no-new-privileges-missing",
                        "mounts/root-filesystem-writable",
                        "observability/resource-limits-missing",
                    ],
                )],
            ),
        ],
    },
    Row {
        name: "secret-management",
        title: "Dedicated secret management",
        pillar: "secrets",
        levels: [
            (
                "no secret is written into an image, a Compose file or the repository",
                &[Silent(
                    Medium,
                    &[
                        "secrets/secret-in-dockerfile",
                        "secrets/env-file-in-image",
                        "secrets/sensitive-files-in-build-context",
                        "secrets/secret-as-build-arg",
                        "secrets/literal-secret-in-compose",
                        "secrets/env-file-committed",
                        "secrets/known-token-or-private-key",
                        "secrets/composer-credentials-exposed",
                    ],
                )],
            ),
            (
                "services read their secrets from files",
                &[
                    Silent(Low, &["secrets/env-instead-of-secret-files", "secrets/default-secret-fallback"]),
                    Has(has_secrets),
                ],
            ),
            (
                "each secret is granted to those that need it, used once, and kept by a secret manager",
                &[Silent(Low, &["secrets"]), Has(has_external_secrets)],
            ),
        ],
    },
    Row {
        name: "immutable-deployments",
        title: "Immutable deployments",
        pillar: "drift",
        levels: [
            (
                "code is in the image, and nobody edits containers",
                &[Silent(
                    Low,
                    &[
                        "mounts/source-bind-mount-in-production",
                        "drift/interactive-mutation-in-scripts",
                        "drift/code-in-mutable-volume",
                        "drift/container-filesystem-modified",
                        "drift/php-file-added-at-runtime",
                    ],
                )],
            ),
            (
                "pinned tags, a read-only root file system, and OPcache that does not look for changes",
                &[
                    Silent(Low, &["supply-chain/unpinned-image-tag", "php/opcache-revalidates-in-production"]),
                    SilentInFront(Low, &["mounts/root-filesystem-writable"]),
                ],
            ),
            (
                "deployed by digest, and what runs is what is declared",
                &[
                    Silent(Info, &["supply-chain/no-digest-pin"]),
                    Silent(Low, &["drift", "ci/mutable-tag-only-push"]),
                    Has(|project| !project.inventory.is_empty()),
                ],
            ),
        ],
    },
    Row {
        name: "vulnerability-scanning",
        title: "Continuous vulnerability scanning",
        pillar: "ci",
        levels: [
            ("the pipeline scans images", &[Silent(Medium, &["ci/no-continuous-image-scanning"]), Has(has_pipeline)]),
            (
                "scans stop a release and run on a schedule, and Composer's audit runs too",
                &[
                    Silent(Low, &["ci/no-continuous-image-scanning", "supply-chain/vulnerable-composer-package"]),
                    Has(has_pipeline),
                ],
            ),
            (
                "images are signed with a bill of materials, and what runs is compared with scans",
                &[
                    Silent(
                        Low,
                        &[
                            "ci/no-provenance-sbom-signature",
                            "supply-chain/end-of-life-image",
                            "supply-chain/imported-scan-findings",
                        ],
                    ),
                    Has(|project| !project.scans.is_empty()),
                ],
            ),
        ],
    },
    Row {
        name: "central-observability",
        title: "Centralised observability",
        pillar: "observability",
        levels: [
            (
                "health checks, and logs that rotate",
                &[Silent(Low, &["observability/healthcheck-missing", "observability/log-rotation-missing"])],
            ),
            (
                "logs and metrics leave the host",
                &[
                    Silent(Low, &["observability/logs-stay-in-container"]),
                    Silent(Info, &["observability/no-central-observability"]),
                ],
            ),
            (
                "errors are recorded, and nothing restarts unseen",
                &[Silent(Low, &["observability", "inventory/unhealthy-or-restarting"])],
            ),
        ],
    },
];

fn has_secrets(project: &Project<'_>) -> bool {
    project.services().any(|service| !service.secrets.is_empty())
}

fn has_external_secrets(project: &Project<'_>) -> bool {
    project.views.iter().any(|view| view.secrets.iter().any(|secret| secret.external))
}

fn has_pipeline(project: &Project<'_>) -> bool {
    !project.pipelines().is_empty()
}

fn speaks_of(finding: &Finding, names: &[&str]) -> bool {
    let rule = finding.rule.as_ref();
    names.iter().any(|name| rule == *name || rule.split('/').next() == Some(*name))
}

impl Need {
    fn is_met(self, project: &Project<'_>, index: u8, findings: &[Finding]) -> bool {
        match self {
            Silent(from, names) => {
                !findings.iter().any(|finding| finding.severity >= from && speaks_of(finding, names))
            }
            SilentInFront(from, names) => !findings
                .iter()
                .any(|finding| finding.severity >= from && speaks_of(finding, names) && is_in_front(project, finding)),
            Has(test) => test(project),
            Separated(least) => index >= least,
        }
    }
}

fn is_in_front(project: &Project<'_>, finding: &Finding) -> bool {
    finding.services.is_empty()
        || project.services().any(|service| {
            matches!(service.role.group(), Group::Edge | Group::App) && finding.services.contains(&service.name)
        })
}

pub(super) fn of(project: &Project<'_>, graphs: &[Graph], assessed: &Assessed, findings: &[Finding]) -> Vec<Bullet> {
    let index = graphs.iter().map(|graph| segmentation(graph).index).min().unwrap_or(0);
    ROWS.iter()
        .map(|row| {
            if !assessed.pillar(row.pillar) {
                return Bullet { name: row.name, title: row.title, level: None, next: None };
            }
            let reached = row
                .levels
                .iter()
                .take_while(|(_, needs)| needs.iter().all(|need| need.is_met(project, index, findings)))
                .count();
            Bullet {
                name: row.name,
                title: row.title,
                level: u8::try_from(reached).ok(),
                next: row.levels.get(reached).map(|(words, _)| *words),
            }
        })
        .collect()
}

#[cfg(test)]
pub(super) fn names() -> Vec<&'static str> {
    let needs = ROWS.iter().flat_map(|row| row.levels.iter().flat_map(|(_, needs)| needs.iter()));
    needs
        .flat_map(|need| match need {
            Silent(_, names) | SilentInFront(_, names) => names.iter(),
            Has(_) | Separated(_) => [].iter(),
        })
        .copied()
        .collect()
}
