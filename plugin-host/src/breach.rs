//! Breaches for people to read: what somebody reaches who runs code in a service, how, what would show it, and what cuts the most.

use plimsoll_core::report::stack::{BreachV1, CutV1, EvidenceV1, PathV1, PositionV1, StackV1, StepV1, ViewV1};
use plimsoll_core::text::{count, shorten, visible};
use std::fmt::Write as _;

/// Paths that are shown of a breach: of the one that was asked for, and of each when there are several.
const PATHS: (usize, usize) = (20, 5);
/// Places that are shown for a step.
const PLACES: usize = 3;

/// What the files do not show, so that nobody takes silence for safety.
const LIMITS: &str = "\nNot visible in files: firewalls of the host and the cloud, logins that an internal API asks for, what unknown \
                      images listen on, networks joined by hand.\n";

/// Renders the breaches of every deployment.
#[must_use]
pub fn render(document: &StackV1) -> String {
    let views: Vec<String> = document.views.iter().filter(|view| !view.services.is_empty()).map(deployment).collect();
    views.join("\n") + LIMITS
}

fn deployment(view: &ViewV1) -> String {
    let mut out =
        format!("{}: blast radius {} of 100, grade {}\n", visible(&view.name), view.blast, visible(&view.grade));
    match view.breaches.as_slice() {
        [] => out.push_str("\nNothing is reached from outside, and nothing runs PHP; name a service with --from.\n"),
        [one] => breach(&mut out, one, PATHS.0),
        several => {
            summary(&mut out, several);
            several.iter().for_each(|one| breach(&mut out, one, PATHS.1));
        }
    }
    cuts(&mut out, &view.cuts);
    out
}

fn summary(out: &mut String, breaches: &[BreachV1]) {
    let held = |breach: &BreachV1, hold: &str| breach.reached.iter().filter(|one| one.hold == hold).count().to_string();
    let mut rows: Vec<Vec<String>> = vec![
        ["WHEN IT FALLS", "HOST", "BLAST", "RUNS CODE IN", "CONTROLS", "USES", "CAN CONNECT TO", "SECRETS"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(breaches.iter().map(|breach| {
        vec![
            shorten(&breach.start, 40),
            visible(&breach.tier),
            format!("{} {}", breach.blast, visible(&breach.grade)),
            held(breach, "executes"),
            held(breach, "controls"),
            held(breach, "uses"),
            held(breach, "reaches"),
            breach.secrets.len().to_string(),
        ]
    }));
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    out.push('\n');
    for row in &rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        let _ = writeln!(out, "  {}", cells.join("  ").trim_end());
    }
}

fn breach(out: &mut String, breach: &BreachV1, most: usize) {
    let code = if breach.level == "root" { "root" } else { "its unprivileged user" };
    let _ = writeln!(out, "\nWhen {} falls, code runs in it as {code}", visible(&breach.start));
    if !breach.enumerated.is_empty() {
        let _ = writeln!(out, "  Names it finds without a connection: {}", names(&breach.enumerated, 20));
    }
    paths(out, &breach.paths, most);
    reached(out, breach);
    secrets(out, breach);
    safe(out, breach);
    host(out, breach);
    let _ = writeln!(out, "\n  Blast radius {} of 100, grade {}", breach.blast, visible(&breach.grade));
    for item in &breach.items {
        let _ = writeln!(out, "    {:>3} %  {}", item.weight, visible(&item.what));
    }
}

fn paths(out: &mut String, paths: &[PathV1], most: usize) {
    if paths.is_empty() {
        out.push_str("\n  No path leads on from it\n");
        return;
    }
    out.push_str("\n  Easiest paths\n");
    // The way to the host comes first: it is the one that matters most, however many are easier.
    let (host, others): (Vec<&PathV1>, Vec<&PathV1>) = paths.iter().partition(|path| path.to.place == "host");
    for (index, path) in host.into_iter().chain(others).take(most).enumerate() {
        let _ = writeln!(out, "  {:>3}. {}, cost {}", index + 1, position(&path.to), path.cost);
        for (number, one) in path.steps.iter().enumerate() {
            step(out, number + 1, one);
        }
    }
    if paths.len() > most {
        let _ = writeln!(out, "       and {}; --format json has all", count(paths.len() - most, "more path"));
    }
}

fn step(out: &mut String, number: usize, step: &StepV1) {
    let way = if step.from.place == step.to.place {
        visible(&step.to.place)
    } else {
        format!("{} → {}", visible(&step.from.place), position(&step.to))
    };
    let over = match (&step.link, step.networks.as_slice()) {
        (None, _) => String::new(),
        (Some(_), networks @ [_, ..]) => format!(", over {}", names(networks, 4)),
        (Some(link), []) => format!(", over {}", carrier(link)),
    };
    let _ = writeln!(out, "       {number}. {way} (cost {}{over}): {}", step.cost, visible(&step.reason));
    for one in step.evidence.iter().take(PLACES) {
        let _ = writeln!(out, "          {}", evidence(one));
    }
    if step.shown_by.is_empty() {
        out.push_str("          nothing here would show it\n");
    } else {
        let shown: Vec<String> = step.shown_by.iter().take(PLACES).map(|one| visible(&one.label)).collect();
        let _ = writeln!(out, "          would show: {}", shown.join("; "));
    }
}

/// What carries a connection that no network does.
fn carrier(link: &str) -> &'static str {
    match link {
        "expose" => "a published port",
        "loopback" => "the machine's loopback address",
        "namespace" => "a shared network namespace",
        "host-network" => "the host's network",
        "hairpin" => "a published port of the host",
        "gateway" => "the gateway to the host",
        "egress" => "the way out",
        _ => "a network",
    }
}

