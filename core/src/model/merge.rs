//! How Compose joins a base and an override: file over file, document over document, `extends` over its base.
//!
//! The rules are those of the Compose specification's merge chapter as compose-go applies them. A merged node keeps the place of
//! the text that won.

use super::node::{Entry, MergeTag, Node, Scalar, Value};
use crate::source::Location;
use crate::span::Span;

/// Joins `over` onto `base`. `path` is the path of keys that leads to the node, service names included.
#[must_use]
pub fn merge(base: Node, over: Node, path: &mut Vec<String>) -> Node {
    match over.tag {
        Some(MergeTag::Reset) => return Node { value: Value::Null, ..over },
        Some(MergeTag::Override) => return over,
        None => {}
    }
    if over.is_null() {
        // A null override leaves the base, except where it means "the image's own".
        return if matches!(rule_of(path), Rule::Replace) { over } else { base };
    }
    match rule_of(path) {
        Rule::Replace => over,
        Rule::KeyValue => {
            let base = to_mapping(base, key_value);
            deep(base, to_mapping(over, key_value), path)
        }
        Rule::Names => {
            let base = to_mapping(base, name_only);
            deep(base, to_mapping(over, name_only), path)
        }
        Rule::BuildContext => {
            let base = context_mapping(base);
            deep(base, context_mapping(over), path)
        }
        Rule::Append => append(to_list(base), to_list(over)),
        Rule::Unique(key) => unique(to_list(base), to_list(over), key),
        Rule::Logging => {
            let driver = |node: &Node| node.get("driver").and_then(Node::text).map(str::to_owned);
            match (driver(&base), driver(&over)) {
                (Some(a), Some(b)) if a != b => over,
                _ => deep(base, over, path),
            }
        }
        Rule::Deep => deep(base, over, path),
    }
}

/// Removes what `!reset` left: keys and items without a value.
pub fn drop_resets(node: &mut Node) {
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
    /// `K=V` list or mapping; the last of a key wins.
    KeyValue,
    /// List of names or mapping by name.
    Names,
    /// `build: .` is `build: {context: .}`.
    BuildContext,
    Append,
    Unique(fn(&Node) -> Option<String>),
    Logging,
}

fn rule_of(path: &[String]) -> Rule {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["services", _, rest @ ..] => match rest {
            ["command" | "entrypoint"] | ["healthcheck", "test"] | ["ulimits", _] => Rule::Replace,
            ["environment" | "labels" | "annotations" | "sysctls"]
            | ["build", "args" | "labels" | "additional_contexts"]
            | ["deploy", "labels"] => Rule::KeyValue,
            ["depends_on" | "networks" | "models"] => Rule::Names,
            ["build"] => Rule::BuildContext,
            ["logging"] => Rule::Logging,
            ["dns" | "dns_opt" | "dns_search" | "label_file" | "tmpfs"] => Rule::Append,
            ["volumes" | "devices"] => Rule::Unique(mount_target),
            ["secrets" | "configs"] => Rule::Unique(grant_target),
            ["ports"] => Rule::Unique(port_key),
            ["extra_hosts" | "expose" | "cap_add" | "cap_drop" | "profiles" | "links"] => Rule::Unique(text_key),
            ["env_file"] => Rule::Unique(path_key),
            ["networks", _, "aliases"] => Rule::Unique(text_key),
            _ => Rule::Deep,
        },
        ["networks" | "volumes", _, "labels"] => Rule::KeyValue,
        _ => Rule::Deep,
    }
}

