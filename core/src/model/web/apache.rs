//! Apache httpd: virtual hosts, the sections that apply to a path in the order they are merged, `.htaccess`, and what comes out.

use super::routes::{Answer, Ask, Outcome, after_php, is_public_address};
use super::{
    Directive, Handler, Header, Listen, MAX_ROUTES, MAX_SERVERS, MatchKind, Route, Server, Target, Tree, Value,
    WebConfig, target,
};
use crate::source::Location;

/// Internal redirects that are followed.
const MAX_REDIRECTS: usize = 6;

pub(super) fn servers(tree: &Tree) -> Vec<Server> {
    // Sections of the main server apply to every virtual host.
    let mut shared: Vec<usize> = Vec::new();
    for (index, child) in tree.children(0).filter(|(_, child)| child.name != "virtualhost") {
        shared.extend(is_section(&child.name).then_some(index));
        shared.extend(tree.below(index).into_iter().filter(|index| is_section(&tree.node(*index).name)));
    }
    let most = (MAX_ROUTES / (shared.len() + 1)).min(MAX_SERVERS);
    let hosts: Vec<Server> = tree
        .named(0, "virtualhost")
        .take(most + 1)
        .map(|(node, directive)| server(tree, node, directive, &directive.args, &shared))
        .collect();
    // Without virtual hosts there is the main server; with them it answers nobody.
    let main =
        tree.last(0, "documentroot").is_some() || tree.children(0).any(|(_, directive)| is_section(&directive.name));
    if hosts.is_empty() && main { vec![server(tree, 0, tree.node(0), &[], &[])] } else { hosts }
}

fn server(tree: &Tree, node: usize, directive: &Directive, addresses: &[Value], shared: &[usize]) -> Server {
    let tls = tree
        .inherited(node, "sslengine")
        .pop()
        .is_some_and(|engine| engine.arg(0).is_some_and(|on| on.eq_ignore_ascii_case("on")));
    let ports: Vec<&Directive> = tree.named(0, "listen").map(|(_, listen)| listen).collect();
    let listens = if addresses.is_empty() {
        ports
            .iter()
            .filter_map(|listen| Some((listen.args.first()?, listen.arg(1) == Some("https"))))
            .map(|(value, https)| listen(value, tls || https))
            .collect()
    } else {
        addresses.iter().map(|value| listen(value, tls)).collect()
    };
    let names = ["servername", "serveralias"];
    let mut sections: Vec<usize> =
        tree.below(node).into_iter().filter(|index| is_section(&tree.node(*index).name)).collect();
    sections.extend(shared);
    sections.sort_unstable();
    sections.dedup();
    Server {
        node,
        at: directive.at,
        listens,
        names: names
            .iter()
            .flat_map(|name| tree.named(node, name))
            .flat_map(|(_, directive)| directive.args.clone())
            .collect(),
        root: tree.inherited(node, "documentroot").pop().and_then(|root| root.args.first().cloned()),
        index: tree.inherited(node, "directoryindex").into_iter().flat_map(|index| index.args.clone()).collect(),
        routes: sections.into_iter().map(|index| route(tree, index)).collect(),
    }
}

fn listen(value: &Value, tls: bool) -> Listen {
    let (address, port) = match value.text.rsplit_once(':') {
        Some((address, port)) if !port.contains([']', '}']) => (Some(address), port.parse().ok()),
        _ => (None, value.text.parse().ok()),
    };
    let address = address.filter(|address| !matches!(*address, "*" | "_default_")).map(str::to_owned);
    Listen { address, port, unix: false, tls: tls || port == Some(443), default: false, at: value.at }
}

fn is_section(name: &str) -> bool {
    matches!(name, "directory" | "directorymatch" | "files" | "filesmatch" | "location" | "locationmatch" | ".htaccess")
}

