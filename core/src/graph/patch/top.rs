//! The top-level `networks`: new ones, ways out that are open or not, and those that nobody uses any more.

use super::shown;
use super::writer::{Place, Writer, brackets, is_flow, lines, pair_text};
use crate::graph::model::Graph;
use crate::graph::outcome::{Plan, PlannedNetwork};
use crate::source::SourceId;
use crate::syntax::yaml::edit::{self, quote_if_needed};
use crate::syntax::yaml::{Id, Kind};
use std::collections::BTreeMap;

/// Declares the networks of a plan.
pub(super) fn write(writer: &mut Writer<'_, '_>, graph: &Graph, plan: &Plan) -> Result<(), String> {
    let mut new: BTreeMap<SourceId, Vec<&PlannedNetwork>> = BTreeMap::new();
    for network in &plan.networks {
        let known = writer.view.network(&network.name);
        if known.is_some_and(|known| known.external) {
            continue;
        }
        if let (Some(known), Some(place)) = (known, writer.entries("networks", &network.name).last().copied()) {
            if known.internal != network.internal {
                set_internal(writer, place, network.internal).ok_or_else(|| {
                    format!("set `internal: {}` at the network {} by hand", network.internal, shown(&network.name))
                })?;
            }
            continue;
        }
        let file = home(writer, graph, network).ok_or("no file of this deployment can be changed")?;
        new.entry(file).or_default().push(network);
    }
    let files = writer.view.files.clone();
    for file in files {
        let new = new.remove(&file).unwrap_or_default();
        section(writer, file, plan, &new).ok_or_else(|| {
            let names: Vec<String> = new.iter().map(|network| shown(&network.name)).collect();
            format!("add the networks {} to {} by hand", names.join(", "), shown(writer.project.path(file)))
        })?;
    }
    Ok(())
}

/// The first file that declares a member.
fn home(writer: &Writer<'_, '_>, graph: &Graph, network: &PlannedNetwork) -> Option<SourceId> {
    let declared = network.members.iter().filter_map(|id| {
        let name = &graph.services.get(*id)?.name;
        writer.entries("services", name).first().map(|place| place.file)
    });
    declared.min_by_key(|file| writer.view.files.iter().position(|other| other == file))
}

/// Opens a network or closes it.
fn set_internal(writer: &mut Writer<'_, '_>, place: Place, internal: bool) -> Option<()> {
    let tree = writer.tree(place.file)?;
    match tree.get(place.id, "internal") {
        Some((_, value)) => {
            let edits =
                edit::replace_scalar(tree, writer.text(place.file), value, if internal { "true" } else { "false" })?;
            // A quoted or plain scalar alike: replacing keeps quotes, which Compose accepts.
            writer.add(place.file, edits);
            Some(())
        }
        None => writer.insert_key(place, "internal", if internal { "true" } else { "false" }),
    }
}

/// The section of one file: adds networks and removes those without use.
fn section(writer: &mut Writer<'_, '_>, file: SourceId, plan: &Plan, new: &[&PlannedNetwork]) -> Option<()> {
    let tree = writer.tree(file)?;
    let text = writer.text(file);
    let written: Vec<String> = new
        .iter()
        .map(|network| {
            let options = if network.internal { "{internal: true}" } else { "{}" };
            format!("{}: {options}", quote_if_needed(&network.name))
        })
        .collect();
    let entry = tree.documents.iter().rev().find_map(|document| tree.get(*document, "networks"));
    let Some((_, section)) = entry else {
        if new.is_empty() {
            return Some(());
        }
        let &[root] = tree.documents.as_slice() else { return None };
        let block: String = written.iter().map(|line| format!("\n  {line}")).collect();
        return writer.insert_key(Place { file, id: root }, "networks", &block);
    };
    let at = Place { file, id: section };
    let Kind::Mapping { pairs, .. } = &tree.node(section).kind else {
        for network in new {
            writer.insert_key(at, &network.name, if network.internal { "{internal: true}" } else { "{}" })?;
        }
        return Some(());
    };
    let spare: Vec<(Id, Id)> = (pairs.iter().copied())
        .filter(|(key, value)| {
            tree.alias_count(*value) == 0 && tree.str(*key).is_some_and(|name| is_spare(writer, plan, name))
        })
        .collect();
    let kept: Vec<(Id, Id)> = pairs.iter().copied().filter(|pair| !spare.contains(pair)).collect();
    if spare.is_empty() && new.is_empty() {
        return Some(());
    }
    if is_flow(tree, section) {
        let entries: Vec<String> = kept.iter().map(|pair| pair_text(tree, text, *pair)).chain(written).collect();
        writer.replace(file, tree.node(section).span, brackets(&entries, true));
        return Some(());
    }
    if kept.is_empty() {
        if written.is_empty() {
            return Some(());
        }
        let span = tree.node(section).span;
        writer.replace(file, span, lines(text, span, &written));
        return Some(());
    }
    for (key, _) in spare {
        writer.remove_key(at, tree.str(key)?)?;
    }
    for network in new {
        writer.insert_key(at, &network.name, if network.internal { "{internal: true}" } else { "{}" })?;
    }
    Some(())
}

/// Whether a declared network is used by nobody once the plan is carried out.
fn is_spare(writer: &Writer<'_, '_>, plan: &Plan, name: &str) -> bool {
    let planned = plan.networks.iter().any(|network| network.name == name);
    let known = writer.view.network(name);
    // Other projects may join a network that has a name of its own.
    let shared = known.is_some_and(|network| {
        network.external || network.own_name.is_some() || network.attachable.is_some_and(|attachable| attachable.value)
    });
    // Memberships that stand in files of this view are rewritten; those of other files stay.
    let elsewhere = writer.project.views.iter().flat_map(|view| &view.services).any(|service| {
        let mut memberships = service.spec.networks.iter().filter(|membership| membership.network == name);
        memberships.any(|membership| {
            !writer.view.files.contains(&membership.at.source) || !writer.view.has_service(&service.spec.name)
        })
    });
    !planned && !shared && !elsewhere && name != "default"
}
