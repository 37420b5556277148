//! A rule's manual, read from the rule's own file: what its doc comment says, in blocks that can be drawn.

/// A part of a manual.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph; what stands between backticks is code.
    Paragraph(String),
    /// A list.
    List(Vec<String>),
    /// A file, or part of one.
    Code {
        /// Its name, when it has one.
        file: Option<String>,
        /// Its text.
        text: String,
    },
}

/// Where the file of a rule is, from the page: `isolation/privileged-container` has an underscore for each dash.
pub(crate) fn address(rule: &str) -> String {
    format!("rules/{}.rs", rule.replace('-', "_"))
}

/// The manual in the text of a rule's file. Empty when there is none.
pub(crate) fn blocks(source: &str) -> Vec<Block> {
    let doc = source
        .lines()
        .skip_while(|line| !line.starts_with("declare_rule!"))
        .skip(1)
        .map_while(|line| line.trim_start().strip_prefix("///"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line));
    let mut blocks = Vec::new();
    let mut code: Option<(Option<String>, String)> = None;
    let mut open = false;
    for line in doc {
        if let Some((file, mut text)) = code.take() {
            if line.starts_with("```") {
                blocks.push(Block::Code { file, text });
            } else {
                text.push_str(line);
                text.push('\n');
                code = Some((file, text));
            }
        } else if let Some(info) = line.strip_prefix("```") {
            let file = info.split_whitespace().find_map(|word| word.strip_prefix("file:")).map(str::to_owned);
            code = Some((file, String::new()));
            open = false;
        } else if let Some(heading) = line.strip_prefix("# ") {
            blocks.push(Block::Heading(heading.to_owned()));
            open = false;
        } else if line.trim().is_empty() {
            open = false;
        } else if let Some(item) = line.strip_prefix("- ") {
            match blocks.last_mut() {
                Some(Block::List(items)) if open => items.push(item.to_owned()),
                _ => blocks.push(Block::List(vec![item.to_owned()])),
            }
            open = true;
        } else {
            match blocks.last_mut() {
                Some(Block::Paragraph(text)) if open => add(text, line),
                Some(Block::List(items)) if open => {
                    if let Some(item) = items.last_mut() {
                        add(item, line);
                    }
                }
                _ => blocks.push(Block::Paragraph(line.to_owned())),
            }
            open = true;
        }
    }
    blocks
}

fn add(text: &mut String, line: &str) {
    text.push(' ');
    text.push_str(line.trim_start());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_manual() {
        let source = "//! `a/b`\nuse x;\ndeclare_rule! {\n    /// # What it finds\n    /// One\n    /// `two`.\n    ///\n    /// - a\n    ///   more\n    /// - b\n    ///\n    /// ```yaml file:compose.yaml\n    /// a:\n    ///   b\n    /// ```\n    id: \"a/b\",\n}\n/// not this\n";
        assert_eq!(
            blocks(source),
            [
                Block::Heading("What it finds".to_owned()),
                Block::Paragraph("One `two`.".to_owned()),
                Block::List(vec!["a more".to_owned(), "b".to_owned()]),
                Block::Code { file: Some("compose.yaml".to_owned()), text: "a:\n  b\n".to_owned() },
            ]
        );
        assert!(blocks("").is_empty());
    }

    #[test]
    #[allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "reads the project's own files")]
    fn every_rule_has_its_manual_where_the_page_looks() {
        let rules = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src");
        for rule in plimsoll_core::rules::RULES {
            let path = rules.join(address(rule.id));
            let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let blocks = blocks(&text);
            assert!(blocks.contains(&Block::Heading("How to fix".to_owned())), "{}: {blocks:?}", rule.id);
            assert!(blocks.iter().any(|block| matches!(block, Block::Code { file: Some(_), .. })), "{}", rule.id);
        }
    }
}
