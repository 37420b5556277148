//! The map for Graphviz: `dot -Tsvg`. A service on one network stands in that network's cluster; one on several is drawn once, apart,
//! with a dotted line to each of its networks, since a node cannot be in two clusters.

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
    let mut out = format!(
        "digraph \"{}\" {{\n  rankdir=LR;\n  compound=true;\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n  \
         edge [fontname=\"sans-serif\", fontsize=10];\n",
        quoted(&view.name)
    );
    let mut placed: BTreeSet<usize> = BTreeSet::new();
    for (index, network) in view.networks.iter().enumerate() {
        let (style, kind) = if network.internal { ("solid", " (internal)") } else { ("dashed", "") };
        let _ = writeln!(
            out,
            "  subgraph cluster_{index} {{\n    label=\"{}{kind}\";\n    style={style};\n    n{index} [shape=point, \
             label=\"\"];",
            quoted(&network.name)
        );
        let members = || network.members.iter().filter_map(|name| ids.get(name.as_str()).copied());
        let alone = |id: &usize| view.services.get(*id).is_some_and(|service| service.networks.len() == 1);
        for id in members().filter(alone) {
            placed.insert(id);
            node(&mut out, "    ", id, view.services.get(id));
        }
        out.push_str("  }\n");
        for id in members().filter(|id| !alone(id)) {
            let _ = writeln!(out, "  s{id} -> n{index} [dir=none, style=dotted, lhead=cluster_{index}];");
        }
    }
    for id in (0..view.services.len()).filter(|id| !placed.contains(id)) {
        node(&mut out, "  ", id, view.services.get(id));
    }
    if outside(view).next().is_some() {
        out.push_str("  internet [label=\"Internet\", shape=ellipse];\n");
    }
    for name in outside(view) {
        if let Some(id) = ids.get(name) {
            let _ = writeln!(out, "  internet -> s{id} [style=bold, color=\"#1f3f8f\"];");
        }
    }
    for (kind, from, to) in edges(view) {
        if let (Some(from), Some(to)) = (ids.get(from), ids.get(to)) {
            let _ = writeln!(out, "  s{from} -> s{to} [{}];", style(kind));
        }
    }
    out.push_str("}\n");
    out
}

fn node(out: &mut String, indent: &str, id: usize, service: Option<&MapServiceV1>) {
    let Some(service) = service else { return };
    let bold = if service.exposed { ", penwidth=2.4" } else { "" };
    let _ = writeln!(
        out,
        "{indent}s{id} [label=\"{}\\n{} · {}\"{bold}];",
        quoted(&service.name),
        quoted(&service.role),
        quoted(&service.tier)
    );
}

fn style(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Exposed => "style=bold, color=\"#1f3f8f\"",
        LineKind::Needed => "style=solid, color=\"#1a6e3c\"",
        LineKind::Missing => "style=dotted, color=\"#b3001b\", label=\"not possible\"",
        LineKind::Excess => "style=dashed, color=\"#b35900\", dir=none, constraint=false",
    }
}

/// Text inside of a quoted string: no quote ends it, and nothing is taken for an escape.
fn quoted(text: &str) -> String {
    visible(text).replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::map::testing::view;

    #[test]
    fn clusters_for_networks() {
        let dot = render(&view(
            &[("web", "edge"), ("app", "app"), ("db", "data"), ("cron", "app")],
            &[("front", &["web", "app"]), ("back", &["app", "db"])],
            &[("web", "app"), ("cron", "db")],
            &["web"],
        ));
        for part in [
            "digraph \"compose.yaml\" {",
            "subgraph cluster_0 {\n    label=\"front\";\n    style=dashed;",
            "    s0 [label=\"web\\nunknown · T4\", penwidth=2.4];\n  }\n  s1 -> n0 [dir=none, style=dotted, lhead=cluster_0];",
            "\n  s1 [label=\"app\\nunknown · T4\"];",
            "  internet -> s0 [",
            "  s0 -> s1 [style=solid",
            "  s3 -> s2 [style=dotted",
            "  s1 -> s2 [style=dashed",
        ] {
            assert!(dot.contains(part), "{part} in\n{dot}");
        }
        assert_eq!(dot.matches('{').count(), dot.matches('}').count());
    }

    #[test]
    fn names_stay_in_their_quotes() {
        let evil = "a\"]; b [label=\"\\";
        let dot = render(&view(&[(evil, "app")], &[("n\n\"", &[evil])], &[], &[]));
        assert!(dot.contains("label=\"a\\\"]; b [label=\\\"\\\\\\nunknown"), "{dot}");
        assert!(dot.contains("label=\"n␊\\\"\""), "{dot}");
    }
}
