//! nginx: its servers and locations, what they inherit, and which one answers a path.

use super::routes::{Answer, Ask, Outcome, after_php, is_public_address};
use super::{
    Directive, Handler, Header, Listen, MatchKind, Route, Server, Target, Tree, Value, WebConfig, host, target,
};

/// Internal redirects that nginx follows.
const MAX_REDIRECTS: usize = 10;

/// Directives that hand a request to another program, and whether they do it in FastCGI.
const PASSES: [(&str, bool); 5] =
    [("fastcgi_pass", true), ("proxy_pass", false), ("uwsgi_pass", false), ("scgi_pass", false), ("grpc_pass", false)];

pub(super) fn servers(tree: &Tree) -> Vec<Server> {
    (1..tree.nodes.len())
        .filter(|index| {
            // A `server` inside of `upstream` is a backend; inside of `stream` or `mail` it speaks no HTTP.
            let node = tree.node(*index);
            let around = &tree.node(node.parent).name;
            node.name == "server" && node.args.is_empty() && matches!(around.as_str(), "" | "http")
        })
        .map(|index| server(tree, index))
        .collect()
}

fn server(tree: &Tree, node: usize) -> Server {
    let routes = tree
        .below(node)
        .into_iter()
        .filter(|index| tree.node(*index).name == "location")
        .map(|index| route(tree, node, index))
        .collect();
    let directive = tree.node(node);
    let ssl = tree.last(node, "ssl").is_some_and(|ssl| ssl.arg(0) == Some("on"));
    Server {
        node,
        at: directive.at,
        listens: tree.named(node, "listen").map(|(_, directive)| listen(directive, ssl)).collect(),
        names: tree.named(node, "server_name").flat_map(|(_, directive)| directive.args.clone()).collect(),
        root: docroot(tree, node).cloned().map(|value| constant(tree, node, value)),
        index: tree.inherited(node, "index").into_iter().flat_map(|directive| directive.args.clone()).collect(),
        routes,
    }
}

/// The folder that applies: `root`, or `alias` of a location.
fn root(tree: &Tree, node: usize) -> Option<&Value> {
    tree.chain(node).find_map(|block| {
        tree.last(block, "alias").or_else(|| tree.last(block, "root")).and_then(|directive| directive.args.first())
    })
}

/// The folder of a server: its own, or that of `location /`, or the first that a location names.
fn docroot(tree: &Tree, server: usize) -> Option<&Value> {
    let own = |index: usize| tree.last(index, "root").and_then(|directive| directive.args.first());
    let top = || {
        tree.named(server, "location")
            .find(|(_, location)| location.arg(0) == Some("/"))
            .and_then(|(index, _)| own(index))
    };
    let any = || tree.named(server, "location").find_map(|(index, _)| own(index));
    root(tree, server).or_else(top).or_else(any)
}

/// Puts the value of a variable in whose only `set` in the server is a constant: `set $MAGE_ROOT /var/www/html;`.
fn constant(tree: &Tree, server: usize, mut value: Value) -> Value {
    for name in value.variables.clone() {
        let sets = tree.defining("set", &format!("${name}"));
        let mut sets = sets
            .iter()
            .take(64)
            .filter(|set| tree.chain(**set).any(|block| block == server))
            .map(|set| tree.node(*set));
        let (Some(only), None) = (sets.next(), sets.next()) else { continue };
        let Some(constant) = only.args.get(1).filter(|value| value.is_known() && only.parent == server) else {
            continue;
        };
        value.text =
            value.text.replace(&format!("${{{name}}}"), &constant.text).replace(&format!("${name}"), &constant.text);
        value.variables.retain(|variable| *variable != name);
    }
    value
}

fn listen(directive: &Directive, ssl: bool) -> Listen {
    let text = directive.arg(0).unwrap_or("");
    let has = |word: &str| directive.args.iter().skip(1).any(|value| value.text == word);
    let unix = text.starts_with("unix:");
    let (address, port) = match text.rsplit_once(':') {
        _ if unix => (None, None),
        Some((address, port)) if !port.contains(']') => (Some(address), port.parse().ok()),
        _ if text.parse::<u16>().is_ok() => (None, text.parse().ok()),
        _ if directive.args.first().is_some_and(Value::is_known) => (Some(text), Some(80)),
        // `${PORT}` alone is the port.
        _ => (None, None),
    };
    let address = address.filter(|address| !matches!(*address, "*" | "")).map(str::to_owned);
    let default = has("default_server") || has("default");
    Listen { address, port, unix, tls: has("ssl") || has("quic") || ssl, default, at: directive.at }
}

