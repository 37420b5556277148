//! Caddy and FrankenPHP: sites, the order of their directives, matchers, and which directive answers a path.

use super::routes::{Answer, Ask, Outcome, is_public_address};
use super::{Directive, Handler, Header, Listen, MatchKind, Route, Server, Target, Tree, Value, WebConfig, target};

/// Directives looked at for one path.
const MAX_STEPS: usize = 2000;

/// Directives in the order Caddy sorts them into, those that matter to what a request becomes.
const ORDER: [&str; 26] = [
    "root",
    "header",
    "redir",
    "method",
    "rewrite",
    "uri",
    "try_files",
    "basic_auth",
    "basicauth",
    "forward_auth",
    "encode",
    "mercure",
    "handle",
    "handle_path",
    "route",
    "abort",
    "error",
    "copy_response",
    "respond",
    "metrics",
    "reverse_proxy",
    "php_fastcgi",
    "php_server",
    "php",
    "vulcain",
    "file_server",
];

/// Directives that answer requests.
const ANSWERING: [&str; 10] = [
    "abort",
    "error",
    "respond",
    "redir",
    "metrics",
    "reverse_proxy",
    "php_fastcgi",
    "php_server",
    "php",
    "file_server",
];

pub(super) fn servers(tree: &Tree) -> Vec<Server> {
    tree.named(0, "site").map(|(node, directive)| server(tree, node, directive)).collect()
}

fn server(tree: &Tree, node: usize, directive: &Directive) -> Server {
    let tls_off = global(tree, "auto_https").is_some_and(|https| https.arg(0) == Some("off"));
    let below = tree.below(node);
    let routes = below
        .iter()
        .filter(|index| ANSWERING.contains(&tree.node(**index).name.as_str()))
        .map(|index| {
            let directive = tree.node(*index);
            let (matcher, _) = split(directive);
            let kind = if matcher.is_empty() || matcher == "*" { MatchKind::Any } else { MatchKind::Matcher };
            Route { node: *index, kind, matcher: matcher.to_owned(), handler: handler(tree, *index), at: directive.at }
        })
        .collect();
    let root = below.iter().map(|index| tree.node(*index)).find(|directive| directive.name == "root");
    let inner = below.iter().map(|index| tree.node(*index)).find(|directive| {
        directive.name == "root"
            && matches!(tree.node(directive.parent).name.as_str(), "php_server" | "php_fastcgi" | "file_server" | "php")
    });
    Server {
        node,
        at: directive.at,
        listens: directive.args.iter().map(|value| listen(tree, node, value, tls_off)).collect(),
        names: directive.args.iter().filter_map(name).collect(),
        root: root.or(inner).and_then(|directive| directive.args.last()).cloned(),
        index: Vec::new(),
        routes,
    }
}

/// An option for all sites.
fn global<'t>(tree: &'t Tree, name: &str) -> Option<&'t Directive> {
    tree.named(0, "global").find_map(|(index, _)| tree.last(index, name))
}

/// Scheme, host and port of an address.
fn parts(address: &str) -> (&str, &str, Option<&str>) {
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let rest = rest.split('/').next().unwrap_or("");
    match rest.rsplit_once(':') {
        Some((host, port)) if !port.contains([']', '}']) => (scheme, host, Some(port)),
        _ => (scheme, rest, None),
    }
}

fn name(value: &Value) -> Option<Value> {
    let (_, host, _) = parts(&value.text);
    (!host.is_empty()).then(|| Value { text: host.to_owned(), ..value.clone() })
}

fn listen(tree: &Tree, site: usize, value: &Value, tls_off: bool) -> Listen {
    let (scheme, host, port) = parts(&value.text);
    let option = |name: &str| global(tree, name).and_then(|option| option.arg(0)).and_then(|port| port.parse().ok());
    let plain = scheme == "http" || port == Some("80") || tls_off && scheme != "https";
    // Without a host there is nothing to get a certificate for.
    let tls = scheme == "https" || !plain && !host.is_empty() || tree.last(site, "tls").is_some() && !plain;
    let port = match port {
        Some(port) => port.parse().ok(),
        None if !value.is_known() => None,
        None if tls => Some(option("https_port").unwrap_or(443)),
        None => Some(option("http_port").unwrap_or(80)),
    };
    let address = tree.last(site, "bind").and_then(|bind| bind.arg(0)).map(str::to_owned);
    Listen { address, port, unix: false, tls, default: host.is_empty(), at: value.at }
}

