//! What commands have recorded: output of `docker` and `podman`, reports of scans. Their names say little, so their beginning does.

use super::Kind;
use crate::source::file_name;

/// So much of a text tells what it is.
const HEAD: usize = 4096;

/// Whether the beginning of a text looks like output of a `docker` command or a scan report. Such a file is worth reading however
/// large it is.
#[must_use]
pub fn sniff(head: &str) -> bool {
    of(head).is_some()
}

/// The kind of a recorded file; `None` for what its name says is something else.
pub(super) fn kind(path: &str, text: &str) -> Option<Kind> {
    let name = file_name(path).to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let may_be = matches!(ending, "" | "json" | "ndjson" | "jsonl" | "txt" | "log" | "out" | "sarif");
    if !may_be {
        return None;
    }
    of(text)
}

fn of(text: &str) -> Option<Kind> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let end = (0..=HEAD.min(text.len())).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    let head = text.get(..end).unwrap_or("").trim_start();
    if !head.starts_with(['{', '[']) {
        return is_output(head).then_some(Kind::Inventory);
    }
    if is_scan(head) {
        return Some(Kind::ScanReport);
    }
    is_json_output(head).then_some(Kind::Inventory)
}

/// Whether every one of some keys stands in a text.
fn all(head: &str, keys: &[&str]) -> bool {
    keys.iter().all(|key| {
        head.match_indices(key).any(|(at, _)| {
            at > 0
                && head.as_bytes().get(at - 1) == Some(&b'"')
                && head
                    .get(at + key.len()..)
                    .is_some_and(|rest| rest.strip_prefix('"').is_some_and(|rest| rest.trim_start().starts_with(':')))
        })
    })
}

fn first_key(head: &str) -> &str {
    let inner = head.trim_start_matches(['{', '[', ' ', '\n', '\r', '\t']);
    inner.strip_prefix('"').and_then(|rest| rest.split('"').next()).unwrap_or("")
}

fn is_scan(head: &str) -> bool {
    // SARIF is written by many tools; these look for known vulnerabilities.
    const SCANNERS: [&str; 6] = ["trivy", "grype", "scout", "anchore", "snyk", "osv-scanner"];
    let lower = || head.to_ascii_lowercase();
    let trivy = all(head, &["ArtifactName"]) && (all(head, &["SchemaVersion"]) || all(head, &["ArtifactType"]));
    let grype = first_key(head) == "matches" && (head.contains("\"vulnerability\"") || head.contains("grype"))
        || first_key(head) == "matches" && all(head, &["source"]);
    let audit = first_key(head) == "advisories";
    let bill = head.contains("\"CycloneDX\"") || all(head, &["spdxVersion"]) || head.contains("spdx.org/rdf/3");
    let sarif = all(head, &["runs"]) && SCANNERS.iter().any(|tool| lower().contains(tool));
    trivy || grype || audit || bill || sarif
}

fn is_json_output(head: &str) -> bool {
    const KEYS: [&[&str]; 17] = [
        &["Names", "Image", "Status"],
        &["Names", "Image", "State"],
        &["Service", "Project", "State"],
        &["Service", "Publishers"],
        &["Id", "Created", "Path", "State"],
        &["Id", "HostConfig"],
        &["Id", "RepoTags"],
        &["Repository", "Tag", "ID"],
        &["Driver", "Scope", "Mountpoint"],
        &["Driver", "Scope", "Internal"],
        &["Driver", "IPAM"],
        &["name", "id", "network_interface"],
        &["Reclaimable", "TotalCount"],
        &["ContainersRunning", "Images"],
        &["ServerVersion", "Driver"],
        &["Path", "Kind"],
        &["host", "buildahVersion"],
    ];
    let first = first_key(head);
    KEYS.iter().any(|keys| all(head, keys))
        || first == "Client" && (all(head, &["ApiVersion"]) || all(head, &["APIVersion"]))
        || matches!(first, "changed" | "added" | "deleted") && head.contains("\"/")
        || first == "Images" && all(head, &["Repository"])
}

