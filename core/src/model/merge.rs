//! How Compose joins a base and an override: file over file, document over document, `extends` over its base.
//!
//! The rules are those of the Compose specification's merge chapter as compose-go applies them. A merged node keeps the place of
//! the text that won.

use super::node::{Entry, MergeTag, Node, Scalar, Value};
use super::unique;
use crate::source::Location;
use crate::span::Span;
use std::collections::BTreeMap;

/// Two values that cannot be joined: one is a mapping or a list, the other is not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clash {
    /// The keys that lead there.
    pub path: Vec<String>,
    /// What both files say about it: the shape of the base and of the override.
    pub shapes: (&'static str, &'static str),
    /// Where the override is written.
    pub at: Location,
}

/// Joins `over` onto `base`. `path` is the path of keys that leads to the node, service names included. What cannot be joined is
/// noted in `clashes`; the override counts then.
#[must_use]
pub fn merge(base: Node, over: Node, path: &mut Vec<String>, clashes: &mut Vec<Clash>) -> Node {
    match over.tag {
        Some(MergeTag::Reset) => return Node { value: Value::Null, ..over },
        Some(MergeTag::Override) => return over,
        None => {}
    }
    let rule = rule_of(path);
    if over.is_null() {
        // A null override leaves the base, except where it means "the image's own".
        return if matches!(rule, Rule::Replace) { over } else { base };
    }
    match rule {
        Rule::Replace => over,
        Rule::Pairs => pairs(to_mapping(base, key_value), to_mapping(over, key_value), path, clashes),
        Rule::Names(item) => {
            let base = to_mapping(base, item);
            deep(base, to_mapping(over, item), path, clashes)
        }
        Rule::BuildContext => {
            let base = context_mapping(base);
            deep(base, context_mapping(over), path, clashes)
        }
        Rule::List => deep(to_list(base), to_list(over), path, clashes),
        Rule::Hosts => deep(hosts_list(base), hosts_list(over), path, clashes),
        Rule::Logging => {
            let driver = |node: &Node| node.get("driver").and_then(Node::text).map(str::to_owned);
            match (driver(&base), driver(&over)) {
                (Some(a), Some(b)) if a != b => over,
                _ => deep(base, over, path, clashes),
            }
        }
        Rule::Subnets => subnets(base, over, path, clashes),
        Rule::Deep => deep(base, over, path, clashes),
    }
}

/// What is left of a merged tree once every file is in: `!reset` took effect, lists hold each entry once. Returns the entries that
/// stood there twice.
pub fn finish(root: &mut Node) -> Vec<unique::Repeated> {
    drop_resets(root);
    let mut repeated = Vec::new();
    unique::apply(root, &mut Vec::new(), &mut repeated);
    repeated
}

/// Removes what `!reset` left: keys and items without a value.
fn drop_resets(node: &mut Node) {
    match &mut node.value {
        Value::Mapping(entries) => {
            entries.retain(|entry| entry.node.tag != Some(MergeTag::Reset));
            entries.iter_mut().for_each(|entry| drop_resets(&mut entry.node));
        }
        Value::Sequence(items) => {
            items.retain(|item| item.tag != Some(MergeTag::Reset));
            items.iter_mut().for_each(drop_resets);
        }
        _ => {}
    }
}

enum Rule {
    /// Mappings key by key, lists appended, scalars replaced.
    Deep,
    Replace,
    /// `K=V` list or mapping; the last of a key wins, even when it has no value.
    Pairs,
    /// List of names or mapping by name.
    Names(fn(&Node) -> Option<Entry>),
    /// `build: .` is `build: {context: .}`.
    BuildContext,
    /// One text or a list of them.
    List,
    /// `extra_hosts`: a host may have several addresses, so the mapping becomes a list.
    Hosts,
    Logging,
    /// `ipam.config`: joined by subnet.
    Subnets,
}

