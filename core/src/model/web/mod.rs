//! What a web server does, whichever it is: who listens, what is served from where, which route answers a path.
//!
//! nginx, Apache httpd and Caddy (FrankenPHP too) are read into one tree of directives with their includes in place ([`Tree`]), which
//! keeps where everything is written. Servers and routes are views of it; inheritance is resolved as each server does it. Variables of
//! a request stay symbolic.

pub mod apache;
pub mod caddy;
pub mod nginx;
mod pattern;
pub mod routes;
mod tree;

pub use routes::{Answer, Outcome, PhpRoute, ScriptCheck, StatusPage};
pub use tree::{Container, Directive, Opened, Place, Tree, Unread};

use crate::source::Location;
use std::cell::Cell;

/// Steps that trying regular expressions may take for one configuration; a real one needs a thousandth for each path.
const FUEL: usize = 4_000_000;

/// Servers of one configuration.
const MAX_SERVERS: usize = 256;
/// Routes of one configuration, those that several servers share counted for each.
pub(crate) const MAX_ROUTES: usize = 100_000;

/// A web server's product.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Software {
    /// nginx, OpenResty.
    Nginx,
    /// Apache httpd.
    Apache,
    /// Caddy, FrankenPHP.
    Caddy,
}

impl Software {
    /// Its name in messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Apache => "Apache",
            Self::Caddy => "Caddy",
        }
    }
}

/// An argument of a directive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Value {
    /// The text, variables of the container's environment put in where they are known.
    pub text: String,
    /// Names of the variables that remain in it: `$uri`'s is `uri`, `{$PORT}`'s is `$PORT`, `{http.request.uri}`'s is as written.
    pub variables: Vec<String>,
    /// Where it is written.
    pub at: Location,
}

impl Value {
    /// Whether the text is what the server uses: nothing in it depends on a request or on an unknown environment.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.variables.is_empty()
    }

    /// The variable in it that whoever sends a request chooses, if there is one: `$arg_x`, `$http_host`, `{query}`, `%{HTTP_HOST}`.
    #[must_use]
    pub fn request_controlled(&self) -> Option<&str> {
        const PREFIXES: [&str; 11] = [
            "arg_",
            "http_",
            "cookie_",
            "HTTP:",
            "HTTP_",
            "http.request.header",
            "http.request.uri",
            "http.request.cookie",
            "header.",
            "query.",
            "cookie.",
        ];
        const NAMES: [&str; 18] = [
            "request_uri",
            "query_string",
            "args",
            "host",
            "uri",
            "document_uri",
            "request",
            "request_body",
            "QUERY_STRING",
            "REQUEST_URI",
            "THE_REQUEST",
            "query",
            "path",
            "hostport",
            "http.request.host",
            "http.request.hostport",
            "1",
            "2",
        ];
        self.variables
            .iter()
            .map(String::as_str)
            .find(|name| NAMES.contains(name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
    }
}

/// An address a server listens on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listen {
    /// The address as written: `0.0.0.0`, `[::]`, a host name; `None` for every address.
    pub address: Option<String>,
    /// The TCP port; `None` when it is not known, or when it is a socket file.
    pub port: Option<u16>,
    /// A socket file.
    pub unix: bool,
    /// Whether it speaks TLS.
    pub tls: bool,
    /// Whether it answers requests for hosts that no server names.
    pub default: bool,
    /// Where it is written.
    pub at: Location,
}

/// A header of responses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Header {
    /// Its name as written.
    pub name: String,
    /// Its value; `None` where the header is removed.
    pub value: Option<Value>,
    /// Whether error pages have it too.
    pub always: bool,
    /// Where it is written.
    pub at: Location,
}

/// Another program that requests are handed to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// As written: `http://app:8080/`, `app:9000`, the name of an upstream.
    pub value: Value,
    /// Host names and ports behind it, those of the named upstream if it is one. Empty for a socket file.
    pub hosts: Vec<Host>,
    /// The socket file.
    pub unix: Option<String>,
    /// Whether it is spoken to in FastCGI: then PHP runs there.
    pub fastcgi: bool,
}

/// A host behind a [`Target`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Host {
    /// Its name or address; a variable stands in it as written.
    pub name: String,
    /// The port, when it is known.
    pub port: Option<u16>,
    /// Where it is written.
    pub at: Location,
}

