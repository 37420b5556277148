//! `container_name`, `env_file` and `restart`.

use crate::rules::{CONTAINER_NAME, ENV_FILE, RESTART};
use crate::settings::Conventions;
use plimsoll_plugin_sdk::prelude::*;

/// Judges these keys of every service.
pub(crate) fn check(project: &Project, conventions: &Conventions) -> Vec<Finding> {
    let mut found = Vec::new();
    for service in project.services().filter(|service| !conventions.is_exempt(*service)) {
        if conventions.hold_in(service.context()) {
            if !conventions.container_name {
                found.extend(container_name(project, service));
            }
            if !conventions.env_file {
                found.extend(env_files(service));
            }
        }
        if let Some(allowed) = conventions.restart_in(service.context()) {
            found.extend(restart(project, service, allowed));
        }
    }
    found
}

fn container_name(project: &Project, service: Service<'_>) -> Option<Finding> {
    let at = service.property_origin("container-name")?;
    let name = service.property("container-name")?;
    let pair = project.node_at(at).filter(|node| node.kind() == NodeKind::Pair && node.key() == "container_name")?;
    let fix = || fix(format!("Let Compose name the containers of {}", service.name())).remove_line(pair);
    let message = format!("All containers of `{}` would be called `{name}`", service.name());
    let fix = if is_named_elsewhere(project, service, pair, name) { None } else { fix() };
    Some(finding(CONTAINER_NAME, pair.location(), message).on(service).fix(fix))
}

/// Kinds of documents that start and stop containers by their names.
const RUNNERS: [&str; 6] = ["script", "makefile", "crontab", "gitlab-ci", "github-workflow", "jenkinsfile"];

/// Whether something relies on the name, as a script that runs `docker exec NAME` does.
fn is_named_elsewhere(project: &Project, service: Service<'_>, pair: NodeRef<'_>, name: &str) -> bool {
    // The service's own name stays a name that others reach it by; only containers are no longer called so.
    let only_container = name == service.name();
    project.all_documents().any(|document| {
        let own = usize::from(document == pair.document());
        match only_container {
            true if document.kind == "compose" => document.text.contains(&format!("container:{name}")),
            true if !RUNNERS.contains(&document.kind.as_str()) => false,
            _ => mentions(&document.text, name) > own,
        }
    })
}

/// How often a name stands in a text as a word of its own.
fn mentions(text: &str, name: &str) -> usize {
    let in_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let alone = |(at, _): &(usize, &str)| {
        let before = text.get(..*at).and_then(|text| text.chars().next_back());
        let behind = text.get(at + name.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(in_word) && !behind.is_some_and(in_word)
    };
    text.match_indices(name).filter(alone).count()
}

fn env_files(service: Service<'_>) -> Vec<Finding> {
    let found = service.properties("env-file").filter_map(|(path, at)| {
        let message = format!("`{}` takes its variables from the file `{path}`", service.name());
        Some(finding(ENV_FILE, at?, message).on(service))
    });
    found.collect()
}

fn restart(project: &Project, service: Service<'_>, allowed: &[String]) -> Option<Finding> {
    let node = service.node().filter(|node| node.document().kind == "compose")?;
    // A swarm has restart policies of its own.
    let swarm = node.get("deploy").is_some_and(|all| all.get("restart_policy").is_some() || all.get("mode").is_some());
    if swarm || !runs_on(service) {
        return None;
    }
    let policy = match service.property("restart") {
        Some(written) if written.contains('$') => return None,
        // YAML reads a bare `no` as false.
        Some("false") => "no",
        Some(written) => written.split(':').next().unwrap_or(written),
        // Written, and not known.
        None if node.get("restart").is_some() || node.get("extends").is_some() => return None,
        // Another view of the same service has one; which of them is deployed is not ours to say.
        None if project.services().any(|other| other.origin() == service.origin() && has_policy(other)) => return None,
        None => "no",
    };
    let wanted = allowed.first()?;
    if allowed.iter().any(|one| one == policy) {
        return None;
    }
    let title = format!("Set restart to {wanted}");
    let value = yaml_text(wanted);
    let at = service.property_origin("restart");
    let written = at.and_then(|at| project.node_at(at)).filter(|node| node.key() == "restart");
    let names: Vec<String> = allowed.iter().map(|one| format!("`{one}`")).collect();
    let (place, what, fix) = match written {
        Some(pair) => (
            pair.location(),
            format!("has the restart policy `{policy}`"),
            Some(fix(title).replace(pair.value_location(), value)),
        ),
        None if at.is_none() => (
            node.key_location(),
            "has no restart policy".to_owned(),
            fix(title).add_key(node, &format!("restart: {value}")),
        ),
        None => (at?, format!("has the restart policy `{policy}`"), None),
    };
    let message =
        format!("`{}` {what}; the context {} allows {}", service.name(), service.context().as_str(), names.join(", "));
    Some(finding(RESTART, place, message).on(service).fix(fix))
}

/// Whether a service is meant to run on: not a job that others wait for, a tool started by hand, or a command that may end by itself.
fn runs_on(service: Service<'_>) -> bool {
    let is_job = service
        .incoming("depends-on")
        .any(|link| link.properties("condition").any(|condition| condition == "service_completed_successfully"));
    let serves = matches!(service.group(), "edge" | "app" | "data") && service.role() != "php-cli";
    serves && !is_job && service.property("profile").is_none()
}

fn has_policy(service: Service<'_>) -> bool {
    service.property("restart").is_some()
}