/// How a location says what it is for, and the path or expression.
fn matcher(directive: &Directive) -> (MatchKind, &str) {
    let (first, second) = (directive.arg(0).unwrap_or(""), directive.arg(1));
    // The operator may stand right before the path.
    for (operator, kind) in [
        ("^~", MatchKind::PrefixFinal),
        ("~*", MatchKind::RegexAnyCase),
        ("~", MatchKind::Regex),
        ("=", MatchKind::Exact),
        ("@", MatchKind::Named),
    ] {
        if let Some(rest) = first.strip_prefix(operator) {
            let text = if kind == MatchKind::Named {
                first
            } else if rest.is_empty() {
                second.unwrap_or("")
            } else {
                rest
            };
            return (kind, text);
        }
    }
    (MatchKind::Prefix, first)
}

fn route(tree: &Tree, server: usize, node: usize) -> Route {
    let directive = tree.node(node);
    let (kind, matcher) = matcher(directive);
    Route { node, kind, matcher: matcher.to_owned(), handler: handler(tree, server, node), at: directive.at }
}

fn handler(tree: &Tree, server: usize, node: usize) -> Handler {
    let mut found = Handler::Files;
    for (_, directive) in tree.children(node) {
        if let Some((_, fastcgi)) = PASSES.iter().find(|(name, _)| *name == directive.name) {
            let target = pass(tree, server, directive, *fastcgi);
            found = if *fastcgi { Handler::FastCgi(target) } else { Handler::Proxy(target) };
        }
        match directive.name.as_str() {
            "return" => return returned(directive),
            "stub_status" if directive.arg(0) != Some("off") => found = Handler::Status,
            "content_by_lua_block" | "content_by_lua_file" | "js_content" | "perl" => found = Handler::Code,
            _ => {}
        }
    }
    if found == Handler::Files && tree.last(node, "deny").is_some_and(|deny| deny.arg(0) == Some("all")) {
        let allowed = tree.named(node, "allow").next().is_some();
        return if allowed { Handler::Files } else { Handler::Fixed(403) };
    }
    found
}

fn returned(directive: &Directive) -> Handler {
    match directive.arg(0).and_then(|code| code.parse::<u16>().ok()) {
        Some(300..=399) | None => Handler::Redirect,
        Some(code) => Handler::Fixed(code),
    }
}

/// The target of a `…_pass`, with the hosts of the upstream it names.
fn pass(tree: &Tree, server: usize, directive: &Directive, fastcgi: bool) -> Target {
    let Some(value) = directive.args.first().cloned() else {
        let value = Value { text: String::new(), variables: Vec::new(), at: directive.at };
        return target(&value, fastcgi);
    };
    let mut found = target(&constant(tree, server, value), fastcgi);
    let name = found.hosts.first().map(|host| host.name.clone()).unwrap_or_default();
    if let Some(&upstream) = tree.defining("upstream", &name).first() {
        let members = || tree.named(upstream, "server").filter_map(|(_, server)| server.args.first());
        found.hosts = members()
            .filter(|value| !value.text.starts_with("unix:"))
            .filter_map(|value| host(&value.text, Some(80), value.at))
            .collect();
        found.unix = members().find_map(|value| value.text.strip_prefix("unix:")).map(str::to_owned);
    }
    found
}

pub(super) fn targets(tree: &Tree) -> Vec<Target> {
    let mut found = Vec::new();
    for (index, node) in tree.nodes.iter().enumerate() {
        if let Some((_, fastcgi)) = PASSES.iter().find(|(name, _)| *name == node.name) {
            let server = tree.chain(index).find(|block| tree.node(*block).name == "server").unwrap_or(0);
            found.push(pass(tree, server, node, *fastcgi));
        }
    }
    found
}

