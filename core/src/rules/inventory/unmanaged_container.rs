//! `inventory/unmanaged-container`

use crate::declare_rule;
use crate::detect::Kind;
use crate::finding::Severity;
use crate::model::inventory::Container;
use crate::project::{Danger, Project, Standing};
use crate::rule::{Draft, Findings};
use crate::source::Location;
use crate::text::{list, shorten};

declare_rule! {
    /// # What it finds
    /// A container that has run for more than a day and that nothing manages: no label of Compose, Swarm, Kubernetes or Nomad, no
    /// unit of systemd, no label that names an owner, and no supplied script that starts it with a restart policy.
    ///
    /// Builders of buildx, helpers of CI runners and test containers are left out: their tools remove them.
    ///
    /// # Why it matters
    /// What somebody started by hand is in no repository. Nobody updates it, nobody knows whether it is still needed, and often it
    /// was made to look into a problem, with a port open that was never meant to stay.
    ///
    /// It is *high* for one that publishes a data store to other machines, has the engine's socket or runs privileged; else
    /// *medium*.
    ///
    /// # Bad
    /// ```json file:docker-ps.json
    /// {"ID":"0a1b2c3d4e5f","Names":"redis-debug","Image":"redis:8","State":"running","Status":"Up 3 months",
    ///  "Ports":"0.0.0.0:6380->6379/tcp","Labels":""}
    /// ```
    ///
    /// # Good
    /// ```json file:docker-ps.json
    /// {"ID":"0a1b2c3d4e5f","Names":"shop-redis-1","Image":"redis:8","State":"running","Status":"Up 3 days","Ports":"",
    ///  "Labels":"com.docker.compose.project=shop,com.docker.compose.service=redis"}
    /// ```
    ///
    /// # How to fix
    /// Write it into a Compose file, for tools with `profiles: [debug]` and on loopback, or remove it. What has to be started by
    /// hand gets `--rm` and the labels `owner` and `expires`.
    ///
    /// # References
    /// CIS Docker Benchmark 6.2, NIST SP 800-190 3.4.5 and 4.4.5, CWE-1059.
    id: "inventory/unmanaged-container",
    title: "Container that nothing manages",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Described,
    why: "A container started by hand is in no repository: nobody updates it, reviews it or knows whether it may be removed.",
    help: "Write it into a Compose file, or remove it; label what is started by hand with its owner.",
    references: ["CIS Docker Benchmark 6.2", "NIST SP 800-190 3.4.5", "NIST SP 800-190 4.4.5", "CWE-1059"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let (now, running) = (project.inventory_time(), project.running_by_id());
    for deployment in project.deployments() {
        let container = deployment.container;
        let by_script = started_and_forgotten(project, &deployment.standing);
        let unmanaged = matches!(deployment.standing, Standing::Unmanaged) || by_script.is_some();
        let unmanaged = unmanaged && !is_looked_after(container);
        let Some(hours) = container.uptime_hours(now).filter(|hours| unmanaged && *hours > 24) else { continue };
        let Some(service) = running.get(container.id.value.as_str()).copied() else { continue };
        let dangers = service.dangers();
        let worse = dangers.iter().any(|(danger, _)| *danger != Danger::Port);
        let mut what = vec![format!("has run for {} days", hours / 24)];
        what.extend(dangers.iter().map(|(danger, _)| danger.as_str().to_owned()));
        let what: Vec<&str> = what.iter().map(String::as_str).collect();
        let message = format!("Nothing manages `{}`, which {}", shorten(container.name(), 60), list(&what));
        let mut draft = Draft::new(container.at(), message).on(service);
        draft = draft.severity(if worse { Severity::High } else { Severity::Medium });
        for (danger, at) in dangers {
            draft = draft.because(at, danger.as_str());
        }
        draft = draft.because_of(by_script, "a script starts it once, and nothing keeps or replaces it");
        if container.has_made_up_name() {
            draft = draft.because(container.at(), "a name that Docker makes up when none is given");
        }
        out.report(draft);
    }
}

/// Where a script starts it, when that is all that is done for it: no restart policy, no Compose file.
fn started_and_forgotten(project: &Project<'_>, standing: &Standing<'_, '_>) -> Option<Location> {
    let Standing::Declared(service) = standing else { return None };
    let in_script = !matches!(project.file(service.at.source).kind, Kind::Compose);
    (in_script && service.restart.is_none()).then_some(service.at)
}

fn is_looked_after(container: &Container) -> bool {
    container.is_of_tool() || container.has_owner()
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "inventory/unmanaged-container";

    fn row(name: &str, image: &str, status: &str, ports: &str, labels: &str) -> String {
        format!(
            "{{\"ID\":\"0a1b2c3d4e5f\",\"Names\":\"{name}\",\"Image\":\"{image}\",\"State\":\"running\",\"Status\":\"{status}\",\"Ports\":\"{ports}\",\"Labels\":\"{labels}\"}}\n"
        )
    }

    fn severity(row: &str) -> String {
        let found = findings(RULE, &[("ps.ndjson", row)]);
        found.first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn by_what_it_opens() {
        assert_eq!(severity(&row("tool", "adminer:5", "Up 3 days", "", "")), "medium");
        assert_eq!(severity(&row("tool", "adminer:5", "Up 3 days", "0.0.0.0:8080->8080/tcp", "")), "medium");
        assert_eq!(severity(&row("redis-debug", "redis:8", "Up 3 days", "0.0.0.0:6380->6379/tcp", "")), "high");
        assert_eq!(severity(&row("redis-debug", "redis:8", "Up 3 days", "127.0.0.1:6380->6379/tcp", "")), "medium");
    }

    #[test]
    fn only_after_a_day() {
        assert_eq!(severity(&row("tool", "adminer:5", "Up 20 hours", "", "")), "none");
    }

    #[test]
    fn what_something_manages() {
        for labels in [
            "com.docker.compose.project=shop",
            "com.docker.stack.namespace=shop",
            "io.kubernetes.pod.name=x",
            "com.hashicorp.nomad.alloc_id=x",
            "org.testcontainers=true",
            "PODMAN_SYSTEMD_UNIT=x.service",
            "org.example.owner=web",
        ] {
            assert_eq!(severity(&row("tool", "adminer:5", "Up 3 days", "", labels)), "none", "{labels}");
        }
        assert_eq!(severity(&row("tool", "adminer:5", "Up 3 days", "", "maintainer=someone")), "medium");
    }

    #[test]
    fn builders_and_helpers() {
        for (name, image) in [
            ("buildx_buildkit_default0", "moby/buildkit:v0.26"),
            ("build", "moby/buildkit:v0.26"),
            ("runner-abc-project-1-build", "php:8.4"),
            ("ryuk", "testcontainers/ryuk:0.12"),
        ] {
            assert_eq!(severity(&row(name, image, "Up 3 days", "", "")), "none", "{name}");
        }
    }

    #[test]
    fn a_made_up_name_is_evidence() {
        let found = findings(RULE, &[("ps.ndjson", &row("quirky_hopper", "adminer:5", "Up 3 days", "", ""))]);
        assert_eq!(found[0].related.len(), 1);
    }

    #[test]
    fn without_labels_nothing_is_known() {
        let row = row("tool", "adminer:5", "Up 3 days", "", "").replace(",\"Labels\":\"\"", "");
        clean(RULE, &[("ps.ndjson", &row)]);
    }

    #[test]
    fn a_script_that_starts_it_once() {
        let with = |line: &str| {
            let script = format!("#!/bin/sh\ndocker run -d {line} --name tool adminer:5\n");
            let ps = row("tool", "adminer:5", "Up 3 days", "", "");
            findings(RULE, &[("ps.ndjson", &ps), ("deploy.sh", &script)]).len()
        };
        assert_eq!((with(""), with("--restart unless-stopped")), (1, 0));
    }

    #[test]
    fn a_declared_name() {
        let compose = "services:\n  tool:\n    image: adminer:5\n    container_name: tool\n";
        clean(RULE, &[("ps.ndjson", &row("tool", "adminer:5", "Up 3 days", "", "")), ("compose.yaml", compose)]);
    }
}