/// How a route says what it is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MatchKind {
    /// Everything.
    Any,
    /// One path.
    Exact,
    /// Paths that begin so.
    Prefix,
    /// Paths that begin so, and no regular expression is tried: `^~`.
    PrefixFinal,
    /// A regular expression on the path.
    Regex,
    /// A regular expression that does not tell case apart.
    RegexAnyCase,
    /// A name that other routes go on to: `@name` of nginx.
    Named,
    /// A folder of the file system: `<Directory>`, `.htaccess`.
    Folder,
    /// A regular expression on a folder.
    FolderRegex,
    /// The name of a file, `*` and `?` allowed.
    File,
    /// A regular expression on the name of a file.
    FileRegex,
    /// A matcher of Caddy's: paths, and what else it asks for.
    Matcher,
}

/// What answers the requests of a route.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Handler {
    /// Files are sent as they are.
    Files,
    /// FastCGI: PHP-FPM runs.
    FastCgi(Target),
    /// PHP runs inside of the server: mod_php, FrankenPHP.
    Php,
    /// Another server answers.
    Proxy(Target),
    /// A fixed status: `return 404`, `deny all`, `respond 403`.
    Fixed(u16),
    /// The client is sent elsewhere.
    Redirect,
    /// The server tells about itself: stub_status, server-status, server-info, Caddy's metrics.
    Status,
    /// Code that is not read: Lua, njs, CGI.
    Code,
}

/// A part of a server that has its own rules: a `location`, a `<Directory>`, a directive of Caddy's with its matcher.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route {
    /// Its directive in [`Tree::nodes`].
    pub node: usize,
    /// How it says what it is for.
    pub kind: MatchKind,
    /// The path, expression or name; for Caddy the matcher as written.
    pub matcher: String,
    /// What answers.
    pub handler: Handler,
    /// Where it is written, without its block.
    pub at: Location,
}

/// A virtual server: a `server` block, a `<VirtualHost>`, a site.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Server {
    /// Its directive in [`Tree::nodes`]; 0 for Apache's main server.
    pub node: usize,
    /// Where it is written, without its block.
    pub at: Location,
    /// Where it listens.
    pub listens: Vec<Listen>,
    /// Host names it answers for.
    pub names: Vec<Value>,
    /// The folder it serves.
    pub root: Option<Value>,
    /// Files that stand for a folder.
    pub index: Vec<Value>,
    /// Its routes, in the order of the text. Routes inside of routes follow the outer one.
    pub routes: Vec<Route>,
}

/// What a web server's configuration says.
#[derive(Clone, Debug)]
pub struct WebConfig {
    /// The product.
    pub software: Software,
    /// Every directive, includes in place.
    pub tree: Tree,
    /// Its servers, in the order of the text.
    pub servers: Vec<Server>,
    /// Whether something else than an include is not known to take part: a file that the build changes, a mount not supplied.
    pub incomplete: bool,
    fuel: Cell<usize>,
}

impl WebConfig {
    /// Reads the configuration that begins with a file of the container.
    #[must_use]
    pub fn read(software: Software, roots: &[Opened<'_>], container: &dyn Container) -> Self {
        let mut tree = Tree::read(software, roots, container);
        let mut servers = match software {
            Software::Nginx => nginx::servers(&tree),
            Software::Apache => apache::servers(&tree),
            Software::Caddy => caddy::servers(&tree),
        };
        let routes: usize = servers.iter().map(|server| server.routes.len()).sum();
        tree.truncated |= servers.len() > MAX_SERVERS || routes >= MAX_ROUTES;
        servers.truncate(MAX_SERVERS);
        Self { software, tree, servers, incomplete: false, fuel: Cell::new(FUEL) }
    }

    /// Whether everything that the server reads is known.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.incomplete && self.tree.unread.is_empty() && !self.tree.truncated
    }

    /// Whether every include inside a directive could be followed.
    #[must_use]
    pub fn is_whole_in(&self, node: usize) -> bool {
        let whole = self.tree.node(node).whole;
        !self.tree.truncated
            && !self.tree.unread.iter().any(|unread| {
                unread.at.source == whole.source && (whole.span.start..whole.span.end).contains(&unread.at.span.start)
            })
    }

    /// Its servers that the project writes; those of the image when there are no others.
    pub fn own_servers(&self) -> impl Iterator<Item = &Server> {
        let of_image = |server: &&Server| self.tree.node(server.node).of_image;
        let none = self.servers.iter().all(|server| of_image(&server));
        self.servers.iter().filter(move |server| none || !of_image(server))
    }

