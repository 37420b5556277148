//! A configuration with its includes in place: one tree of directives, each still knowing where it is written.

use super::{Software, Value};
use crate::source::{Location, SourceId, folder};
use crate::span::Span;
use crate::syntax::directives::Item;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Directives of one configuration, includes counted as often as they are read.
const MAX_NODES: usize = 40_000;
/// Includes that are listed as not followed.
const MAX_UNREAD: usize = 100;
/// Directives looked at.
const MAX_STEPS: usize = 4 * MAX_NODES;
/// Includes inside includes, and blocks inside blocks.
const MAX_DEPTH: usize = 80;

/// Where the text of a file stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// In a file of the project.
    Source(SourceId),
    /// In the image: everything in it is shown at the place that names the image.
    Image(Location),
    /// Inside of another file, `content` of a config: everything in it is shown at that place.
    Inline(Location),
}

impl Place {
    fn at(self, span: Span) -> Location {
        match self {
            Self::Source(source) => Location::new(source, span),
            Self::Image(at) | Self::Inline(at) => at,
        }
    }
}

/// A file of the container.
#[derive(Clone, Debug)]
pub struct Opened<'c> {
    /// Its path in the container.
    pub path: String,
    /// Where its text stands.
    pub place: Place,
    /// Its directives.
    pub items: Cow<'c, [Item]>,
    /// Whether variables of the environment are put in before the server reads it: a template of the nginx image.
    pub template: bool,
}

/// What a configuration refers to: whoever knows the container answers.
pub trait Container {
    /// The files that a path, or a pattern with `*`, stands for, in the order of their names; `None` when a path names a file that
    /// is not known.
    fn open(&self, pattern: &str) -> Option<Vec<Opened<'_>>>;

    /// The value of a variable of the environment.
    fn variable(&self, name: &str) -> Option<String>;

    /// The folder that relative includes start from.
    fn prefix(&self) -> String;

    /// `.htaccess` files, each with the folder it is for.
    fn folder_files(&self) -> Vec<Opened<'_>> {
        Vec::new()
    }
}

/// An include that could not be followed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unread {
    /// The path in the container.
    pub path: String,
    /// The include.
    pub at: Location,
}

/// One directive in its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Directive {
    /// The name; Apache's in lower case.
    pub name: String,
    /// The arguments.
    pub args: Vec<Value>,
    /// From the name to the last argument.
    pub at: Location,
    /// Name, arguments and block.
    pub whole: Location,
    /// The directive it stands in; 0 for those at the top, and for itself.
    pub parent: usize,
    /// The directives in its block, in order.
    pub children: Vec<usize>,
    /// Whether the image brings it along, and nothing in the project says it.
    pub of_image: bool,
}

impl Directive {
    /// The text of the argument at `index`.
    #[must_use]
    pub fn arg(&self, index: usize) -> Option<&str> {
        self.args.get(index).map(|value| value.text.as_str())
    }
}