fn deep(base: Node, over: Node, path: &mut Vec<String>) -> Node {
    match (base.value, over.value) {
        (Value::Mapping(below), Value::Mapping(above)) => {
            let mut entries = below;
            for entry in above {
                path.push(entry.key.clone());
                match entries.iter().position(|known| known.key == entry.key) {
                    Some(index) => {
                        let known = entries.remove(index);
                        let node = merge(known.node, entry.node, path);
                        // The key keeps the place of the text that decided its value.
                        let key_at = if node.source == entry.key_at.source { entry.key_at } else { known.key_at };
                        entries.insert(index, Entry { key: entry.key, key_at, node });
                    }
                    None => entries.push(entry),
                }
                path.pop();
            }
            Node {
                value: Value::Mapping(entries),
                source: base.source,
                id: base.id,
                parent: base.parent,
                span: base.span,
                tag: None,
            }
        }
        (Value::Sequence(mut below), Value::Sequence(above)) => {
            below.extend(above);
            Node {
                value: Value::Sequence(below),
                source: base.source,
                id: base.id,
                parent: base.parent,
                span: base.span,
                tag: None,
            }
        }
        (_, value) => Node { value, ..over },
    }
}

fn append(base: Node, over: Node) -> Node {
    unique(base, over, |_| None)
}

/// Base items, then override items; an override item with the key of an earlier one takes its place.
fn unique(base: Node, over: Node, key: fn(&Node) -> Option<String>) -> Node {
    let (Value::Sequence(below), Value::Sequence(above)) = (&base.value, &over.value) else { return over };
    let mut items = below.clone();
    for item in above {
        let known = key(item).and_then(|wanted| items.iter().position(|known| key(known).as_ref() == Some(&wanted)));
        match known.and_then(|index| items.get_mut(index)) {
            Some(place) => *place = item.clone(),
            None => items.push(item.clone()),
        }
    }
    Node { value: Value::Sequence(items), ..base }
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

fn context_mapping(node: Node) -> Node {
    match node.value {
        Value::Scalar(_) => {
            let entry = Entry { key: "context".to_owned(), key_at: node.at(), node: node.clone() };
            Node { value: Value::Mapping(vec![entry]), ..node }
        }
        _ => node,
    }
}

/// A list turned into a mapping, item by item; anything else stays as it is.
#[must_use]
pub fn to_mapping(node: Node, item: fn(&Node) -> Option<Entry>) -> Node {
    match &node.value {
        Value::Sequence(items) => {
            let mut entries: Vec<Entry> = Vec::with_capacity(items.len());
            for entry in items.iter().filter_map(item) {
                match entries.iter_mut().find(|known| known.key == entry.key) {
                    Some(known) => *known = entry,
                    None => entries.push(entry),
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

fn text_key(item: &Node) -> Option<String> {
    item.text().map(str::to_owned)
}

fn path_key(item: &Node) -> Option<String> {
    item.text().or_else(|| item.get("path")?.text()).map(str::to_owned)
}

fn mount_target(item: &Node) -> Option<String> {
    match item.text() {
        Some(text) => Some(super::compose::mounts::split_short(text).target),
        None => item.get("target")?.text().map(str::to_owned),
    }
}

fn grant_target(item: &Node) -> Option<String> {
    match item.text() {
        Some(name) => Some(format!("/run/secrets/{name}")),
        None => {
            let name = item.get("target").or_else(|| item.get("source"))?.text()?;
            Some(if name.starts_with('/') { name.to_owned() } else { format!("/run/secrets/{name}") })
        }
    }
}

fn port_key(item: &Node) -> Option<String> {
    let port = super::compose::ports::read(item)?;
    Some(port.key())
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

    fn merged(base: &str, over: &str) -> String {
        let mut out = merge(node(0, base), node(1, over), &mut Vec::new());
        drop_resets(&mut out);
        show(&out)
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
        let text = merged(&format!("services: {{a: {{{base}}}}}"), &format!("services: {{a: {{{over}}}}}"));
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
                "{depends_on:{x:null,y:{condition:service_healthy}}}",
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
        let out =
            merge(node(0, "services: {a: {image: x, user: u}}"), node(1, "services: {a: {image: y}}"), &mut Vec::new());
        let service = out.get("services").unwrap().get("a").unwrap();
        assert_eq!(service.get("image").unwrap().source, SourceId(1));
        assert_eq!(service.get("user").unwrap().source, SourceId(0));
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
