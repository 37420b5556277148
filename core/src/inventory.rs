//! What runs on a machine: the script that records it, and what must not be shown of the record.

pub use crate::model::inventory::{Container, Image, Snapshot};
pub use crate::syntax::inventory::redacted;

/// A shell script that records what runs: it only reads, and leaves the values of environment variables out.
pub const COLLECTOR: &str = include_str!("collector.sh");

#[cfg(test)]
mod tests {
    use super::COLLECTOR;

    /// Every command that the script gives to the engine only reads.
    #[test]
    fn the_collector_only_reads() {
        const READING: [&str; 11] = [
            "version",
            "info",
            "ps",
            "inspect",
            "images",
            "image inspect",
            "network ls",
            "network inspect",
            "volume ls",
            "volume inspect",
            "diff",
        ];
        let mut seen = 0;
        for line in COLLECTOR.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
            for call in ["section ", "$(ids "] {
                for (at, _) in line.match_indices(call) {
                    let rest = &line[at + call.len()..];
                    // The title in quotes is only printed.
                    let command = match rest.chars().next() {
                        Some(quote @ ('"' | '\'')) => rest[1..].split_once(quote).unwrap().1.trim(),
                        _ => rest,
                    };
                    let reads = READING.iter().chain(&["system df"]).any(|known| {
                        command.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ')']))
                    });
                    assert!(reads, "{line}: {command}");
                    seen += 1;
                }
            }
            // Nothing else is given to the engine, and nothing is written.
            let engine = line.contains("\"$engine\"");
            assert!(!engine || line.contains("\"$engine\" \"$@\"") || line.contains("[ -z"), "{line}");
            let quiet =
                line.replace(">/dev/null", "").replace(">&2", "").replace("2>&1", "").replace("2>/dev/null", "");
            assert!(
                !quiet.contains("> ")
                    || quiet.contains("awk")
                    || quiet.contains("size > most")
                    || quiet.contains("at > 0"),
                "{line}"
            );
            for word in ["rm ", "exec ", " run ", "stop ", "kill ", "prune", "eval", "sudo", "curl", "wget"] {
                assert!(!line.contains(word), "{line}: {word}");
            }
        }
        assert!(seen > 15, "{seen}");
        assert!(COLLECTOR.is_ascii() && COLLECTOR.starts_with("#!/bin/sh\n"));
    }

    #[test]
    fn what_the_collector_writes_is_recognised() {
        let first = COLLECTOR.lines().find_map(|line| line.trim().strip_prefix("echo \"# Made")).unwrap();
        assert!(crate::detect::sniff(&format!("# Made{first}\n")));
    }
}
