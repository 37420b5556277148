//! The networks of one service, where it is declared first.

use super::shown;
use super::writer::{Place, Writer, brackets, is_flow, lines, pair_text};
use crate::project::Service;
use crate::syntax::yaml::edit::{self, quote_if_needed};
use crate::syntax::yaml::{Id, Kind, Tree};
use std::collections::BTreeSet;

/// Puts a service on exactly these networks.
pub(super) fn write(writer: &mut Writer<'_, '_>, service: &Service, wanted: &[&str]) -> Result<(), String> {
    let name = service.spec.name.as_str();
    let mut now: Vec<&str> = service.spec.networks.iter().map(|membership| membership.network.as_str()).collect();
    now.sort_unstable();
    let mut sorted = wanted.to_vec();
    sorted.sort_unstable();
    if now == sorted && !wanted.is_empty() {
        return Ok(());
    }
    let Some(place) = writer.entries("services", name).first().copied() else {
        return Err(format!("{} is declared in a file that is included: put its networks there by hand", shown(name)));
    };
    let Some(tree) = writer.tree(place.file) else { return Err(String::new()) };
    let written = match tree.node(place.id).kind {
        Kind::Alias { .. } => {
            return Err(format!("{} shares its whole mapping with another service: write it out first", shown(name)));
        }
        _ if wanted.is_empty() => without(writer, tree, place),
        _ => with(writer, service, tree, place, wanted),
    };
    written.ok_or_else(|| format!("the networks of {} cannot be changed safely: write them by hand", shown(name)))
}

/// A service that nobody needs to talk to.
fn without(writer: &mut Writer<'_, '_>, tree: &Tree, place: Place) -> Option<()> {
    if let Some((key, value)) = tree.get(place.id, "networks") {
        // One line gives way to the other.
        let span = tree.node(key).outer_span().to(tree.node(value).outer_span());
        writer.replace(place.file, span, "network_mode: none".to_owned());
        return Some(());
    }
    writer.insert_key(place, "network_mode", "none")
}

/// A service on some networks.
fn with(writer: &mut Writer<'_, '_>, service: &Service, tree: &Tree, place: Place, wanted: &[&str]) -> Option<()> {
    let aliases = orphaned(service, wanted);
    let Some((key, value)) = tree.get(place.id, "networks") else {
        let is_mapping = !aliases.is_empty();
        return writer.insert_key(place, "networks", &brackets(&entries(wanted, &aliases, is_mapping), is_mapping));
    };
    let text = writer.text(place.file);
    let node = tree.node(value);
    let is_named = |id| tree.str(id).is_some_and(|name| wanted.contains(&name));
    let ids: Vec<Id> = match &node.kind {
        Kind::Sequence { items, .. } => items.clone(),
        Kind::Mapping { pairs, .. } => pairs.iter().map(|(key, _)| *key).collect(),
        _ => Vec::new(),
    };
    let own: Vec<&str> = ids.into_iter().filter(|id| is_named(*id)).filter_map(|id| tree.str(id)).collect();
    let kept = own.len();
    let new: Vec<&str> = wanted.iter().copied().filter(|name| !own.contains(name)).collect();
    if !aliases.is_empty() && new.is_empty() {
        return None;
    }
    let is_list = matches!(node.kind, Kind::Sequence { .. });
    let is_block = matches!(node.kind, Kind::Sequence { .. } | Kind::Mapping { .. }) && !is_flow(tree, value);
    if is_block && is_list && aliases.is_empty() && kept > 0 {
        return items(writer, tree, Place { file: place.file, id: value }, &new, wanted);
    }
    if is_block && !is_list && kept > 0 {
        return keys(writer, tree, Place { file: place.file, id: value }, &new, wanted, &aliases);
    }
    let entries: Vec<String> = match &node.kind {
        Kind::Mapping { pairs, .. } => (pairs.iter().filter(|(key, _)| is_named(*key)))
            .map(|pair| pair_text(tree, text, *pair))
            .chain(entries(&new, &aliases, true))
            .collect(),
        _ if aliases.is_empty() => {
            own.iter().map(|name| quote_if_needed(name)).chain(entries(&new, &aliases, false)).collect()
        }
        _ => own
            .iter()
            .map(|name| format!("{}: {{}}", quote_if_needed(name)))
            .chain(entries(&new, &aliases, true))
            .collect(),
    };
    let is_mapping = matches!(node.kind, Kind::Mapping { .. }) || !aliases.is_empty();
    if is_block && is_list != is_mapping {
        let dashed: Vec<String> =
            if is_list { entries.iter().map(|entry| format!("- {entry}")).collect() } else { entries };
        writer.replace(place.file, node.span, lines(text, node.span, &dashed));
        return Some(());
    }
    // A list that becomes a mapping, an alias, or brackets: the value as a whole.
    let key = tree.node(key).outer_span();
    writer.replace(
        place.file,
        key.to(node.outer_span()),
        format!("{}: {}", key.slice(text), brackets(&entries, is_mapping)),
    );
    Some(())
}

/// Further names of a service on networks that it leaves.
fn orphaned(service: &Service, wanted: &[&str]) -> Vec<String> {
    let left = service.spec.networks.iter().filter(|membership| !wanted.contains(&membership.network.as_str()));
    let names: BTreeSet<&str> = left.flat_map(|membership| membership.aliases.iter().map(String::as_str)).collect();
    names.into_iter().filter(|name| *name != service.spec.name).map(str::to_owned).collect()
}

/// Networks as items of a list, or as keys that carry the aliases.
fn entries(names: &[&str], aliases: &[String], mapping: bool) -> Vec<String> {
    let quoted: Vec<String> = aliases.iter().map(|alias| quote_if_needed(alias)).collect();
    let entry = |name: &&str| match (mapping, quoted.is_empty()) {
        (false, _) => quote_if_needed(name),
        (true, true) => format!("{}: {{}}", quote_if_needed(name)),
        (true, false) => format!("{}: {{aliases: [{}]}}", quote_if_needed(name), quoted.join(", ")),
    };
    names.iter().map(entry).collect()
}

/// Changes a list item by item.
fn items(writer: &mut Writer<'_, '_>, tree: &Tree, at: Place, new: &[&str], wanted: &[&str]) -> Option<()> {
    let text = writer.text(at.file);
    for &item in tree.items(at.id) {
        if !tree.str(item).is_some_and(|name| wanted.contains(&name)) {
            writer.add(at.file, edit::remove_item(tree, text, at.id, item)?);
        }
    }
    for name in new {
        writer.add(at.file, edit::append_item(tree, text, at.id, &quote_if_needed(name))?);
    }
    Some(())
}

/// Changes a mapping key by key.
fn keys(
    writer: &mut Writer<'_, '_>,
    tree: &Tree,
    at: Place,
    new: &[&str],
    wanted: &[&str],
    aliases: &[String],
) -> Option<()> {
    let text = writer.text(at.file);
    for (key, _) in tree.pairs(at.id) {
        let name = tree.str(*key)?;
        if !wanted.contains(&name) {
            writer.add(at.file, edit::remove_key(tree, text, at.id, name)?);
        }
    }
    let options = if aliases.is_empty() {
        "{}".to_owned()
    } else {
        let quoted: Vec<String> = aliases.iter().map(|alias| quote_if_needed(alias)).collect();
        format!("{{aliases: [{}]}}", quoted.join(", "))
    };
    for name in new {
        writer.add(at.file, edit::insert_key(tree, text, at.id, name, &options)?);
    }
    Some(())
}
