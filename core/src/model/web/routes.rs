//! What becomes of a request, and the questions about routes that are the same for every server.

use super::{Directive, Handler, MatchKind, Route, Server, Software, WebConfig, apache, caddy, nginx};
use crate::source::Location;

/// Routes that one question looks at.
const MAX_JUDGED: usize = 1000;

/// A question: what becomes of a GET request for this path, from anywhere?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ask<'a> {
    /// The path, with its `/` at the front.
    pub path: &'a str,
    /// Whether there is a file at it.
    pub exists: bool,
}

/// What becomes of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// A file is sent as it is.
    File,
    /// PHP runs.
    Php,
    /// Another server answers.
    Proxied,
    /// It is turned away with this status.
    Refused(u16),
    /// Only those with a password, or whom another program lets in, get further.
    Protected,
    /// The client is sent elsewhere.
    Redirected,
    /// A fixed text.
    Answered(u16),
    /// The server tells about itself.
    Status,
    /// It cannot be told.
    Unknown,
}

/// What becomes of a request, and what says so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// What becomes of it.
    pub outcome: Outcome,
    /// The directive that decides.
    pub at: Location,
    /// That directive, or the block it stands in, in [`super::Tree::nodes`].
    pub node: usize,
    /// The path after all rewriting: that of the front controller, when it answers.
    pub path: String,
}

impl Answer {
    /// Whether the file at the path that was asked for is given away; `None` when that cannot be told.
    #[must_use]
    pub fn sends_file(&self, asked: &str) -> Option<bool> {
        match self.outcome {
            Outcome::File => Some(self.path == asked),
            Outcome::Unknown | Outcome::Proxied => None,
            _ => Some(false),
        }
    }

    /// Whether the script at the path that was asked for is run, not a front controller instead of it; `None` when that cannot be told.
    #[must_use]
    pub fn runs_script(&self, asked: &str) -> Option<bool> {
        match self.outcome {
            Outcome::Php => Some(self.path == asked),
            Outcome::Unknown | Outcome::Proxied => None,
            _ => Some(false),
        }
    }
}

impl Outcome {
    /// Whether a client from anywhere gets past the server's access rules; `None` when that cannot be told.
    #[must_use]
    pub fn is_open(self) -> Option<bool> {
        match self {
            Self::Refused(_) | Self::Protected | Self::Redirected => Some(false),
            Self::Unknown => None,
            _ => Some(true),
        }
    }
}

/// Whether an address of an access list is one that a client from anywhere can have: everybody, and no range of private networks.
/// A single public address is the author's own, not anybody's.
pub(super) fn is_public_address(address: &str) -> bool {
    matches!(address, "all" | "0.0.0.0/0" | "::/0" | "0/0")
}

/// What follows the script in `/index.php/path/info`, and the script.
pub(super) fn after_php(path: &str) -> Option<(&str, &str)> {
    let at = path.find(".php/")? + ".php".len();
    Some((path.get(..at)?, path.get(at..)?))
}

/// How a route makes sure that PHP only gets scripts that exist.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScriptCheck {
    /// `SCRIPT_FILENAME` is one fixed script.
    Fixed(Location),
    /// The route matches one script only: `~ ^/index\.php(/|$)`, `= /index.php`.
    OneScript,
    /// `try_files $uri =404`, `if (!-f …)`: the file is looked for first.
    Exists(Location),
    /// Only what ends in `.php` comes here, and the server looks for the file itself.
    Server,
    /// Nothing checks.
    None,
}

/// A route that PHP answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PhpRoute<'c> {
    /// The server.
    pub server: &'c Server,
    /// The route.
    pub route: &'c Route,
    /// How the script is checked.
    pub check: ScriptCheck,
    /// `fastcgi_split_path_info`: what follows the script's name is taken off before it is run.
    pub splits_path_info: Option<&'c Directive>,
    /// Whether the route matches `/photo.jpg/x.php`, a file's name with more behind it; `None` when that cannot be told.
    pub takes_path_info: Option<bool>,
}

/// A page on which a server tells about itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatusPage {
    /// The path, as far as it is known.
    pub path: Option<String>,
    /// What it is: `stub_status`, `server-status`, `server-info`, `metrics`.
    pub kind: String,
    /// Whether a client from anywhere sees it; `None` when that cannot be told.
    pub open: Option<bool>,
    /// Where it is written.
    pub at: Location,
}