fn route(tree: &Tree, node: usize) -> Route {
    let directive = tree.node(node);
    let (tilde, matcher) = match directive.arg(0) {
        Some("~") => (true, directive.arg(1)),
        other => (false, other),
    };
    let kind = match (directive.name.as_str(), tilde) {
        ("directorymatch", _) | ("directory", true) => MatchKind::FolderRegex,
        ("directory" | ".htaccess", _) => MatchKind::Folder,
        ("filesmatch", _) | ("files", true) => MatchKind::FileRegex,
        ("files", _) => MatchKind::File,
        ("locationmatch", _) | ("location", true) => MatchKind::Regex,
        _ => MatchKind::Prefix,
    };
    let handler = set_handler(tree, node).unwrap_or_else(|| {
        let denied = access(tree, node).is_some_and(|(outcome, _)| matches!(outcome, Outcome::Refused(_)));
        if denied { Handler::Fixed(403) } else { Handler::Files }
    });
    Route { node, kind, matcher: matcher.unwrap_or("").to_owned(), handler, at: directive.at }
}

/// What `SetHandler` or `ProxyPass` of a section makes of its requests.
fn set_handler(tree: &Tree, node: usize) -> Option<Handler> {
    if let Some(pass) = tree.last(node, "proxypass").or_else(|| tree.last(node, "proxypassmatch")) {
        return pass.args.first().map(|value| proxy(target(value, false)));
    }
    let directive = tree.last(node, "sethandler")?;
    let value = directive.args.first()?;
    Some(handler_of(value))
}

fn handler_of(value: &Value) -> Handler {
    let text = value.text.to_ascii_lowercase();
    match text.as_str() {
        "server-status" | "server-info" | "balancer-manager" | "ldap-status" => Handler::Status,
        "none" | "default-handler" => Handler::Files,
        "cgi-script" | "fcgid-script" | "send-as-is" => Handler::Code,
        _ if text.starts_with("proxy:") => {
            let inner = value.text.get("proxy:".len()..).unwrap_or("").to_owned();
            let fastcgi = text.contains("fcgi://");
            proxy(target(&Value { text: inner, ..value.clone() }, fastcgi))
        }
        _ if text.contains("php") => Handler::Php,
        _ => Handler::Code,
    }
}

fn proxy(target: Target) -> Handler {
    if target.fastcgi { Handler::FastCgi(target) } else { Handler::Proxy(target) }
}

pub(super) fn targets(tree: &Tree) -> Vec<Target> {
    let mut found = Vec::new();
    for directive in &tree.nodes {
        let value = match directive.name.as_str() {
            "proxypass" | "proxypassmatch" => {
                let inside = is_section(&tree.node(directive.parent).name);
                directive.args.get(usize::from(!inside)).or(directive.args.first())
            }
            "balancermember" => directive.args.first(),
            "rewriterule" if directive.arg(2).is_some_and(|flags| flag(flags, "P")) => directive.args.get(1),
            "sethandler" => match directive.args.first().map(handler_of) {
                Some(Handler::FastCgi(target) | Handler::Proxy(target)) => {
                    found.push(target);
                    continue;
                }
                _ => continue,
            },
            _ => continue,
        };
        // `ProxyPass / balancer://pool/` goes to the members of the pool, `ProxyPass /x !` nowhere.
        let Some(value) = value.filter(|value| value.text.contains("://") || value.text.starts_with("unix:")) else {
            continue;
        };
        let mut one = target(value, false);
        if value.text.starts_with("balancer://") {
            one.hosts = members(tree, &value.text);
        }
        found.push(one);
    }
    found
}

fn members(tree: &Tree, pool: &str) -> Vec<super::Host> {
    let name = pool.trim_end_matches('/');
    let sections =
        tree.nodes.iter().enumerate().filter(|(_, node)| {
            node.name == "proxy" && node.arg(0).is_some_and(|arg| arg.trim_end_matches('/') == name)
        });
    sections
        .flat_map(|(index, _)| tree.named(index, "balancermember"))
        .filter_map(|(_, member)| member.args.first())
        .flat_map(|value| target(value, false).hosts)
        .collect()
}

