//! A deterministic mutation fuzzer, shared by the parsers of this folder.

use super::super::edit::{self, TextEdit};
use super::*;

/// Xorshift: the same mutants on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }
}

/// Gives 20 000 mutants of the seeds to `spans` and checks that every span it answers with fits the text.
pub(crate) fn mutate(seeds: &[&str], alphabet: &str, mut spans: impl FnMut(&str) -> Vec<Span>) {
    let alphabet: Vec<char> = alphabet.chars().collect();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for round in 0..20_000 {
        let mut text: Vec<char> = seeds[round % seeds.len()].chars().collect();
        for _ in 0..=random.below(6) {
            let at = random.below(text.len() + 1);
            match random.below(4) {
                0 => text.insert(at, alphabet[random.below(alphabet.len())]),
                1 if at < text.len() => {
                    text.remove(at);
                }
                2 if at < text.len() => text[at] = alphabet[random.below(alphabet.len())],
                _ => {
                    let end = (at + random.below(12)).min(text.len());
                    let piece = text[at..end].to_vec();
                    let to = random.below(text.len() + 1);
                    text.splice(to..to, piece);
                }
            }
        }
        let text: String = text.into_iter().collect();
        for span in spans(&text) {
            let fits = span.start <= span.end && text.get(span.range()).is_some();
            assert!(fits, "span {span:?} does not fit {text:?}");
        }
    }
}

pub(super) const SEEDS: [&str; 5] = [
    "services:\n  web: &w # c\n    image: \"nginx:1\"\n    ports:\n      - 80:80 # d\n      - '81:81'\n  db:\n    <<: *w\n    command: |\n      a\n       b\n\n    x: ~\n",
    "a: {b: [1, 2, {c: d}], e: , 'f': \"g\\n\"}\n# c\nlist:\n- - x\n  - y\n- k: v\n  l: >-\n    é\n    t\n",
    "\u{feff}%YAML 1.2\n---\r\na: !reset null\r\nb: !!str 12\r\n...\r\n---\r\n- \"q\r\n  r\"\r\n- &x\r\n- *x\r\n",
    "? x\n: y\nm: >+\n  k\n\n\nn: 'it''s'\no: multi\n  line\n\tz: 1\np: @q\n",
    "x-é: &é\n  environment:\n    A: '${B:-c}'\n    D: *é\nvolumes: {}\nnetworks: []\ne:\n",
];

#[test]
fn every_span_of_every_mutant_fits() {
    mutate(&SEEDS, ":-?[]{},#&*!|>'\"%@` \t\n\r~<é\u{85}\u{2028}\u{feff}\\0", |text| {
        let tree = read(text);
        let mut spans: Vec<Span> = tree.comments.clone();
        spans.extend(tree.errors.iter().map(|error| error.span));
        for (index, node) in tree.nodes.iter().enumerate() {
            let id = Id(u32::try_from(index).unwrap());
            spans.extend([node.span, node.outer_span()]);
            spans.extend(node.anchor);
            spans.extend(node.tag.iter().map(|tag| tag.0));
            if let Kind::Alias { name, .. } = node.kind {
                spans.push(name);
            }
            if let Some(parent) = node.parent {
                let (outer, inner) = (tree.node(parent).span, node.outer_span());
                assert!(outer.contains(inner), "{inner:?} is not in its parent {outer:?} in {text:?}");
            }
            let length = tree.str(id).map_or(0, str::len);
            spans.extend(
                [0..length, 0..1, 1..length, length..length].map(|range| tree.scalar_source_span(text, id, range)),
            );
            let _ = tree.ty(id);
            let _ = tree.path(id);
            let _ = tree.merged(id, 100);
        }
        let _ = tree.duplicate_keys();
        for offset in 0..=u32::try_from(text.len()).unwrap() {
            let _ = tree.at(offset);
        }
        spans
    });
}

/// All edits that can be thought of for a tree.
pub(super) fn all_edits(tree: &Tree, text: &str) -> Vec<Vec<TextEdit>> {
    let mut all = Vec::new();
    for index in 0..tree.nodes.len() {
        let id = Id(u32::try_from(index).unwrap());
        all.extend(edit::replace_scalar(tree, text, id, "new: #value"));
        all.extend(edit::insert_key(tree, text, id, "zzz", "1"));
        all.extend(edit::insert_key(tree, text, id, "zzz", "\n  - a\n  - b"));
        all.extend(edit::append_item(tree, text, id, "zzz"));
        match &tree.node(id).kind {
            Kind::Mapping { pairs, .. } => {
                all.extend(pairs.iter().filter_map(|&(key, _)| edit::remove_key(tree, text, id, tree.str(key)?)));
            }
            Kind::Sequence { items, .. } => {
                all.extend(items.iter().filter_map(|&item| edit::remove_item(tree, text, id, item)));
            }
            _ => {}
        }
    }
    all
}

#[test]
fn every_edit_of_every_mutant_fits() {
    mutate(&SEEDS, ":-?[]{},#&*!|>'\" \t\n\r~é", |text| {
        let tree = read(text);
        let mut spans = Vec::new();
        for edits in all_edits(&tree, text).into_iter().skip(text.len() % 7).take(2) {
            spans.extend(edits.iter().map(|edit| edit.span));
            assert!(edit::apply(text, &edits).is_some());
            let _ = edit::verified(text, &edits);
        }
        spans
    });
}
