//! Which web server a service runs, which configuration it reads, and what that says.

mod files;
mod images;

#[cfg(test)]
#[path = "web_tests.rs"]
mod tests;

use self::files::{Files, candidates};
use self::images::Layout;
use super::{Project, ServiceRef};
use crate::detect::Kind;
use crate::finding::Question;
use crate::model::web::{Software, Value, WebConfig};
use crate::source::{Location, SourceId, file_name};
use std::collections::BTreeSet;
use std::ops::Deref;

/// Services whose web servers are looked at.
const MAX_SERVICES: usize = 400;

/// Where a web server's configuration comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WebSource {
    /// Files of the project, copied or mounted.
    Project,
    /// Files of the project that nothing copies or mounts: there is no other server they could be for.
    Assumed,
    /// The image's own.
    ImageDefault,
    /// It is in an image nobody has looked into, or in files that were not supplied.
    Unseen,
}

/// The web server of a service. Asks like its [`WebConfig`].
#[derive(Debug)]
pub struct Web {
    /// What its configuration says.
    pub config: WebConfig,
    /// Where that comes from.
    pub source: WebSource,
    /// Where the build, or a mount, puts something that could not be followed.
    pub unseen: Option<Location>,
    /// Modules that the build switches on: `a2enmod status`.
    pub modules: Vec<(String, Location)>,
    /// Caddy's control interface.
    pub admin: Option<AdminEndpoint>,
    /// Whether FrankenPHP runs PHP inside of the server.
    pub frankenphp: bool,
}

impl Deref for Web {
    type Target = WebConfig;
    fn deref(&self) -> &WebConfig {
        &self.config
    }
}

/// Caddy's control interface: whoever reaches it replaces the configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AdminEndpoint {
    /// The address: `localhost:2019`, `:2019`, `unix//run/caddy.sock`, `off`.
    pub address: Value,
    /// Whether it is switched off.
    pub off: bool,
    /// Whether other containers reach it; `None` when that cannot be told.
    pub reachable: Option<bool>,
    /// Its port.
    pub port: Option<u16>,
    /// Whether it lets requests from everywhere in: `origins *`.
    pub any_origin: Option<Location>,
    /// Whether it is Caddy's own default, and nothing says so.
    pub is_default: bool,
}

impl Web {
    /// Whether all that the server reads is known: nothing was left out, nothing could not be followed.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.source != WebSource::Unseen && self.config.is_whole()
    }

    /// The folder that is served, of the first server that names one.
    #[must_use]
    pub fn docroot(&self) -> Option<&Value> {
        self.own_servers().find_map(|server| server.root.as_ref())
    }

    /// Whether files whose name begins with a dot are given away, and what says so; `None` when it cannot be told.
    #[must_use]
    pub fn serves_dotfiles(&self) -> Option<(bool, Location)> {
        self.serves("/.env")
    }

    /// Caddy's control interface.
    #[must_use]
    pub fn admin_endpoint(&self) -> Option<&AdminEndpoint> {
        self.admin.as_ref()
    }

    /// Names, in lower case, of the headers that defend a browser and that any server or route sends.
    #[must_use]
    pub fn security_headers(&self) -> BTreeSet<String> {
        const WANTED: [&str; 5] = [
            "content-security-policy",
            "referrer-policy",
            "strict-transport-security",
            "x-content-type-options",
            "x-frame-options",
        ];
        let sent = self.own_servers().take(32).flat_map(|server| {
            let routes = server.routes.iter().map(|route| route.node);
            std::iter::once(server.node).chain(routes).take(50).flat_map(|node| self.headers(node))
        });
        sent.filter(|header| header.value.is_some())
            .map(|header| header.name.to_ascii_lowercase())
            .filter(|name| WANTED.contains(&name.as_str()))
            .collect()
    }
}