/// A configuration with its includes in place.
#[derive(Clone, Debug)]
pub struct Tree {
    /// Every directive; the first has no name and holds those at the top.
    pub nodes: Vec<Directive>,
    /// Includes that could not be followed.
    pub unread: Vec<Unread>,
    /// Whether it was too large to be read whole.
    pub truncated: bool,
    /// `upstream` and `set` of nginx by their name and first argument.
    named: BTreeMap<(&'static str, String), Vec<usize>>,
}

impl Tree {
    pub(super) fn read(software: Software, roots: &[Opened<'_>], container: &dyn Container) -> Self {
        let at = match roots.first().map(|root| root.place) {
            Some(place) => place.at(Span::at(0)),
            None => Location::new(SourceId(0), Span::at(0)),
        };
        let of_image = matches!(roots.first().map(|root| root.place), Some(Place::Image(_)));
        let root = Directive {
            name: String::new(),
            args: Vec::new(),
            at,
            whole: at,
            parent: 0,
            children: Vec::new(),
            of_image,
        };
        let tree = Self { nodes: vec![root], unread: Vec::new(), truncated: false, named: BTreeMap::new() };
        let mut reader = Reader {
            software,
            container,
            tree,
            snippets: BTreeMap::new(),
            defines: BTreeMap::new(),
            open: BTreeSet::new(),
            steps: 0,
        };
        for root in roots {
            reader.file(root, 0, 0);
        }
        if software == Software::Apache {
            for file in container.folder_files() {
                reader.folder_file(&file);
            }
        }
        let mut tree = reader.tree;
        if software == Software::Nginx {
            for (index, node) in tree.nodes.iter().enumerate() {
                let Some(name) =
                    ["upstream", "set", "map", "geo", "split_clients"].into_iter().find(|name| *name == node.name)
                else {
                    continue;
                };
                // `map $from $to`: the variable that is made comes last.
                let word = if matches!(name, "upstream" | "set") { node.args.first() } else { node.args.last() };
                if let Some(word) = word {
                    tree.named.entry((name, word.text.clone())).or_default().push(index);
                }
            }
        }
        tree
    }

    /// `upstream`, `set`, `map`, `geo` or `split_clients` of nginx that define a name, in the order of the text.
    pub(super) fn defining(&self, kind: &'static str, name: &str) -> &[usize] {
        self.named.get(&(kind, name.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// A directive.
    #[must_use]
    pub fn node(&self, index: usize) -> &Directive {
        // Every index in the tree is one of its own.
        self.nodes.get(index).unwrap_or(&self.nodes[0])
    }

    /// The directives in a block.
    pub fn children(&self, index: usize) -> impl Iterator<Item = (usize, &Directive)> {
        self.node(index).children.iter().map(|child| (*child, self.node(*child)))
    }

    /// The directives of a name in a block.
    #[must_use]
    pub fn named<'t>(&'t self, index: usize, name: &str) -> std::vec::IntoIter<(usize, &'t Directive)> {
        self.children(index).filter(|(_, child)| child.name == name).collect::<Vec<_>>().into_iter()
    }

    /// The last directive of a name in a block.
    #[must_use]
    pub fn last(&self, index: usize, name: &str) -> Option<&Directive> {
        self.node(index).children.iter().rev().map(|child| self.node(*child)).find(|child| child.name == name)
    }

    /// The blocks around a directive, itself first, the top last.
    pub fn chain(&self, index: usize) -> impl Iterator<Item = usize> {
        let mut next = Some(index);
        std::iter::from_fn(move || {
            let current = next?;
            next = (current != 0).then(|| self.node(current).parent);
            Some(current)
        })
    }

    /// The directives of a name in the nearest block upwards that has any.
    #[must_use]
    pub fn inherited(&self, index: usize, name: &str) -> Vec<&Directive> {
        self.chain(index)
            .map(|block| self.named(block, name).map(|(_, directive)| directive).collect::<Vec<_>>())
            .find(|found| !found.is_empty())
            .unwrap_or_default()
    }

    /// Every directive below another, in the order of the text.
    #[must_use]
    pub fn below(&self, index: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut pending: Vec<usize> = self.node(index).children.iter().rev().copied().collect();
        while let Some(next) = pending.pop() {
            found.push(next);
            pending.extend(self.node(next).children.iter().rev());
        }
        found
    }
}

/// What becomes of a section.
enum Section {
    /// It is kept.
    Keep,
    /// Its content stands in its place.
    Open,
    /// It does not apply.
    Drop,
}

struct Reader<'c> {
    software: Software,
    container: &'c dyn Container,
    tree: Tree,
    /// Snippets of a Caddyfile, macros of Apache.
    snippets: BTreeMap<String, (Place, Rc<[Item]>)>,
    /// `Define` of Apache.
    defines: BTreeMap<String, String>,
    /// Files that are being read.
    open: BTreeSet<String>,
    /// Directives looked at, those that leave nothing behind too.
    steps: usize,
}

impl Reader<'_> {
    fn file(&mut self, file: &Opened<'_>, parent: usize, depth: usize) {
        if depth > MAX_DEPTH || !self.open.insert(file.path.clone()) {
            return;
        }
        let context = Reading { place: file.place, path: &file.path, template: file.template, args: &[] };
        if self.software == Software::Caddy && parent == 0 {
            self.caddyfile(&file.items, &context, depth);
        } else {
            self.items(&file.items, &context, parent, depth);
        }
        self.open.remove(&file.path);
    }

    /// `.htaccess` stands at the top as a section for its folder.
    fn folder_file(&mut self, file: &Opened<'_>) {
        let at = file.place.at(Span::at(0));
        let path = Value { text: folder(&file.path).to_owned(), variables: Vec::new(), at };
        let start = Span::at(0);
        let Some(node) = self.add(0, ".htaccess", vec![path], file.place, (start, start)) else { return };
        let context = Reading { place: file.place, path: &file.path, template: false, args: &[] };
        self.items(&file.items, &context, node, 1);
    }

    /// The parts of a Caddyfile: global options, snippets, sites.
    fn caddyfile(&mut self, items: &[Item], context: &Reading<'_>, depth: usize) {
        use crate::syntax::caddyfile::{Part, parts};
        for part in parts(items) {
            match part {
                Part::Global(item) => {
                    let spans = (item.header(), item.span);
                    if let Some(node) = self.add(0, "global", Vec::new(), context.place, spans) {
                        self.items(item.items(), context, node, depth + 1);
                    }
                }
                Part::Snippet(name, item) => {
                    self.snippets.insert(name.to_owned(), (context.place, item.items().into()));
                }
                Part::Site { span, addresses, body } => {
                    let args = addresses.iter().map(|(word, span)| self.value(word, *span, context)).collect();
                    let whole = body.last().map_or(span, |last| span.to(last.span));
                    if let Some(node) = self.add(0, "site", args, context.place, (span, whole)) {
                        self.items(body, context, node, depth + 1);
                    }
                }
                Part::Other(item) => self.items(std::slice::from_ref(item), context, 0, depth),
            }
        }
    }

    fn add(
        &mut self,
        parent: usize,
        name: &str,
        args: Vec<Value>,
        place: Place,
        (at, whole): (Span, Span),
    ) -> Option<usize> {
        let (at, whole, of_image) = (place.at(at), place.at(whole), matches!(place, Place::Image(_)));
        if self.tree.nodes.len() >= MAX_NODES {
            self.tree.truncated = true;
            return None;
        }
        let index = self.tree.nodes.len();
        self.tree.nodes.push(Directive {
            name: name.to_owned(),
            args,
            at,
            whole,
            parent,
            children: Vec::new(),
            of_image,
        });
        if let Some(parent) = self.tree.nodes.get_mut(parent) {
            parent.children.push(index);
        }
        Some(index)
    }

    fn items(&mut self, items: &[Item], context: &Reading<'_>, parent: usize, depth: usize) {
        if depth > MAX_DEPTH {
            self.tree.truncated = true;
            return;
        }
        for item in items {
            self.steps += 1;
            if self.steps > MAX_STEPS {
                self.tree.truncated = true;
            }
            if self.tree.truncated {
                return;
            }
            let args: Vec<Value> = item.args.iter().map(|(word, span)| self.value(word, *span, context)).collect();
            let at = context.place.at(item.header());
            if self.include(item, &args, at, context, parent, depth) {
                continue;
            }
            match self.section(item, &args) {
                Section::Drop => {}
                Section::Open => self.items(item.items(), context, parent, depth + 1),
                Section::Keep => {
                    let name = context.fill(&item.name);
                    let spans = (item.header(), item.span);
                    let Some(node) = self.add(parent, &name, args, context.place, spans) else { return };
                    self.items(item.items(), context, node, depth + 1);
                }
            }
        }
    }

    /// What becomes of Apache's conditions on modules, versions and switches.
    fn section(&mut self, item: &Item, args: &[Value]) -> Section {
        if self.software != Software::Apache {
            return Section::Keep;
        }
        let first = args.first().map_or("", |value| value.text.as_str());
        match item.name.as_str() {
            "define" => {
                let value = args.get(1).map_or("", |value| value.text.as_str());
                self.defines.insert(first.to_owned(), value.to_owned());
                Section::Keep
            }
            "ifmodule" | "iffile" | "ifdirective" | "ifsection" if first.starts_with('!') => Section::Drop,
            "ifmodule" | "iffile" | "ifdirective" | "ifsection" | "limit" => Section::Open,
            "ifdefine" => {
                let (negated, name) = first.strip_prefix('!').map_or((false, first), |name| (true, name));
                if self.defines.contains_key(name) != negated { Section::Open } else { Section::Drop }
            }
            "ifversion" => match first {
                "<" | "<=" => Section::Drop,
                _ => Section::Open,
            },
            "limitexcept" => Section::Drop,
            _ => Section::Keep,
        }
    }

    /// Reads what an include names in its place; `false` when the directive is none.
    fn include(
        &mut self,
        item: &Item,
        args: &[Value],
        at: Location,
        context: &Reading<'_>,
        parent: usize,
        depth: usize,
    ) -> bool {
        let optional = item.name == "includeoptional";
        let known = match self.software {
            Software::Nginx => item.name == "include",
            Software::Apache => item.name == "include" || optional,
            Software::Caddy => item.name == "import",
        };
        let Some(target) = args.first().filter(|_| known && (item.block.is_none() || self.software == Software::Caddy))
        else {
            return false;
        };
        if let Some((place, body)) =
            self.snippets.get(&target.text).filter(|_| self.software == Software::Caddy).cloned()
        {
            let key = format!("({})", target.text);
            if !self.open.insert(key.clone()) {
                return true;
            }
            let given: Vec<String> = args.iter().skip(1).map(|value| value.text.clone()).collect();
            let inner = Reading { place, path: context.path, template: false, args: &given };
            self.items(&body, &inner, parent, depth + 1);
            self.open.remove(&key);
            return true;
        }
        let base =
            if self.software == Software::Caddy { folder(context.path).to_owned() } else { self.container.prefix() };
        let path = if target.text.starts_with('/') {
            target.text.clone()
        } else {
            format!("{}/{}", base.trim_end_matches('/'), target.text)
        };
        let container = self.container;
        let files = if target.is_known() { container.open(&path) } else { None };
        match files {
            Some(files) => {
                for file in &files {
                    self.file(file, parent, depth + 1);
                }
            }
            // A pattern is only without an answer when something that was not supplied may fit it.
            None if optional && target.is_known() && !path.contains(['*', '?', '[']) => {}
            None if self.tree.unread.len() < MAX_UNREAD => self.tree.unread.push(Unread { path, at }),
            None => self.tree.truncated = true,
        }
        true
    }

    /// An argument, the known variables of the environment put in.
    fn value(&self, word: &str, span: Span, context: &Reading<'_>) -> Value {
        let word = context.fill(word);
        let known = |name: &str| self.defines.get(name).cloned().or_else(|| self.container.variable(name));
        let text = match self.software {
            Software::Nginx if context.template => replace(&word, "${", "}", |name| known(name)),
            Software::Nginx => word,
            Software::Apache => replace(&word, "${", "}", |name| known(name)),
            Software::Caddy => {
                let text = replace(&word, "{$", "}", |name| {
                    let (name, default) = name.split_once(':').map_or((name, None), |(name, text)| (name, Some(text)));
                    known(name)
                        .filter(|value| !value.is_empty() || default.is_none())
                        .or_else(|| default.map(str::to_owned))
                });
                replace(&text, "{env.", "}", known)
            }
        };
        Value { variables: variables(self.software, &text), text, at: context.place.at(span) }
    }
}

/// The file, and the arguments of the snippet, that are being read.
struct Reading<'r> {
    place: Place,
    path: &'r str,
    template: bool,
    args: &'r [String],
}

impl Reading<'_> {
    /// Puts the arguments of a Caddy snippet in: `{args[0]}`, `{args.0}`.
    fn fill(&self, word: &str) -> String {
        if self.args.is_empty() || !word.contains("{args") {
            return word.to_owned();
        }
        let number = |name: &str| name.trim_matches(['[', ']', '.']).parse::<usize>().ok();
        replace(word, "{args", "}", |name| self.args.get(number(name)?).cloned())
    }
}