    /// Whether a regular expression matches; `None` when that cannot be told.
    #[must_use]
    pub fn matches(&self, expression: &str, text: &str, any_case: bool) -> Option<bool> {
        pattern::matches(expression, text, any_case, &self.fuel)
    }

    /// The value of a directive that applies at a directive, as the server inherits it: the nearest block upwards that has it decides.
    #[must_use]
    pub fn setting(&self, node: usize, name: &str) -> Option<&Directive> {
        self.tree.inherited(node, name).pop()
    }

    /// Every occurrence of a directive that applies at a directive: those of the nearest block upwards that has any.
    #[must_use]
    pub fn settings(&self, node: usize, name: &str) -> Vec<&Directive> {
        self.tree.inherited(node, name)
    }

    /// The directive of a name that decides for a path, after all includes, sections and inheritance: `allowoverride` of `/uploads/`.
    /// `None` when nothing sets it, or when the route of the path cannot be told.
    #[must_use]
    pub fn effective<'c>(&'c self, server: &Server, path: &str, name: &str) -> Option<&'c Directive> {
        match self.software {
            Software::Apache => apache::effective(self, server, path, name),
            _ => self.setting(self.answer(server, path).node, name),
        }
    }

    /// The `map`, `geo` or `split_clients` of nginx that makes a variable, named without its `$`.
    #[must_use]
    pub fn map_of(&self, variable: &str) -> Option<&Directive> {
        let name = format!("${variable}");
        let found = ["map", "geo", "split_clients"].into_iter().find_map(|kind| self.tree.defining(kind, &name).last());
        found.map(|index| self.tree.node(*index))
    }

    /// Every directive of a name, wherever it stands.
    pub fn all<'t>(&'t self, name: &'t str) -> impl Iterator<Item = &'t Directive> {
        self.tree.nodes.iter().filter(move |node| node.name == name)
    }

    /// Every program that requests are handed to, in the order of the text.
    #[must_use]
    pub fn targets(&self) -> Vec<Target> {
        match self.software {
            Software::Nginx => nginx::targets(&self.tree),
            Software::Apache => apache::targets(&self.tree),
            Software::Caddy => caddy::targets(&self.tree),
        }
    }

    /// Headers that responses have, at a directive of [`Tree::nodes`]: a server's or a route's.
    #[must_use]
    pub fn headers(&self, node: usize) -> Vec<Header> {
        match self.software {
            Software::Nginx => nginx::headers(&self.tree, node),
            Software::Apache => apache::headers(&self.tree, node),
            Software::Caddy => caddy::headers(&self.tree, node),
        }
    }
}

/// Hosts and ports in a target: `http://app:8080/x`, `app:9000`, `unix:/run/x.sock`, `fcgi://app:9000/srv`.
pub(crate) fn target(value: &Value, fastcgi: bool) -> Target {
    let text = value.text.as_str();
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let fastcgi = fastcgi || scheme.eq_ignore_ascii_case("fcgi");
    // `unix:/run/php.sock|fcgi://localhost/` of Apache.
    let socket = text
        .split('|')
        .next()
        .and_then(|first| first.strip_prefix("unix:").or_else(|| first.split_once("://unix:").map(|(_, path)| path)))
        .or_else(|| rest.strip_prefix("unix/"))
        .map(|path| path.strip_prefix("//").map_or(path, |_| path.get(1..).unwrap_or(path)))
        .or_else(|| (scheme == "unix").then_some(rest));
    if let Some(path) = socket {
        let path = if path.starts_with('/') { path } else { path.trim_start_matches(':') };
        return Target { value: value.clone(), hosts: Vec::new(), unix: Some(path.to_owned()), fastcgi };
    }
    let default = match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        _ => None,
    };
    let hosts = host(rest.split('/').next().unwrap_or(""), default, value.at).into_iter().collect();
    Target { value: value.clone(), hosts, unix: None, fastcgi }
}

/// `name:port` or a name.
pub(crate) fn host(text: &str, default: Option<u16>, at: Location) -> Option<Host> {
    let text = text.rsplit('@').next().unwrap_or(text);
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) if !name.ends_with(':') && !port.contains(']') => (name, port.parse().ok()),
        _ => (text, default),
    };
    let name = name.trim_matches(['[', ']']);
    (!name.is_empty()).then(|| Host { name: name.to_owned(), port, at })
}