fn position(position: &PositionV1) -> String {
    let place = visible(&position.place);
    match position.level.as_deref() {
        Some("root") => format!("{place} (runs code as root)"),
        Some("user") => format!("{place} (runs code)"),
        Some("data") => format!("{place} (its data)"),
        Some(_) => format!("{place} (a connection)"),
        None if place == "host" => "the host (root)".to_owned(),
        None => match place.strip_prefix("external:") {
            Some(name) => format!("{name} (outside)"),
            None => place,
        },
    }
}

fn reached(out: &mut String, breach: &BreachV1) {
    let classes = [
        ("executes", "Runs code in"),
        ("controls", "Controls"),
        ("uses", "Uses with its own credential"),
        ("reaches", "Can connect to"),
    ];
    for (hold, title) in classes {
        let mut held = breach.reached.iter().filter(|one| one.hold == hold).peekable();
        if held.peek().is_some() {
            let _ = writeln!(out, "\n  {title}");
        }
        for one in held {
            let root = if hold == "executes" && one.level == "root" { " as root" } else { "" };
            let _ = writeln!(out, "    {}{root}: {}", visible(&one.service), visible(&one.reason));
        }
    }
    if !breach.externals.is_empty() {
        let _ = writeln!(out, "\n  Falls with it outside: {}", names(&breach.externals, 20));
    }
}

fn secrets(out: &mut String, breach: &BreachV1) {
    if breach.secrets.is_empty() {
        return;
    }
    out.push_str("\n  Secrets it reads\n");
    for one in &breach.secrets {
        let class = match one.class.as_str() {
            "critical" => ", opens something outside",
            "application-key" => ", the application's key",
            "credential" => ", a login",
            _ => "",
        };
        let _ = writeln!(out, "    {} in {}{class}", visible(&one.name), names(&one.services, 6));
    }
}

fn safe(out: &mut String, breach: &BreachV1) {
    if breach.spared.is_empty() {
        return;
    }
    out.push_str("\n  Stays safe\n");
    for one in &breach.spared {
        let at = one.evidence.iter().find_map(place).map_or_else(String::new, |place| format!("  {place}"));
        let _ = writeln!(out, "    {}: {}{at}", visible(&one.service), visible(&one.why));
    }
}

fn host(out: &mut String, breach: &BreachV1) {
    let _ = writeln!(out, "\n  The host: {}, {}", visible(&breach.tier), visible(&breach.tier_meaning));
    for one in &breach.escapes {
        let at = one.evidence.iter().find_map(place).map_or_else(String::new, |place| format!("  {place}"));
        let _ = writeln!(out, "    {}: {}{at}", visible(&one.service), visible(&one.reason));
    }
    if breach.egress {
        out.push_str("    It may call out to other machines\n");
    }
    if breach.metadata {
        out.push_str("    On a cloud machine the metadata service is within reach\n");
    }
}

fn cuts(out: &mut String, cuts: &[CutV1]) {
    if cuts.is_empty() {
        return;
    }
    out.push_str("\nWhat cuts the most\n");
    for (index, cut) in cuts.iter().enumerate() {
        let rule = cut.rule.as_deref().map_or_else(String::new, |rule| format!("  {}", visible(rule)));
        let _ = writeln!(
            out,
            "  {}. {}  {}:{}{rule}\n     {} gone or harder; blast radius {} → {}",
            index + 1,
            visible(&cut.change),
            visible(&cut.location.path),
            cut.location.line,
            count(cut.paths_cut, "path"),
            cut.before,
            cut.after
        );
    }
}

fn place(evidence: &EvidenceV1) -> Option<String> {
    evidence.location.as_ref().map(|at| format!("{}:{}", visible(&at.path), at.line))
}

fn evidence(one: &EvidenceV1) -> String {
    match place(one) {
        Some(place) => format!("{place} {}", visible(&one.label)),
        None => visible(&one.label),
    }
}

fn names(all: &[String], most: usize) -> String {
    let shown: Vec<String> = all.iter().take(most).map(|name| visible(name)).collect();
    let more = all.len().saturating_sub(most);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

#[cfg(test)]
#[path = "breach_tests.rs"]
mod tests;
