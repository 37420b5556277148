//! What a service may take of the machine: its own keys (`mem_limit`, `cpus`, `pids_limit`) and `deploy.resources`, as one answer.

use super::Text;
use super::read::text;
use crate::model::node::Node;

/// One limit: its text and, where it can be read, its number.
#[derive(Clone, PartialEq, Debug)]
pub struct Amount {
    /// As written.
    pub text: Text,
    /// Bytes of memory, processors, or processes. Zero and below mean no limit.
    pub value: Option<f64>,
}

impl Amount {
    /// Whether it limits anything; `None` when a variable decides.
    #[must_use]
    pub fn is_limit(&self) -> Option<bool> {
        self.value.map(|value| value > 0.0)
    }
}

/// The limits of a service.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Limits {
    /// `mem_limit` or `deploy.resources.limits.memory`, in bytes.
    pub memory: Option<Amount>,
    /// `memswap_limit`, in bytes.
    pub memory_and_swap: Option<Amount>,
    /// `mem_reservation` or `deploy.resources.reservations.memory`, in bytes.
    pub memory_reservation: Option<Amount>,
    /// `cpus` or `deploy.resources.limits.cpus`.
    pub cpus: Option<Amount>,
    /// `cpu_quota`, in microseconds for each period.
    pub cpu_quota: Option<Amount>,
    /// `cpu_shares`: a weight, not a limit.
    pub cpu_shares: Option<Amount>,
    /// `cpuset`.
    pub cpuset: Option<Text>,
    /// `pids_limit` or `deploy.resources.limits.pids`.
    pub pids: Option<Amount>,
    /// `shm_size`, in bytes.
    pub shared_memory: Option<Amount>,
}

pub(super) fn limits(node: &Node) -> Limits {
    let resources = node.get("deploy").and_then(|deploy| deploy.get("resources"));
    let deployed = |kind: &str, key: &str| resources.and_then(|all| all.get(kind)).and_then(|kind| kind.get(key));
    let size = |node: &Node| amount(node, bytes);
    let plain = |node: &Node| amount(node, |text| text.trim().parse().ok());
    Limits {
        memory: node.get("mem_limit").or_else(|| deployed("limits", "memory")).and_then(size),
        memory_and_swap: node.get("memswap_limit").and_then(size),
        memory_reservation: node.get("mem_reservation").or_else(|| deployed("reservations", "memory")).and_then(size),
        cpus: node.get("cpus").or_else(|| deployed("limits", "cpus")).and_then(plain),
        cpu_quota: node.get("cpu_quota").and_then(plain),
        cpu_shares: node.get("cpu_shares").and_then(plain),
        cpuset: node.get("cpuset").and_then(text),
        pids: node.get("pids_limit").or_else(|| deployed("limits", "pids")).and_then(plain),
        shared_memory: node.get("shm_size").and_then(size),
    }
}

fn amount(node: &Node, read: impl Fn(&str) -> Option<f64>) -> Option<Amount> {
    let text = text(node)?;
    let value = if text.is_known() { read(&text.text).filter(|value| value.is_finite()) } else { None };
    Some(Amount { text, value })
}

/// A size as Docker reads it: a number with `b`, `k`, `m`, `g`, `t` or `p`, each step being 1024.
#[must_use]
pub fn bytes(text: &str) -> Option<f64> {
    let lower = text.trim().to_ascii_lowercase();
    let number = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = lower.get(number.len()..)?;
    let unit = unit.strip_suffix("ib").or_else(|| unit.strip_suffix('b')).unwrap_or(unit);
    let power = match unit {
        "" => 0,
        "k" => 1,
        "m" => 2,
        "g" => 3,
        "t" => 4,
        "p" => 5,
        _ => return None,
    };
    let number: f64 = number.trim().parse().ok()?;
    Some(number * 1024f64.powi(power))
}

/// A duration as Go reads it (`1m30s`, `500ms`, `1.5h`), in seconds.
#[must_use]
pub fn duration_seconds(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    if rest == "0" {
        return Some(0.0);
    }
    let mut total = 0.0;
    let mut any = false;
    // Go's own durations have at most six parts.
    for _ in 0..8 {
        if rest.is_empty() {
            break;
        }
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let number: f64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        let letters = rest.len() - rest.trim_start_matches(|c: char| c.is_alphabetic()).len();
        let factor = match rest.get(..letters)? {
            "ns" => 1e-9,
            "us" | "µs" | "μs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            "w" => 604_800.0,
            _ => return None,
        };
        total += number * factor;
        any = true;
        rest = rest.get(letters..)?;
    }
    (any && rest.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_durations() {
        for (text, want) in [
            ("512m", 536_870_912.0),
            ("1g", 1_073_741_824.0),
            ("64", 64.0),
            ("1.5k", 1536.0),
            ("2gib", 2.0 * 1_073_741_824.0),
            ("10b", 10.0),
        ] {
            assert_eq!(bytes(text), Some(want), "{text}");
        }
        assert_eq!(bytes("much"), None);
        for (text, want) in [("30s", 30.0), ("1m30s", 90.0), ("500ms", 0.5), ("1.5h", 5400.0), ("0", 0.0)] {
            assert_eq!(duration_seconds(text), Some(want), "{text}");
        }
        assert_eq!(duration_seconds("30"), None);
        assert_eq!(duration_seconds("s"), None);
    }
}