fn rule_of(path: &[String]) -> Rule {
    let (Some(top), true) = (path.first(), path.len() >= 3) else { return Rule::Deep };
    let mut rest = [""; 4];
    for (slot, key) in rest.iter_mut().zip(path.iter().skip(2)) {
        *slot = key;
    }
    let rest = rest.get(..path.len() - 2).unwrap_or_default();
    match (top.as_str(), rest) {
        ("services", ["command" | "entrypoint"] | ["healthcheck", "test"] | ["ulimits", _]) => Rule::Replace,
        (
            "services",
            ["environment" | "labels" | "annotations" | "sysctls" | "storage_opt"]
            | ["build", "args" | "labels" | "additional_contexts"]
            | ["deploy", "labels"],
        ) => Rule::Pairs,
        ("services", ["depends_on"]) => Rule::Names(started),
        ("services", ["networks" | "models"]) => Rule::Names(name_only),
        ("services", ["build"]) => Rule::BuildContext,
        ("services", ["logging"]) => Rule::Logging,
        ("services", ["dns" | "dns_opt" | "dns_search" | "env_file" | "label_file" | "tmpfs"]) => Rule::List,
        ("services", ["extra_hosts"] | ["build", "extra_hosts"]) => Rule::Hosts,
        ("networks" | "volumes" | "secrets" | "configs", ["labels"]) => Rule::Pairs,
        ("networks", ["ipam", "config"]) => Rule::Subnets,
        _ => Rule::Deep,
    }
}

fn deep(base: Node, over: Node, path: &mut Vec<String>, clashes: &mut Vec<Clash>) -> Node {
    let shapes = (shape(&base), shape(&over));
    match (base.value, over.value) {
        (Value::Mapping(below), Value::Mapping(above)) => {
            let value = join_entries(below, above, |known, entry| {
                path.push(entry.key.clone());
                let node = merge(known.node, entry.node, path, clashes);
                path.pop();
                // The key keeps the place of the text that decided its value.
                let key_at = if node.source == entry.key_at.source { entry.key_at } else { known.key_at };
                Entry { key: entry.key, key_at, node }
            });
            Node { value: Value::Mapping(value), tag: None, ..base }
        }
        (Value::Sequence(mut below), Value::Sequence(above)) => {
            below.extend(above);
            Node { value: Value::Sequence(below), tag: None, ..base }
        }
        (Value::Mapping(_) | Value::Sequence(_), value) => {
            let at = Location::new(over.source, over.span);
            clashes.push(Clash { path: path.clone(), shapes, at });
            Node { value, ..over }
        }
        (_, value) => Node { value, ..over },
    }
}

fn shape(node: &Node) -> &'static str {
    match node.value {
        Value::Null => "nothing",
        Value::Scalar(_) => "one value",
        Value::Sequence(_) => "a list",
        Value::Mapping(_) => "a mapping",
    }
}

/// Entries of `below`, with those of `above` joined to their namesakes in place, the others behind.
fn join_entries(below: Vec<Entry>, above: Vec<Entry>, mut join: impl FnMut(Entry, Entry) -> Entry) -> Vec<Entry> {
    let places: Vec<Option<usize>> = {
        let known: BTreeMap<&str, usize> =
            below.iter().enumerate().map(|(at, entry)| (entry.key.as_str(), at)).collect();
        above.iter().map(|entry| known.get(entry.key.as_str()).copied()).collect()
    };
    let mut slots: Vec<Option<Entry>> = below.into_iter().map(Some).collect();
    for (entry, place) in above.into_iter().zip(places) {
        match place.and_then(|at| slots.get_mut(at)) {
            Some(slot) => {
                *slot = Some(match slot.take() {
                    Some(known) => join(known, entry),
                    None => entry,
                });
            }
            None => slots.push(Some(entry)),
        }
    }
    slots.into_iter().flatten().collect()
}

