//! Which rule reports a way in, and what would close it.

use crate::facts::ports::{self, PortRow};
use crate::graph::model::{Cause, Evidence};
use crate::model::compose::ports::Port;
use crate::project::{FpmListen, Group, Reach, ServiceRef};
use crate::text::shorten;

/// The fault that a published port is, if it is one: web servers are there to be published.
pub(super) fn published(service: ServiceRef<'_, '_>, port: &Port, reach: Reach) -> Option<Cause> {
    let rule = rule(service, port, reach)?;
    let (name, number) = (&service.name, port.target.0);
    let tool = matches!(rule, "network/admin-or-dev-ui-published" | "control-plane/socket-holder-exposed");
    let change = if tool {
        format!("Publish port {number} of {name} on 127.0.0.1 only")
    } else {
        format!("Remove the published port {number} of {name}")
    };
    Some(Cause { rule: Some(rule), change, at: port.at })
}

fn rule(service: ServiceRef<'_, '_>, port: &Port, reach: Reach) -> Option<&'static str> {
    if service.is_socket_proxy() {
        return Some("control-plane/socket-proxy-reachable");
    }
    if is_engine(port) {
        return Some("control-plane/docker-api-over-tcp");
    }
    if is_fastcgi(service, port) {
        return Some("network/fpm-port-published");
    }
    if service.is_redis() {
        let settings = service.redis_settings();
        let listening = settings.port.unwrap_or(6379);
        let reported = listening != 0 && !settings.loopback_only && port.has_target(listening);
        return reported.then_some("datastores/redis-published");
    }
    let row = ports::by_port(port.target.0, port.protocol == "udp").first();
    match reach {
        Reach::Everyone | Reach::Private if is_data(service, row) => Some("datastores/datastore-published"),
        Reach::Everyone if holds_engine(service) => Some("control-plane/socket-holder-exposed"),
        Reach::Everyone if service.console_on(port).is_some() => Some("network/admin-or-dev-ui-published"),
        Reach::Everyone if is_internal(service, port, row) => Some("network/internal-port-published"),
        Reach::Everyone | Reach::Private if service.is_kept_inside() && service.is_set_apart() => {
            Some("network/published-port-bypasses-segmentation")
        }
        _ => None,
    }
}

fn is_engine(port: &Port) -> bool {
    let outside = port.published.is_some_and(|(first, last)| (first..=last).contains(&2375));
    port.protocol == "tcp" && (port.has_target(2375) || outside)
}

fn is_fastcgi(service: ServiceRef<'_, '_>, port: &Port) -> bool {
    let listens = || match service.fpm_listen() {
        FpmListen::Port(listening, _) => port.has_target(listening),
        FpmListen::Local(_) => false,
    };
    port.protocol == "tcp" && service.is_fpm() && listens()
}

/// Whether it gives access to stored data; consoles and figures are not the data.
fn is_data(service: ServiceRef<'_, '_>, row: Option<&PortRow>) -> bool {
    match service.role.group() {
        Group::Data => !row.is_some_and(|row| row.console_of(service.role.name)),
        Group::Unknown => row.is_some_and(|row| row.class == "datastore" && row.ambiguous_with.is_empty()),
        _ => false,
    }
}

/// Whether it controls the engine, and users do not come for it.
fn holds_engine(service: ServiceRef<'_, '_>) -> bool {
    let holds = service.role.name == "docker-admin" || service.engine_socket().is_some();
    holds && !service.role.is_web_entry()
}

/// Whether only other containers have business with it.
fn is_internal(service: ServiceRef<'_, '_>, port: &Port, row: Option<&PortRow>) -> bool {
    let role = service.role;
    if matches!(role.name, "processor" | "registry" | "secrets") {
        return true;
    }
    if role.is_web_entry() || matches!(role.group(), Group::Data | Group::Operations) && role.name != "dind" {
        return false;
    }
    let (first, last) = port.target;
    let inside = |row: &PortRow| matches!(row.class, "queue" | "app-internal" | "monitor" | "mail" | "admin");
    first != last || row.is_some_and(inside)
}

/// The names that a service is given for its host, each with what would take it away. What is for development only is no fault.
pub(super) fn gateway(service: ServiceRef<'_, '_>) -> Vec<(Evidence, Option<Cause>)> {
    let named = |name: &crate::project::GatewayName<'_>| {
        let (host, at) = (shorten(&name.entry.host, 60), name.entry.at);
        let evidence = Evidence::new(at, format!("{} reaches its host by the name {host}", service.name));
        let change = format!("Remove the name {host} of the host from {}", service.name);
        let cause = Cause { rule: Some("network/host-gateway-access"), change, at };
        (evidence, Some(cause).filter(|_| !service.context.is_development()))
    };
    service.gateway_names().iter().map(named).collect()
}
