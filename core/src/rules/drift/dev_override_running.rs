//! `drift/dev-override-running`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::project::{Context, Deployment, Leftover, Project, ServiceRef, StartedWithOverride, View};
use crate::rule::{Draft, Findings};
use crate::source::{Location, file_name};
use crate::text::shorten;
use std::collections::BTreeMap;

declare_rule! {
    /// # What it finds
    /// Settings for developers that reach a server, in three ways: a container of a production stack was started from a file such
    /// as `compose.override.yaml`; a deployment script runs `docker compose up` without naming files while an override lies
    /// beside them; a production file tries to take `ports` or `volumes` of the base away, and they stay.
    ///
    /// # Why it matters
    /// Compose merges `compose.override.yaml` by itself, so a plain `docker compose up -d` on the server starts what was meant for a
    /// laptop: development stages, Xdebug, mounted code, published databases. And it joins lists when it merges files: an empty
    /// `ports: []`, or the same port on loopback, adds to the list of the base and removes nothing.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///   db:
    ///     image: mysql:8.4.11
    ///     ports: ["3306:3306"]
    /// ```
    /// ```yaml file:compose.prod.yaml
    /// services:
    ///   db:
    ///     ports: []
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: registry.example.net/shop:1.4.2
    ///   db:
    ///     image: mysql:8.4.11
    ///     ports: ["127.0.0.1:3306:3306"]
    /// ```
    /// ```yaml file:compose.prod.yaml
    /// services:
    ///   db:
    ///     ports: !reset []
    /// ```
    ///
    /// # How to fix
    /// Name the files on the server: `docker compose -f compose.yaml -f compose.prod.yaml up -d`, or set `COMPOSE_FILE` in its `.env`.
    /// To take a list away write `ports: !reset []`, to replace it `ports: !override [...]` (Compose 2.24.4 or newer). Better still,
    /// keep what only developers need out of the base file.
    ///
    /// # References
    /// Docker documentation "Merge Compose files", CWE-489, NIST SP 800-190 3.4.3.
    id: "drift/dev-override-running",
    title: "Settings for development reach production",
    severity: High,
    lowered_in_development: 2,
    fixes: Described,
    why: "Compose merges an override file by itself and joins lists when it merges: settings meant for a laptop then run on the server.",
    help: "Name the Compose files on the server, and use `!reset` or `!override` to take a list away.",
    references: ["Docker documentation \"Merge Compose files\"", "CWE-489", "NIST SP 800-190 3.4.3"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    running(project, out);
    for started in project.started_with_override() {
        out.report(plain_up(project, &started));
    }
    for view in project.views.iter().filter(|view| is_deployed(view.context)) {
        for left in project.leftovers(view) {
            out.drafts.extend(leftover(project, view, &left));
        }
    }
}

fn is_deployed(context: Context) -> bool {
    matches!(context, Context::Production | Context::Staging)
}

/// One finding for each project that runs from files for development, though something says that it serves users.
fn running(project: &Project<'_>, out: &mut Findings) {
    let deployments = project.deployments();
    let of = |service: ServiceRef<'_, '_>| -> Option<&Deployment<'_, '_>> {
        let container = service.container()?;
        deployments.iter().find(|deployment| std::ptr::eq(deployment.container, container))
    };
    let mut places: BTreeMap<String, Location> = BTreeMap::new();
    for service in project.running_services().filter(|service| is_deployed(service.context)) {
        let Some(deployment) = of(service) else { continue };
        let Some(file) = deployment.development_files().first().copied() else { continue };
        let label = deployment.container.label("com.docker.compose.project.config_files");
        let here = label.map_or(service.at, |label| label.at);
        // The services of one project were started together.
        let at = *places.entry(service.view().name.clone()).or_insert(here);
        let message = format!("a stack that serves users was started from {}", shorten(file_name(file), 60));
        let evidence = service.context_evidence.as_ref();
        let why = evidence.map_or("it serves users", |evidence| evidence.what.as_str());
        let told = evidence.and_then(|evidence| evidence.at).unwrap_or(here);
        out.report(Draft::new(at, message).because(told, shorten(why, 80)).on(service));
    }
}

fn plain_up(project: &Project<'_>, started: &StartedWithOverride<'_>) -> Draft {
    let file = shorten(project.path(started.file), 60);
    let at = started.line.invocation.at;
    let message = format!("`docker compose up` names no files, so it merges {file} on the server too");
    Draft::new(at, message)
        .severity_in_context(Severity::High)
        .confidence(Confidence::Medium)
        .because(Location::new(started.file, crate::span::Span::at(0)), "this file is merged by itself")
        .because(started.line.invocation.verb_at, format!("it works on a server: {}", started.why))
}

fn leftover(project: &Project<'_>, view: &View, left: &Leftover) -> Option<Draft> {
    let service = project.service(view, &left.service)?;
    let kept = shorten(project.slice(left.kept), 60);
    let earlier = shorten(file_name(project.path(left.kept.source)), 60);
    let message = if left.emptied {
        format!("the empty `{}` of `{}` removes nothing: {kept} of {earlier} stays", left.key, left.service)
    } else {
        format!("`{}` keeps the mapping {kept} of {earlier}: lists are joined, not replaced", left.service)
    };
    let tag = if left.emptied { "!reset" } else { "!override" };
    let help =
        format!("Write `{}: {tag} [...]` here (Compose 2.24.4 or newer), or keep it out of {earlier}.", left.key);
    Some(Draft::new(left.at, message).because(left.kept, "this stays in force").help(help).aspect(left.key).on(service))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "drift/dev-override-running";
    const BASE: &str = "services:\n  db:\n    image: mysql:8.4\n    ports: [\"3306:3306\"]\n";
    const DEV: &str = "services:\n  db:\n    restart: \"no\"\n";

    #[test]
    fn what_a_production_file_cannot_take_away() {
        for (later, count) in [
            ("ports: []", 1),
            ("ports: [\"127.0.0.1:3306:3306\"]", 1),
            ("ports: !reset []", 0),
            ("ports: !override [\"127.0.0.1:3306:3306\"]", 0),
            ("ports: [\"33060:33060\"]", 0),
        ] {
            let later = format!("services:\n  db:\n    {later}\n");
            let found = findings(RULE, &[("compose.yaml", BASE), ("compose.prod.yaml", &later)]);
            assert_eq!(found.len(), count, "{later}");
            assert!(found.iter().all(|finding| finding.severity.as_str() == "high"));
        }
        clean(RULE, &[("compose.yaml", BASE), ("compose.dev.yaml", "services:\n  db:\n    ports: []\n")]);
    }

    #[test]
    fn a_deployment_that_names_no_files() {
        let up = "#!/bin/sh\ngit pull\ndocker compose up -d\n";
        let base = BASE.replace("3306:3306", "127.0.0.1:3306:3306");
        let found = findings(RULE, &[("compose.yaml", &base), ("compose.override.yaml", DEV), ("deploy.sh", up)]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].confidence.as_str(), "medium");
        clean(RULE, &[("compose.yaml", &base), ("deploy.sh", up)]);
        clean(RULE, &[("compose.yaml", &base), ("compose.override.yaml", DEV), ("bin/dev.sh", up)]);
    }

    fn ps(project: &str, files: &str) -> String {
        let one = |service: &str, id: &str| {
            format!(
                r#"{{"ID":"{id}","Names":"{project}-{service}-1","Image":"x","Status":"Up 3 days","Labels":"com.docker.compose.project={project},com.docker.compose.service={service},com.docker.compose.project.config_files={files}"}}"#
            )
        };
        format!("{}\n{}\n", one("app", "77aa12dd90ef"), one("web", "77aa12dd90ee"))
    }

    #[test]
    fn containers_from_an_override() {
        let files = "/srv/a/compose.prod.yaml,/srv/a/compose.override.yaml";
        let found = findings(RULE, &[("ps.json", &ps("shop", files))]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].services, ["app", "web"]);
        assert_eq!(found[0].severity.as_str(), "high");
        clean(RULE, &[("ps.json", &ps("shop", "/srv/a/compose.yaml,/srv/a/compose.override.yaml"))]);
        clean(RULE, &[("ps.json", &ps("shop", "/srv/a/compose.yaml,/srv/a/compose.prod.yaml"))]);
    }
}