fn pairs(base: Node, over: Node, path: &mut Vec<String>, clashes: &mut Vec<Clash>) -> Node {
    match (base.value, over.value) {
        (Value::Mapping(below), Value::Mapping(above)) => {
            let joined = join_entries(below, above, |known, entry| match entry.node.tag {
                Some(MergeTag::Reset) => Entry { node: Node { value: Value::Null, ..entry.node }, ..known },
                _ => entry,
            });
            Node { value: Value::Mapping(joined), tag: None, ..base }
        }
        (below, above) => deep(Node { value: below, ..base }, Node { value: above, ..over }, path, clashes),
    }
}

fn subnets(base: Node, over: Node, path: &mut Vec<String>, clashes: &mut Vec<Clash>) -> Node {
    let subnet = |node: &Node| node.get("subnet").and_then(Node::text).map(str::to_owned);
    match (base.value, over.value) {
        (Value::Sequence(mut below), Value::Sequence(above)) => {
            // Engines take a handful of subnets; more than this are appended unseen.
            let compared = below.len().min(256);
            for item in above {
                let known = below.iter().take(compared).position(|known| {
                    let (known, new) = (subnet(known), subnet(&item));
                    known.is_some() && known == new
                });
                match known {
                    Some(at) if at < below.len() => {
                        let known = below.swap_remove(at);
                        below.push(deep(known, item, path, clashes));
                        let last = below.len() - 1;
                        below.swap(at, last);
                    }
                    _ => below.push(item),
                }
            }
            Node { value: Value::Sequence(below), tag: None, ..base }
        }
        (below, above) => deep(Node { value: below, ..base }, Node { value: above, ..over }, path, clashes),
    }
}

fn to_list(node: Node) -> Node {
    match node.value {
        Value::Scalar(_) => {
            let item = node.clone();
            Node { value: Value::Sequence(vec![item]), ..node }
        }
        _ => node,
    }
}

/// `extra_hosts` as the list `host=address`.
#[must_use]
pub fn hosts_list(node: Node) -> Node {
    let Value::Mapping(entries) = &node.value else { return node };
    let mut items = Vec::with_capacity(entries.len());
    for entry in entries {
        for address in entry.node.one_or_many() {
            let Some(scalar) = address.scalar() else { continue };
            let value = Value::Scalar(Scalar { text: format!("{}={}", entry.key, scalar.text), ..scalar.clone() });
            let span = Span { start: entry.key_at.span.start.min(address.span.start), end: address.span.end };
            items.push(Node { value, span, ..address.clone() });
        }
    }
    Node { value: Value::Sequence(items), ..node }
}

fn context_mapping(node: Node) -> Node {
    match node.value {
        Value::Scalar(_) => {
            let entry = Entry { key: "context".to_owned(), key_at: node.at(), node: node.clone() };
            Node { value: Value::Mapping(vec![entry]), ..node }
        }
        _ => node,
    }
}

/// A list turned into a mapping, item by item; anything else stays as it is. Of equal keys the last one counts.
#[must_use]
pub fn to_mapping(node: Node, item: fn(&Node) -> Option<Entry>) -> Node {
    match &node.value {
        Value::Sequence(items) => {
            let mut entries: Vec<Entry> = Vec::with_capacity(items.len());
            let mut known: BTreeMap<String, usize> = BTreeMap::new();
            for entry in items.iter().filter_map(item) {
                match known.get(&entry.key).and_then(|at| entries.get_mut(*at)) {
                    Some(earlier) => *earlier = entry,
                    None => {
                        known.insert(entry.key.clone(), entries.len());
                        entries.push(entry);
                    }
                }
            }
            Node { value: Value::Mapping(entries), ..node }
        }
        _ => node,
    }
}

