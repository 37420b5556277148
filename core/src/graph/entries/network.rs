//! Ways in by a port that other machines reach.

use super::{is_customised, shown, way};
use crate::facts::known_exploited::Verdict;
use crate::finding::Severity;
use crate::graph::model::{EntryWay, Evidence};
use crate::model::compose::ports::Port;
use crate::project::{FpmListen, Group, OpenBy, Reach, ServiceRef, Weakness};
use crate::text::shorten;

/// Adds what a port or a proxy lets in.
pub(super) fn add(service: ServiceRef<'_, '_>, found: &mut Vec<EntryWay>) {
    let open = service.ports_with(Reach::Everyone);
    fpm(service, found);
    stores(service, &open, found);
    consoles(service, &open, found);
    engine(service, &open, found);
    ssh(service, found);
    // What only neighbours reach is no place to start.
    let faces_users = service.role.is_php() || service.role.is_web_entry() || service.role.name == "processor";
    if faces_users || published(service, &open).is_some() {
        attacked(service, found);
    }
    if service.role.name == "processor" {
        found.push(EntryWay {
            reason: "it works on files that users hand in".to_owned(),
            evidence: vec![Evidence::new(service.image_use.at.unwrap_or(service.at), "the service is this image")],
            rule: None,
        });
    }
}

/// Where it is published for everybody, or on the host's network.
fn published(service: ServiceRef<'_, '_>, open: &[&Port]) -> Option<Evidence> {
    let port = open.first().map(|port| Evidence::new(port.at, format!("published on {}", port.host_side())));
    port.or_else(|| service.host_network().map(|at| Evidence::new(at, "it is on the host's network")))
}

fn fpm(service: ServiceRef<'_, '_>, found: &mut Vec<EntryWay>) {
    if !service.role.is_php() || !service.is_fpm() {
        return;
    }
    let FpmListen::Port(listening, _) = service.fpm_listen() else { return };
    let port = service.ports.iter().find(|port| {
        port.protocol == "tcp"
            && port.has_target(listening)
            && matches!(service.reach(port), Reach::Everyone | Reach::Private)
    });
    let at = port.map(|port| port.at).or_else(|| service.host_network());
    if let Some(at) = at {
        let evidence = vec![Evidence::new(at, "FastCGI is open to other machines here")];
        found.push(way("network/fpm-port-published", "PHP-FPM runs what other machines send it", evidence));
    }
}

fn stores(service: ServiceRef<'_, '_>, open: &[&Port], found: &mut Vec<EntryWay>) {
    let console = service.role.group() == Group::Operations;
    let Some(published) = published(service, open) else { return };
    if service.is_redis() {
        let settings = service.redis_settings();
        let closed = settings.has_authentication() || settings.loopback_only || settings.is_unseen();
        if !closed && settings.port != Some(0) {
            let open = shown(settings.explicitly_open, "nothing asks for a password");
            let evidence = std::iter::once(published).chain(open);
            let reason = "it is published and asks for no password";
            found.push(way("datastores/redis-without-authentication", reason, evidence.collect()));
            return;
        }
    }
    if let Some(door) = service.open_door().filter(|door| !door.passing) {
        let evidence = vec![published, Evidence::new(door.at, shorten(&door.what.replace('`', ""), 120))];
        let reason = "it is published and lets everybody in without a password";
        found.push(way("datastores/datastore-without-authentication", reason, evidence));
        return;
    }
    if service.role.group() != Group::Data && !console {
        return;
    }
    let guessed = service.weak_credentials().into_iter().find(|weak| weak.weakness != Weakness::Short);
    if let Some(weak) = guessed {
        let label = format!("{} is easily guessed", shorten(&weak.key, 60));
        let evidence = vec![published, Evidence::new(weak.at, label)];
        let reason = "it is published with a password that is easily guessed";
        found.push(way("datastores/weak-or-default-credentials", reason, evidence));
    }
}

