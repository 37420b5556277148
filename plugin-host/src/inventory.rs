//! The four questions for people to read, then how what runs differs from what is declared, what was changed inside of containers,
//! which of them could be made again, and what lies around: tables that fit a terminal, no colour needed.

use plimsoll_core::report::answers::{
    Answers, ChangeRow, ContainerRow, DriftRow, ImageRow, PortRow, RebuildRow, StaleRow, VulnerableRow,
};
use plimsoll_core::report::trust::TrustRow;
use plimsoll_core::text::{count, list, shorten, visible};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Renders the answers.
#[must_use]
pub fn render(answers: &Answers) -> String {
    let mut out = String::new();
    match (&answers.recorded, answers.has_inventory) {
        (Some(day), true) => out += &format!("Recorded on {day}.\n"),
        (None, true) => out += "The inventory does not say when it was recorded.\n",
        (_, false) => out += "No inventory was supplied: this is what the files declare.\n",
    }
    containers(&mut out, answers);
    images(&mut out, &answers.images);
    ports(&mut out, &answers.ports);
    vulnerabilities(&mut out, answers);
    drift(&mut out, answers);
    changes(&mut out, &answers.changes);
    rebuild(&mut out, &answers.rebuild);
    stale(&mut out, answers);
    trust(&mut out, &answers.trust);
    if !answers.questions.is_empty() {
        out += "\nOpen questions\n";
        for open in &answers.questions {
            let _ = writeln!(out, "  {}\n    {}", visible(&open.question), visible(&open.answer));
        }
    }
    out
}

fn containers(out: &mut String, answers: &Answers) {
    if !answers.has_inventory {
        return;
    }
    let active = answers
        .containers
        .iter()
        .filter(|row| matches!(row.state.as_str(), "running" | "paused" | "restarting"))
        .count();
    let _ = writeln!(out, "\nWhich containers are active? {active} of {}", answers.containers.len());
    let row = |row: &ContainerRow| {
        let state = match &row.health {
            Some(health) => format!("{} ({health})", row.state),
            None => row.state.clone(),
        };
        vec![
            row.name.clone(),
            row.image.clone(),
            state,
            row.hours.map_or_else(|| "?".to_owned(), since),
            row.standing.clone(),
        ]
    };
    table(out, &["CONTAINER", "IMAGE", "STATE", "FOR", "STANDING"], answers.containers.iter().map(row));
    let mut standings: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &answers.containers {
        *standings.entry(row.standing.as_str()).or_default() += 1;
    }
    let standings: Vec<String> = standings.iter().map(|(standing, number)| format!("{number} {standing}")).collect();
    if !standings.is_empty() {
        let _ = writeln!(out, "  {}", visible(&standings.join(", ")));
    }
    if !answers.missing.is_empty() {
        let names: Vec<&str> = answers.missing.iter().map(String::as_str).collect();
        let _ = writeln!(out, "  declared but not running: {}", visible(&list(&names)));
    }
}

fn images(out: &mut String, rows: &[ImageRow]) {
    let outdated = rows.iter().filter(|row| row.outdated).count();
    let _ = writeln!(out, "\nWhich images are outdated? {outdated} of {}", rows.len());
    let row = |row: &ImageRow| {
        let mut said: Vec<String> = row.end_of_life.iter().cloned().collect();
        said.extend(row.newer.iter().map(|tag| format!("{tag} is newer")));
        if row.floating {
            said.push("the tag moves".to_owned());
        }
        let age = row.age_days.map_or_else(|| "?".to_owned(), |days| count(usize::try_from(days).unwrap_or(0), "day"));
        vec![row.image.clone(), age, said.join(", "), row.used_by.join(", ")]
    };
    table(out, &["IMAGE", "AGE", "STATE", "USED BY"], rows.iter().map(row));
}

fn ports(out: &mut String, rows: &[PortRow]) {
    let open = rows.iter().filter(|row| row.reach == "everyone").count();
    let _ = writeln!(out, "\nWhich services expose ports? {} open to everyone", count(open, "port"));
    let row = |row: &PortRow| {
        vec![
            row.service.clone(),
            row.role.clone(),
            row.host.clone(),
            row.target.clone(),
            row.reach.clone(),
            row.view.clone(),
        ]
    };
    table(out, &["SERVICE", "ROLE", "HOST", "CONTAINER", "REACHED BY", "VIEW"], rows.iter().map(row));
    for row in rows {
        for open in &row.open {
            let _ = writeln!(out, "  {} lets everybody in: {}", visible(&row.service), shorten(&visible(open), 160));
        }
    }
}

