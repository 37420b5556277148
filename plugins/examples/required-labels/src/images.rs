//! Labels of the images that services build.

use crate::services::has_entry;
use crate::settings::{Required, Rules};
use crate::{MISSING, VALUE, listed};
use plimsoll_plugin_sdk::prelude::*;
use std::collections::BTreeMap;

/// Judges the stage that each service runs.
pub(crate) fn check(project: &Project, rules: &Rules) -> Vec<Finding> {
    if rules.images.is_empty() {
        return Vec::new();
    }
    let judged = project.services().filter(|service| rules.hold_for(*service));
    judged.flat_map(|service| judge(service, rules).into_iter().map(move |finding| finding.on(service))).collect()
}

fn judge(service: Service<'_>, rules: &Rules) -> Vec<Finding> {
    // Without its FROM a stage is written inside of a Compose file, where its instructions are not to be seen.
    let Some((stage, from)) = service.stage().and_then(|stage| Some((stage, stage.node()?))) else { return Vec::new() };
    let labels = labels(stage);
    let mut found: Vec<Finding> =
        rules.images.iter().filter_map(|required| value(required, *labels.get(required.name.as_str())?)).collect();
    // A name that a variable makes may be any name.
    let any_name = labels.keys().any(|name| name.contains('$'));
    let from_base = stage.base_image().and_then(Image::repository).is_some_and(|base| rules.is_labelled(base));
    if any_name || from_base {
        return found;
    }
    let given = service.node().and_then(|node| node.get("build")?.get("labels"));
    let is_given = |name: &str| given.is_some_and(|labels| has_entry(labels, name));
    let is_missing = |required: &&Required| !labels.contains_key(required.name.as_str()) && !is_given(&required.name);
    let missing = rules.images.iter().filter(is_missing);
    // What a fix can write is one finding, what only somebody else knows another: each fix mends the whole of its own.
    let (known, unknown): (Vec<&Required>, Vec<&Required>) = missing.partition(|required| required.value.is_some());
    for missing in [known, unknown] {
        let names: Vec<&str> = missing.iter().map(|required| required.name.as_str()).collect();
        if !names.is_empty() {
            let message = format!("{} has no label {}", called(stage), listed(&names));
            found.push(finding(MISSING, from.location(), message).fix(add(stage, from, &missing)));
        }
    }
    found
}

/// A stage without a name is called by its number, which says nothing to anybody.
fn called(stage: Stage<'_>) -> String {
    match stage.name().parse::<u32>() {
        Ok(_) => "The image".to_owned(),
        Err(_) => format!("The image of the stage `{}`", stage.name()),
    }
}

/// The labels of a stage with those of the stages it is built on; the nearest one counts.
fn labels(stage: Stage<'_>) -> BTreeMap<&str, NodeRef<'_>> {
    let mut labels = BTreeMap::new();
    for stage in stage.chain() {
        let own: BTreeMap<&str, NodeRef<'_>> = stage
            .instructions("LABEL")
            .flat_map(NodeRef::children)
            .filter(|node| node.kind() == NodeKind::Pair)
            .map(|pair| (pair.key().trim_matches(['"', '\'']), pair))
            .collect();
        for (name, pair) in own {
            labels.entry(name).or_insert(pair);
        }
    }
    labels
}

fn value(required: &Required, pair: NodeRef<'_>) -> Option<Finding> {
    let value = Some(pair.value()).filter(|value| !value.contains('$'))?;
    let pattern = required.refuses(value)?;
    let message = format!("The label `{}` of the image is `{value}`, which does not match `{pattern}`", required.name);
    let fix = required
        .value
        .as_ref()
        .map(|known| fix(format!("Set {} to {known}", required.name)).replace(pair.value_location(), quoted(known)));
    Some(finding(VALUE, pair.value_location(), message).fix(fix))
}

/// Writes the labels whose values are known at the end of the stage, where they cost no cached layer.
fn add(stage: Stage<'_>, from: NodeRef<'_>, missing: &[&Required]) -> Option<Fix> {
    let known: Vec<(&str, &str)> =
        missing.iter().filter_map(|required| Some((required.name.as_str(), required.value.as_deref()?))).collect();
    let last = stage.all_instructions().last().unwrap_or(from);
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    let line = |(name, value): &(&str, &str)| format!("LABEL {name}={}", quoted(value));
    let lines: Vec<String> = known.iter().map(line).collect();
    if lines.is_empty() {
        return None;
    }
    fix(format!("Add the label {}", names.join(", "))).insert_after(last, &lines.join("\n"))
}

/// A value in quotes that reads back as this very value.
fn quoted(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.chars() {
        if matches!(c, '"' | '\\' | '$') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}