/// `Header set` of the blocks down to a directive: they add up.
pub(super) fn headers(tree: &Tree, node: usize) -> Vec<Header> {
    let mut blocks: Vec<usize> = tree.chain(node).collect();
    blocks.reverse();
    let mut found = Vec::new();
    for block in blocks {
        for (_, directive) in tree.named(block, "header") {
            let always = directive.arg(0).is_some_and(|word| word.eq_ignore_ascii_case("always"));
            let skip =
                usize::from(always || directive.arg(0).is_some_and(|word| word.eq_ignore_ascii_case("onsuccess")));
            let action = directive.arg(skip).unwrap_or("").to_ascii_lowercase();
            let Some(name) = directive.arg(skip + 1) else { continue };
            let value = directive.args.get(skip + 2).cloned().filter(|_| action != "unset");
            found.push(Header { name: name.to_owned(), value, always, at: directive.at });
        }
    }
    found
}

/// What the `Require`s of a block, or the older `Order`, `Allow`, `Deny`, make of a client from anywhere; `None` when it has none.
pub(super) fn access(tree: &Tree, block: usize) -> Option<(Outcome, Location)> {
    let mut verdicts: Vec<(Verdict, Location)> = Vec::new();
    for (index, directive) in tree.children(block) {
        match directive.name.as_str() {
            "require" => verdicts.push((require(directive), directive.at)),
            "requireall" | "requireany" | "requirenone" => verdicts.push((group(tree, index, 0), directive.at)),
            _ => {}
        }
    }
    if verdicts.is_empty() {
        return old_access(tree, block);
    }
    // Beside each other, one is enough.
    let best = |wanted: Verdict| verdicts.iter().find(|(verdict, _)| *verdict == wanted).map(|(_, at)| *at);
    let (verdict, at) = [Verdict::Granted, Verdict::Unknown, Verdict::Password, Verdict::Denied]
        .into_iter()
        .find_map(|verdict| Some((verdict, best(verdict)?)))?;
    Some((verdict.outcome(), at))
}

fn old_access(tree: &Tree, block: usize) -> Option<(Outcome, Location)> {
    let from_all = |name: &str| {
        tree.named(block, name)
            .map(|(_, directive)| directive)
            .find(|directive| directive.arg(1).is_some_and(is_public_address))
    };
    let order = tree.last(block, "order").and_then(|order| order.arg(0)).unwrap_or("deny,allow").to_ascii_lowercase();
    match (from_all("deny"), from_all("allow")) {
        (Some(_), Some(allow)) if order.starts_with("deny") => Some((Outcome::File, allow.at)),
        (Some(deny), _) => Some((Outcome::Refused(403), deny.at)),
        (None, Some(allow)) => Some((Outcome::File, allow.at)),
        (None, None) => None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Granted,
    Unknown,
    Password,
    Denied,
}

impl Verdict {
    fn outcome(self) -> Outcome {
        match self {
            Self::Granted => Outcome::File,
            Self::Unknown => Outcome::Unknown,
            Self::Password => Outcome::Protected,
            Self::Denied => Outcome::Refused(403),
        }
    }
}

fn require(directive: &Directive) -> Verdict {
    let words: Vec<String> = directive.args.iter().map(|value| value.text.to_ascii_lowercase()).collect();
    let negated = words.first().is_some_and(|word| word == "not");
    let rest = words.get(usize::from(negated)..).unwrap_or(&[]);
    let verdict = match rest.first().map(String::as_str) {
        Some("all") if rest.get(1).is_some_and(|word| word == "granted") => Verdict::Granted,
        Some("all" | "local") => Verdict::Denied,
        Some("ip" | "host" | "forward-dns") => {
            let public = rest.iter().skip(1).any(|word| is_public_address(word));
            if public { Verdict::Granted } else { Verdict::Denied }
        }
        Some("valid-user" | "user" | "group" | "ldap-user" | "ldap-group" | "dbm-group") => Verdict::Password,
        Some("method") => Verdict::Granted,
        _ => Verdict::Unknown,
    };
    match (negated, verdict) {
        (true, Verdict::Granted) => Verdict::Denied,
        (true, Verdict::Denied) => Verdict::Granted,
        (_, verdict) => verdict,
    }
}

fn group(tree: &Tree, block: usize, depth: usize) -> Verdict {
    let verdicts: Vec<Verdict> = tree
        .children(block)
        .filter_map(|(index, directive)| match directive.name.as_str() {
            "require" => Some(require(directive)),
            "requireall" | "requireany" | "requirenone" if depth < 16 => Some(group(tree, index, depth + 1)),
            _ => None,
        })
        .collect();
    let first =
        |order: [Verdict; 4]| order.into_iter().find(|verdict| verdicts.contains(verdict)).unwrap_or(Verdict::Granted);
    match tree.node(block).name.as_str() {
        "requireall" => first([Verdict::Denied, Verdict::Unknown, Verdict::Password, Verdict::Granted]),
        "requirenone" if verdicts.contains(&Verdict::Granted) => Verdict::Denied,
        "requirenone" => Verdict::Granted,
        _ => first([Verdict::Granted, Verdict::Unknown, Verdict::Password, Verdict::Denied]),
    }
}

fn flag(flags: &str, wanted: &str) -> bool {
    flags
        .trim_matches(['[', ']'])
        .split(',')
        .any(|flag| flag.trim().split('=').next().is_some_and(|name| name.eq_ignore_ascii_case(wanted)))
}

/// What becomes of a path.
pub(super) fn answer(config: &WebConfig, server: &Server, ask: Ask<'_>) -> Answer {
    let mut walk = Walk { config, server, ask, path: ask.path.to_owned() };
    for _ in 0..MAX_REDIRECTS {
        match walk.step() {
            Ok(Some(answer)) => return answer,
            Ok(None) => {}
            Err(node) => return walk.done(Outcome::Unknown, node, config.tree.node(node).at),
        }
    }
    walk.done(Outcome::Unknown, server.node, server.at)
}

struct Walk<'c, 's, 'a> {
    config: &'c WebConfig,
    server: &'s Server,
    ask: Ask<'a>,
    path: String,
}

