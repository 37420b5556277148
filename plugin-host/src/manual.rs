//! What a rule says of itself, for a terminal.

use plimsoll_core::rule::Rule;
use plimsoll_core::rules::RULES;
use std::fmt::Write as _;

/// All rules, a line each.
#[must_use]
pub fn list() -> String {
    let width = RULES.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let mut out = String::new();
    for rule in RULES {
        let _ = writeln!(
            out,
            "{:width$}  {:8}  {:9}  {}",
            rule.id,
            rule.severity.as_str(),
            rule.fixes.as_str(),
            rule.title
        );
    }
    out
}

/// One rule's manual.
#[must_use]
pub fn explain(rule: &Rule) -> String {
    let mut out = format!("{}\n{}\n\n{} · fixes: {}\n", rule.id, rule.title, rule.severity, rule.fixes.as_str());
    let mut blank = false;
    for line in rule.manual.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        // The references follow as a list; the manual's paragraph says the same for people who read the source.
        if line == "# References" {
            break;
        }
        if line.is_empty() {
            blank = true;
            continue;
        }
        if let Some(heading) = line.strip_prefix("# ") {
            let _ = writeln!(out, "\n{}", heading.to_uppercase());
        } else if let Some(info) = line.strip_prefix("```") {
            if !info.is_empty() {
                let file = info.split_whitespace().find_map(|word| word.strip_prefix("file:")).unwrap_or(info);
                let _ = writeln!(out, "── {file}");
            }
        } else {
            let _ = writeln!(out, "{}{line}", if blank && !out.ends_with("\n\n") { "\n" } else { "" });
        }
        blank = false;
    }
    out.push_str("\nREFERENCES\n");
    for reference in rule.references {
        let _ = writeln!(out, "- {reference}");
    }
    out
}

/// The rules whose names are nearest to a name that does not exist.
#[must_use]
pub fn similar(name: &str) -> Vec<&'static str> {
    let mut near: Vec<(usize, &'static str)> = RULES
        .iter()
        .filter_map(|rule| {
            let distance = if rule.name().starts_with(name) {
                0
            } else if rule.id.contains(name) {
                1
            } else {
                distance(rule.id, name).min(distance(rule.name(), name))
            };
            (distance <= 4).then_some((distance, rule.id))
        })
        .collect();
    near.sort_unstable();
    near.into_iter().take(3).map(|(_, id)| id).collect()
}

/// Levenshtein's distance; names are short.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(80).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        for (j, y) in b.iter().enumerate() {
            let above = row.get(j + 1).copied().unwrap_or(0);
            let left = row.get(j).copied().unwrap_or(0);
            let value = (diagonal + usize::from(x != *y)).min(above + 1).min(left + 1);
            diagonal = above;
            if let Some(cell) = row.get_mut(j + 1) {
                *cell = value;
            }
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_slip_finds_its_rule() {
        assert_eq!(super::similar("isolation/privileged-contaner"), ["isolation/privileged-container"]);
        assert_eq!(super::similar("privileged").first(), Some(&"isolation/privileged-container"));
        assert!(super::similar("zzzzzzzzzz").is_empty());
    }
}