/// Puts values in the place of `open…close`; what has no value stays.
fn replace(text: &str, open: &str, close: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        out.push_str(before);
        let Some((name, after)) = after.split_once(close) else {
            out.push_str(open);
            rest = after;
            break;
        };
        match value(name) {
            Some(value) => out.push_str(&value),
            None => out.extend([open, name, close]),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Names of the variables in a text.
fn variables(software: Software, text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = text;
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match software {
        Software::Nginx => {
            while let Some((_, after)) = rest.split_once('$') {
                let (name, after) = match after.strip_prefix('{').and_then(|after| after.split_once('}')) {
                    Some((name, after)) => (name, after),
                    None => after.split_at(after.find(|c| !word(c)).unwrap_or(after.len())),
                };
                if !name.is_empty() {
                    names.push(name.to_owned());
                }
                rest = after;
            }
        }
        Software::Apache => {
            while let Some(at) = rest.find(['$', '%']) {
                let after = rest.get(at + 1..).unwrap_or("");
                match after.strip_prefix('{').and_then(|after| after.split_once('}')) {
                    Some((name, after)) => {
                        names.push(name.to_owned());
                        rest = after;
                    }
                    None => rest = after,
                }
            }
        }
        Software::Caddy => {
            while let Some((_, after)) = rest.split_once('{') {
                let Some((name, after)) = after.split_once('}') else { break };
                if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$') && !name.contains(' ') {
                    names.push(name.to_owned());
                }
                rest = after;
            }
        }
    }
    names
}
