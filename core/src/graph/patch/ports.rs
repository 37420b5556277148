//! Ports of data stores that are published no more.

use super::shown;
use super::writer::{Place, Writer, brackets, is_flow};
use crate::graph::outcome::Plan;
use crate::source::Location;
use crate::syntax::yaml::{Id, Kind, edit};
use std::collections::BTreeMap;

/// Removes the ports that a plan no longer publishes.
pub(super) fn write(writer: &mut Writer<'_, '_>, plan: &Plan) -> Result<(), String> {
    let mut lists: BTreeMap<(crate::source::SourceId, Id), Vec<Id>> = BTreeMap::new();
    for (_, evidence) in &plan.unpublished {
        let found = evidence.at.and_then(|at| item(writer, at));
        let Some((list, item)) = found else {
            return Err(format!("no longer publish the port by hand: {}", shown(&evidence.label)));
        };
        lists.entry((list.file, list.id)).or_default().push(item);
    }
    for ((file, id), items) in lists {
        remove(writer, Place { file, id }, &items).ok_or_else(|| {
            format!("remove the published ports of the data stores in {} by hand", shown(writer.project.path(file)))
        })?;
    }
    Ok(())
}

/// The item of a list of ports at a place, and the list.
fn item(writer: &Writer<'_, '_>, at: Location) -> Option<(Place, Id)> {
    if !writer.view.files.contains(&at.source) {
        return None;
    }
    let tree = writer.tree(at.source)?;
    tree.nodes.iter().enumerate().filter(|(_, node)| node.span == at.span).find_map(|(index, node)| {
        let list = node.parent?;
        let is_list = matches!(tree.node(list).kind, Kind::Sequence { .. });
        is_list.then_some((Place { file: at.source, id: list }, Id(u32::try_from(index).ok()?)))
    })
}

fn remove(writer: &mut Writer<'_, '_>, list: Place, items: &[Id]) -> Option<()> {
    let tree = writer.tree(list.file)?;
    let text = writer.text(list.file);
    let all = tree.items(list.id);
    let kept: Vec<Id> = all.iter().copied().filter(|item| !items.contains(item)).collect();
    if kept.is_empty() {
        let key = tree.str(tree.key_of(list.id)?)?;
        let mapping = tree.node(list.id).parent?;
        writer.add(list.file, edit::remove_key(tree, text, mapping, key)?);
    } else if is_flow(tree, list.id) {
        let entries: Vec<String> = kept.iter().map(|id| tree.node(*id).outer_span().slice(text).to_owned()).collect();
        writer.replace(list.file, tree.node(list.id).span, brackets(&entries, false));
    } else {
        for &item in items {
            writer.add(list.file, edit::remove_item(tree, text, list.id, item)?);
        }
    }
    Some(())
}
