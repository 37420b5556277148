//! Administration interfaces that ask nobody: Caddy's, RoadRunner's RPC, the inspector of Node.

use super::{cause, main_level, name_of};
use crate::graph::model::{Cause, Door, DoorKind, Evidence, Level};
use crate::model::roadrunner;
use crate::project::ServiceRef;
use crate::source::Location;
use crate::text::shorten;

/// Port of Caddy's administration, unless its configuration names another.
const CADDY: u16 = 2019;
/// Port of Node's inspector, unless the option names another.
const INSPECTOR: u16 = 9229;

/// The administration interfaces of a service.
pub(super) fn doors(service: ServiceRef<'_, '_>) -> Vec<Door> {
    [caddy(service), roadrunner_rpc(service), inspector(service)].into_iter().flatten().collect()
}

/// Caddy's API replaces the whole configuration. With PHP inside of the server, that runs code; without, it reads files and hands
/// requests on.
fn caddy(service: ServiceRef<'_, '_>) -> Option<Door> {
    let web = service.web_server()?;
    let admin = web.admin_endpoint().filter(|admin| !admin.off && !admin.address.text.starts_with("unix"))?;
    let loopback_only = !admin.reachable?;
    let name = name_of(service);
    let port = admin.port.unwrap_or(CADDY);
    let gives = if web.frankenphp { main_level(service) } else { Level::Data };
    let evidence = if admin.is_default {
        Evidence::known("Caddy opens it on localhost:2019 unless told otherwise")
    } else {
        Evidence::new(admin.address.at, format!("the interface listens on {}", shorten(&admin.address.text, 40)))
    };
    let closed = (!loopback_only).then(|| {
        let change = format!("Bind the admin interface of {name} to localhost:{port}");
        cause("web-server/caddy-admin-exposed", admin.address.at, change)
    });
    let reason = format!("the admin interface of Caddy in {name} takes any configuration from anybody");
    Some(door(gives, port, loopback_only, reason, evidence, closed))
}

/// RoadRunner's RPC steers its workers and takes jobs.
fn roadrunner_rpc(service: ServiceRef<'_, '_>) -> Option<Door> {
    let rpc = service.roadrunner()?.rpc?;
    let open = roadrunner::is_open(&rpc.value)?;
    if rpc.value.starts_with("unix") {
        return None;
    }
    let port: u16 = rpc.value.rsplit(':').next()?.parse().ok()?;
    let name = name_of(service);
    let evidence = Evidence::new(rpc.at, format!("the RPC listens on {}", shorten(&rpc.value, 40)));
    let closed = open.then(|| {
        let change = format!("Bind the RPC port of {name} to 127.0.0.1");
        cause("web-server/app-server-misconfigured", rpc.at, change)
    });
    let reason = format!("RoadRunner in {name} takes orders on its RPC port from anybody");
    Some(door(Level::Data, port, !open, reason, evidence, closed))
}

/// Node with its inspector on runs whatever a debugger sends. No rule reports the option.
fn inspector(service: ServiceRef<'_, '_>) -> Option<Door> {
    let (option, at) = inspector_option(service)?;
    let address = option.split_once('=').map_or("", |(_, address)| address);
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) => (host, port.parse::<u16>().ok()?),
        None if address.is_empty() => ("", INSPECTOR),
        None => address.parse::<u16>().map_or((address, INSPECTOR), |port| ("", port)),
    };
    let open = !matches!(host, "" | "localhost" | "[::1]" | "::1") && !host.starts_with("127.");
    let name = name_of(service);
    let evidence = Evidence::new(at, format!("{} switches the inspector on", shorten(&option, 60)));
    let closed = open.then(|| Cause { rule: None, change: format!("Switch the inspector of {name} off"), at });
    let reason = format!("the inspector of Node in {name} runs what anybody sends");
    Some(door(main_level(service), port, !open, reason, evidence, closed))
}

