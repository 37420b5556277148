//! The map as a Mermaid flowchart, for Markdown files and wikis that draw it. Ids are made up, so that no name can be taken for
//! syntax; a service on several networks stands in the first one and names the others.

use super::{edges, outside};
use crate::report::map::layout::LineKind;
use crate::report::stack::{MapServiceV1, ViewV1};
use crate::text::visible;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Renders.
#[must_use]
pub fn render(view: &ViewV1) -> String {
    let ids: BTreeMap<&str, usize> =
        view.services.iter().enumerate().map(|(id, service)| (service.name.as_str(), id)).collect();
    let mut out = "flowchart LR\n".to_owned();
    if outside(view).next().is_some() {
        out.push_str("  internet([\"Internet\"])\n");
    }
    let mut placed: BTreeSet<usize> = BTreeSet::new();
    for (index, network) in view.networks.iter().enumerate() {
        let members = network.members.iter().filter_map(|name| ids.get(name.as_str()).copied());
        let members: Vec<usize> = members.filter(|id| placed.insert(*id)).collect();
        if members.is_empty() {
            continue;
        }
        let kind = if network.internal { " (internal)" } else { "" };
        let _ = writeln!(out, "  subgraph n{index}[\"{}{kind}\"]", label(&network.name));
        for id in members {
            node(&mut out, "    ", id, view.services.get(id), &network.name);
        }
        out.push_str("  end\n");
    }
    for id in (0..view.services.len()).filter(|id| !placed.contains(id)) {
        node(&mut out, "  ", id, view.services.get(id), "");
    }
    for name in outside(view) {
        if let Some(id) = ids.get(name) {
            let _ = writeln!(out, "  internet ==> s{id}");
        }
    }
    for (kind, from, to) in edges(view) {
        let (Some(from), Some(to)) = (ids.get(from), ids.get(to)) else { continue };
        let arrow = match kind {
            LineKind::Exposed => "==>",
            LineKind::Needed => "-->",
            LineKind::Missing => "--x|not possible|",
            LineKind::Excess => "-.-",
        };
        let _ = writeln!(out, "  s{from} {arrow} s{to}");
    }
    out
}

fn node(out: &mut String, indent: &str, id: usize, service: Option<&MapServiceV1>, home: &str) {
    let Some(service) = service else { return };
    let others: Vec<String> =
        service.networks.iter().filter(|network| network.as_str() != home).map(|network| label(network)).collect();
    let also = if others.is_empty() { String::new() } else { format!("<br/>also on {}", others.join(", ")) };
    let _ = writeln!(
        out,
        "{indent}s{id}[\"{}<br/>{} · {}{also}\"]",
        label(&service.name),
        label(&service.role),
        label(&service.tier)
    );
}

/// Text inside of a quoted label: characters that are syntax of Mermaid, HTML or Markdown are written as entities.
fn label(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        if matches!(c, '"' | '#' | '<' | '>' | '&' | '`' | '\\' | ';' | '[' | ']' | '{' | '}' | '|' | '*') {
            let _ = write!(out, "#{};", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::map::testing::view;

    #[test]
    fn subgraphs_for_networks() {
        let text = render(&view(
            &[("web", "edge"), ("app", "app"), ("db", "data"), ("cron", "app")],
            &[("front", &["web", "app"]), ("back", &["app", "db"])],
            &[("web", "app"), ("cron", "db")],
            &["web"],
        ));
        for part in [
            "flowchart LR\n  internet([\"Internet\"])\n  subgraph n0[\"front\"]\n    s0[\"web<br/>unknown · T4\"]\n",
            "    s1[\"app<br/>unknown · T4<br/>also on back\"]\n  end\n",
            "  internet ==> s0\n",
            "  s0 --> s1\n",
            "  s3 --x|not possible| s2\n",
            "  s1 -.- s2\n",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
    }

    #[test]
    fn names_are_no_syntax() {
        let evil = "a\"]\n  end\n click <b>#`";
        let text = render(&view(&[(evil, "app")], &[], &[], &[]));
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.contains("s0[\"a#34;#93;␊  end␊ click #60;b#62;#35;#96;<br/>"), "{text}");
    }
}
