//! Logs that a service writes itself: requests, errors, connections.

use super::{ADMIN_LOG, FPM_LOG};
use crate::graph::entries::is_customised;
use crate::graph::model::{Evidence, Watch, WatchKind};
use crate::model::web::{Directive, Server, Software};
use crate::project::{DataProduct, Layout, LogKeeping, ServiceRef, Web, WebSource};
use crate::source::Location;
use crate::text::shorten;

/// Adds the logs of a service. What its log driver throws away is none.
pub(super) fn add(service: ServiceRef<'_, '_>, found: &mut Vec<Watch>) {
    let thrown = matches!(service.log_keeping(), LogKeeping::None(_));
    if let Some(web) = service.web_server() {
        found.extend(requests(service, web, thrown));
        // Its own log, which nothing has to switch on.
        let admin = web.admin_endpoint().filter(|admin| web.software == Software::Caddy && !admin.off && !thrown);
        if let Some(admin) = admin {
            let at = if admin.is_default { service.image_use.at } else { Some(admin.address.at) };
            found.push(watch(WatchKind::ApplicationLog, ADMIN_LOG, at, "this is the interface"));
        }
    }
    found.extend(proxy(service).or_else(|| console(service)).filter(|_| !thrown));
    if service.role.is_php() {
        found.extend(pool(service, thrown));
        application(service, thrown, found);
    }
    found.extend(store(service).filter(|_| !thrown));
}

fn watch(kind: WatchKind, what: impl Into<String>, at: Option<Location>, label: &str) -> Watch {
    Watch { kind, what: what.into(), evidence: vec![Evidence { at, label: label.to_owned() }] }
}

/// Whether a file is the container's output: by its name, or because the official images link it.
fn is_output(path: &str) -> bool {
    let linked = ["/var/log/nginx/", "/var/log/apache2/", "/var/log/httpd/", "/usr/local/apache2/logs/"];
    ["/dev/", "/proc/", "syslog:"].iter().chain(&linked).any(|start| path.starts_with(start))
        || path.starts_with('$')
        || path.starts_with("logs/")
}

/// The access log of a web server.
fn requests(service: ServiceRef<'_, '_>, web: &Web, thrown: bool) -> Option<Watch> {
    if web.source == WebSource::Unseen {
        return None;
    }
    let name = web.software.as_str();
    let own = || web.own_servers().take(32);
    let of_image = service.image_use.at.or(Some(service.at));
    let (path, at) = match web.software {
        // Without the directive nginx logs all the same.
        Software::Nginx => {
            let log = |server: &Server| web.setting(server.node, "access_log").map(place);
            let logs: Vec<Option<(String, Location)>> = own().map(log).collect();
            let on = logs.iter().find(|log| log.as_ref().is_none_or(|(path, _)| path != "off"))?;
            on.clone().map_or((String::new(), of_image), |(path, at)| (path, Some(at)))
        }
        Software::Apache => match web.all("customlog").next().map(place) {
            Some((path, at)) => (path, Some(at)),
            None if web.source == WebSource::ImageDefault || !web.is_whole() => (String::new(), of_image),
            None => return None,
        },
        // Caddy logs requests only where a site asks for it.
        Software::Caddy => {
            let log = own().find_map(|server| web.config.tree.last(server.node, "log"))?;
            (String::new(), Some(log.at))
        }
    };
    let output = path.is_empty() || is_output(&path);
    if output && thrown {
        return None;
    }
    let to = if output { "to the container's output".to_owned() } else { format!("to {}", shorten(&path, 60)) };
    Some(watch(WatchKind::AccessLog, format!("{name} logs requests {to}"), at, "this is where it is set"))
}

fn place(directive: &Directive) -> (String, Location) {
    (directive.arg(0).unwrap_or("").to_owned(), directive.at)
}

/// The access log of Traefik.
fn proxy(service: ServiceRef<'_, '_>) -> Option<Watch> {
    let named = service.image_use.reference.as_ref().is_some_and(|image| image.path.ends_with("traefik"));
    let command = service.own_command().filter(|_| named)?;
    let on = command.words.iter().any(|word| {
        let word = word.to_ascii_lowercase();
        word.starts_with("--accesslog") && !word.ends_with("=false")
    });
    on.then(|| watch(WatchKind::AccessLog, "Traefik logs requests", Some(command.at), "this switches it on"))
}

/// The access log of phpMyAdmin, whose image serves it with Apache.
fn console(service: ServiceRef<'_, '_>) -> Option<Watch> {
    let image = service.image_use.reference.as_ref().filter(|image| image.path.ends_with("phpmyadmin"))?;
    let served = service.web_server().is_none_or(|web| web.source == WebSource::Unseen);
    let apache = served && !image.tag.as_deref().is_some_and(|tag| tag.contains("fpm"));
    let what = "Apache logs requests to the container's output";
    apache.then(|| watch(WatchKind::AccessLog, what, service.image_use.at, "its image does so"))
}

