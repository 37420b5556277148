//! Labels of services.

use crate::settings::{Required, Rules};
use crate::{MISSING, VALUE, listed};
use plimsoll_plugin_sdk::prelude::*;

/// Judges every service.
pub(crate) fn check(project: &Project, rules: &Rules) -> Vec<Finding> {
    let judged: Vec<Service<'_>> = project.services().filter(|service| rules.hold_for(*service)).collect();
    let mut found = Vec::new();
    for &service in &judged {
        // A script's `docker run` is no service that a label could be written to.
        let Some(node) = service.node().filter(|node| node.document().kind == "compose") else { continue };
        found.extend(rules.services.iter().filter_map(|required| value(project, service, required)));
        // A label may stand in a file that only one of the views has; which one is deployed is not ours to say.
        let views = judged.iter().filter(|other| other.origin() == service.origin());
        let labelled = |name: &str| views.clone().any(|service| service.label(name).is_some());
        let missing: Vec<&Required> = rules.services.iter().filter(|required| !labelled(&required.name)).collect();
        if missing.is_empty() || is_labelled_elsewhere(project, node, &missing) {
            continue;
        }
        // What a fix can write is one finding, what only somebody else knows another: each fix mends the whole of its own.
        let (known, unknown): (Vec<&Required>, Vec<&Required>) =
            missing.into_iter().partition(|required| required.value.is_some());
        for missing in [known, unknown] {
            let names: Vec<&str> = missing.iter().map(|required| required.name.as_str()).collect();
            if names.is_empty() {
                continue;
            }
            let message = format!("`{}` has no label {}", service.name(), listed(&names));
            let finding = finding(MISSING, node.key_location(), message);
            found.push(finding.on(service).fix(add(service, node, &missing)));
        }
    }
    found
}

/// A value that is known and is not what it has to be.
fn value(project: &Project, service: Service<'_>, required: &Required) -> Option<Finding> {
    let label = service.label(&required.name)?;
    let (value, at) = (label.known()?, label.origin?);
    let pattern = required.refuses(value)?;
    let message =
        format!("The label `{}` of `{}` is `{value}`, which does not match `{pattern}`", label.name, service.name());
    let written = project.node_at(at).filter(|node| node.key() == label.name && node.value_location() == at);
    let fix = required.value.as_ref().zip(written).map(|(known, node)| {
        fix(format!("Set {} to {known}", label.name)).replace(node.value_location(), yaml_text(known))
    });
    Some(finding(VALUE, at, message).on(service).fix(fix))
}

/// Whether the labels may be there, only not where we can see them: in a file of labels, or for a swarm below `deploy`.
fn is_labelled_elsewhere(project: &Project, node: NodeRef<'_>, missing: &[&Required]) -> bool {
    let inherits = node.get("extends").is_some() || node.get("<<").is_some();
    let by_file = || project.documents("compose").any(|document| document.pairs("label_file").next().is_some());
    if node.get("label_file").is_some() || (inherits && by_file()) {
        return true;
    }
    let Some(labels) = node.get("deploy").and_then(|deploy| deploy.get("labels")) else { return false };
    missing.iter().all(|required| has_entry(labels, &required.name))
}

/// Whether a mapping or a list of `name=value` has an entry of this name.
pub(crate) fn has_entry(labels: NodeRef<'_>, name: &str) -> bool {
    labels.get(name).is_some()
        || labels.items().any(|item| item.value().split('=').next().is_some_and(|written| written == name))
}

/// Adds the labels whose values are known.
fn add(service: Service<'_>, node: NodeRef<'_>, missing: &[&Required]) -> Option<Fix> {
    let known: Vec<(&str, &str)> =
        missing.iter().filter_map(|required| Some((required.name.as_str(), required.value.as_deref()?))).collect();
    if known.is_empty() {
        return None;
    }
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    let fix = fix(format!("Add the label {} to {}", names.join(", "), service.name()));
    let pairs = |indentation: &str| {
        let line = |(name, value): &(&str, &str)| format!("{indentation}{name}: {}", yaml_text(value));
        known.iter().map(line).collect::<Vec<_>>().join("\n")
    };
    match node.get("labels") {
        Some(labels) if labels.mapping().is_some() => fix.add_key(labels, &pairs("")),
        Some(labels) => {
            let items: Vec<String> = known.iter().map(|(name, value)| yaml_text(&format!("{name}={value}"))).collect();
            fix.add_items(labels, &items)
        }
        // Labels of its own would replace those that `<<` brings.
        None if node.get("<<").is_some() && service.labels().next().is_some() => None,
        None => fix.add_key(node, &format!("labels:\n{}", pairs("  "))),
    }
}
