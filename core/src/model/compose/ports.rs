//! Published ports, short and long syntax.

use crate::model::node::{Node, Scalar};
use crate::source::Location;

/// One published port mapping.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Port {
    /// Host address; `None` means all interfaces, IPv4 and IPv6.
    pub host_ip: Option<String>,
    /// First and last host port; `None` means a random one.
    pub published: Option<(u16, u16)>,
    /// First and last container port.
    pub target: (u16, u16),
    /// `tcp` or `udp`.
    pub protocol: String,
    /// Where it is written: the whole item.
    pub at: Location,
    /// Whether every part of it is known.
    pub known: bool,
}

impl Port {
    /// Whether only this machine can connect.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.host_ip.as_deref().is_some_and(|ip| ip == "::1" || ip == "localhost" || ip.starts_with("127."))
    }

    /// Whether it is bound to an address of a private network (RFC 1918, RFC 4193, link-local).
    #[must_use]
    pub fn is_private(&self) -> bool {
        let Some(ip) = self.host_ip.as_deref() else { return false };
        let octets: Vec<u8> = ip.split('.').filter_map(|part| part.parse().ok()).collect();
        match octets.as_slice() {
            [10, _, _, _] | [192, 168, _, _] | [169, 254, _, _] => true,
            [172, second, _, _] => (16..32).contains(second),
            [100, second, _, _] => (64..128).contains(second),
            _ => {
                let ip = ip.to_ascii_lowercase();
                ip.starts_with("fd") || ip.starts_with("fc") || ip.starts_with("fe80:")
            }
        }
    }

    /// What makes two mappings the same one.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{:?}:{:?}:{:?}/{}", self.host_ip, self.published, self.target, self.protocol)
    }

    /// Whether the host address opens it to other machines.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        !self.is_loopback() && !self.is_private()
    }

    /// Whether a container port is among the targets.
    #[must_use]
    pub fn has_target(&self, port: u16) -> bool {
        (self.target.0..=self.target.1).contains(&port)
    }

    /// The host side as a person writes it.
    #[must_use]
    pub fn host_side(&self) -> String {
        let port = match self.published {
            Some((from, to)) if from == to => from.to_string(),
            Some((from, to)) => format!("{from}-{to}"),
            None if !self.known => "a port that a variable sets".to_owned(),
            None => "a random port".to_owned(),
        };
        match &self.host_ip {
            Some(ip) if ip.contains(':') => format!("[{ip}]:{port}"),
            Some(ip) => format!("{ip}:{port}"),
            None => port,
        }
    }
}

/// What makes a mapping the same one to Compose: address, published port, container port and protocol. One that a variable decides
/// is the same only when it is written the same.
#[must_use]
pub fn merge_key(item: &Node) -> Option<String> {
    let port = read(item).filter(|port| port.known);
    match (port, item.text()) {
        (Some(port), text) => {
            // `[::]` and no address both are every interface, but they are two mappings.
            let every = text
                .map(|text| text.contains("[::]"))
                .unwrap_or(item.get("host_ip").and_then(Node::text) == Some("::"));
            Some(format!("{:?}:{every}:{:?}:{:?}/{}", port.host_ip, port.published, port.target, port.protocol))
        }
        (None, text) => text.map(str::to_owned),
    }
}

/// Reads one item of `ports`; `None` when it has no readable container port.
#[must_use]
pub fn read(item: &Node) -> Option<Port> {
    match item.scalar() {
        Some(scalar) => short(scalar, item.at()),
        None => long(item),
    }
}

fn short(scalar: &Scalar, at: Location) -> Option<Port> {
    let text = scalar.text.trim();
    let (text, protocol) = text.rsplit_once('/').unwrap_or((text, "tcp"));
    let parts = split_colons(text);
    let (host_ip, published, target) = match parts.as_slice() {
        [target] => (None, None, *target),
        [published, target] => (None, Some(*published), *target),
        [ip @ .., published, target] => (Some(ip.join(":")), Some(*published), *target),
        [] => return None,
    };
    let target = range(target)?;
    let host_ip = host_ip
        .map(|ip| ip.trim_matches(['[', ']']).to_owned())
        .filter(|ip| !ip.is_empty() && ip != "0.0.0.0" && ip != "::");
    let readable = published.is_none_or(|text| text.is_empty() || range(text).is_some());
    Some(Port {
        host_ip,
        published: published.and_then(range),
        target,
        protocol: protocol.to_ascii_lowercase(),
        at,
        known: scalar.is_known() && readable,
    })
}

