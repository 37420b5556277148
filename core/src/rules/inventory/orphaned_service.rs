//! `inventory/orphaned-service`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::project::{Danger, Deployment, Project, Standing};
use crate::rule::{Draft, Findings};
use crate::text::{list, shorten};

declare_rule! {
    /// # What it finds
    /// A container whose labels name a Compose project that was supplied, and a service of it that no file declares any more, in no
    /// profile and no deployment.
    ///
    /// What `docker compose run` and lifecycle hooks make is left out. When Compose files that the container was made from were not
    /// supplied, the confidence is low.
    ///
    /// # Why it matters
    /// `docker compose up` only warns of such containers and lets them run: with the old image, the old ports and the old secrets,
    /// outside of every review.
    ///
    /// It is *high* for one that publishes a port to other machines, has the engine's socket or runs privileged; *medium* for others
    /// that run, *low* for stopped ones.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// name: shop
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    /// ```
    /// ```json file:docker-ps.json
    /// {"ID":"0a1b2c3d4e5f","Names":"shop-horizon-1","Image":"registry.example.net/shop:1.2.0","State":"running",
    ///  "Status":"Up 7 months","Ports":"",
    ///  "Labels":"com.docker.compose.project=shop,com.docker.compose.service=horizon"}
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// name: shop
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    /// ```
    /// ```json file:docker-ps.json
    /// {"ID":"0a1b2c3d4e5f","Names":"shop-app-1","Image":"registry.example.net/shop:1.4.2","State":"running",
    ///  "Status":"Up 7 days","Ports":"",
    ///  "Labels":"com.docker.compose.project=shop,com.docker.compose.service=app"}
    /// ```
    ///
    /// # How to fix
    /// `docker compose up -d --remove-orphans` with all files of the project, in every deploy script. What is still needed goes back
    /// into the Compose file.
    ///
    /// # References
    /// CIS Docker Benchmark 6.2, NIST SP 800-190 3.4.5, Docker documentation "docker compose up".
    id: "inventory/orphaned-service",
    title: "Container of a service that is no longer declared",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Described,
    why: "Compose leaves the containers of removed or renamed services running, with old code, old ports and old secrets.",
    help: "Run `docker compose up -d --remove-orphans` with all files of the project, or declare the service again.",
    references: ["CIS Docker Benchmark 6.2", "NIST SP 800-190 3.4.5", "https://docs.docker.com/reference/cli/docker/compose/up/"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let running = project.running_by_id();
    for deployment in project.deployments() {
        let Standing::Orphan { view, certain } = &deployment.standing else { continue };
        let container = deployment.container;
        let Some(label) = container.service() else { continue };
        let service = running.get(container.id.value.as_str()).copied();
        let dangers = service.map(|service| service.dangers()).unwrap_or_default();
        let (runs, severity) = match (container.is_active(), dangers.is_empty()) {
            (Some(false), _) => ("is stopped", Severity::Low),
            (_, true) => ("runs", Severity::Medium),
            (_, false) => ("runs", Severity::High),
        };
        let mut what = vec![runs];
        what.extend(dangers.iter().map(|(danger, _)| Danger::as_str(*danger)));
        let (name, undeclared) = (shorten(container.name(), 60), shorten(&label.value, 60));
        let message = format!("`{name}` {}, and no file declares its service `{undeclared}`", list(&what));
        let sure = if *certain { Confidence::High } else { confidence(&deployment, out) };
        let mut draft = Draft::new(label.at, message).severity(severity).confidence(sure);
        draft = draft.because_of(project.services_key(view), "the services that are declared");
        for (danger, at) in dangers {
            draft = draft.because(at, danger.as_str());
        }
        out.report(match service {
            Some(service) => draft.on(service),
            None => draft,
        });
    }
}

/// How sure it is when not every file is known to be there; asks for those that are named and missing.
fn confidence(deployment: &Deployment<'_, '_>, out: &mut Findings) -> Confidence {
    let missing = deployment.files_not_supplied();
    // Without a label about files, the project's name tells.
    let Some(first) = missing.first() else { return Confidence::Medium };
    let name = shorten(deployment.container.name(), 60);
    out.ask(
        format!("Does a file that was not supplied declare the service of `{name}`?"),
        format!("supply {}", shorten(first, 120)),
    );
    Confidence::Low
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "inventory/orphaned-service";
    const COMPOSE: &str =
        "name: shop\nservices:\n  app:\n    image: shop:1\n  debug:\n    image: shop:1\n    profiles: [debug]\n";

    fn row(state: &str, service: &str, more: &str, labels: &str) -> String {
        let status = if state == "running" { "Up 3 days" } else { "Exited (0) 3 days ago" };
        format!(
            "{{\"ID\":\"0a1b2c3d4e5f\",\"Names\":\"shop-x-1\",\"Image\":\"redis:8\",\"State\":\"{state}\",\"Status\":\"{status}\"{more},\"Labels\":\"com.docker.compose.project=shop,com.docker.compose.service={service}{labels}\"}}\n"
        )
    }

    fn told(row: &str) -> String {
        let found = findings(RULE, &[("ps.ndjson", row), ("compose.yaml", COMPOSE)]);
        found.first().map_or("none".into(), |finding| format!("{} {}", finding.severity, finding.confidence.as_str()))
    }

    #[test]
    fn by_state_and_danger() {
        assert_eq!(told(&row("running", "old", "", "")), "medium medium");
        assert_eq!(told(&row("exited", "old", "", "")), "low medium");
        assert_eq!(told(&row("running", "old", ",\"Ports\":\"0.0.0.0:6380->6379/tcp\"", "")), "high medium");
        assert_eq!(told(&row("running", "old", ",\"Ports\":\"127.0.0.1:6380->6379/tcp\"", "")), "medium medium");
    }

    #[test]
    fn what_is_declared_or_made_once() {
        assert_eq!(told(&row("running", "app", "", "")), "none");
        assert_eq!(told(&row("running", "debug", "", "")), "none", "behind a profile");
        assert_eq!(told(&row("running", "old", "", ",com.docker.compose.oneoff=True")), "none");
        assert_eq!(told(&row("running", "old", "", ",com.docker.compose.hook=x")), "none");
        clean(RULE, &[("ps.ndjson", &row("running", "old", "", ""))]);
    }

    #[test]
    fn files_that_were_not_supplied() {
        let labels = |files: &str| format!(",com.docker.compose.project.config_files={files}");
        assert_eq!(told(&row("running", "old", "", &labels("/srv/shop/compose.yaml"))), "medium high");
        let two = labels("/srv/shop/compose.yaml,/srv/shop/compose.prod.yaml");
        assert_eq!(told(&row("running", "old", "", &two)), "medium low");
    }
}
