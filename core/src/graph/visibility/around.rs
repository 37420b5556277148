//! What others do to watch a service: ship its logs, collect its metrics, report its errors, probe it, trace what processes do.

use crate::graph::model::{Evidence, Watch, WatchKind};
use crate::model::compose::Healthcheck;
use crate::project::{HealthSource, ServiceRef, Signal};
use crate::text::shorten;

/// Services of a view that are looked at.
const MAX_COMPARED: usize = 200;

/// Starts of variables that name a system which errors are reported to, and its name.
const REPORTERS: [(&str, &str); 9] = [
    ("BUGSNAG_API_KEY", "Bugsnag"),
    ("DD_API_KEY", "Datadog"),
    ("ELASTIC_APM_SERVER_URL", "Elastic APM"),
    ("FLARE_KEY", "Flare"),
    ("HONEYBADGER_API_KEY", "Honeybadger"),
    ("NEW_RELIC_LICENSE_KEY", "New Relic"),
    ("ROLLBAR_TOKEN", "Rollbar"),
    ("SENTRY_DSN", "Sentry"),
    ("SENTRY_LARAVEL_DSN", "Sentry"),
];

/// Log drivers that keep everything on the host.
const LOCAL_DRIVERS: [&str; 6] = ["json-file", "local", "none", "journald", "k8s-file", ""];

/// Adds what watches a service from around it.
pub(super) fn add(service: ServiceRef<'_, '_>, found: &mut Vec<Watch>) {
    shipping(service, found);
    reporters(service, found);
    probe(service, found);
    let mut scraped = false;
    for other in service.others().take(MAX_COMPARED) {
        if other.role.name == "monitor"
            && let Some(need) = other.needs().iter().find(|need| need.to == service.name)
        {
            scraped = true;
            let what = format!("{} collects its metrics", shorten(&other.name, 60));
            found.push(Watch { kind: WatchKind::Metrics, what, evidence: vec![Evidence::new(need.at, need.label())] });
        }
        if looks_at_the_host(other) {
            collected(other, found);
        }
    }
    if scraped {
        alerts(service, found);
    }
}

fn shipping(service: ServiceRef<'_, '_>, found: &mut Vec<Watch>) {
    let driver = service.logging.as_ref().and_then(|logging| logging.driver.as_ref());
    let (name, at) = match driver {
        Some(driver) if driver.is_known() => (driver.text.as_str(), Some(driver.at)),
        Some(_) => return,
        None => (service.project().daemon_log_driver().unwrap_or(""), None),
    };
    if !LOCAL_DRIVERS.contains(&name) {
        let what = format!("its log goes to another system by the driver {}", shorten(name, 40));
        let evidence = vec![Evidence { at, label: "this is its log driver".to_owned() }];
        found.push(Watch { kind: WatchKind::LogShipping, what, evidence });
    }
}

fn reporters(service: ServiceRef<'_, '_>, found: &mut Vec<Watch>) {
    for variable in &service.service().variables {
        let empty = variable.value.as_ref().is_some_and(|value| value.text.is_empty());
        let name = REPORTERS.iter().find(|(key, _)| variable.key == *key && !empty);
        if let Some((_, name)) = name {
            let evidence = vec![Evidence::new(variable.key_at, format!("{} is set", shorten(&variable.key, 60)))];
            let what = format!("errors are reported to {name}");
            found.push(Watch { kind: WatchKind::Alerting, what, evidence });
        }
    }
}

fn probe(service: ServiceRef<'_, '_>, found: &mut Vec<Watch>) {
    if service.health_source() != HealthSource::Probe {
        return;
    }
    let at = match &service.healthcheck {
        Some(Healthcheck::Probe(at)) => Some(*at),
        _ => service.image_use.at,
    };
    let evidence = vec![Evidence { at, label: "this is its health check".to_owned() }];
    let what = "a health check notices when it stops answering".to_owned();
    found.push(Watch { kind: WatchKind::HealthCheck, what, evidence });
}

/// Whether a service sees the containers of the machine: their logs, the engine, the kernel's counters.
fn looks_at_the_host(service: ServiceRef<'_, '_>) -> bool {
    let places = ["/var/lib/docker", "/var/run/docker.sock", "/run/docker.sock", "/var/log", "/sys", "/proc"];
    let below = |source: &str, place: &str| {
        source.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let sees = |source: &str| source == "/" || places.iter().any(|place| below(source, place));
    service.service().mounts.iter().any(|mount| mount.source.as_deref().is_some_and(sees)) && !service.is_one_shot()
}

/// What such a service gathers of all others.
fn collected(other: ServiceRef<'_, '_>, found: &mut Vec<Watch>) {
    let name = shorten(&other.name, 60);
    let reads_logs = other.service().mounts.iter().any(|mount| {
        let source = mount.source.as_deref().unwrap_or("");
        let folders = ["/var/lib/docker", "/var/log"];
        source == "/" || source.ends_with("docker.sock") || folders.iter().any(|folder| source.starts_with(folder))
    });
    for signal in other.signals() {
        let (kind, what) = match signal {
            Signal::Logs if reads_logs => (WatchKind::LogShipping, format!("{name} gathers the logs of containers")),
            Signal::Metrics => (WatchKind::Metrics, format!("{name} measures what containers use")),
            Signal::Runtime => (WatchKind::Audit, format!("{name} watches what processes do")),
            Signal::Logs | Signal::Errors => continue,
        };
        let evidence = vec![Evidence::new(other.image_use.at.unwrap_or(other.at), "this service watches the host")];
        found.push(Watch { kind, what, evidence });
    }
}

/// An alert manager beside a collector that asks the service.
fn alerts(service: ServiceRef<'_, '_>, found: &mut Vec<Watch>) {
    let manager = service.others().take(MAX_COMPARED).find(|other| {
        let image = other.image_use.reference.as_ref();
        image.is_some_and(|image| image.path.rsplit('/').next() == Some("alertmanager"))
    });
    if let Some(manager) = manager {
        let what = format!("{} sends alerts on its metrics", shorten(&manager.name, 60));
        let evidence = vec![Evidence::new(manager.at, "an alert manager runs here")];
        found.push(Watch { kind: WatchKind::Alerting, what, evidence });
    }
}
