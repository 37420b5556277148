//! The score for people to read: a bar for each pillar, the maturity card, the lights.

use plimsoll_core::Report;
use plimsoll_core::score::{Colour, Scorecard};
use plimsoll_core::text::{count, visible};
use std::fmt::Write as _;

/// Columns of a bar.
const BAR: usize = 20;

/// One line: the total, what it rests on, and what holds it down.
#[must_use]
pub fn line(card: &Scorecard) -> String {
    let Some(total) = card.total else {
        return "Score: not assessed; no supplied file describes a stack".to_owned();
    };
    let cap = card.cap.map_or_else(String::new, |cap| format!("; {}", cap.reason()));
    format!("Score: {total}/100, grade {}, based on {} % of the model{cap}", card.grade(), card.coverage)
}

/// Renders the scorecard.
#[must_use]
pub fn render(report: &Report) -> String {
    let card = &report.score;
    let mut out = line(card) + "\n\n";
    let width = card.pillars.iter().map(|pillar| pillar.title.len()).max().unwrap_or(0);
    for pillar in &card.pillars {
        let _ = match pillar.score {
            Some(score) => writeln!(
                out,
                "  {:width$}  {score:>3}  {}  {}{}",
                pillar.title,
                bar(score),
                count(pillar.findings, "finding"),
                if pillar.capped { ", one of them critical: at most 49" } else { "" }
            ),
            None => writeln!(
                out,
                "  {:width$}    -  not assessed: supply {}",
                pillar.title,
                pillar.missing.unwrap_or("more")
            ),
        };
    }
    out += "\nMaturity\n";
    let width = card.maturity.iter().map(|bullet| bullet.title.len()).max().unwrap_or(0);
    for bullet in &card.maturity {
        let level = bullet.level.map_or_else(|| "not assessed".to_owned(), |level| format!("level {level} of 3"));
        let next = bullet.next.map_or_else(String::new, |next| format!("  next: {next}"));
        let _ = writeln!(out, "  {:width$}  {level:12}{next}", bullet.title);
    }
    out += "\nMistakes that are made again and again\n";
    for light in &card.lights {
        let state = match light.colour {
            Colour::Red => "RED",
            Colour::Amber => "amber",
            Colour::Green => "green",
            Colour::NotAssessed => "-",
        };
        let why = match light.colour {
            Colour::NotAssessed => "  not assessed".to_owned(),
            _ if light.findings == 0 => String::new(),
            _ => format!("  {}", count(light.findings, "finding")),
        };
        let _ = writeln!(out, "  {state:5}  {}{why}", light.title);
    }
    if !report.suppressed.is_empty() {
        let _ =
            writeln!(out, "\n{} switched off and not counted.", visible(&count(report.suppressed.len(), "finding")));
    }
    out
}

fn bar(score: u8) -> String {
    let filled = usize::from(score) * BAR / 100;
    format!("{}{}", "█".repeat(filled), "░".repeat(BAR - filled.min(BAR)))
}