/// The access log of PHP-FPM itself: it shows what comes past the web server too.
fn pool(service: ServiceRef<'_, '_>, thrown: bool) -> Option<Watch> {
    if !service.is_fpm() {
        return None;
    }
    let pools = service.fpm_pools();
    let log = pools.iter().find_map(|pool| {
        let path = pool.value("access.log").filter(|path| !path.is_empty() && *path != "/dev/null")?;
        Some((path.to_owned(), pool.directive("access.log").and_then(|directive| directive.at)))
    });
    let (path, at) = log.filter(|(path, _)| !(thrown && is_output(path)))?;
    let to = if is_output(&path) { "the container's output".to_owned() } else { shorten(&path, 60) };
    // The address in it is what the client of FastCGI says.
    let what = format!("{FPM_LOG} every request to {to}, with the address that the sender claims");
    let at = at.or(service.image_use.at).or(Some(service.at));
    Some(watch(WatchKind::AccessLog, what, at, "its access.log is on"))
}

/// What the application and PHP log.
fn application(service: ServiceRef<'_, '_>, thrown: bool, found: &mut Vec<Watch>) {
    let output = |value: &str| matches!(value, "stderr" | "stdout" | "errorlog");
    let customised = is_customised(service);
    let channel = if customised || service.variable("LOG_CHANNEL").is_some() {
        service.deployed_variable("LOG_CHANNEL")
    } else {
        None
    };
    if let Some((value, at)) = channel {
        let kept = matches!(value.as_str(), "syslog" | "papertrail" | "slack") || output(&value) && !thrown;
        if kept {
            let what = format!("the application logs to {}", shorten(&value, 30));
            found.push(watch(WatchKind::ApplicationLog, what, Some(at), "LOG_CHANNEL says so"));
        }
    }
    let files = if customised { service.log_files() } else { Vec::new() };
    for log in files {
        if log.writer.contains("pool") || log.writer.contains("web server") {
            continue;
        }
        let what = format!("{} logs to {} inside of the container", log.writer, shorten(&log.path, 60));
        found.push(watch(WatchKind::ApplicationLog, what, Some(log.at), "this is where it is set"));
    }
    if !customised && service.php_layout() == Layout::Official {
        // Without a php.ini PHP logs its errors.
        if !thrown {
            let at = service.image_use.at;
            found.push(watch(WatchKind::ApplicationLog, "PHP logs its errors", at, "its image does so"));
        }
        return;
    }
    let settings = service.php_settings();
    let silent = || customised && service.log_faults().iter().any(|fault| fault.silent);
    if !thrown && settings.flag("log_errors") == Some(true) && !silent() {
        let at = settings.set_at("log_errors").or(service.image_use.at);
        found.push(watch(WatchKind::ApplicationLog, "PHP logs its errors", at, "log_errors is on"));
    }
}

/// The log of a data store, where it records who connects.
fn store(service: ServiceRef<'_, '_>) -> Option<Watch> {
    let command = service.own_command();
    let words = command.map(|command| command.text().to_ascii_lowercase()).unwrap_or_default();
    let said = command.map(|command| command.at);
    let image = service.image_use.at.or(Some(service.at));
    let on = |names: &[&str]| {
        let given = words.replace('_', "-");
        names.iter().any(|name| {
            let rest = given.split_once(name).map(|(_, rest)| rest);
            let off = |rest: &str| ["=0", "=off", "=false"].iter().any(|off| rest.starts_with(off));
            rest.is_some_and(|rest| (rest.is_empty() || rest.starts_with(['=', ' '])) && !off(rest))
        })
    };
    if service.is_redis() {
        let loud = ["--loglevel verbose", "--loglevel debug"].iter().any(|level| words.contains(level));
        return loud.then(|| watch(WatchKind::StoreLog, "Redis logs every connection", said, "loglevel says so"));
    }
    let product = service.data_product()?;
    let name = product.name();
    match product {
        DataProduct::MySql | DataProduct::MariaDb => on(&["--general-log"]).then(|| {
            let what = format!("{name} logs every connection and statement");
            watch(WatchKind::StoreLog, what, said, "the general log is on")
        }),
        DataProduct::Postgres => on(&["log-connections"]).then(|| {
            watch(WatchKind::StoreLog, format!("{name} logs every connection"), said, "log_connections is on")
        }),
        DataProduct::RabbitMq | DataProduct::MongoDb => {
            Some(watch(WatchKind::StoreLog, format!("{name} logs every connection"), image, "it does so by default"))
        }
        DataProduct::Elasticsearch => {
            let audit = service.variable("xpack.security.audit.enabled")?;
            let set = audit.value.as_ref().filter(|value| value.text.eq_ignore_ascii_case("true"))?;
            let what = format!("{name} logs who asks for what");
            Some(watch(WatchKind::StoreLog, what, Some(set.at), "its audit log is on"))
        }
        _ => None,
    }
}