/// `add_header` of the nearest block that has any: it replaces those of the blocks around it.
pub(super) fn headers(tree: &Tree, node: usize) -> Vec<Header> {
    tree.inherited(node, "add_header")
        .into_iter()
        .filter_map(|directive| {
            let value = directive.args.get(1)?.clone();
            Some(Header {
                name: directive.arg(0)?.to_owned(),
                value: Some(value).filter(|value| !value.text.is_empty()),
                always: directive.arg(2) == Some("always"),
                at: directive.at,
            })
        })
        .collect()
}

/// What the rewrite directives of a block make of a request.
enum Flow {
    Go,
    /// The path was changed, and locations are looked for again.
    Again,
    Done(Answer),
}

/// One request on its way through a server.
struct Walk<'c, 'a> {
    config: &'c WebConfig,
    server: usize,
    ask: Ask<'a>,
    path: String,
}

/// Which route answers a path, and how.
pub(super) fn answer(config: &WebConfig, server: &Server, ask: Ask<'_>) -> Answer {
    let mut walk = Walk { config, server: server.node, ask, path: ask.path.to_owned() };
    match walk.rewrites(server.node) {
        Some(Flow::Done(answer)) => return answer,
        None => return walk.unknown(server.node),
        Some(_) => {}
    }
    let mut node = match walk.find(server.node) {
        Some(found) => found.unwrap_or(server.node),
        None => return walk.unknown(server.node),
    };
    for redirects in 0..MAX_REDIRECTS {
        match walk.location(node, redirects > 0) {
            Step::Done(answer) => return answer,
            Step::Named(named) => node = named,
            Step::Search => match walk.find(server.node) {
                Some(found) => node = found.unwrap_or(server.node),
                None => return walk.unknown(node),
            },
        }
    }
    walk.unknown(node)
}

enum Step {
    Done(Answer),
    Named(usize),
    Search,
}

impl Walk<'_, '_> {
    fn tree(&self) -> &Tree {
        &self.config.tree
    }

    fn done(&self, outcome: Outcome, node: usize, at: crate::source::Location) -> Answer {
        Answer { outcome, at, node, path: self.path.clone() }
    }

    fn unknown(&self, node: usize) -> Answer {
        self.done(Outcome::Unknown, node, self.tree().node(node).at)
    }

    /// Whether the path is a file: as the question says, and a path that the server wrote itself is.
    /// `script` asks for the script in front of its path info.
    fn exists(&self, script: bool) -> bool {
        if self.path == self.ask.path { self.ask.exists || script && after_php(&self.path).is_some() } else { true }
    }

    /// The location for the path, looked for as nginx does: `None` inside when there is none, outside when it cannot be told.
    fn find(&self, block: usize) -> Option<Option<usize>> {
        let mut prefix: Option<(usize, usize, bool)> = None;
        let mut expressions = Vec::new();
        for (index, directive) in self.tree().named(block, "location") {
            let (kind, text) = matcher(directive);
            match kind {
                MatchKind::Exact if text == self.path => return Some(Some(index)),
                MatchKind::Prefix | MatchKind::PrefixFinal
                    if self.path.starts_with(text) && prefix.is_none_or(|(_, length, _)| text.len() > length) =>
                {
                    prefix = Some((index, text.len(), kind == MatchKind::PrefixFinal));
                }
                MatchKind::Regex => expressions.push((index, text, false)),
                MatchKind::RegexAnyCase => expressions.push((index, text, true)),
                _ => {}
            }
        }
        if let Some((index, _, last)) = prefix {
            let inner = self.find(index)?;
            if inner.is_some() || last {
                return Some(inner.or(Some(index)));
            }
        }
        for (index, text, any_case) in expressions {
            if self.config.matches(text, &self.path, any_case)? {
                return Some(Some(self.find(index)?.unwrap_or(index)));
            }
        }
        Some(prefix.map(|(index, ..)| index))
    }