/// The matcher of a directive as written, and its other arguments.
fn split(directive: &Directive) -> (&str, &[Value]) {
    let first = directive.arg(0).unwrap_or("");
    let alone = directive.args.len() == 1;
    let path = first.starts_with('/')
        && !(alone && matches!(directive.name.as_str(), "root" | "rewrite" | "redir" | "try_files"));
    let matcher = first.starts_with('@') || first == "*" || path;
    if matcher && directive.name != "try_files" {
        (first, directive.args.get(1..).unwrap_or(&[]))
    } else {
        ("", &directive.args)
    }
}

fn handler(tree: &Tree, node: usize) -> Handler {
    let directive = tree.node(node);
    let (_, args) = split(directive);
    match directive.name.as_str() {
        "php_fastcgi" | "reverse_proxy" => {
            let transport = tree.last(node, "transport").is_some_and(|transport| transport.arg(0) == Some("fastcgi"));
            let found = proxied(tree, node, directive.name == "php_fastcgi" || transport);
            if found.fastcgi { Handler::FastCgi(found) } else { Handler::Proxy(found) }
        }
        "php_server" | "php" => Handler::Php,
        "metrics" => Handler::Status,
        "redir" => Handler::Redirect,
        "abort" => Handler::Fixed(444),
        "error" => Handler::Fixed(status(args, 500)),
        "respond" => Handler::Fixed(status(args, 200)),
        _ => Handler::Files,
    }
}

fn status(args: &[Value], default: u16) -> u16 {
    args.iter().rev().find_map(|value| value.text.parse().ok()).unwrap_or(default)
}

/// Everything a `reverse_proxy` or `php_fastcgi` hands requests to.
fn proxied(tree: &Tree, node: usize, fastcgi: bool) -> Target {
    let directive = tree.node(node);
    let (_, args) = split(directive);
    let inner = tree.named(node, "to").flat_map(|(_, to)| &to.args);
    let all: Vec<Target> = args.iter().chain(inner).map(|value| target(value, fastcgi)).collect();
    let mut all = all.into_iter();
    let Some(mut first) = all.next() else {
        let value = Value { text: String::new(), variables: Vec::new(), at: directive.at };
        return target(&value, fastcgi);
    };
    for more in all {
        first.hosts.extend(more.hosts);
        first.unix = first.unix.or(more.unix);
    }
    first
}

pub(super) fn targets(tree: &Tree) -> Vec<Target> {
    let mut found = Vec::new();
    for index in 0..tree.nodes.len() {
        let directive = tree.node(index);
        if matches!(directive.name.as_str(), "php_fastcgi" | "reverse_proxy" | "forward_auth") {
            match handler(tree, index) {
                Handler::FastCgi(target) | Handler::Proxy(target) => found.push(target),
                _ => found.push(proxied(tree, index, false)),
            }
        }
    }
    found
}

/// `header` of the site and of the blocks down to a directive: they add up.
pub(super) fn headers(tree: &Tree, node: usize) -> Vec<Header> {
    let mut blocks: Vec<usize> = tree.chain(node).collect();
    blocks.reverse();
    let mut found = Vec::new();
    for block in blocks {
        for (index, directive) in tree.named(block, "header") {
            let (_, args) = split(directive);
            found.extend(header(args.first(), args.get(1), directive));
            for (_, line) in tree.children(index) {
                let name = Value { text: line.name.clone(), variables: Vec::new(), at: line.at };
                found.extend(header(Some(&name), line.args.first(), line).filter(|header| header.name != "defer"));
            }
        }
    }
    found
}

fn header(name: Option<&Value>, value: Option<&Value>, directive: &Directive) -> Option<Header> {
    let text = name?.text.as_str();
    let removed = text.starts_with('-');
    let name = text.trim_start_matches(['-', '+', '?', '>', '=']);
    let value = value.cloned().filter(|_| !removed);
    Some(Header { name: name.to_owned(), value, always: true, at: directive.at })
}