/// Splits at colons that stand outside `[…]` and `${…}`.
fn split_colons(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut from) = (0i32, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth -= 1,
            b':' if depth <= 0 => {
                parts.push(text.get(from..at).unwrap_or(""));
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(from..).unwrap_or(""));
    parts
}

fn range(text: &str) -> Option<(u16, u16)> {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
    (from <= to).then_some((from, to))
}

fn long(item: &Node) -> Option<Port> {
    let target = range(item.get("target")?.text()?)?;
    let text = |key: &str| item.get(key).and_then(Node::text);
    let known = item.entries().iter().all(|entry| entry.node.scalar().is_none_or(Scalar::is_known));
    Some(Port {
        host_ip: text("host_ip").filter(|ip| !ip.is_empty() && *ip != "0.0.0.0" && *ip != "::").map(str::to_owned),
        published: text("published").and_then(range),
        target,
        protocol: text("protocol").unwrap_or("tcp").to_ascii_lowercase(),
        at: item.at(),
        known,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::interpolate::{Certainty, interpolate};
    use crate::source::SourceId;
    use crate::span::Span;
    use crate::syntax::yaml::resolve_plain;

    fn port(text: &str) -> Option<Port> {
        let read = interpolate(text, &|_| None);
        let scalar = Scalar {
            ty: resolve_plain(&read.text),
            text: read.text,
            raw: text.into(),
            certainty: read.certainty,
            variables: read.variables,
            required: read.required,
        };
        short(&scalar, Location::new(SourceId(0), Span::default()))
    }

    #[test]
    fn short_forms() {
        for (text, ip, published, target, protocol) in [
            ("80", None, None, (80, 80), "tcp"),
            ("8080:80", None, Some((8080, 8080)), (80, 80), "tcp"),
            ("127.0.0.1:6379:6379", Some("127.0.0.1"), Some((6379, 6379)), (6379, 6379), "tcp"),
            ("[::1]:80:80/udp", Some("::1"), Some((80, 80)), (80, 80), "udp"),
            ("::1:80:80", Some("::1"), Some((80, 80)), (80, 80), "tcp"),
            ("0.0.0.0:80:80", None, Some((80, 80)), (80, 80), "tcp"),
            ("127.0.0.1::80", Some("127.0.0.1"), None, (80, 80), "tcp"),
            ("3000-3005:3000-3005", None, Some((3000, 3005)), (3000, 3005), "tcp"),
            ("${BIND:-127.0.0.1}:6379:6379", Some("127.0.0.1"), Some((6379, 6379)), (6379, 6379), "tcp"),
            ("${FORWARD_DB_PORT:-3306}:3306", None, Some((3306, 3306)), (3306, 3306), "tcp"),
        ] {
            let port = port(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                (port.host_ip.as_deref(), port.published, port.target, port.protocol.as_str()),
                (ip, published, target, protocol),
                "{text}"
            );
        }
        assert!(port("web").is_none());
    }

    #[test]
    fn an_unknown_host_side_is_not_a_known_port() {
        let port = port("${PORT}:80").unwrap();
        assert!(!port.known);
        assert_eq!(port.published, None);
        assert_eq!(interpolate("${PORT}", &|_| None).certainty, Certainty::Unknown);
    }

    #[test]
    fn addresses() {
        let with = |ip: &str| port(&format!("{ip}:1:1")).unwrap();
        assert!(with("127.0.0.1").is_loopback() && with("127.5.0.1").is_loopback());
        assert!(with("10.0.0.5").is_private() && with("172.20.0.1").is_private() && with("192.168.1.1").is_private());
        assert!(with("172.32.0.1").is_exposed() && with("8.8.8.8").is_exposed());
        assert!(port("1:1").unwrap().is_exposed());
    }
}
