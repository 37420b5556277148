//! The map as an SVG image that stands alone: no scripts, no style sheet, no fonts from elsewhere, scanned text escaped. What a
//! colour says a line's style says too, so that a black and white print can be read.

use super::layout::{self, BoxKind, Layout, LineKind, PlacedBox, PlacedLine, PlacedNetwork, PlacedTab};
use crate::report::stack::{MapServiceV1, ViewV1};
use crate::text::{count, shorten, visible};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Colours of networks that people with any colour vision tell apart, dark enough for white paper.
const NETWORKS: [&str; 8] = ["#0072b2", "#b87900", "#00805c", "#b0568a", "#3a8fc2", "#c24e00", "#767600", "#6a3d9a"];
/// Kinds of lines, in the order of the key below the map.
const KINDS: [LineKind; 4] = [LineKind::Needed, LineKind::Exposed, LineKind::Excess, LineKind::Missing];
/// Height of a line of the key.
const KEY_LINE: f64 = 18.0;
/// The key's longest line fits.
const LEAST_WIDTH: f64 = 560.0;

/// Renders.
#[must_use]
pub fn render(view: &ViewV1) -> String {
    let layout = layout::layout(view);
    let width = layout.width.max(LEAST_WIDTH);
    let notes = notes(view, &layout);
    let kinds: Vec<LineKind> =
        KINDS.into_iter().filter(|kind| layout.lines.iter().any(|line| line.kind == *kind)).collect();
    let height = layout.height + KEY_LINE * f64::from(u32::try_from(kinds.len() + notes.len()).unwrap_or(0)) + 16.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" role=\"img\" aria-labelledby=\"title desc\" font-family=\"system-ui, sans-serif\">\n\
         <title id=\"title\">{}</title>\n<desc id=\"desc\">{}</desc>\n",
        xml(&format!("Network map of {}", view.name)),
        xml(&summary(view))
    );
    out.push_str("<defs>\n");
    for kind in KINDS {
        let _ = writeln!(
            out,
            "<marker id=\"{0}\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerUnits=\"userSpaceOnUse\" markerWidth=\"9\" \
             markerHeight=\"9\" orient=\"auto\"><path d=\"M0 0L8 4L0 8Z\" fill=\"{1}\"/></marker>",
            kind.as_str(),
            stroke(kind).0
        );
    }
    let _ = writeln!(out, "</defs>\n<rect width=\"{width:.0}\" height=\"{height:.0}\" fill=\"#ffffff\"/>");
    for (title, middle) in &layout.columns {
        let _ = writeln!(
            out,
            "<text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"13\" font-weight=\"600\" \
             fill=\"#444444\">{}</text>",
            layout.title_y,
            xml(title)
        );
    }
    layout.networks.iter().for_each(|one| network(&mut out, one));
    layout.lines.iter().for_each(|one| line(&mut out, one));
    let services: BTreeMap<&str, &MapServiceV1> = view.services.iter().map(|one| (one.name.as_str(), one)).collect();
    layout.boxes.iter().for_each(|one| node(&mut out, one, services.get(one.name.as_str()).copied()));
    layout.tabs.iter().for_each(|one| tab(&mut out, one));
    key(&mut out, layout.height, &kinds, &notes);
    out.push_str("</svg>\n");
    out
}

/// The map in a sentence, for who cannot see it.
fn summary(view: &ViewV1) -> String {
    let all = &view.segmentation;
    let exposed: Vec<&str> =
        view.services.iter().filter(|service| service.exposed).map(|service| service.name.as_str()).collect();
    let open = if exposed.is_empty() { "none is".to_owned() } else { exposed.join(", ") };
    format!(
        "{} on {}. Reached from outside: {open}. {} can talk, {} have to, {} can without having to. Segmentation index {} of \
         100, blast radius {} of 100.",
        count(view.services.len(), "service"),
        count(view.networks.len(), "network"),
        count(all.possible.len(), "pair"),
        all.needed.len(),
        all.excess.len(),
        all.index,
        view.blast
    )
}

fn notes(view: &ViewV1, layout: &Layout) -> Vec<String> {
    let mut notes = vec![format!(
        "Segmentation index {} of 100 · blast radius {} of 100, grade {}",
        view.segmentation.index, view.blast, view.grade
    )];
    if layout.networks.iter().any(|network| !network.d.is_empty()) {
        notes.push("Networks: a solid outline has no way out, a dashed one has".to_owned());
    }
    if layout.hidden_excess > 0 {
        notes.push(format!("{} without a need are not drawn", count(layout.hidden_excess, "more pair")));
    }
    notes
}