/// Text that the collector or a command has written.
fn is_output(head: &str) -> bool {
    let lines = || head.lines().map(str::trim_end).filter(|line| !line.is_empty());
    let command = |line: &str| {
        let rest = line.strip_prefix("### ").or_else(|| line.strip_prefix("$ ")).unwrap_or("");
        ["docker ", "podman ", "docker-compose "].iter().any(|engine| rest.starts_with(engine))
    };
    let first = lines().next().unwrap_or("");
    if first.starts_with("# Made by the collector of Plimsoll") || lines().take(20).any(command) {
        return true;
    }
    let table = ["TYPE ", "CONTAINER ID ", "REPOSITORY ", "DRIVER ", "NETWORK ID ", "VOLUME NAME "];
    let second = [" TOTAL ", " NAMES", " IMAGE ID ", " VOLUME NAME", " SCOPE", " LINKS "];
    let titles = table.iter().any(|title| first.starts_with(title)) && second.iter().any(|title| first.contains(title));
    if titles || first == "Images space usage:" {
        return true;
    }
    // The last line of the head may be cut in two.
    let whole: Vec<&str> = lines().take(20).filter(|line| !line.starts_with('#')).collect();
    !whole.is_empty() && (whole.iter().all(|line| is_change(line)) || whole.iter().all(|line| is_hash(line)))
}

fn is_change(line: &str) -> bool {
    matches!(line.get(..3), Some("A /" | "C /" | "D /"))
}

fn is_hash(line: &str) -> bool {
    let hash = line.split_once(' ').map_or("", |(_, hash)| hash.trim());
    hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_tells() {
        for (text, want) in [
            ("{\"Command\":\"x\",\"Names\":\"a\",\"Image\":\"b\",\"Status\":\"Up\"}\n", Some(Kind::Inventory)),
            (
                "[\n  {\n    \"Id\": \"a\",\n    \"Created\": \"b\", \"Path\": \"c\", \"State\": {}",
                Some(Kind::Inventory),
            ),
            ("C /etc\nA /etc/x y\n", Some(Kind::Inventory)),
            ("# Made by the collector of Plimsoll. x\n", Some(Kind::Inventory)),
            ("$ docker ps -a --format json\n", Some(Kind::Inventory)),
            ("app 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n", Some(Kind::Inventory)),
            ("TYPE            TOTAL     ACTIVE    SIZE      RECLAIMABLE\n", Some(Kind::Inventory)),
            ("{\"SchemaVersion\": 2, \"ArtifactName\": \"php:8.4\"", Some(Kind::ScanReport)),
            ("{\"matches\":[{\"vulnerability\":{\"id\":\"CVE-1\"", Some(Kind::ScanReport)),
            ("{\n \"advisories\": []", Some(Kind::ScanReport)),
            ("{\"bomFormat\": \"CycloneDX\"", Some(Kind::ScanReport)),
            ("{\"spdxVersion\": \"SPDX-2.3\"", Some(Kind::ScanReport)),
            ("{\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"name\":\"Trivy\"", Some(Kind::ScanReport)),
            ("{\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"name\":\"ESLint\"", None),
            ("{\"name\": \"x\", \"require\": {\"php\": \"^8\"}}", None),
            ("{\"note\": \"Names, Image and Status\"}", None),
            ("Dear all,\nA / B\n", None),
            ("", None),
        ] {
            assert_eq!(of(text), want, "{text}");
            assert_eq!(sniff(text), want.is_some());
        }
        let late = format!("\u{feff}{{\"x\": \"{}\", \"Repository\": 1, \"Tag\": 1, \"ID\": 1}}", "é".repeat(4096));
        assert!(!sniff(&late));
    }

    #[test]
    fn names_of_other_formats_are_believed() {
        assert_eq!(kind("README.md", "### docker ps\n"), None);
        assert_eq!(kind("running.txt", "### docker ps\n"), Some(Kind::Inventory));
        let compose = "{\"name\":\"shop\",\"services\":{\"app\":{\"image\":\"php:8.4-fpm\"}}}";
        assert_eq!(kind("config.json", compose), None);
    }
}