    /// The directives of the rewrite module in a block, in order; `None` when one cannot be judged.
    fn rewrites(&mut self, block: usize) -> Option<Flow> {
        let children: Vec<usize> = self.tree().node(block).children.clone();
        let mut changed = false;
        for child in children {
            let directive = self.config.tree.node(child);
            match directive.name.as_str() {
                "return" => return Some(Flow::Done(self.returned(child, directive))),
                "rewrite" => {
                    let flag = directive.arg(2).unwrap_or("");
                    if !self.config.matches(directive.arg(0).unwrap_or(""), &self.path, false)? {
                        continue;
                    }
                    let to = directive.arg(1).unwrap_or("");
                    if matches!(flag, "redirect" | "permanent") || to.contains("://") {
                        return Some(Flow::Done(self.done(Outcome::Redirected, child, directive.at)));
                    }
                    self.path = written(to, &self.path)?;
                    match flag {
                        "last" => return Some(Flow::Again),
                        "break" => return Some(Flow::Go),
                        _ => changed = true,
                    }
                }
                "break" => break,
                "if" if self.holds(directive)? => match self.rewrites(child)? {
                    Flow::Go => {}
                    flow => return Some(flow),
                },
                _ => {}
            }
        }
        Some(if changed { Flow::Again } else { Flow::Go })
    }

    fn returned(&self, node: usize, directive: &Directive) -> Answer {
        let outcome = match returned(directive) {
            Handler::Fixed(code) if code >= 400 => Outcome::Refused(code),
            Handler::Fixed(code) => Outcome::Answered(code),
            _ => Outcome::Redirected,
        };
        self.done(outcome, node, directive.at)
    }

    /// Whether the condition of an `if` holds for an ordinary GET request. What asks for a host, an agent or an address does not.
    fn holds(&self, directive: &Directive) -> Option<bool> {
        let words: Vec<&str> = directive.args.iter().flat_map(|value| value.text.split_whitespace()).collect();
        let text = words.join(" ");
        let text = text.strip_prefix('(').unwrap_or(&text);
        let text = text.strip_suffix(')').unwrap_or(text).trim();
        let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
        if let Some(test) = first.strip_prefix('!').or(Some(first)).filter(|test| matches!(*test, "-f" | "-e" | "-d")) {
            let found = test != "-d" && self.exists(rest.contains("fastcgi_script_name"));
            return Some(found != first.starts_with('!'));
        }
        let subject = match first {
            "$uri" | "$document_uri" | "$request_uri" | "$request_filename" | "$fastcgi_script_name" => {
                self.path.as_str()
            }
            "$request_method" => "GET",
            _ => return Some(false),
        };
        let (operator, wanted) = rest.split_once(' ').unwrap_or((rest, ""));
        let wanted = wanted.trim_matches(['"', '\'']);
        match operator {
            "=" => Some(subject == wanted),
            "!=" => Some(subject != wanted),
            "~" | "~*" => self.config.matches(wanted, subject, operator == "~*"),
            "!~" | "!~*" => self.config.matches(wanted, subject, operator == "!~*").map(|found| !found),
            _ => Some(false),
        }
    }

    /// What a location makes of the request.
    fn location(&mut self, node: usize, internal: bool) -> Step {
        if !internal && !self.tree().inherited(node, "internal").is_empty() {
            return Step::Done(self.done(Outcome::Refused(404), node, self.tree().node(node).at));
        }
        if node != self.server {
            let before = self.path.clone();
            match self.rewrites(node) {
                None => return Step::Done(self.unknown(node)),
                Some(Flow::Done(answer)) => return Step::Done(answer),
                Some(Flow::Again) if self.path != before => return Step::Search,
                Some(_) => {}
            }
        }
        if let Some(answer) = self.refused(node) {
            return Step::Done(answer);
        }
        if let Some(step) = self.try_files(node) {
            return step;
        }
        self.content(node)
    }

    /// Whether a client from anywhere is turned away.
    fn refused(&self, node: usize) -> Option<Answer> {
        let tree = self.tree();
        // `allow` and `deny` are one list, and so inherited together.
        let block = tree.chain(node).find(|block| {
            tree.children(*block).any(|(_, directive)| matches!(directive.name.as_str(), "allow" | "deny"))
        });
        let rules = block.map(|block| tree.node(block).children.clone()).unwrap_or_default();
        let decides = rules
            .iter()
            .map(|rule| tree.node(*rule))
            .find(|rule| matches!(rule.name.as_str(), "allow" | "deny") && rule.arg(0).is_some_and(is_public_address));
        let denied = decides.filter(|rule| rule.name == "deny");
        let any = tree.inherited(node, "satisfy").last().is_some_and(|satisfy| satisfy.arg(0) == Some("any"));
        let password = tree
            .inherited(node, "auth_basic")
            .pop()
            .filter(|auth| auth.arg(0) != Some("off"))
            .or_else(|| tree.inherited(node, "auth_request").pop().filter(|auth| auth.arg(0) != Some("off")));
        match (denied, password) {
            (Some(_), Some(auth)) if any => Some(self.done(Outcome::Protected, node, auth.at)),
            (Some(deny), _) => Some(self.done(Outcome::Refused(403), node, deny.at)),
            (None, Some(auth)) if !any || decides.is_none() => Some(self.done(Outcome::Protected, node, auth.at)),
            _ => None,
        }
    }

