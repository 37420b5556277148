//! RoadRunner's `.rr.yaml`: what it starts, where it listens, and the doors to itself.

use super::Spanned;
use crate::source::{Location, SourceId};
use crate::syntax::yaml::{Id, Kind, Tree};

/// A configuration.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RoadRunner {
    /// `server.command`.
    pub command: Option<Spanned<String>>,
    /// `server.user`.
    pub user: Option<Spanned<String>>,
    /// `server.relay`.
    pub relay: Option<Spanned<String>>,
    /// `server.env`: name, value.
    pub environment: Vec<(String, Spanned<String>)>,
    /// `http.address`.
    pub http: Option<Spanned<String>>,
    /// `http.pool`, key by key: `num_workers`, `max_jobs`, `debug`, `supervisor.max_worker_memory`.
    pub pool: Vec<(String, Spanned<String>)>,
    /// `http.static.dir`.
    pub static_folder: Option<Spanned<String>>,
    /// `http.static.forbid`.
    pub static_forbidden: Vec<Spanned<String>>,
    /// `rpc.listen`.
    pub rpc: Option<Spanned<String>>,
    /// `status.address`.
    pub status: Option<Spanned<String>>,
    /// `metrics.address`.
    pub metrics: Option<Spanned<String>>,
}

impl RoadRunner {
    /// A key of `http.pool`.
    #[must_use]
    pub fn pool_setting(&self, key: &str) -> Option<&Spanned<String>> {
        self.pool.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }
}

/// Whether an address accepts connections from outside the container; `None` when it holds a variable without a default.
#[must_use]
pub fn is_open(address: &str) -> Option<bool> {
    let address = filled(address)?;
    if address.starts_with("unix:") {
        return Some(false);
    }
    let rest = address.rsplit_once("://").map_or(address.as_str(), |(_, rest)| rest);
    let host = rest.rsplit_once(':').map_or(rest, |(host, _)| host);
    Some(!matches!(host, "localhost" | "[::1]" | "::1") && !host.starts_with("127."))
}

/// `${NAME:-default}` by its default.
fn filled(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(place) = rest.find("${") {
        out.push_str(rest.get(..place)?);
        let (inside, next) = rest.get(place + 2..)?.split_once('}')?;
        out.push_str(inside.split_once(":-")?.1);
        rest = next;
    }
    out.push_str(rest);
    Some(out)
}

/// Reads a configuration.
#[must_use]
pub fn read(source: SourceId, tree: &Tree) -> RoadRunner {
    let Some(root) = tree.documents.first().copied() else { return RoadRunner::default() };
    let reader = Reader { source, tree };
    let at = |path: &[&str]| reader.at(root, path);
    let text = |path: &[&str]| at(path).and_then(|id| reader.text(id));
    let mut pool = Vec::new();
    for (prefix, path) in [("", &["http", "pool"][..]), ("supervisor.", &["http", "pool", "supervisor"][..])] {
        for (key, id) in at(path).map(|id| reader.pairs(id)).unwrap_or_default() {
            pool.extend(reader.text(id).map(|value| (format!("{prefix}{key}"), value)));
        }
    }
    let environment = at(&["server", "env"]).map(|id| reader.variables(id)).unwrap_or_default();
    let forbidden = at(&["http", "static", "forbid"]).map(|id| reader.items(id)).unwrap_or_default();
    RoadRunner {
        command: text(&["server", "command"]).or_else(|| {
            let words = at(&["server", "command"]).map(|id| reader.items(id))?;
            let place = words.first()?.at;
            Some(Spanned::new(words.iter().map(|word| word.value.as_str()).collect::<Vec<_>>().join(" "), place))
        }),
        user: text(&["server", "user"]),
        relay: text(&["server", "relay"]),
        environment,
        http: text(&["http", "address"]),
        pool,
        static_folder: text(&["http", "static", "dir"]),
        static_forbidden: forbidden
            .iter()
            .filter_map(|one| Some(one.clone()).filter(|one| !one.value.is_empty()))
            .collect(),
        rpc: text(&["rpc", "listen"]),
        status: text(&["status", "address"]),
        metrics: text(&["metrics", "address"]),
    }
}

struct Reader<'t> {
    source: SourceId,
    tree: &'t Tree,
}

impl Reader<'_> {
    fn at(&self, root: Id, path: &[&str]) -> Option<Id> {
        path.iter().try_fold(root, |id, key| self.tree.get(self.tree.deref(id), key).map(|(_, value)| value))
    }

    fn text(&self, id: Id) -> Option<Spanned<String>> {
        let id = self.tree.deref(id);
        let text = self.tree.str(id)?;
        Some(Spanned::new(text.to_owned(), Location::new(self.source, self.tree.node(id).span)))
    }

    fn pairs(&self, id: Id) -> Vec<(String, Id)> {
        let merged = self.tree.merged(self.tree.deref(id), 1000);
        merged.into_iter().filter_map(|(key, value)| Some((self.tree.str(key)?.to_owned(), value))).collect()
    }

    fn items(&self, id: Id) -> Vec<Spanned<String>> {
        match &self.tree.node(self.tree.deref(id)).kind {
            Kind::Sequence { items, .. } => items.iter().filter_map(|item| self.text(*item)).collect(),
            _ => Vec::new(),
        }
    }

    /// A mapping, or a list of mappings.
    fn variables(&self, id: Id) -> Vec<(String, Spanned<String>)> {
        let mut found = Vec::new();
        let maps: Vec<Id> = match &self.tree.node(self.tree.deref(id)).kind {
            Kind::Sequence { items, .. } => items.clone(),
            _ => vec![id],
        };
        for (key, value) in maps.into_iter().flat_map(|map| self.pairs(map)) {
            found.extend(self.text(value).map(|value| (key, value)));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::yaml::{Limits, parse};

    #[test]
    fn reads_a_configuration() {
        let text = "version: '3'\nrpc: {listen: tcp://0.0.0.0:6001}\nserver:\n  command: \"php worker.php\"\n  user: app\n  env:\n    - APP_ENV: prod\n\
            http:\n  address: 0.0.0.0:8080\n  pool:\n    num_workers: 4\n    supervisor: {max_worker_memory: 128}\n  static:\n    dir: .\n    forbid: ['.php']\n\
            status: {address: '127.0.0.1:2114'}\nmetrics:\n  address: \"${METRICS:-0.0.0.0:2112}\"\n";
        let read = read(SourceId(0), &parse(text, &Limits::default()));
        assert_eq!(read.rpc.as_ref().unwrap().at.span.slice(text), "tcp://0.0.0.0:6001");
        assert_eq!(read.command.as_ref().unwrap().value, "php worker.php");
        assert_eq!(read.user.as_ref().unwrap().value, "app");
        assert_eq!(read.environment[0].0, "APP_ENV");
        assert_eq!(read.pool_setting("num_workers").unwrap().value, "4");
        assert_eq!(read.pool_setting("supervisor.max_worker_memory").unwrap().value, "128");
        assert_eq!(read.static_folder.as_ref().unwrap().value, ".");
        assert_eq!(read.static_forbidden.len(), 1);
        assert_eq!(is_open(&read.rpc.unwrap().value), Some(true));
        assert_eq!(is_open(&read.status.unwrap().value), Some(false));
        assert_eq!(is_open(&read.metrics.unwrap().value), Some(true));
        assert_eq!(is_open("unix:///tmp/rpc.sock"), Some(false));
        assert_eq!(is_open("${RPC}"), None);
        assert_eq!(is_open(":6001"), Some(true));
    }
}