impl<'p> ServiceRef<'p, '_> {
    /// Its web server, when it runs one.
    #[must_use]
    pub fn web_server(self) -> Option<&'p Web> {
        self.service.web.as_ref()
    }

    /// The folder its web server serves, and where that is written.
    #[must_use]
    pub fn docroot(self) -> Option<&'p Value> {
        self.web_server()?.docroot()
    }
}

/// Finds every service's web server. Once: many rules ask.
pub(super) fn assign(project: &mut Project<'_>) {
    let candidates = candidates(project);
    let (webs, questions) = find(project, &candidates);
    let mut webs = webs.into_iter();
    for view in &mut project.views {
        for service in &mut view.services {
            service.web = webs.next().flatten();
        }
    }
    project.questions.extend(questions);
}

fn find(project: &Project<'_>, candidates: &[SourceId]) -> (Vec<Option<Web>>, BTreeSet<Question>) {
    let mut found: Vec<Option<(Layout, Files<'_, '_>)>> = Vec::new();
    for service in project.services() {
        let layout = if found.len() < MAX_SERVICES { layout(service) } else { None };
        // A server that no image and no command tells may still have its files.
        let guesses = [images::OTHER_NGINX, images::OTHER_APACHE, images::OTHER_CADDY];
        let files = match layout {
            Some(layout) => Some((layout, Files::of(service, layout, candidates))),
            None if found.len() < MAX_SERVICES && may_serve(service) => guesses.into_iter().find_map(|layout| {
                let files = Files::of(service, layout, candidates);
                let reads = files.has_own_below(layout.prefix);
                reads.then_some((layout, files))
            }),
            None => None,
        };
        found.push(files);
    }
    let claimed: BTreeSet<SourceId> =
        found.iter().flatten().flat_map(|(_, files)| files.claimed.iter().copied()).collect();
    let mut questions = BTreeSet::new();
    let webs = project
        .services()
        .zip(found)
        .map(|(service, files)| {
            let (layout, mut files) = files?;
            let mut source = if files.has_own() {
                WebSource::Project
            } else if !layout.known || files.unseen().is_some() {
                WebSource::Unseen
            } else {
                WebSource::ImageDefault
            };
            let place = &service.view().folder;
            let within = |path: &str| {
                place.is_empty() || path.strip_prefix(place.as_str()).is_some_and(|rest| rest.starts_with('/'))
            };
            let loose: Vec<SourceId> = candidates
                .iter()
                .copied()
                .filter(|id| {
                    !claimed.contains(id) && within(project.path(*id)) && project.file(*id).kind != Kind::Htaccess
                })
                .collect();
            if source != WebSource::Project && files.assume(&loose) {
                source = WebSource::Assumed;
            }
            Some(read(service, layout, &files, source, &mut questions))
        })
        .collect();
    (webs, questions)
}

fn read(
    service: ServiceRef<'_, '_>,
    layout: Layout,
    files: &Files<'_, '_>,
    source: WebSource,
    questions: &mut BTreeSet<Question>,
) -> Web {
    let roots = if source == WebSource::Unseen { Vec::new() } else { files.roots() };
    let mut config = WebConfig::read(layout.software, &roots, files);
    let unseen = files.changed.or_else(|| files.unseen().map(|(_, at)| at));
    config.incomplete = unseen.is_some();
    for unread in &config.tree.unread {
        let software = layout.software.as_str();
        let question = Question {
            rule: "project/missing-file".into(),
            question: format!(
                "What does {} set? The configuration of {software} in the service {} includes it, and it was not supplied",
                unread.path, service.name
            ),
            answer: format!("add the file that stands at {}", unread.path),
        };
        questions.insert(question);
    }
    let admin = (layout.software == Software::Caddy).then(|| admin(service, &config));
    Web {
        unseen,
        modules: files.modules.clone(),
        admin,
        frankenphp: layout.root == images::FRANKENPHP.root || config.all("frankenphp").next().is_some(),
        config,
        source,
    }
}