/// What becomes of a path in a site.
pub(super) fn answer(config: &WebConfig, server: &Server, ask: Ask<'_>) -> Answer {
    let mut walk = Walk { config, ask, path: ask.path.to_owned(), steps: 0 };
    let at = config.tree.node(server.node).at;
    match walk.block(server.node, true) {
        Ok(Some(answer)) => answer,
        // Caddy answers with nothing.
        Ok(None) => walk.done(Outcome::Answered(200), server.node, at),
        Err(node) => walk.done(Outcome::Unknown, node, config.tree.node(node).at),
    }
}

struct Walk<'c, 'a> {
    config: &'c WebConfig,
    ask: Ask<'a>,
    path: String,
    steps: usize,
}

/// An answer, nothing when the request goes on, or the directive that cannot be judged.
type Result = std::result::Result<Option<Answer>, usize>;

impl<'c> Walk<'c, '_> {
    fn done(&self, outcome: Outcome, node: usize, at: crate::source::Location) -> Answer {
        Answer { outcome, at, node, path: self.path.clone() }
    }

    fn exists(&self) -> bool {
        if self.path == self.ask.path { self.ask.exists } else { true }
    }

    /// Runs the directives of a block in the order that counts.
    fn block(&mut self, block: usize, sorted: bool) -> Result {
        let tree = &self.config.tree;
        let mut children: Vec<usize> = tree.node(block).children.clone();
        if sorted {
            let rank = |index: &usize| {
                let directive = tree.node(*index);
                let order = ORDER.iter().position(|name| *name == directive.name).unwrap_or(ORDER.len());
                // `handle_path` is one of the `handle`s.
                let order = if directive.name == "handle_path" { order.saturating_sub(1) } else { order };
                let (matcher, _) = split(directive);
                // The longest path first, then named matchers in their order, and what matches everything last.
                let specific = match matcher {
                    "" | "*" => (2, 0),
                    matcher if matcher.starts_with('/') => (0, usize::MAX - matcher.len()),
                    _ => (1, 0),
                };
                (order, specific)
            };
            children.sort_by_key(rank);
        }
        let mut handled = false;
        for child in children {
            self.steps += 1;
            if self.steps > MAX_STEPS {
                return Err(child);
            }
            let directive = tree.node(child);
            let grouped = matches!(directive.name.as_str(), "handle" | "handle_path");
            if grouped && handled {
                continue;
            }
            if let Some(answer) = self.directive(child, directive, &mut handled)? {
                return Ok(Some(answer));
            }
        }
        Ok(None)
    }

    fn directive(&mut self, node: usize, directive: &'c Directive, handled: &mut bool) -> Result {
        let acts = matches!(
            directive.name.as_str(),
            "rewrite"
                | "uri"
                | "try_files"
                | "basic_auth"
                | "basicauth"
                | "forward_auth"
                | "handle"
                | "handle_path"
                | "route"
        );
        if !acts && !ANSWERING.contains(&directive.name.as_str()) {
            return Ok(None);
        }
        let (matcher, args) = split(directive);
        if !self.applies(node, matcher).ok_or(node)? {
            return Ok(None);
        }
        match directive.name.as_str() {
            "rewrite" => {
                let to = args.first().map_or("", |value| value.text.as_str());
                self.path = self.written(to).ok_or(node)?;
            }
            "uri" => self.uri(args).ok_or(node)?,
            "try_files" => {
                if let Some(code) = self.try_files(args).ok_or(node)? {
                    return Ok(Some(self.done(Outcome::Refused(code), node, directive.at)));
                }
            }
            "basic_auth" | "basicauth" | "forward_auth" => {
                return Ok(Some(self.done(Outcome::Protected, node, directive.at)));
            }
            "handle" | "route" => {
                *handled = *handled || directive.name == "handle";
                return self.block(node, directive.name == "handle");
            }
            "handle_path" => {
                *handled = true;
                let prefix = matcher.trim_end_matches('*').trim_end_matches('/').to_owned();
                let stripped = self.path.strip_prefix(&prefix).map(str::to_owned);
                let whole = std::mem::replace(&mut self.path, stripped.unwrap_or_default());
                let answer = self.block(node, true)?;
                if answer.is_none() {
                    self.path.clone_from(&whole);
                }
                // The file is another one, but it is still the one that was asked for.
                let same = answer.as_ref().is_some_and(|answer| whole.ends_with(&answer.path));
                return Ok(answer.map(|answer| if same { Answer { path: whole, ..answer } } else { answer }));
            }
            _ => return Ok(self.answering(node, directive, args)),
        }
        Ok(None)
    }

    fn answering(&mut self, node: usize, directive: &Directive, args: &[Value]) -> Option<Answer> {
        let outcome = match directive.name.as_str() {
            "abort" => Outcome::Refused(444),
            "redir" => Outcome::Redirected,
            "metrics" => Outcome::Status,
            "error" => Outcome::Refused(status(args, 500)),
            "respond" => match status(args, 200) {
                code @ 400.. => Outcome::Refused(code),
                code => Outcome::Answered(code),
            },
            "reverse_proxy" => match handler(&self.config.tree, node) {
                Handler::FastCgi(_) => Outcome::Php,
                _ => Outcome::Proxied,
            },
            "php_fastcgi" | "php_server" => return self.php(node, directive),
            "php" => Outcome::Php,
            _ => return self.file(node, directive),
        };
        Some(self.done(outcome, node, directive.at))
    }

    /// Both first look for the file, then for the front controller; what ends in `.php` runs. `php_server` sends other files itself.
    fn php(&mut self, node: usize, directive: &Directive) -> Option<Answer> {
        let tree = &self.config.tree;
        let off = |name: &str| tree.last(node, name).is_some_and(|option| option.arg(0) == Some("off"));
        if !self.exists() || self.path.ends_with('/') {
            if off("try_files") || off("index") && tree.last(node, "try_files").is_none() {
                if !self.path.contains(".php") {
                    return None;
                }
            } else if let Some(files) = tree.last(node, "try_files") {
                if let Some(code) = self.try_files(&files.args)? {
                    return Some(self.done(Outcome::Refused(code), node, files.at));
                }
            } else if !self.path.contains(".php/") {
                self.path = "/index.php".to_owned();
            }
        }
        if self.path.ends_with(".php") || self.path.contains(".php/") {
            return Some(self.done(Outcome::Php, node, directive.at));
        }
        if directive.name == "php_server" && !off("file_server") { self.file(node, directive) } else { None }
    }

    fn file(&mut self, node: usize, directive: &Directive) -> Option<Answer> {
        let tree = &self.config.tree;
        let hidden = tree
            .chain(node)
            .take(1)
            .flat_map(|block| tree.below(block))
            .map(|index| tree.node(index))
            .find(|line| line.name == "hide" && line.args.iter().any(|pattern| hides(&pattern.text, &self.path)));
        if let Some(hide) = hidden {
            return Some(self.done(Outcome::Refused(404), node, hide.at));
        }
        if !self.exists() {
            let passes = tree.last(node, "pass_thru").is_some();
            return (!passes).then(|| self.done(Outcome::Refused(404), node, directive.at));
        }
        Some(self.done(Outcome::File, node, directive.at))
    }

    /// `try_files {path} {path}/ /index.php?{query}`; the status, when it ends with one.
    fn try_files(&mut self, args: &[Value]) -> Option<Option<u16>> {
        let Some((last, first)) = args.split_last() else { return Some(None) };
        let all = first.iter().chain([last]);
        for value in all {
            let text = value.text.as_str();
            if matches!(text, "{path}" | "{http.request.uri.path}") {
                if self.exists() && !self.path.ends_with('/') {
                    return Some(None);
                }
            } else if text.starts_with("{path}") || text.starts_with("{http.request.uri.path}") {
                // A file beside the one that was asked for, or in the folder of its name.
                if self.path.ends_with('/') && text.ends_with("/index.php") {
                    self.path = format!("{}index.php", self.path);
                    return Some(None);
                }
            } else if let Some(code) = text.strip_prefix('=') {
                return Some(Some(code.parse().ok()?));
            } else {
                self.path = self.written(text)?;
                return Some(None);
            }
        }
        Some(None)
    }

    fn uri(&mut self, args: &[Value]) -> Option<()> {
        let text = |index: usize| args.get(index).map_or("", |value| value.text.as_str());
        match text(0) {
            "strip_prefix" => self.path = self.path.strip_prefix(text(1)).unwrap_or(&self.path).to_owned(),
            "strip_suffix" => self.path = self.path.strip_suffix(text(1)).unwrap_or(&self.path).to_owned(),
            "query" => {}
            _ => return None,
        }
        Some(())
    }

    /// The path that a rewrite writes.
    fn written(&self, to: &str) -> Option<String> {
        let to = to.split('?').next().unwrap_or(to);
        let to = to.replace("{http.request.uri.path}", "{path}").replace("{uri}", "{path}");
        let known = to.replace("{path}", &self.path);
        (!known.contains('{')).then(|| if to.is_empty() { self.path.clone() } else { known })
    }

    /// Whether a matcher as written lets the request in; `None` when that cannot be told.
    fn applies(&self, node: usize, matcher: &str) -> Option<bool> {
        if matcher.is_empty() || matcher == "*" {
            return Some(true);
        }
        if !matcher.starts_with('@') {
            return Some(path_fits(matcher, &self.path));
        }
        let tree = &self.config.tree;
        let (defined, directive) = tree.chain(node).find_map(|block| tree.named(block, matcher).last())?;
        // `@name path /x` on one line, or a block of matchers that all have to fit.
        if let Some((kind, args)) = directive.args.split_first() {
            return self.matcher(&kind.text, args, defined, 0);
        }
        self.all_of(defined, 0)
    }

    fn all_of(&self, block: usize, depth: usize) -> Option<bool> {
        let tree = &self.config.tree;
        let mut verdict = Some(true);
        let mut paths: Option<bool> = None;
        for (index, line) in tree.children(block) {
            // Of the same kind one is enough.
            if line.name == "path" {
                let fits = self.matcher("path", &line.args, index, depth + 1)?;
                paths = Some(paths.unwrap_or(false) || fits);
                continue;
            }
            match self.matcher(&line.name, &line.args, index, depth + 1) {
                Some(false) => return Some(false),
                Some(true) => {}
                None => verdict = None,
            }
        }
        if paths == Some(false) { Some(false) } else { verdict }
    }

    fn matcher(&self, kind: &str, args: &[Value], node: usize, depth: usize) -> Option<bool> {
        if depth > 16 {
            return None;
        }
        let has = |test: &dyn Fn(&str) -> bool| args.iter().any(|value| test(&value.text));
        match kind {
            "path" => Some(has(&|pattern| path_fits(pattern, &self.path))),
            "path_regexp" => self.config.matches(&args.last()?.text, &self.path, false),
            "not" => match args.split_first() {
                Some((kind, args)) => self.matcher(&kind.text, args, node, depth + 1).map(|fits| !fits),
                None => self.all_of(node, depth + 1).map(|fits| !fits),
            },
            "method" => Some(has(&|method| method.eq_ignore_ascii_case("GET"))),
            // A client from anywhere.
            "remote_ip" | "client_ip" => Some(has(&is_public_address)),
            "file" => {
                let asked =
                    args.iter().all(|value| matches!(value.text.as_str(), "{path}" | "{http.request.uri.path}"));
                asked.then(|| self.exists() && !self.path.ends_with('/'))
            }
            "host" | "protocol" | "header" | "header_regexp" | "query" | "tls" => None,
            "expression" => None,
            _ => None,
        }
    }
}

/// Whether a pattern of the `path` matcher fits: `*` at its ends, or anywhere. Case makes no difference.
fn path_fits(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.to_ascii_lowercase(), path.to_ascii_lowercase());
    // A `*` in the middle stays within one part of the path, which matters to no question asked here.
    crate::facts::wildcard(&pattern, &path)
}

/// Whether a `hide` pattern hides a file: a pattern without `/` is tried on every part of the path.
fn hides(pattern: &str, path: &str) -> bool {
    if pattern.contains('/') {
        return path.ends_with(pattern.trim_start_matches('.'));
    }
    path.split('/').any(|part| !part.is_empty() && crate::facts::wildcard(pattern, part))
}