fn consoles(service: ServiceRef<'_, '_>, open: &[&Port], found: &mut Vec<EntryWay>) {
    let route = service.route().filter(|route| route.guard.is_none());
    let by_proxy = || route.map(|route| Evidence::new(route.at, "a proxy leads there"));
    let outside = published(service, open).or_else(by_proxy);
    if let Some(console) = service.open_console() {
        let what = match console.by {
            OpenBy::StoredLogin => "logs everybody in with a stored user",
            OpenBy::AnyServer => "connects to any server that a visitor names",
            OpenBy::LoginOff => "has its login switched off",
            OpenBy::DefaultLogin => "has the login of its documentation",
            OpenBy::NoLogin => "asks for no login",
        };
        // Without a way from outside it is a door for neighbours, not the start of anything.
        if let Some(outside) = outside {
            let evidence = vec![Evidence::new(console.at, "this makes it so"), outside];
            let reason = format!("{} {what}", console.console);
            found.push(way("application/database-console-autologin", reason, evidence));
        }
        return;
    }
    if service.closed_grafana().is_some() || service.role.name == "docker-admin" {
        return;
    }
    let serious = |severity: Severity| severity >= Severity::High;
    let by_port = open.iter().find_map(|port| {
        let console = service.console_on(port).filter(|console| serious(console.severity))?;
        Some((console, Evidence::new(port.at, format!("published on {}", port.host_side()))))
    });
    let by_route = || {
        let console = service.console().filter(|console| serious(console.severity))?;
        Some((console, Evidence::new(route?.at, "a proxy leads there")))
    };
    if let Some((console, evidence)) = by_port.or_else(by_route) {
        let reason = format!("{} is open to other machines", console.what);
        found.push(way("network/admin-or-dev-ui-published", reason, vec![evidence]));
    }
}

fn engine(service: ServiceRef<'_, '_>, open: &[&Port], found: &mut Vec<EntryWay>) {
    if service.role.name != "docker-admin" || service.is_socket_proxy() {
        return;
    }
    let route = service.route().map(|route| Evidence::new(route.at, "a proxy leads there"));
    let ports = open.first().map(|port| Evidence::new(port.at, format!("published on {}", port.host_side())));
    if let Some(evidence) = ports.or(route) {
        let reason = "a console that controls the engine is open to other machines";
        found.push(way("control-plane/socket-holder-exposed", reason, vec![evidence]));
    }
}

fn ssh(service: ServiceRef<'_, '_>, found: &mut Vec<EntryWay>) {
    let named = service.image_use.text.contains("ssh") || service.image_use.text.contains("sftp");
    let port = || service.ports.iter().any(|port| port.has_target(22));
    if !named && !is_customised(service) && !port() {
        return;
    }
    let Some(server) = service.ssh_server() else { return };
    let open = server.open.filter(|_| !service.ports_with(Reach::Everyone).is_empty());
    if server.password.is_none() && open.is_none() {
        return;
    }
    let reason = if server.password.is_some() {
        "an SSH server lets passwords or root in"
    } else {
        "an SSH server is open to other machines"
    };
    let evidence = shown(server.password, "this lets passwords or root in")
        .chain(shown(Some(server.at), server.what))
        .chain(shown(open, "its port is opened here"));
    found.push(way("application/sshd-in-container", reason, evidence.collect()));
}

/// Versions that attackers are known to use: sure ones only.
fn attacked(service: ServiceRef<'_, '_>, found: &mut Vec<EntryWay>) {
    let mut images = service.attacked_images();
    images.retain(|one| one.verdict == Verdict::Affected && one.met.is_some());
    for one in images {
        let id = one.row.ids.first().map(|id| format!(" ({id})")).unwrap_or_default();
        let reason = format!("{} {}: {}{id}", one.row.component, shorten(&one.version, 40), one.row.title);
        let evidence = vec![Evidence::new(one.at, "this is the version")];
        found.push(way("supply-chain/known-exploited-component", reason, evidence));
    }
}