fn vulnerabilities(out: &mut String, answers: &Answers) {
    let rows = &answers.vulnerabilities;
    let scanned = rows.iter().filter(|row| row.scanned).count();
    let _ = writeln!(out, "\nWhich workloads have known vulnerabilities? {scanned} of {} scanned", rows.len());
    let row = |row: &VulnerableRow| {
        let number = |number: usize| if row.scanned { number.to_string() } else { "?".to_owned() };
        let age = match (row.scanned, row.scan_age_days) {
            (false, _) => "never, as far as is known".to_owned(),
            (true, None) => "without a date".to_owned(),
            (true, Some(0)) => "today".to_owned(),
            (true, Some(days)) => format!("{} ago", count(usize::try_from(days).unwrap_or(0), "day")),
        };
        let exposed = if row.exposed { "yes" } else { "no" };
        vec![
            row.service.clone(),
            number(row.critical),
            number(row.high),
            number(row.other),
            number(row.fixable),
            row.packages.len().to_string(),
            exposed.to_owned(),
            age,
            row.view.clone(),
        ]
    };
    table(
        out,
        &["SERVICE", "CRITICAL", "HIGH", "OTHER", "FIXABLE", "PACKAGES", "EXPOSED", "SCANNED", "VIEW"],
        rows.iter().map(row),
    );
    for row in rows {
        for exploited in &row.exploited {
            let _ = writeln!(out, "  {} is attacked: {}", visible(&row.service), shorten(&visible(exploited), 160));
        }
    }
    for exploited in &answers.engine {
        let _ = writeln!(out, "  the engine is attacked: {}", shorten(&visible(exploited), 160));
    }
}

fn drift(out: &mut String, answers: &Answers) {
    if !answers.has_inventory {
        return;
    }
    let rows = &answers.drift;
    let mut containers: Vec<&str> = rows.iter().map(|row| row.container.as_str()).collect();
    containers.dedup();
    let _ = writeln!(out, "\nWhat runs otherwise than it is declared? {}", count(containers.len(), "container"));
    let side = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let row = |row: &DriftRow| {
        vec![
            row.container.clone(),
            row.field.clone(),
            side(&row.declared),
            side(&row.running),
            row.level.clone(),
            row.direction.clone(),
        ]
    };
    table(out, &["CONTAINER", "FIELD", "DECLARED", "RUNNING", "LEVEL", "RUNNING IS"], rows.iter().map(row));
}

fn changes(out: &mut String, rows: &[ChangeRow]) {
    if rows.is_empty() {
        return;
    }
    out.push_str("\nWhat was changed inside of containers?\n");
    let row = |row: &ChangeRow| {
        let number = if row.cut { format!("{} or more", row.count) } else { row.count.to_string() };
        let example = row.examples.first().cloned().unwrap_or_default();
        vec![row.container.clone(), row.class.clone(), row.level.clone(), number, example]
    };
    table(out, &["CONTAINER", "CLASS", "LEVEL", "CHANGES", "FOR EXAMPLE"], rows.iter().map(row));
}

fn rebuild(out: &mut String, rows: &[RebuildRow]) {
    if rows.is_empty() {
        return;
    }
    let sure = rows.iter().filter(|row| row.verdict == "yes").count();
    let _ = writeln!(out, "\nWhich containers could be made again from these files? {sure} of {}", rows.len());
    for row in rows {
        let _ = writeln!(out, "  {}: {}", visible(&row.container), row.verdict);
        for reason in &row.reasons {
            let _ = writeln!(out, "    {}", shorten(&visible(reason), 160));
        }
    }
}

fn stale(out: &mut String, answers: &Answers) {
    if answers.stale.is_empty() {
        return;
    }
    out.push_str("\nWhat lies around?\n");
    let row = |row: &StaleRow| {
        let bytes = row.bytes.map_or_else(|| "?".to_owned(), |bytes| format!("{} MB", bytes / 1_000_000));
        vec![row.kind.clone(), row.name.clone(), row.why.clone(), bytes]
    };
    table(out, &["KIND", "NAME", "WHY", "SIZE"], answers.stale.iter().map(row));
}

/// Rows of the bill of trust that are shown; JSON has all.
const MAX_TRUST: usize = 40;

fn trust(out: &mut String, rows: &[TrustRow]) {
    if rows.is_empty() {
        return;
    }
    let loose = rows.iter().filter(|row| !row.pinned).count();
    let _ = writeln!(out, "\nWhose work is trusted? {}, {loose} of them held by no digest", count(rows.len(), "thing"));
    let row = |row: &TrustRow| {
        vec![row.kind.clone(), row.publisher.clone(), row.what.clone(), row.held_by.clone(), row.places.join(", ")]
    };
    table(out, &["KIND", "FROM", "WHAT", "HELD BY", "WHERE"], rows.iter().take(MAX_TRUST).map(row));
    if rows.len() > MAX_TRUST {
        let _ = writeln!(out, "  and {} more; --format json has all", rows.len() - MAX_TRUST);
    }
}

/// Hours in words.
fn since(hours: i64) -> String {
    let hours = usize::try_from(hours).unwrap_or(0);
    match hours {
        0..48 => count(hours, "hour"),
        48..1440 => count(hours / 24, "day"),
        _ => count(hours / 24 / 30, "month"),
    }
}

/// Columns as wide as their widest cell, at most 48 characters.
fn table(out: &mut String, titles: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let rows: Vec<Vec<String>> = rows.map(|row| row.iter().map(|cell| shorten(&visible(cell), 48)).collect()).collect();
    if rows.is_empty() {
        return;
    }
    let titles: Vec<String> = titles.iter().map(|title| (*title).to_owned()).collect();
    let all = || std::iter::once(&titles).chain(&rows);
    let width =
        |column: usize| all().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..titles.len()).map(width).collect();
    for row in all() {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        let _ = writeln!(out, "  {}", cells.join("  ").trim_end());
    }
}
