//! `drift/declared-vs-running-mismatch`

use crate::declare_rule;
use crate::finding::Severity;
use crate::project::{Deployment, Difference, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::{list, shorten};

declare_rule! {
    /// # What it finds
    /// A running container differs from the service that declares it: another image, user, capability, mount, port or network than
    /// the Compose files say. Container and service are matched by the labels that Compose writes, and compared field by field
    /// after defaults and the image's own settings are filled in. With `docker compose config --hash "*"`, a container that is older
    /// than the files is found too.
    ///
    /// # Why it matters
    /// A review of the Compose file is worth nothing where something else runs: a setting was changed by hand, or a fix that
    /// was merged has never been deployed.
    ///
    /// The image, rights, mounts, namespaces and published ports are *high*, variables, commands and limits *medium*, labels and
    /// logging *low*. What runs more strictly than declared is not reported.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.3
    /// ```
    /// ```text file:running.txt
    /// ### docker ps -a --no-trunc --format '{{json .}}'
    /// {"ID":"77aa12dd90ef","Names":"shop-app-1","Image":"registry.example.net/shop:1.4.2","Status":"Up 3 days","Labels":"com.docker.compose.project=shop,com.docker.compose.service=app,com.docker.compose.project.config_files=/srv/shop/compose.yaml"}
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.3
    /// ```
    /// ```text file:running.txt
    /// ### docker ps -a --no-trunc --format '{{json .}}'
    /// {"ID":"77aa12dd90ef","Names":"shop-app-1","Image":"registry.example.net/shop:1.4.3","Status":"Up 3 days","Labels":"com.docker.compose.project=shop,com.docker.compose.service=app,com.docker.compose.project.config_files=/srv/shop/compose.yaml"}
    /// ```
    ///
    /// # How to fix
    /// Decide which side is right. If the files are, `docker compose up -d --force-recreate SERVICE` replaces the container; if the
    /// container is, write the change into the files first, so that the next deployment keeps it.
    ///
    /// # References
    /// NIST SP 800-190 4.4.3 and 4.4.5, CIS Docker Benchmark section 5.
    id: "drift/declared-vs-running-mismatch",
    title: "A container runs otherwise than it is declared",
    severity: High,
    lowered_in_development: 2,
    fixes: Described,
    why: "What runs is not what the repository says: settings were changed by hand, or a change was never deployed, so that a review of the files proves nothing.",
    help: "Recreate the container with `docker compose up -d --force-recreate`, after changes that are wanted were written into the files.",
    references: ["NIST SP 800-190 4.4.3", "NIST SP 800-190 4.4.5", "CIS Docker Benchmark section 5"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for deployment in project.deployments() {
        let Some(service) = deployment.declared().filter(|_| deployment.container.is_active() != Some(false)) else {
            continue;
        };
        if let Some(missing) = deployment.files_not_supplied().first() {
            out.ask(
                format!(
                    "Does `{}` run as it is declared? It was also made from {}",
                    service.name,
                    shorten(missing, 80)
                ),
                format!("supply {}", shorten(missing, 80)),
            );
            continue;
        }
        let mut differences = deployment.differences();
        differences.retain(|difference| difference.severity > Severity::Info);
        differences.sort_by_key(|difference| std::cmp::Reverse(difference.severity));
        match differences.first() {
            Some(worst) => out.report(different(service, &deployment, worst.severity, &differences)),
            None => out.drafts.extend(outdated(service, &deployment)),
        }
    }
}

fn different(
    service: ServiceRef<'_, '_>,
    deployment: &Deployment<'_, '_>,
    severity: Severity,
    differences: &[Difference],
) -> Draft {
    let mut fields: Vec<&str> = Vec::new();
    for difference in differences {
        if !fields.contains(&difference.field) {
            fields.push(difference.field);
        }
    }
    let more = fields.len().saturating_sub(4);
    let named = list(fields.get(..4).unwrap_or(&fields));
    let more = if more > 0 { format!(", and {more} more fields") } else { String::new() };
    let message = format!(
        "the container {} differs from what `{}` declares: {named}{more}",
        shorten(deployment.container.name(), 60),
        service.name
    );
    let mut draft = Draft::new(service.at, message).severity(severity).on(service);
    for difference in differences.iter().take(8) {
        let side = |side: &Option<String>| side.as_deref().map_or("nothing".to_owned(), |text| shorten(text, 60));
        let label = format!(
            "{}: declared {}, runs {}",
            difference.field,
            side(&difference.declared),
            side(&difference.running)
        );
        draft = draft.because(difference.running_at, label);
    }
    draft
}

/// The fields that are compared look equal, but the container was made from an earlier state of the files.
fn outdated(service: ServiceRef<'_, '_>, deployment: &Deployment<'_, '_>) -> Option<Draft> {
    let declared = deployment.outdated_hash()?;
    let message = format!(
        "the container {} was made before `{}` was last changed in its Compose file",
        shorten(deployment.container.name(), 60),
        service.name
    );
    let made = deployment.container.config_hash().map(|label| label.at);
    let draft = Draft::new(service.at, message)
        .severity(Severity::Medium)
        .because(declared.hash.at, "the hash of the service as declared")
        .because_of(made, "the hash that the container was made with");
    Some(draft.aspect("hash").on(service))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "drift/declared-vs-running-mismatch";

    fn ps(image: &str, files: &str, more: &str) -> String {
        format!(
            r#"{{"ID":"77aa12dd90ef","Names":"shop-app-1","Image":"{image}","Status":"Up 3 days","Labels":"com.docker.compose.project=shop,com.docker.compose.service=app,com.docker.compose.project.config_files={files},com.docker.compose.config-hash=aaaa"{more}}}"#
        )
    }

    const FILE: &str = "/srv/shop/compose.yaml";
    const COMPOSE: &str = "services:\n  app:\n    image: shop:2\n";

    fn severities(files: &[(&str, &str)]) -> Vec<String> {
        findings(RULE, files).into_iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn another_image_is_high_and_one_finding() {
        let found = findings(RULE, &[("compose.yaml", COMPOSE), ("ps.json", &ps("shop:1", FILE, ""))]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].severity.as_str(), "high");
        assert!(found[0].related.iter().any(|related| related.label.contains("declared shop:2, runs shop:1")));
    }

    #[test]
    fn a_port_that_nobody_declared_is_high() {
        let open = ps("shop:2", FILE, r#","Ports":"0.0.0.0:6379->6379/tcp""#);
        assert_eq!(severities(&[("compose.yaml", COMPOSE), ("ps.json", &open)]), ["high"]);
    }

    #[test]
    fn equal_sides_and_stopped_containers_are_none() {
        clean(RULE, &[("compose.yaml", COMPOSE), ("ps.json", &ps("shop:2", FILE, ""))]);
        let stopped = ps("shop:1", FILE, r#","State":"exited""#).replace("Up 3 days", "Exited (0) 2 days ago");
        clean(RULE, &[("compose.yaml", COMPOSE), ("ps.json", &stopped)]);
    }

    #[test]
    fn a_file_that_was_not_supplied_may_say_otherwise() {
        let both = ps("shop:1", "/srv/shop/compose.yaml;/srv/shop/compose.prod.yaml", "").replace(';', ",");
        clean(RULE, &[("compose.yaml", COMPOSE), ("ps.json", &both)]);
    }

    #[test]
    fn an_old_hash_is_medium() {
        let hash = "### docker compose config --hash \"*\"\napp bbbb000000000000000000000000000000000000000000000000000000000000\n";
        let old = ps("shop:2", FILE, "").replace("config-hash=aaaa", &format!("config-hash={}", "a".repeat(64)));
        assert_eq!(severities(&[("compose.yaml", COMPOSE), ("ps.json", &old), ("hash.txt", hash)]), ["medium"]);
    }

    #[test]
    fn development_is_lower() {
        let dev = ps("shop:1", "/srv/shop/compose.dev.yaml", "");
        assert_eq!(severities(&[("compose.dev.yaml", COMPOSE), ("ps.json", &dev)]), ["low"]);
    }
}
