//! Variables of services: their names, and which there must be.

use crate::rules::{VARIABLE_MISSING, VARIABLE_NAME};
use crate::settings::Conventions;
use plimsoll_plugin_sdk::prelude::*;

/// Judges the environment of every service.
pub(crate) fn check(project: &Project, conventions: &Conventions) -> Vec<Finding> {
    let judged = project
        .services()
        .filter(|service| !conventions.is_exempt(*service) && conventions.hold_in(service.context()))
        .collect::<Vec<_>>();
    let mut found = Vec::new();
    for &service in &judged {
        if conventions.names_variables_of(service) {
            found.extend(names(project, service, conventions));
        }
        found.extend(missing(project, service, &judged, conventions));
    }
    found
}

fn names(project: &Project, service: Service<'_>, conventions: &Conventions) -> Vec<Finding> {
    let Some(pattern) = &conventions.variable_names else { return Vec::new() };
    let judge = |variable: Variable<'_>| {
        let name = variable.name;
        // A name that a variable makes may be any name.
        if pattern.allows(name) || name.contains('$') || conventions.is_exempt_variable(name) {
            return None;
        }
        let at = name_at(project, variable)?;
        let message = format!("The variable `{name}` does not match `{}`", pattern.text);
        Some(finding(VARIABLE_NAME, at, message).on(service))
    };
    service.environment().filter_map(judge).collect()
}

/// Where a variable's name is written: before the value, in a pair or in `NAME=value`.
fn name_at(project: &Project, variable: Variable<'_>) -> Option<Location> {
    let origin = variable.origin?;
    let Some(node) = project.node_at(origin) else { return Some(origin) };
    let quote = usize::from(node.text().starts_with(['"', '\'']));
    match node.kind() {
        NodeKind::Pair if node.key() == variable.name => Some(node.key_location()),
        NodeKind::Scalar if node.text().get(quote..).is_some_and(|text| text.starts_with(variable.name)) => {
            Some(part(node.location(), quote, quote + variable.name.len()))
        }
        _ => Some(origin),
    }
}

fn missing(
    project: &Project,
    service: Service<'_>,
    judged: &[Service<'_>],
    conventions: &Conventions,
) -> Option<Finding> {
    let required = conventions.required_of(service.role());
    let node = service.node().filter(|node| node.document().kind == "compose")?;
    // A variable may stand in a file that only one of the views has; which one is deployed is not ours to say.
    let views = || judged.iter().filter(|other| other.origin() == service.origin());
    let missing: Vec<&str> =
        required.iter().map(String::as_str).filter(|name| !views().any(|service| has(*service, name))).collect();
    if missing.is_empty() || views().any(|service| reads_unseen_file(project, *service, node)) {
        return None;
    }
    let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
    let message = format!(
        "`{}` has no variable {}, which {} services must have",
        service.name(),
        names.join(" and "),
        service.role()
    );
    Some(finding(VARIABLE_MISSING, node.key_location(), message).on(service))
}

/// Whether a service has a variable: itself, as `NAME_FILE`, or from its Dockerfile.
fn has(service: Service<'_>, name: &str) -> bool {
    let named = |written: &str| written == name || written.strip_suffix("_FILE") == Some(name);
    if service.environment().any(|variable| named(variable.name) || variable.name.contains('$')) {
        return true;
    }
    let stages = service.stage().into_iter().flat_map(Stage::chain);
    let mut pairs = stages.flat_map(|stage| stage.instructions("ENV")).flat_map(NodeRef::children);
    pairs.any(|pair| pair.kind() == NodeKind::Pair && named(pair.key()))
}

/// Whether a service takes variables from a file that is not among the files, or that we cannot name.
fn reads_unseen_file(project: &Project, service: Service<'_>, node: NodeRef<'_>) -> bool {
    let view = service.in_view();
    let seen =
        |path: &str| view.and_then(|view| view.resolve(path)).is_some_and(|path| project.document(&path).is_some());
    let listed: Vec<&str> = service.properties("env-file").map(|(path, _)| path).collect();
    listed.iter().any(|path| !seen(path)) || (listed.is_empty() && node.get("env_file").is_some())
}
