//! Ways in by what the application is and how it is set: modes for development, keys that everybody knows, debuggers, packages with
//! known vulnerabilities.

use super::{is_customised, shown, way};
use crate::finding::Severity;
use crate::graph::model::{EntryWay, Evidence};
use crate::project::{DevelopmentServer, KeyFault, ServiceRef, VulnerablePackage, XdebugMode};
use crate::text::shorten;

/// Packages of one lock file that are named.
const MAX_PACKAGES: usize = 5;

/// Variables with which frameworks sign and encrypt.
const KEYS: [&str; 4] = ["APP_KEY", "APP_SECRET", "JWT_PASSPHRASE", "SECURITY_SALT"];

/// Adds what the application of a service lets in.
pub(super) fn add(service: ServiceRef<'_, '_>, found: &mut Vec<EntryWay>) {
    let customised = is_customised(service);
    let server = if customised && service.role.name != "db-admin" { service.development_server() } else { None };
    if server.is_none() && !answers_requests(service) {
        return;
    }
    // What else is not set comes from the image, and published ones are for production.
    let told = service
        .variables
        .iter()
        .any(|variable| ["DEBUG", "ENV", "MODE", "CONTEXT"].iter().any(|word| variable.key.contains(word)));
    if customised || told {
        modes(service, found);
    }
    keys(service, found);
    if customised {
        debuggers(service, server, found);
        included(service, found);
        packages(service, found);
    }
}

/// Whether requests of users run PHP in it: not a worker, not a job.
fn answers_requests(service: ServiceRef<'_, '_>) -> bool {
    let served = matches!(service.role.name, "php-fpm" | "php-apache" | "php-app") || service.php_sapi().is_web();
    served && !service.runs_php_jobs() && !service.is_one_shot()
}

fn modes(service: ServiceRef<'_, '_>, found: &mut Vec<EntryWay>) {
    for mode in service.risky_modes().into_iter().filter(|mode| mode.severity >= Severity::High) {
        let (name, value) = (&mode.source.name, shorten(&mode.source.value, 30));
        let evidence = vec![Evidence::new(mode.source.at, "it is set here")];
        let reason = format!("{name} is {value}: error pages show what only developers should see");
        found.push(way("application/debug-or-nonprod-mode", reason, evidence));
    }
    if service.context.is_development() {
        return;
    }
    for package in service.debug_packages() {
        if package.exposes && package.switched != Some(false) {
            let evidence = vec![Evidence::new(package.at, "it is required here")]
                .into_iter()
                .chain(shown(package.switch.as_ref().map(|switch| switch.at), "this decides whether it is on"));
            let reason = format!("{} shows requests and queries under an address", shorten(&package.name, 60));
            found.push(way("application/debug-packages-in-production", reason, evidence.collect()));
        }
    }
}

fn keys(service: ServiceRef<'_, '_>, found: &mut Vec<EntryWay>) {
    for key in service.weak_framework_keys() {
        let what = match key.fault {
            KeyFault::Empty => "is empty",
            KeyFault::Known => "is known to everybody",
            KeyFault::Short => "is too short",
        };
        let reason = format!("{} {what}: forged sessions are believed", shorten(&key.key, 60));
        let evidence = vec![Evidence::new(key.at, "it is set here")];
        found.push(way("secrets/framework-key-weak-or-leaked", reason, evidence));
    }
    for fallback in service.secret_fallbacks() {
        let key = fallback.variable.map_or(fallback.name.as_str(), |variable| variable.key.as_str());
        if KEYS.contains(&key) {
            let reason = format!("{} falls back to a value that anybody may read", shorten(key, 60));
            let evidence = vec![Evidence::new(fallback.at, "the value stands here")];
            found.push(way("secrets/default-secret-fallback", reason, evidence));
        }
    }
}

fn debuggers(service: ServiceRef<'_, '_>, server: Option<DevelopmentServer>, found: &mut Vec<EntryWay>) {
    if !service.is_deployed_for_users() {
        return;
    }
    if let Some(xdebug) = service.xdebug() {
        let connects = xdebug.connects_back.filter(|_| xdebug.mode > XdebugMode::Off);
        if xdebug.mode == XdebugMode::Debugs || connects.is_some() {
            let reason = match connects {
                Some(_) => "Xdebug connects to whoever sends a request",
                None => "Xdebug is switched on",
            };
            let evidence = shown(Some(xdebug.at), "it is loaded here")
                .chain(shown(xdebug.mode_at, "this sets its mode"))
                .chain(shown(connects, "this lets it connect to whoever asks"));
            found.push(way("php/xdebug-in-production", reason, evidence.collect()));
        }
    }
    if let Some(server) = server {
        let evidence = vec![Evidence::new(server.at, "it is started here")];
        let reason = format!("{} answers the requests", server.name);
        found.push(way("php/development-server-in-production", reason, evidence));
    }
}

fn included(service: ServiceRef<'_, '_>, found: &mut Vec<EntryWay>) {
    let settings = service.php_settings();
    if settings.flag("allow_url_include") == Some(true)
        && let Some(at) = settings.set_at("allow_url_include")
    {
        let evidence = vec![Evidence::new(at, "it is set here")];
        let reason = "PHP includes code from any address: allow_url_include is on";
        found.push(way("php/allow-url-include", reason, evidence));
    }
}

/// Locked packages with known vulnerabilities, those first that attackers use.
fn packages(service: ServiceRef<'_, '_>, found: &mut Vec<EntryWay>) {
    let Some(folder) = service.application_folder() else { return };
    let ships_dev = service.ships_dev_packages() == Some(true);
    let mut packages = service.project().vulnerable_packages(&folder);
    packages.retain(|package| (!package.dev || ships_dev) && is_serious(service, package));
    packages.sort_by_key(|package| package.attacked.is_none());
    for package in packages.into_iter().take(MAX_PACKAGES) {
        let id = package.ids.first().map(|id| format!(" ({})", shorten(id, 40))).unwrap_or_default();
        let (name, version) = (shorten(&package.name, 60), shorten(&package.version, 30));
        let reason = format!("{name} {version}: {}{id}", shorten(&package.title, 100));
        let evidence = shown(Some(package.at), "this version is locked")
            .chain(shown(package.reported, "a report names it"))
            .collect();
        found.push(way("supply-chain/vulnerable-composer-package", reason, evidence));
    }
}

/// Whether it is bad enough to start with; what no report rates counts. What needs a setting that is not so does not.
fn is_serious(service: ServiceRef<'_, '_>, package: &VulnerablePackage) -> bool {
    match package.attacked {
        Some(row) => service.holds(row.needs) != Some(false),
        None => package.severity.is_none_or(|severity| severity >= Severity::High),
    }
}