/// `K=V` as an entry. Its spans lie inside the item where the text is the same before and after interpolation.
#[must_use]
pub fn key_value(item: &Node) -> Option<Entry> {
    let scalar = item.scalar()?;
    let (key, value) = match scalar.text.split_once('=') {
        Some((key, value)) => (key, Some(value)),
        None => (scalar.text.as_str(), None),
    };
    let (key_span, value_span) = split_span(item.span, scalar, key.len());
    let value = match value {
        Some(text) => Value::Scalar(Scalar {
            text: text.to_owned(),
            raw: scalar.raw.split_once('=').map_or("", |(_, raw)| raw).to_owned(),
            ..scalar.clone()
        }),
        None => Value::Null,
    };
    Some(Entry {
        key: key.to_owned(),
        key_at: Location::new(item.source, key_span),
        node: Node { value, span: value_span, ..item.clone() },
    })
}

/// Spans of the two sides of `key=value` inside a scalar. Exact for a scalar written on one line without escapes, which is what
/// environment lists are; otherwise the whole scalar.
fn split_span(span: Span, scalar: &Scalar, key: usize) -> (Span, Span) {
    let quote = match span.len().checked_sub(scalar.raw.len()) {
        Some(0) => 0u32,
        Some(2) => 1,
        _ => return (span, span),
    };
    let Ok(key) = u32::try_from(key) else { return (span, span) };
    let middle = span.start + quote + key;
    let end = span.end - quote;
    if middle >= end {
        return (span, span);
    }
    (Span { start: span.start + quote, end: middle }, Span { start: middle + 1, end })
}

fn name_only(item: &Node) -> Option<Entry> {
    let text = item.text()?;
    Some(Entry { key: text.to_owned(), key_at: item.at(), node: Node { value: Value::Null, ..item.clone() } })
}

/// The short form of `depends_on` written out: it replaces a condition that the base asks for.
fn started(item: &Node) -> Option<Entry> {
    let scalar = item.scalar()?;
    let said = |key: &str, text: &str| {
        let value = Scalar { text: text.to_owned(), raw: text.to_owned(), ..scalar.clone() };
        Entry { key: key.to_owned(), key_at: item.at(), node: Node { value: Value::Scalar(value), ..item.clone() } }
    };
    let value = Value::Mapping(vec![said("condition", "service_started"), said("required", "true")]);
    Some(Entry { key: scalar.text.clone(), key_at: item.at(), node: Node { value, ..item.clone() } })
}

#[cfg(test)]
mod tests {
    use super::super::node::Resolver;
    use super::*;
    use crate::source::SourceId;
    use crate::syntax::yaml;

    fn node(source: u32, text: &str) -> Node {
        let tree = yaml::parse(text, &yaml::Limits::default());
        let mut budget = 10_000;
        let mut resolver = Resolver::new(SourceId(source), &tree, &|_| None, &mut budget);
        resolver.node(tree.documents[0]).unwrap()
    }

    fn merged(base: &str, over: &str) -> (String, Vec<Clash>) {
        let mut clashes = Vec::new();
        let mut out = merge(node(0, base), node(1, over), &mut Vec::new(), &mut clashes);
        finish(&mut out);
        (show(&out), clashes)
    }

    fn show(node: &Node) -> String {
        match &node.value {
            Value::Null => "null".into(),
            Value::Scalar(scalar) => scalar.text.clone(),
            Value::Sequence(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(",")),
            Value::Mapping(entries) => format!(
                "{{{}}}",
                entries.iter().map(|e| format!("{}:{}", e.key, show(&e.node))).collect::<Vec<_>>().join(",")
            ),
        }
    }

    fn service(base: &str, over: &str) -> String {
        let (text, _) = merged(&format!("services: {{a: {{{base}}}}}"), &format!("services: {{a: {{{over}}}}}"));
        text.strip_prefix("{services:{a:").and_then(|text| text.strip_suffix("}}")).unwrap().to_owned()
    }