/// The option that switches the inspector on: in the command or in `NODE_OPTIONS`.
fn inspector_option(service: ServiceRef<'_, '_>) -> Option<(String, Location)> {
    let find = |text: &str| {
        let named = |word: &&str| {
            let name = word.split('=').next().unwrap_or("");
            matches!(name, "--inspect" | "--inspect-brk" | "--inspect-wait")
        };
        text.split_whitespace().find(named).map(|word| word.trim_matches(['"', '\'']).to_owned())
    };
    let main = service.main_command();
    if let Some((option, at)) = find(&main.words.join(" ")).zip(main.at) {
        return Some((option, at));
    }
    let value = service.service().variable("NODE_OPTIONS")?.value.as_ref().filter(|value| value.is_known())?;
    Some((find(&value.text)?, value.at))
}

fn door(
    gives: Level,
    port: u16,
    loopback_only: bool,
    reason: String,
    evidence: Evidence,
    cause: Option<Cause>,
) -> Door {
    Door {
        kind: DoorKind::AdminApi,
        gives,
        cost: 1,
        ports: vec![port],
        loopback_only,
        reason,
        evidence: vec![evidence],
        cause,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{of, one};
    use super::*;

    fn caddy_with(image: &str, global: &str) -> Vec<Door> {
        let compose =
            format!("services:\n  web:\n    image: {image}\n    volumes: [\"./Caddyfile:/etc/caddy/Caddyfile:ro\"]\n");
        let file = format!("{{\n\t{global}\n}}\nexample.net {{\n\troot /srv\n\tfile_server\n}}\n");
        of(&compose, &[("Caddyfile", &file)])
    }

    #[test]
    fn caddys_own() {
        let open = caddy_with("caddy:2", "admin 0.0.0.0:2019");
        assert_eq!((open.len(), open[0].gives, open[0].loopback_only), (1, Level::Data, false));
        assert_eq!(open[0].cause.as_ref().unwrap().rule, Some("web-server/caddy-admin-exposed"));
        let php = caddy_with("dunglas/frankenphp:1-php8.4", "admin :2020");
        assert!(php[0].gives.executes());
        assert_eq!(php[0].ports, [2020]);
        let local = caddy_with("caddy:2", "debug");
        assert!(local[0].loopback_only && local[0].cause.is_none());
        assert!(caddy_with("caddy:2", "admin off").is_empty());
        assert!(caddy_with("caddy:2", "admin unix//run/caddy.sock").is_empty());
    }

    #[test]
    fn roadrunners_own() {
        let with = |listen: &str| {
            let compose = "services:\n  app:\n    build: .\n    command: rr serve\n";
            let file = format!("version: \"3\"\nrpc:\n  listen: {listen}\nserver:\n  command: php worker.php\n");
            of(
                compose,
                &[("Dockerfile", "FROM php:8.4-cli\nWORKDIR /app\nCOPY .rr.yaml /app/.rr.yaml\n"), (".rr.yaml", &file)],
            )
        };
        let open = with("tcp://0.0.0.0:6001");
        assert_eq!((open.len(), open[0].ports.as_slice(), open[0].loopback_only), (1, &[6001][..], false));
        assert_eq!(open[0].cause.as_ref().unwrap().rule, Some("web-server/app-server-misconfigured"));
        assert!(with("tcp://127.0.0.1:6001")[0].loopback_only);
        assert!(with("unix:///tmp/rpc.sock").is_empty());
    }

    #[test]
    fn nodes_own() {
        let open = one("node:24", "    command: node --inspect=0.0.0.0 server.js\n");
        assert_eq!((open.len(), open[0].ports.as_slice(), open[0].loopback_only), (1, &[9229][..], false));
        assert_eq!(open[0].gives, Level::Root);
        let local = one("node:24", "    environment: {NODE_OPTIONS: \"--inspect\"}\n");
        assert!(local[0].loopback_only && local[0].cause.is_none());
        assert_eq!(one("node:24", "    command: node --inspect=0.0.0.0:9300 x.js\n")[0].ports, [9300]);
        assert!(one("node:24", "    command: node server.js\n").is_empty());
    }
}