    fn try_files(&mut self, node: usize) -> Option<Step> {
        let directive = self.config.tree.last(node, "try_files")?;
        let (last, first) = directive.args.split_last()?;
        let folder = self.path.ends_with('/');
        for value in first {
            let same =
                matches!(value.text.as_str(), "$uri" | "$document_uri" | "$fastcgi_script_name" | "$request_uri");
            let script = value.text == "$fastcgi_script_name";
            if same && !folder && self.exists(script) || value.text == "$uri/" && folder {
                return None;
            }
        }
        if let Some(code) = last.text.strip_prefix('=').and_then(|code| code.parse().ok()) {
            return Some(Step::Done(self.done(Outcome::Refused(code), node, directive.at)));
        }
        if last.text.starts_with('@') {
            let named =
                self.tree().named(self.server, "location").find(|(_, location)| location.arg(0) == Some(&last.text));
            return Some(match named {
                Some((index, _)) => Step::Named(index),
                None => Step::Done(self.unknown(node)),
            });
        }
        match written(&last.text, &self.path) {
            Some(path) if path == self.path => Some(Step::Done(self.done(Outcome::Refused(404), node, directive.at))),
            Some(path) => {
                self.path = path;
                Some(Step::Search)
            }
            None => Some(Step::Done(self.unknown(node))),
        }
    }

    fn content(&mut self, node: usize) -> Step {
        let at = self.tree().node(node).at;
        let outcome = match handler(self.tree(), self.server, node) {
            Handler::FastCgi(target) => return Step::Done(self.done(Outcome::Php, node, target.value.at)),
            Handler::Proxy(target) => return Step::Done(self.done(Outcome::Proxied, node, target.value.at)),
            Handler::Php => Outcome::Php,
            Handler::Status => Outcome::Status,
            Handler::Code => Outcome::Unknown,
            // `return` was answered before; what remains is `deny`.
            Handler::Fixed(code) => Outcome::Refused(code),
            Handler::Redirect => Outcome::Redirected,
            Handler::Files if self.path.ends_with('/') => {
                let index = self.tree().inherited(node, "index").pop().and_then(|index| index.args.first());
                let index = index.filter(|value| value.is_known()).map_or("index.html", |value| value.text.as_str());
                self.path = if index.starts_with('/') { index.to_owned() } else { format!("{}{index}", self.path) };
                return Step::Search;
            }
            Handler::Files if !self.exists(false) => Outcome::Refused(404),
            Handler::Files => Outcome::File,
        };
        Step::Done(self.done(outcome, node, at))
    }
}

/// The path that a rewrite writes, as far as it does not depend on the request: `/index.php$is_args$args` is `/index.php`.
fn written(to: &str, path: &str) -> Option<String> {
    let to = to.split('?').next().unwrap_or(to);
    if matches!(to, "$uri" | "$request_uri" | "$document_uri") {
        return Some(path.to_owned());
    }
    // What follows a front controller is its path info.
    let known = to.split('$').next().unwrap_or("");
    let joined = to.strip_prefix(known).is_some_and(|rest| matches!(rest, "$uri" | "$request_uri" | "$document_uri"));
    match known {
        known if known.starts_with('/') && joined => Some(format!("{known}{path}")),
        known if known == to || known.ends_with(".php") || known.ends_with(".html") => {
            Some(if known.starts_with('/') { known.to_owned() } else { format!("/{known}") })
        }
        known if known.ends_with(".php/") => Some(known.trim_end_matches('/').to_owned()),
        _ => None,
    }
}