fn admin(service: ServiceRef<'_, '_>, config: &WebConfig) -> AdminEndpoint {
    let tree = &config.tree;
    let option = tree
        .named(0, "global")
        .find_map(|(index, _)| tree.children(index).filter(|(_, directive)| directive.name == "admin").last());
    let variable = service.variable("CADDY_ADMIN").and_then(|variable| variable.value.as_ref());
    let default = Value { text: "localhost:2019".to_owned(), variables: Vec::new(), at: service.at };
    let address = match (option.and_then(|(_, admin)| admin.args.first()), variable) {
        (Some(value), _) => value.clone(),
        (None, Some(value)) if value.is_known() => {
            Value { text: value.text.clone(), variables: Vec::new(), at: value.at }
        }
        (None, Some(value)) => Value { text: value.text.clone(), variables: value.variables.clone(), at: value.at },
        (None, None) => default,
    };
    let off = address.text == "off";
    let rest = address.text.split_once("://").map_or(address.text.as_str(), |(_, rest)| rest);
    let unix = rest.starts_with("unix/");
    let (host, port) = rest.rsplit_once(':').unwrap_or((rest, "2019"));
    let loopback = host.starts_with("127.") || matches!(host, "localhost" | "[::1]" | "::1");
    let known = address.is_known()
        && (option.is_some() || variable.is_some() || !config.servers.is_empty() || tree.nodes.len() == 1);
    let any_origin = option.and_then(|(index, _)| {
        let origins = tree.last(index, "origins").filter(|origins| origins.args.iter().any(|value| value.text == "*"));
        origins.map(|origins| origins.at)
    });
    AdminEndpoint {
        off,
        reachable: known.then_some(!off && !unix && !loopback),
        port: if off || unix { None } else { port.parse().ok() },
        any_origin,
        is_default: option.is_none() && variable.is_none(),
        address,
    }
}

/// Whether a service whose image says nothing may run a web server that its files tell: PHP, or an image of the project's own.
fn may_serve(service: ServiceRef<'_, '_>) -> bool {
    service.build_use.is_some() && !matches!(service.role.name, "php-cli" | "db" | "cache" | "queue" | "search")
}

/// The image's files, by what the service runs.
fn layout(service: ServiceRef<'_, '_>) -> Option<Layout> {
    if matches!(service.role.name, "php-cli" | "db" | "cache" | "queue") {
        return None;
    }
    let image = service.image_use.reference.as_ref();
    let official = image.is_some_and(|image| image.registry.is_none());
    let path = image.map_or("", |image| image.path.as_str());
    let tag = image.and_then(|image| image.tag.as_deref()).unwrap_or("latest");
    let has = |word: &str| tag.split('-').any(|part| part == word);
    match path {
        "nginx" | "nginxinc/nginx-unprivileged" | "openresty/openresty" => return Some(images::OFFICIAL_NGINX),
        "httpd" if official => return Some(images::HTTPD),
        "php" if official && has("apache") => return Some(images::PHP_APACHE),
        "wordpress" | "drupal" | "joomla" | "nextcloud" | "matomo" | "phpmyadmin"
            if official && !has("fpm") && !has("cli") =>
        {
            return Some(images::PHP_APACHE);
        }
        "caddy" => return Some(images::CADDY),
        "dunglas/frankenphp" => return Some(images::FRANKENPHP),
        _ => {}
    }
    let words = service.main_command().words.join(" ");
    let says = |word: &str| words.contains(word) || file_name(path).contains(word) || tag.contains(word);
    if says("frankenphp") {
        Some(Layout { known: false, ..images::FRANKENPHP })
    } else if says("caddy") {
        Some(images::OTHER_CADDY)
    } else if says("nginx") || says("openresty") {
        Some(images::OTHER_NGINX)
    } else if says("apache") || says("httpd") {
        Some(images::OTHER_APACHE)
    } else {
        None
    }
}
