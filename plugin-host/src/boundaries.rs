//! Boundary sheets for people to read: how each container is kept apart from the machine and from others, and where that is written.

use plimsoll_core::report::stack::{BoundarySheetV1, BoundaryV1, EvidenceV1, StackV1, ViewV1};
use plimsoll_core::text::{shorten, visible};
use std::fmt::Write as _;

/// Renders the sheets of every deployment.
#[must_use]
pub fn render(document: &StackV1) -> String {
    let views: Vec<String> = document.views.iter().filter(|view| !view.boundaries.is_empty()).map(deployment).collect();
    views.join("\n")
}

fn deployment(view: &ViewV1) -> String {
    let mut out = format!("{}\n", visible(&view.name));
    view.boundaries.iter().for_each(|sheet| service(&mut out, sheet));
    out
}

fn service(out: &mut String, sheet: &BoundarySheetV1) {
    let weakened = sheet.boundaries.iter().filter(|one| one.standing == "weakened").count();
    let strengthened = sheet.boundaries.iter().filter(|one| one.standing == "strengthened").count();
    let _ = writeln!(out, "\n{}: {weakened} weakened, {strengthened} strengthened", shorten(&sheet.service, 60));
    let width = sheet.boundaries.iter().map(|one| one.title.chars().count()).max().unwrap_or(0);
    for one in &sheet.boundaries {
        let _ = writeln!(out, "  {} {:width$}  {}{}", sign(one), visible(&one.title), visible(&one.state), places(one));
    }
}

/// A sign for the eye and a word for everybody else: `!` weakened, `+` strengthened, `?` not known.
fn sign(one: &BoundaryV1) -> &'static str {
    match one.standing.as_str() {
        "weakened" => "! weakened      ",
        "strengthened" => "+ strengthened  ",
        "on-by-default" => "  on by default ",
        "off-by-default" => "  off by default",
        _ => "? not known     ",
    }
}

fn places(one: &BoundaryV1) -> String {
    let place = |evidence: &EvidenceV1| {
        let at = evidence.location.as_ref()?;
        Some(format!("{}:{}", shorten(&at.path, 80), at.line))
    };
    let mut places: Vec<String> = one.evidence.iter().filter_map(place).collect();
    places.dedup();
    if places.is_empty() { String::new() } else { format!("  {}", places.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_steers_nothing_and_places_stand_behind() {
        let boundary = |standing: &str, state: &str| BoundaryV1 {
            name: "user".to_owned(),
            title: "User".to_owned(),
            standing: standing.to_owned(),
            state: state.to_owned(),
            evidence: Vec::new(),
        };
        let sheet = BoundarySheetV1 {
            service: "app\u{1b}[2J".to_owned(),
            boundaries: vec![boundary("weakened", "root\u{7}"), boundary("strengthened", "uid 33"), boundary("x", "y")],
        };
        let mut out = String::new();
        service(&mut out, &sheet);
        assert!(!out.contains(['\u{1b}', '\u{7}']), "{out:?}");
        assert!(out.contains("1 weakened, 1 strengthened"), "{out}");
        assert!(out.contains("! weakened       User  root") && out.contains("? not known      User  y"), "{out}");
    }
}