    #[test]
    fn compose_rules() {
        for (base, over, want) in [
            ("image: x", "image: y", "{image:y}"),
            ("command: [a]", "command: [b]", "{command:[b]}"),
            ("ports: ['80:80']", "ports: ['443:443']", "{ports:[80:80,443:443]}"),
            ("ports: ['8080:80']", "ports: ['8081:80']", "{ports:[8080:80,8081:80]}"),
            ("ports: ['8080:80']", "ports: ['8080:80']", "{ports:[8080:80]}"),
            ("ports: ['80:80']", "ports: !override ['443:443']", "{ports:[443:443]}"),
            ("ports: ['80:80'], image: x", "ports: !reset []", "{image:x}"),
            ("environment: [A=1, B=2]", "environment: {B: '3', C: '4'}", "{environment:{A:1,B:3,C:4}}"),
            ("volumes: ['./a:/x', 'v:/y']", "volumes: ['./b:/x']", "{volumes:[./b:/x,v:/y]}"),
            (
                "depends_on: [x]",
                "depends_on: {y: {condition: service_healthy}}",
                "{depends_on:{x:{condition:service_started,required:true},y:{condition:service_healthy}}}",
            ),
            ("build: .", "build: {target: prod}", "{build:{context:.,target:prod}}"),
            ("cap_add: [A, B]", "cap_add: [B, C]", "{cap_add:[A,B,C]}"),
            ("dns: 1.1.1.1", "dns: [8.8.8.8]", "{dns:[1.1.1.1,8.8.8.8]}"),
            ("image: x", "image:", "{image:x}"),
            ("command: [a]", "command:", "{command:null}"),
        ] {
            assert_eq!(service(base, over), want, "{base} + {over}");
        }
    }

    #[test]
    fn a_merged_value_says_where_it_is_written() {
        let out = merge(
            node(0, "services: {a: {image: x, user: u}}"),
            node(1, "services: {a: {image: y}}"),
            &mut Vec::new(),
            &mut Vec::new(),
        );
        let service = out.get("services").unwrap().get("a").unwrap();
        assert_eq!(service.get("image").unwrap().source, SourceId(1));
        assert_eq!(service.get("user").unwrap().source, SourceId(0));
    }

    #[test]
    fn shapes_that_clash_are_noted() {
        let (text, clashes) = merged("services: {a: {cap_add: [A]}}", "services: {a: {cap_add: {B: 1}}}");
        assert_eq!(text, "{services:{a:{cap_add:{B:1}}}}");
        assert_eq!(clashes[0].path, ["services", "a", "cap_add"]);
        assert_eq!(clashes[0].shapes, ("a list", "a mapping"));
    }

    #[test]
    fn many_entries_merge_in_linear_time() {
        let list = |prefix: &str| (0..20_000).map(|n| format!("    - {prefix}{n}=1\n")).collect::<String>();
        let text = |prefix: &str| format!("services:\n  a:\n    environment:\n{}", list(prefix));
        let read = |source, text: &str| {
            let tree = yaml::parse(text, &yaml::Limits::default());
            let mut budget = 100_000;
            Resolver::new(SourceId(source), &tree, &|_| None, &mut budget).node(tree.documents[0]).unwrap()
        };
        let mut out = merge(read(0, &text("A")), read(1, &text("B")), &mut Vec::new(), &mut Vec::new());
        finish(&mut out);
        let service = out.get("services").unwrap().get("a").unwrap();
        assert_eq!(service.get("environment").unwrap().entries().len(), 40_000);
    }

    #[test]
    fn a_list_item_points_at_its_two_sides() {
        let text = "- \"KEY=value\"\n- OTHER=x\n";
        let list = node(0, text);
        let entry = key_value(&list.items()[0]).unwrap();
        assert_eq!(entry.key_at.span.slice(text), "KEY");
        assert_eq!(entry.node.span.slice(text), "value");
        let entry = key_value(&list.items()[1]).unwrap();
        assert_eq!((entry.key_at.span.slice(text), entry.node.span.slice(text)), ("OTHER", "x"));
    }
}