/// Colour, width and dashes of a line.
fn stroke(kind: LineKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        LineKind::Needed => ("#1a6e3c", "1.8", "none"),
        LineKind::Exposed => ("#1f3f8f", "2.6", "12 3"),
        LineKind::Excess => ("#b35900", "1", "4 4"),
        LineKind::Missing => ("#b3001b", "1.8", "1.5 4"),
    }
}

fn meaning(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Needed => "needed and possible",
        LineKind::Exposed => "reached from outside through a published port",
        LineKind::Excess => "possible without a need",
        LineKind::Missing => "needed and not possible: no network is shared",
    }
}

fn network(out: &mut String, network: &PlacedNetwork) {
    let colour = NETWORKS.get(usize::from(network.colour)).copied().unwrap_or("#444444");
    // Solid: closed to the outside. Dashed: it has a way out.
    let (dashes, what) = if network.internal { ("none", " (internal)") } else { ("7 3", "") };
    let _ = writeln!(out, "<g><title>{}</title>", xml(&format!("network {}{what}", network.name)));
    if !network.d.is_empty() {
        let _ = writeln!(
            out,
            "<path d=\"{}\" fill=\"{colour}\" fill-opacity=\"0.08\" stroke=\"{colour}\" stroke-width=\"1.2\" \
             stroke-dasharray=\"{dashes}\"/>\n<path d=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\" \
             stroke-dasharray=\"{dashes}\"/>",
            network.d, network.spine
        );
    }
    let (x, y) = network.label;
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"11\" fill=\"{colour}\">{}</text></g>",
        xml(&format!("{}{what}", shorten(&network.name, 20)))
    );
}

fn line(out: &mut String, line: &PlacedLine) {
    let (colour, width, dashes) = stroke(line.kind);
    // An excess pair has no direction.
    let (sign, arrow) = match line.kind {
        LineKind::Excess => ("–", String::new()),
        kind => ("→", format!(" marker-end=\"url(#{})\"", kind.as_str())),
    };
    let _ = writeln!(
        out,
        "<path d=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" \
         stroke-dasharray=\"{dashes}\"{arrow}><title>{}</title></path>",
        line.d,
        xml(&format!("{} {sign} {}: {}", line.from, line.to, meaning(line.kind)))
    );
}

fn node(out: &mut String, one: &PlacedBox, service: Option<&MapServiceV1>) {
    let rect = one.rect;
    let (name, below, about) = match (one.kind, service) {
        (BoxKind::Service, Some(service)) => {
            (service.name.as_str(), format!("{} · {}", service.role, service.tier), about(service))
        }
        _ => ("Internet", "machines outside".to_owned(), "machines outside".to_owned()),
    };
    let (fill, border, thick) = match (one.kind, service.is_some_and(|service| service.exposed)) {
        (BoxKind::Internet, _) => ("#eef2fb", "#1f3f8f", "1.2"),
        (BoxKind::Service, true) => ("#ffffff", "#1f3f8f", "2.4"),
        (BoxKind::Service, false) => ("#ffffff", "#555555", "1.2"),
    };
    let round = if one.kind == BoxKind::Internet { rect.height / 2.0 } else { 6.0 };
    let middle = rect.x + rect.width / 2.0;
    let _ = writeln!(
        out,
        "<g><title>{}</title><rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"{round:.1}\" \
         fill=\"{fill}\" stroke=\"{border}\" stroke-width=\"{thick}\"/><text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"12\" \
         font-weight=\"600\" fill=\"#111111\">{}</text><text x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\" \
         font-size=\"10\" fill=\"#444444\">{}</text></g>",
        xml(&about),
        rect.x,
        rect.y,
        rect.width,
        rect.height,
        rect.y + 20.0,
        xml(&shorten(name, 24)),
        rect.y + 35.0,
        xml(&shorten(&below, 32))
    );
}

