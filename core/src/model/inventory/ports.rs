//! Published ports as `ps` prints them: `0.0.0.0:80->80/tcp, [::]:80->80/tcp, 9000/tcp`.

use super::Exposed;
use crate::model::compose::ports::Port;
use crate::source::Location;

/// What one piece of the list says.
pub(super) enum Read {
    Published(Port),
    Exposed(Exposed),
}

/// Reads one piece. Without `->` a port is declared, not published.
pub(super) fn read(text: &str, at: Location) -> Option<Read> {
    let (rest, protocol) = text.trim().rsplit_once('/').unwrap_or((text.trim(), "tcp"));
    let Some((host, target)) = rest.rsplit_once("->") else {
        return Some(Read::Exposed(Exposed { ports: range(rest)?, protocol: protocol.to_owned(), at }));
    };
    // Docker before 20.10 writes `:::80` for `[::]:80`.
    let (ip, port) = host.rsplit_once(':').unwrap_or(("", host));
    Some(Read::Published(published(ip, range(port)?, range(target)?, protocol, at)))
}

/// A published port; an address that stands for all interfaces is none.
pub(super) fn published(ip: &str, host: (u16, u16), target: (u16, u16), protocol: &str, at: Location) -> Port {
    let ip = ip.trim_matches(['[', ']']);
    let all = matches!(ip, "" | "0.0.0.0" | "::" | "*");
    Port {
        host_ip: (!all).then(|| ip.to_owned()),
        published: Some(host),
        target,
        protocol: protocol.to_ascii_lowercase(),
        at,
        known: true,
    }
}

/// Adds a port unless the same is listed: each is printed for IPv4 and for IPv6.
pub(super) fn add(ports: &mut Vec<Port>, port: Port) {
    // The bound keeps a long list from costing its square; both spellings stand together.
    if !ports.iter().rev().take(64).any(|known| known.key() == port.key()) {
        ports.push(port);
    }
}

/// `80` or `9000-9010`.
pub(super) fn range(text: &str) -> Option<(u16, u16)> {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
    (from <= to).then_some((from, to))
}