impl WebConfig {
    /// What becomes of a request for a path at which there is a file.
    #[must_use]
    pub fn answer(&self, server: &Server, path: &str) -> Answer {
        self.ask(server, Ask { path, exists: true })
    }

    /// What becomes of a request for a path at which there is no file.
    #[must_use]
    pub fn answer_without_file(&self, server: &Server, path: &str) -> Answer {
        self.ask(server, Ask { path, exists: false })
    }

    fn ask(&self, server: &Server, ask: Ask<'_>) -> Answer {
        match self.software {
            Software::Nginx => nginx::answer(self, server, ask),
            Software::Apache => apache::answer(self, server, ask),
            Software::Caddy => caddy::answer(self, server, ask),
        }
    }

    /// Every route that PHP answers.
    #[must_use]
    pub fn php_routes(&self) -> Vec<PhpRoute<'_>> {
        let mut found = Vec::new();
        for server in &self.servers {
            for route in &server.routes {
                if matches!(route.handler, Handler::FastCgi(_) | Handler::Php) && found.len() < MAX_JUDGED {
                    found.push(self.php_route(server, route));
                }
            }
        }
        found
    }

    fn php_route<'c>(&'c self, server: &'c Server, route: &'c Route) -> PhpRoute<'c> {
        let regex = matches!(route.kind, MatchKind::Regex | MatchKind::RegexAnyCase);
        let any_case = route.kind == MatchKind::RegexAnyCase;
        let takes = |path: &str| match route.kind {
            _ if regex => self.matches(&route.matcher, path, any_case),
            MatchKind::Exact => Some(route.matcher == path),
            MatchKind::Prefix | MatchKind::PrefixFinal => Some(path.starts_with(&route.matcher)),
            MatchKind::Any => Some(true),
            _ => None,
        };
        let nginx = self.software == Software::Nginx;
        let check = if nginx { self.script_check(route, takes("/zz-probe.php")) } else { ScriptCheck::Server };
        PhpRoute {
            server,
            route,
            check,
            splits_path_info: self.setting(route.node, "fastcgi_split_path_info").filter(|_| nginx),
            takes_path_info: if nginx { takes("/zz-probe.jpg/x.php") } else { Some(false) },
        }
    }

    fn script_check(&self, route: &Route, takes_any: Option<bool>) -> ScriptCheck {
        let fixed = self
            .settings(route.node, "fastcgi_param")
            .into_iter()
            .rev()
            .find(|param| param.arg(0) == Some("SCRIPT_FILENAME"));
        if let Some(param) = fixed {
            let value = param.args.get(1);
            let dynamic = value.is_some_and(|value| {
                value.variables.iter().any(|name| !matches!(name.as_str(), "document_root" | "realpath_root"))
            });
            if value.is_some() && !dynamic {
                return ScriptCheck::Fixed(param.at);
            }
        }
        if route.kind == MatchKind::Exact || takes_any == Some(false) {
            return ScriptCheck::OneScript;
        }
        let looks = |value: &str| {
            value.contains("$uri") || value.contains("$fastcgi_script_name") || value.contains("$request_filename")
        };
        for index in self.tree.below(route.node) {
            let directive = self.tree.node(index);
            let first = directive.arg(0).unwrap_or("");
            let tests = directive.args.iter().any(|value| value.text.contains("-f") || value.text.contains("-e"));
            if directive.name == "try_files" && looks(first)
                || directive.name == "if" && tests && directive.args.iter().any(|value| value.text.contains('!'))
            {
                return ScriptCheck::Exists(directive.at);
            }
        }
        ScriptCheck::None
    }

    /// Every page on which the server tells about itself, and whether anybody sees it.
    #[must_use]
    pub fn status_pages(&self) -> Vec<StatusPage> {
        let mut found = Vec::new();
        for server in &self.servers {
            for route in server.routes.iter().filter(|route| route.handler == Handler::Status).take(50) {
                let path = match route.kind {
                    MatchKind::Exact | MatchKind::Prefix | MatchKind::PrefixFinal => Some(route.matcher.clone()),
                    MatchKind::Matcher if route.matcher.starts_with('/') => {
                        Some(route.matcher.trim_end_matches('*').to_owned())
                    }
                    _ => None,
                };
                let open = path.as_deref().and_then(|path| self.answer(server, path).outcome.is_open());
                let kind =
                    self.tree.below(route.node).into_iter().chain([route.node]).map(|index| self.tree.node(index));
                let kind = kind
                    .filter_map(|directive| match directive.name.as_str() {
                        "sethandler" => directive.arg(0).map(str::to_owned),
                        "stub_status" | "metrics" => Some(directive.name.clone()),
                        _ => None,
                    })
                    .next();
                found.push(StatusPage { path, kind: kind.unwrap_or_default(), open, at: route.at });
            }
        }
        found
    }

    /// Routes whose folder listing is switched on, each with what says so.
    #[must_use]
    pub fn listings(&self) -> Vec<&Directive> {
        match self.software {
            Software::Nginx => self.all("autoindex").filter(|directive| directive.arg(0) == Some("on")).collect(),
            Software::Apache => apache::listings(self),
            Software::Caddy => self
                .tree
                .nodes
                .iter()
                .enumerate()
                .filter(|(index, directive)| {
                    directive.name == "file_server"
                        && (directive.args.iter().any(|value| value.text == "browse")
                            || self.tree.last(*index, "browse").is_some())
                })
                .map(|(_, directive)| directive)
                .collect(),
        }
    }

    /// Locations of nginx without a `/` at their end whose `alias` has one: `/files../` reaches the folder above. Each with its `alias`.
    #[must_use]
    pub fn traversable_aliases(&self) -> Vec<(&Route, &Directive)> {
        let routes = self.servers.iter().flat_map(|server| &server.routes);
        routes
            .filter(|route| {
                self.software == Software::Nginx
                    && matches!(route.kind, MatchKind::Prefix | MatchKind::PrefixFinal)
                    && !route.matcher.ends_with('/')
            })
            .filter_map(|route| {
                let alias = self.tree.last(route.node, "alias")?;
                alias.arg(0)?.ends_with('/').then_some((route, alias))
            })
            .collect()
    }

    /// Routes whose own headers switch off those of the server around them, each with the headers that are lost.
    #[must_use]
    pub fn dropped_headers(&self) -> Vec<(&Route, Vec<super::Header>)> {
        if self.software != Software::Nginx {
            return Vec::new();
        }
        let mut found = Vec::new();
        for route in self.servers.iter().flat_map(|server| &server.routes).take(MAX_JUDGED) {
            if self.tree.last(route.node, "add_header").is_none() {
                continue;
            }
            let own = self.headers(route.node);
            let around = self.headers(self.tree.node(route.node).parent);
            let lost: Vec<_> = around
                .into_iter()
                .filter(|header| !own.iter().any(|mine| mine.name.eq_ignore_ascii_case(&header.name)))
                .collect();
            if !lost.is_empty() {
                found.push((route, lost));
            }
        }
        found
    }

    /// Whether the file at a path is given away by any server, and what says so; `None` when it cannot be told.
    #[must_use]
    pub fn serves(&self, path: &str) -> Option<(bool, Location)> {
        self.over_servers(path, Answer::sends_file)
    }

    /// Whether the script at a path is run by any server, and what says so; `None` when it cannot be told.
    #[must_use]
    pub fn runs(&self, path: &str) -> Option<(bool, Location)> {
        self.over_servers(path, Answer::runs_script)
    }

    fn over_servers(&self, path: &str, judge: impl Fn(&Answer, &str) -> Option<bool>) -> Option<(bool, Location)> {
        const MAX_SERVERS: usize = 64;
        let mut verdict: Option<Option<(bool, Location)>> = None;
        for server in self.own_servers().take(MAX_SERVERS) {
            let answer = self.answer(server, path);
            match judge(&answer, path) {
                // What was not supplied may hold the rule that keeps it back.
                Some(true) if self.is_whole() => return Some((true, answer.at)),
                Some(true) => verdict = Some(None),
                None => verdict = Some(None),
                Some(false) => verdict = verdict.or(Some(Some((false, answer.at)))),
            }
        }
        verdict.flatten()
    }
}