fn about(service: &MapServiceV1) -> String {
    let mut parts = vec![service.name.clone(), format!("role {}", service.role), service.image.clone()];
    if service.exposed {
        parts.push("reached from outside".to_owned());
    }
    match &service.network_mode {
        Some(mode) => parts.push(format!("network_mode {mode}")),
        None if service.networks.is_empty() => parts.push("on no network".to_owned()),
        None => parts.push(format!("on {}", service.networks.join(", "))),
    }
    if !service.stays {
        parts.push("a job that ends".to_owned());
    }
    parts.join("; ")
}

fn tab(out: &mut String, tab: &PlacedTab) {
    let colour = NETWORKS.get(usize::from(tab.colour)).copied().unwrap_or("#444444");
    let rect = tab.rect;
    let _ = writeln!(
        out,
        "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"3\" fill=\"{colour}\"/><text x=\"{:.1}\" \
         y=\"{:.1}\" text-anchor=\"middle\" font-size=\"9\" fill=\"#ffffff\">{}</text>",
        rect.x,
        rect.y,
        rect.width,
        rect.height,
        rect.x + rect.width / 2.0,
        rect.y + 9.0,
        tab.number
    );
}

fn key(out: &mut String, top: f64, kinds: &[LineKind], notes: &[String]) {
    let mut y = top + 8.0;
    for &kind in kinds {
        let (colour, width, dashes) = stroke(kind);
        let _ = writeln!(
            out,
            "<path d=\"M20 {0:.1}H70\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" \
             stroke-dasharray=\"{dashes}\"/><text x=\"80\" y=\"{1:.1}\" font-size=\"11\" fill=\"#333333\">{2}</text>",
            y,
            y + 4.0,
            meaning(kind)
        );
        y += KEY_LINE;
    }
    for note in notes {
        let _ =
            writeln!(out, "<text x=\"20\" y=\"{:.1}\" font-size=\"11\" fill=\"#333333\">{}</text>", y + 4.0, xml(note));
        y += KEY_LINE;
    }
}

/// Text as XML takes it, in elements and in attributes.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // No characters of XML, escaped or not.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::map::testing::view;

    const EVIL: &str = "<script>\"&'\u{1b}[31m\u{202e}";

    #[test]
    fn an_image_that_stands_alone() {
        let services = [("web", "edge"), ("app", "app"), ("db", "data")];
        let svg = render(&view(
            &services,
            &[("front", &["web", "app"]), ("back", &["app", "db"])],
            &[("web", "app"), ("app", "db")],
            &["web"],
        ));
        assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>\n"));
        for part in [
            "<title id=\"title\">Network map of compose.yaml</title>",
            "3 services on 2 networks. Reached from outside: web.",
            "internet → web: reached from outside through a published port",
            "app → db: needed and possible",
            "network back",
            ">Data</text>",
        ] {
            assert!(svg.contains(part), "{part} in {svg}");
        }
        for other in ["<script", "<style", "href", "NaN", "onload"] {
            assert!(!svg.contains(other), "{other}");
        }
    }

    #[test]
    fn names_are_escaped() {
        let svg = render(&view(&[(EVIL, "app"), ("b", "data")], &[(EVIL, &[EVIL, "b"])], &[(EVIL, "b")], &[EVIL]));
        assert!(!svg.contains("<script") && !svg.contains('\u{1b}') && !svg.contains('\u{202e}'));
        assert!(svg.contains("&lt;script&gt;&quot;&amp;&#39;"));
        let opened = svg.matches("<g>").count();
        assert_eq!(opened, svg.matches("</g>").count());
    }

    #[test]
    fn what_is_not_drawn_is_said() {
        let names: Vec<String> = (0..20).map(|index| format!("s{index}")).collect();
        let services: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "app")).collect();
        let members: Vec<&str> = names.iter().map(String::as_str).collect();
        let svg = render(&view(&services, &[("default", &members)], &[], &[]));
        assert!(svg.contains("150 more pairs without a need are not drawn"), "190 pairs, 40 are drawn");
    }

    #[test]
    fn the_key_explains_what_is_drawn() {
        let svg = render(&view(&[("a", "app"), ("b", "data")], &[("n", &["a", "b"])], &[("a", "b")], &[]));
        assert!(svg.contains(">needed and possible</text>") && !svg.contains(">possible without a need</text>"));
        assert!(svg.contains("a solid outline has no way out"));
    }

    #[test]
    fn nothing_is_an_image_too() {
        assert!(render(&view(&[], &[], &[], &[])).contains("0 services on 0 networks. Reached from outside: none is."));
    }
}