impl Walk<'_, '_, '_> {
    fn done(&self, outcome: Outcome, node: usize, at: Location) -> Answer {
        Answer { outcome, at, node, path: self.path.clone() }
    }

    fn exists(&self) -> bool {
        if self.path == self.ask.path { self.ask.exists } else { true }
    }

    /// One round: an answer, `None` when the path was rewritten, or the directive that cannot be judged.
    fn step(&mut self) -> Result<Option<Answer>, usize> {
        let tree = &self.config.tree;
        if let Some(answer) = self.server_rules()? {
            return Ok(Some(answer));
        }
        let sections = self.sections()?;
        if let Some((outcome, at, node)) = self.decided(&sections)
            && outcome != Outcome::File
        {
            return Ok(Some(self.done(outcome, node, at)));
        }
        let before = self.path.clone();
        for section in &sections {
            let folder = tree.node(*section).arg(0).unwrap_or("").to_owned();
            if let Some(answer) = self.rules(*section, Some(&folder))? {
                return Ok(Some(answer));
            }
            if self.path != before {
                return Ok(None);
            }
        }
        if self.path.ends_with('/') {
            let index = self.index(&sections);
            self.path = format!("{}{index}", self.path);
            return Ok(None);
        }
        Ok(self.content(&sections))
    }

    fn index(&self, sections: &[usize]) -> String {
        let tree = &self.config.tree;
        let own = sections.iter().rev().find_map(|section| tree.last(*section, "directoryindex"));
        let words = own.map(|index| &index.args).unwrap_or(&self.server.index);
        let first = words.iter().map(|value| value.text.as_str()).find(|text| *text != "disabled");
        first.unwrap_or("index.html").to_owned()
    }

    /// `ProxyPass`, `Redirect`, `RewriteRule` outside of sections.
    fn server_rules(&mut self) -> Result<Option<Answer>, usize> {
        let tree = &self.config.tree;
        let blocks = if self.server.node == 0 { vec![0] } else { vec![self.server.node, 0] };
        for block in blocks {
            // The rewriting of the main server is not inherited.
            if (block != 0 || self.server.node == 0)
                && let Some(answer) = self.rules(block, None)?
            {
                return Ok(Some(answer));
            }
            for (index, directive) in tree.children(block) {
                let path = directive.arg(0).unwrap_or("");
                let fits = match directive.name.as_str() {
                    "proxypass" => self.path.starts_with(path),
                    "proxypassmatch" => self.config.matches(path, &self.path, false).ok_or(index)?,
                    _ => continue,
                };
                let Some(value) = directive.args.get(1).filter(|_| fits) else { continue };
                if value.text == "!" {
                    return Ok(None);
                }
                let outcome = if target(value, false).fastcgi { Outcome::Php } else { Outcome::Proxied };
                return Ok(Some(self.done(outcome, index, directive.at)));
            }
        }
        Ok(None)
    }

    /// `Redirect` and `RewriteRule` of a block. In a folder, expressions are tried on what follows the folder.
    fn rules(&mut self, block: usize, folder: Option<&str>) -> Result<Option<Answer>, usize> {
        let tree = &self.config.tree;
        let engine = tree.last(block, "rewriteengine").and_then(|engine| engine.arg(0));
        let rewrites = engine.is_some_and(|on| on.eq_ignore_ascii_case("on"));
        let mut conditions: Vec<(usize, &Directive)> = Vec::new();
        for (index, directive) in tree.children(block) {
            match directive.name.as_str() {
                "rewritecond" => conditions.push((index, directive)),
                "rewriterule" => {
                    let conditions = std::mem::take(&mut conditions);
                    if rewrites
                        && self.rule_fits(index, directive, &conditions, folder)?
                        && let Some(answer) = self.rewrite(index, directive)?
                    {
                        return Ok(Some(answer));
                    }
                    if self.path != self.ask.path
                        && rewrites
                        && directive.arg(2).is_some_and(|flags| flag(flags, "L") || flag(flags, "END"))
                    {
                        return Ok(None);
                    }
                }
                "redirect" | "redirectmatch" | "redirectpermanent" | "redirecttemp" => {
                    let (code, rest) = match directive.arg(0).map(str::to_ascii_lowercase).as_deref() {
                        Some("gone") => (410, 1),
                        Some("permanent" | "temp" | "seeother") => (302, 1),
                        Some(text) => text.parse::<u16>().map_or((302, 0), |code| (code, 1)),
                        None => continue,
                    };
                    let path = directive.arg(rest).unwrap_or("");
                    let fits = if directive.name == "redirectmatch" {
                        self.config.matches(path, &self.path, false).ok_or(index)?
                    } else {
                        self.path.starts_with(path)
                    };
                    if fits {
                        let outcome = if code >= 400 { Outcome::Refused(code) } else { Outcome::Redirected };
                        return Ok(Some(self.done(outcome, index, directive.at)));
                    }
                }
                "fallbackresource" if !self.exists() && directive.arg(0) != Some("disabled") => {
                    let to = directive.arg(0).unwrap_or("");
                    self.path = if to.starts_with('/') { to.to_owned() } else { format!("/{to}") };
                    return Ok(None);
                }
                _ => {}
            }
        }
        Ok(None)
    }

    fn rule_fits(
        &self,
        index: usize,
        rule: &Directive,
        conditions: &[(usize, &Directive)],
        folder: Option<&str>,
    ) -> Result<bool, usize> {
        let pattern = rule.arg(0).unwrap_or("");
        let (negated, pattern) = pattern.strip_prefix('!').map_or((false, pattern), |rest| (true, rest));
        let any_case = rule.arg(2).is_some_and(|flags| flag(flags, "NC"));
        let subject = match folder {
            Some(folder) => self.below(folder),
            None => self.path.clone(),
        };
        if self.config.matches(pattern, &subject, any_case).ok_or(index)? == negated {
            return Ok(false);
        }
        let mut either = false;
        for (at, condition) in conditions {
            let or = condition.arg(2).is_some_and(|flags| flag(flags, "OR"));
            let holds = either || self.condition(condition).ok_or(*at)?;
            if or {
                either = holds;
                continue;
            }
            either = false;
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The path as seen from a folder of the file system.
    fn below(&self, folder: &str) -> String {
        let root = self.server.root.as_ref().map_or("", |root| root.text.trim_end_matches('/'));
        let prefix = folder.trim_end_matches('/').strip_prefix(root).unwrap_or("");
        self.path.strip_prefix(prefix).unwrap_or(&self.path).trim_start_matches('/').to_owned()
    }

    /// Whether a `RewriteCond` holds for an ordinary GET request; what asks for a host, an agent or an address does not.
    fn condition(&self, condition: &Directive) -> Option<bool> {
        let (test, pattern) = (condition.arg(0)?, condition.arg(1)?);
        let (negated, pattern) = pattern.strip_prefix('!').map_or((false, pattern), |rest| (true, rest));
        let any_case = condition.arg(2).is_some_and(|flags| flag(flags, "NC"));
        let holds = match (test, pattern) {
            (_, "-f" | "-F" | "-s" | "-l") => self.exists() && !self.path.ends_with('/'),
            (_, "-d") => self.path.ends_with('/'),
            ("%{REQUEST_URI}" | "%{REQUEST_FILENAME}" | "%{SCRIPT_FILENAME}" | "%{THE_REQUEST}", _) => {
                self.config.matches(pattern, &self.path, any_case)?
            }
            ("%{REQUEST_METHOD}", _) => self.config.matches(pattern, "GET", any_case)?,
            ("%{ENV:REDIRECT_STATUS}", _) => {
                self.config.matches(pattern, if self.path == self.ask.path { "" } else { "200" }, any_case)?
            }
            // It asks for something that an ordinary request has not, and so the rule stays away.
            _ => return Some(false),
        };
        Some(holds != negated)
    }

    fn rewrite(&mut self, index: usize, rule: &Directive) -> Result<Option<Answer>, usize> {
        let (to, flags) = (rule.arg(1).unwrap_or(""), rule.arg(2).unwrap_or(""));
        let outcome = if flag(flags, "F") {
            Some(Outcome::Refused(403))
        } else if flag(flags, "G") {
            Some(Outcome::Refused(410))
        } else if flag(flags, "P") {
            Some(if target(&Value { text: to.to_owned(), variables: Vec::new(), at: rule.at }, false).fastcgi {
                Outcome::Php
            } else {
                Outcome::Proxied
            })
        } else if flag(flags, "R") {
            let code = flags
                .split("R=")
                .nth(1)
                .and_then(|rest| rest.split([',', ']']).next())
                .and_then(|code| code.parse::<u16>().ok());
            Some(code.filter(|code| *code >= 400).map_or(Outcome::Redirected, Outcome::Refused))
        } else if to.contains("://") {
            Some(Outcome::Redirected)
        } else {
            None
        };
        if let Some(outcome) = outcome {
            return Ok(Some(self.done(outcome, index, rule.at)));
        }
        if to == "-" || to.starts_with("%{ENV") {
            return Ok(None);
        }
        let to = to.split('?').next().unwrap_or(to);
        let known = to.split(['$', '%']).next().unwrap_or(to).trim_end_matches('/');
        let front = known == to || known.ends_with(".php");
        if !front {
            return Err(index);
        }
        let name = known.rsplit('/').next().unwrap_or(known);
        // `index.php` beside the file that holds the rule; written with a folder it is one of the server.
        self.path = if known.starts_with('/') {
            known.to_owned()
        } else {
            format!("/{}", if known.contains('/') { known } else { name })
        };
        Ok(None)
    }

    /// Sections that apply to the path, in the order they are merged.
    fn sections(&self) -> Result<Vec<usize>, usize> {
        let tree = &self.config.tree;
        let root = self.server.root.as_ref().map_or("", |root| root.text.trim_end_matches('/'));
        let file = match after_php(&self.path) {
            Some((script, _)) => format!("{root}{script}"),
            None => format!("{root}{}", self.path),
        };
        let base = file.rsplit('/').next().unwrap_or("").to_owned();
        let mut folders: Vec<(usize, usize)> = Vec::new();
        let (mut expressions, mut files, mut locations) = (Vec::new(), Vec::new(), Vec::new());
        for route in &self.server.routes {
            let any = |text: &str| self.config.matches(&route.matcher, text, false).ok_or(route.node);
            match route.kind {
                MatchKind::Folder => {
                    if within(&route.matcher, &file) {
                        // `.htaccess` comes right after the section for its folder.
                        let late = usize::from(tree.node(route.node).name == ".htaccess");
                        folders.push((route.matcher.trim_end_matches('/').len() * 2 + late, route.node));
                    }
                }
                MatchKind::FolderRegex => {
                    // It is tried on every folder down to the file.
                    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
                    if any(&format!("{folder}/"))? || any(folder)? {
                        expressions.push(route.node);
                    }
                }
                MatchKind::File | MatchKind::FileRegex => {
                    let outer = tree.node(route.node).parent;
                    let inside = match tree.node(outer).name.as_str() {
                        "directory" | ".htaccess" => tree.node(outer).arg(0).is_none_or(|folder| within(folder, &file)),
                        _ => true,
                    };
                    let fits = if route.kind == MatchKind::File {
                        crate::facts::wildcard(&route.matcher, &base)
                    } else {
                        inside && any(&base)?
                    };
                    files.extend((inside && fits).then_some(route.node));
                }
                MatchKind::Regex => locations.extend(any(&self.path)?.then_some(route.node)),
                _ => {
                    let prefix = route.matcher.trim_end_matches('/');
                    let fits =
                        self.path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
                    locations.extend(fits.then_some(route.node));
                }
            }
        }
        folders.sort_by_key(|(length, _)| *length);
        let mut found: Vec<usize> = Vec::new();
        for (_, node) in folders {
            if tree.node(node).name != ".htaccess" || self.overrides(&found) {
                found.push(node);
            }
        }
        let allowed = self.overrides(&found);
        files.retain(|node| allowed || tree.node(tree.node(*node).parent).name != ".htaccess");
        found.extend(expressions);
        found.extend(files);
        found.extend(locations);
        Ok(found)
    }

    /// Whether `.htaccess` counts after these sections. Without a word on it, it does not.
    fn overrides(&self, sections: &[usize]) -> bool {
        let tree = &self.config.tree;
        let directive = sections.iter().rev().find_map(|section| tree.last(*section, "allowoverride"));
        directive.is_some_and(|directive| directive.arg(0).is_some_and(|word| !word.eq_ignore_ascii_case("none")))
    }

    /// Who may have it: the last section that says anything decides.
    fn decided(&self, sections: &[usize]) -> Option<(Outcome, Location, usize)> {
        sections
            .iter()
            .rev()
            .find_map(|section| access(&self.config.tree, *section).map(|(outcome, at)| (outcome, at, *section)))
    }

    fn content(&self, sections: &[usize]) -> Option<Answer> {
        let tree = &self.config.tree;
        let name =
            after_php(&self.path).map_or(self.path.as_str(), |(script, _)| script).rsplit('/').next().unwrap_or("");
        let missing = !self.exists() && after_php(&self.path).is_none();
        let at = self.server.root.as_ref().map_or(self.server.at, |root| root.at);
        let mut answer = self.done(if missing { Outcome::Refused(404) } else { Outcome::File }, self.server.node, at);
        let mut engine_off: Option<(usize, Location)> = None;
        let mut inside = false;
        // The server's own directives come first, then the sections.
        let outer = if self.server.node == 0 { vec![0] } else { vec![0, self.server.node] };
        for block in outer.into_iter().chain(sections.iter().copied()) {
            for (index, directive) in tree.children(block) {
                let argument = directive.arg(0).unwrap_or("").to_ascii_lowercase();
                let outcome = match directive.name.as_str() {
                    "sethandler" => match directive.args.first().map(handler_of) {
                        Some(Handler::Php | Handler::FastCgi(_)) if missing => continue,
                        Some(Handler::Php | Handler::FastCgi(_)) => Outcome::Php,
                        Some(Handler::Proxy(_)) => Outcome::Proxied,
                        Some(Handler::Status) => Outcome::Status,
                        Some(Handler::Files) => Outcome::File,
                        _ => Outcome::Unknown,
                    },
                    "addhandler" | "addtype" if argument.contains("php") => {
                        let extensions: Vec<&str> = name.split('.').skip(1).collect();
                        let has = directive
                            .args
                            .iter()
                            .skip(1)
                            .any(|value| extensions.contains(&value.text.trim_start_matches('.')));
                        if !has || missing {
                            continue;
                        }
                        Outcome::Php
                    }
                    "removehandler" | "removetype" if answer.outcome == Outcome::Php => {
                        let gone = directive
                            .args
                            .iter()
                            .any(|value| name.ends_with(&format!(".{}", value.text.trim_start_matches('.'))));
                        if !gone {
                            continue;
                        }
                        Outcome::File
                    }
                    // A switch of mod_php, whichever section names the handler.
                    "php_flag" | "php_admin_flag" | "php_value" | "php_admin_value" if argument == "engine" => {
                        let off = |value: &str| matches!(value.to_ascii_lowercase().as_str(), "off" | "0");
                        engine_off = directive.arg(1).is_some_and(off).then_some((index, directive.at));
                        continue;
                    }
                    _ => continue,
                };
                inside = directive.args.first().is_none_or(|value| handler_of(value) == Handler::Php);
                answer = self.done(outcome, index, directive.at);
            }
        }
        // Nothing runs then: the script is sent as it is.
        if let Some((index, at)) = engine_off.filter(|_| answer.outcome == Outcome::Php && inside) {
            answer = self.done(Outcome::File, index, at);
        }
        Some(answer)
    }
}

/// Whether a file lies in a folder; `*` stands for one part of a path.
fn within(folder: &str, file: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    if folder.contains('*') {
        return crate::facts::wildcard(&format!("{folder}/*"), file);
    }
    file.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The `Options` that switch folder listings on: those that decide at the top of a server, and those of sections below it.
pub(super) fn listings(config: &WebConfig) -> Vec<&Directive> {
    let mut found: Vec<&Directive> = Vec::new();
    for server in config.servers.iter().take(32) {
        let root = server.root.as_ref().map_or("", |root| root.text.trim_end_matches('/'));
        let below = server.routes.iter().filter_map(|route| match route.kind {
            MatchKind::Folder => {
                route.matcher.trim_end_matches('/').strip_prefix(root).filter(|rest| rest.starts_with('/'))
            }
            MatchKind::Prefix => Some(route.matcher.as_str()).filter(|path| path.starts_with('/')),
            _ => None,
        });
        let mut paths: Vec<String> = below.map(|path| format!("{}/", path.trim_end_matches('/'))).collect();
        paths.insert(0, "/".to_owned());
        paths.truncate((MAX_ROUTES / (server.routes.len() + 1)).clamp(1, 64));
        for path in paths {
            let walk = Walk { config, server, ask: Ask { path: &path, exists: true }, path: path.clone() };
            let Ok(sections) = walk.sections() else { continue };
            let outer = if server.node == 0 { vec![0] } else { vec![0, server.node] };
            let listing =
                outer.into_iter().chain(sections).fold(None, |listing, block| options(config, block, listing));
            found.extend(listing.filter(|directive| !found.iter().any(|known| known.at == directive.at)));
        }
    }
    found
}

/// What the `Options` of a block make of the listing that applies around it.
fn options<'c>(config: &'c WebConfig, block: usize, mut listing: Option<&'c Directive>) -> Option<&'c Directive> {
    for (_, directive) in config.tree.named(block, "options") {
        if directive.args.iter().any(|value| !value.text.starts_with(['+', '-'])) {
            listing = None;
        }
        for value in &directive.args {
            match value.text.to_ascii_lowercase().as_str() {
                "indexes" | "+indexes" | "all" => listing = Some(directive),
                "-indexes" => listing = None,
                _ => {}
            }
        }
    }
    listing
}

/// The last section that sets a directive for a path, else the server's own, else the main server's.
pub(super) fn effective<'c>(config: &'c WebConfig, server: &Server, path: &str, name: &str) -> Option<&'c Directive> {
    let walk = Walk { config, server, ask: Ask { path, exists: true }, path: path.to_owned() };
    let sections = walk.sections().ok()?;
    sections
        .iter()
        .rev()
        .find_map(|section| config.tree.last(*section, name))
        .or_else(|| config.tree.inherited(server.node, name).pop())
}
