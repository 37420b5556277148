//! Shell text that a command hands to another shell: `sh -c "…"`, `ssh host '…'`, `docker exec app sh -c '…'`, here-documents.

use std::collections::{BTreeMap, BTreeSet};

use super::{Command, Operator, Script, SourceMap, Word, command_string, is_shell, parse, unquote};
use crate::span::Span;

/// How many times a shell is followed inside a shell.
pub const MAX_LEVELS: u8 = 4;
/// Most pieces of one text; a real script has a handful.
const MAX_PIECES: usize = 10_000;

/// A piece of shell text, read. Its spans are spans of the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// The commands.
    pub script: Script,
    /// Where the commands run.
    pub place: Place,
    /// The piece whose command hands this one on, as an index into the same list.
    pub within: Option<usize>,
    /// Where the text stands.
    pub span: Span,
}

/// Where commands run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// Where the text that holds them runs.
    Here,
    /// On another machine, by `ssh`: the destination as written.
    Remote(String),
    /// In a container that runs already (`exec`) or is made for it (`run`): its name, service or image as written, where one is.
    Container(Option<String>),
}

/// A text handed on, with the way back to the text of the command.
pub type Handed = (Place, String, SourceMap);

/// Reads shell text and everything that it hands to other shells. The text itself comes first; `map` leads to the file.
#[must_use]
pub fn follow(text: &str, map: &SourceMap) -> Vec<Piece> {
    let mut follower = Follower { pieces: Vec::new(), hands: &handed_on, documents: true };
    follower.push(parse(text), text, map, Place::Here, None, 0);
    follower.pieces
}

/// As [`follow`], for a text that was read already and with a choice of what counts as handing on. Here-documents are left alone.
#[must_use]
pub fn follow_with(
    script: Script,
    text: &str,
    map: &SourceMap,
    hands: &dyn Fn(&Command, &str) -> Option<Handed>,
) -> Vec<Piece> {
    let mut follower = Follower { pieces: Vec::new(), hands, documents: false };
    follower.push(script, text, map, Place::Here, None, 0);
    follower.pieces
}

struct Follower<'h> {
    pieces: Vec<Piece>,
    hands: &'h dyn Fn(&Command, &str) -> Option<Handed>,
    /// Whether here-documents that a shell reads are followed.
    documents: bool,
}

impl Follower<'_> {
    /// Adds a script and, behind it, the scripts its commands hand to a shell.
    fn push(&mut self, script: Script, text: &str, map: &SourceMap, place: Place, within: Option<usize>, level: u8) {
        let mut inner = Vec::new();
        if level < MAX_LEVELS && self.pieces.len() < MAX_PIECES {
            let bodies: BTreeMap<Span, Span> =
                script.heredocs.iter().map(|document| (document.marker, document.body)).collect();
            for command in &script.commands {
                inner.extend((self.hands)(command, text));
                if self.documents {
                    inner.extend(document(command, &bodies, text));
                }
            }
        }
        let own = self.pieces.len();
        let script = script.map_spans(|span| map.span(span.range()));
        self.pieces.push(Piece { script, place, within, span: map.span(0..map.len()) });
        for (place, handed, inner) in inner {
            self.push(parse(&handed), &handed, &map.compose(&inner), place, Some(own), level + 1);
        }
    }
}

/// The here-document that a command's shell reads: `bash <<EOF`, `ssh host <<EOF`, `docker exec -i app sh <<EOF`.
fn document(command: &Command, bodies: &BTreeMap<Span, Span>, text: &str) -> Option<Handed> {
    let marker = command.redirects.iter().rev().find(|redirect| matches!(redirect.operator.as_str(), "<<" | "<<-"))?;
    let body = *bodies.get(&marker.target.span)?;
    let words = command.unwrapped();
    let place = match command.program()? {
        "ssh" => {
            let at = ssh_destination(words)?;
            let rest = words.get(at + 1..).unwrap_or(&[]);
            let shell = rest.first().is_none_or(|word| is_shell(word.text.split_whitespace().next().unwrap_or("")));
            Place::Remote(words.get(at).filter(|_| shell)?.text.clone())
        }
        name if is_container_tool(name) => {
            let (shell, inside) = container_shell(words)?;
            let texts: Vec<&str> = words.get(shell..)?.iter().map(|word| word.text.as_str()).collect();
            if command_string(&texts).is_some() {
                return None;
            }
            Place::Container(inside)
        }
        _ if reads_script(command) => Place::Here,
        _ => return None,
    };
    Some((place, body.slice(text).to_owned(), SourceMap::verbatim(body)))
}

fn is_container_tool(name: &str) -> bool {
    matches!(name, "docker" | "docker-compose" | "podman" | "podman-compose" | "nerdctl")
}

/// The shell that `docker exec` or `docker run` starts, as an index, and the container's name, service or image before it.
fn container_shell(words: &[Word]) -> Option<(usize, Option<String>)> {
    let at = words.iter().position(|word| word.literal && matches!(word.text.as_str(), "exec" | "run"))?;
    let shell = words.iter().enumerate().skip(at + 2).find(|(_, word)| word.literal && is_shell(&word.text))?.0;
    let inside = words.get(shell.checked_sub(1)?).map(|word| word.text.clone()).filter(|name| !name.starts_with('-'));
    Some((shell, inside))
}

/// The text a command hands to a shell with `-c`, when it is literal.
#[must_use]
pub fn sh_argument(command: &Command, text: &str) -> Option<Handed> {
    let words = command.unwrapped();
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let word = words.get(command_string(&texts)?).filter(|word| word.literal)?;
    let (handed, map) = string_of(word, text)?;
    Some((Place::Here, handed, map))
}

fn argument_of(words: &[Word], text: &str) -> Option<(String, SourceMap)> {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let word = words.get(command_string(&texts)?)?;
    string_of(word, text)
}

/// The inside of a word: without its quotes when it is literal. In double quotes the outer shell expands what the inner one then
/// reads; the text is followed all the same, with its expansions as they are written.
fn string_of(word: &Word, text: &str) -> Option<(String, SourceMap)> {
    let raw = word.span.slice(text);
    let whole = raw.len() >= 2 && raw.starts_with('"') && raw.ends_with('"');
    if word.literal || whole {
        let (decoded, map) = unquote(raw);
        return Some((decoded, SourceMap::verbatim(word.span).compose(&map)));
    }
    None
}

/// Everything that runs its argument in another shell.
fn handed_on(command: &Command, text: &str) -> Option<Handed> {
    let words = command.unwrapped();
    if let Some((handed, map)) = argument_of(words, text) {
        return Some((Place::Here, handed, map));
    }
    match command.program()? {
        "eval" => {
            let (handed, map) = joined(words.get(1..)?, text)?;
            Some((Place::Here, handed, map))
        }
        "ssh" => {
            let at = ssh_destination(words)?;
            let place = Place::Remote(words.get(at)?.text.clone());
            let (handed, map) = joined(words.get(at + 1..).filter(|rest| !rest.is_empty())?, text)?;
            Some((place, handed, map))
        }
        name if is_container_tool(name) => {
            let (shell, inside) = container_shell(words)?;
            let (handed, map) = argument_of(words.get(shell..)?, text)?;
            Some((Place::Container(inside), handed, map))
        }
        _ => None,
    }
}

/// Words as `ssh` and `eval` put them together: with one space between.
fn joined(words: &[Word], text: &str) -> Option<(String, SourceMap)> {
    let mut handed = String::new();
    let mut map = SourceMap::default();
    for word in words {
        if !handed.is_empty() {
            handed.push(' ');
            map.push(1, Span::at(word.span.range().start));
        }
        match string_of(word, text) {
            Some((decoded, inner)) => {
                handed.push_str(&decoded);
                map.append(&inner);
            }
            None => {
                handed.push_str(word.span.slice(text));
                map.push(word.span.len(), word.span);
            }
        }
    }
    Some((handed, map)).filter(|(handed, _)| !handed.trim().is_empty())
}

/// Index of the destination among the words of an `ssh` command.
#[must_use]
pub fn ssh_destination(words: &[Word]) -> Option<usize> {
    const VALUED: &str = "bcDEeFIiJLlmOopQRSWw";
    let mut at = 1;
    loop {
        let word = words.get(at)?.text.as_str();
        match word.strip_prefix('-').filter(|rest| !rest.is_empty()) {
            None => return Some(at),
            Some("-") => return words.get(at + 1).map(|_| at + 1),
            // `-p 22`, but `-p22`; letters before it are switches: `-tp 22`.
            Some(letters) => {
                let valued = letters.find(|c| VALUED.contains(c));
                at += if valued.is_some_and(|index| index + 1 == letters.len()) { 2 } else { 1 };
            }
        }
    }
}

/// Names of here-documents that reach a shell as its input: `bash <<EOF` and `cat <<EOF | sh`.
#[must_use]
pub fn input_of_shells(script: &Script) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for pipeline in script.pipelines() {
        for (at, command) in pipeline.iter().enumerate() {
            let prints = command.program() == Some("cat") && command.program_args().is_empty();
            let next = pipeline.get(at + 1).filter(|next| prints && next.before == Operator::Pipe);
            if reads_script(command) || next.is_some_and(|next| reads_script(next)) {
                let documents = command.redirects.iter().filter(|redirect| redirect.operator.starts_with("<<"));
                names.extend(documents.map(|redirect| redirect.target.text.as_str()));
            }
        }
    }
    names
}

/// A shell that is given neither a file nor `-c`.
fn reads_script(command: &Command) -> bool {
    command.program().is_some_and(is_shell)
        && !command.has_flag("-c")
        && (command.has_flag("-s") || command.operands().next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(text: &str) -> Vec<(String, String)> {
        let map = SourceMap::verbatim(Span::new(0, text.len()));
        let pieces = follow(text, &map);
        pieces
            .iter()
            .flat_map(|piece| piece.script.commands.iter().map(move |command| (piece, command)))
            .map(|(piece, command)| (format!("{:?}", piece.place), command.span.slice(text).to_owned()))
            .collect()
    }

    #[test]
    fn shells_inside_shells_with_the_spans_of_the_file() {
        let text = "ssh -p 22 -o A=b root@shop 'cd /srv && docker exec -u root app sh -c \"apt-get update\"'\n";
        assert_eq!(
            commands(text),
            [
                ("Here".to_owned(), text.trim_end().to_owned()),
                ("Remote(\"root@shop\")".to_owned(), "cd /srv".to_owned()),
                ("Remote(\"root@shop\")".to_owned(), "docker exec -u root app sh -c \"apt-get update\"".to_owned()),
                ("Container(Some(\"app\"))".to_owned(), "apt-get update".to_owned()),
            ]
        );
    }

    #[test]
    fn bare_words_behind_ssh_are_a_command() {
        let found = commands("ssh deploy@shop docker compose up -d\n");
        assert_eq!(found[1], ("Remote(\"deploy@shop\")".to_owned(), "docker compose up -d".to_owned()));
    }

    #[test]
    fn here_documents_that_a_shell_reads() {
        for (head, place) in [
            ("ssh shop bash -s <<'EOF'", "Remote(\"shop\")"),
            ("bash <<EOF", "Here"),
            ("docker exec -i app sh <<EOF", "Container(Some(\"app\"))"),
        ] {
            let found = commands(&format!("{head}\ngit pull\nEOF\n"));
            assert!(found.contains(&(place.to_owned(), "git pull".to_owned())), "{head}: {found:?}");
        }
        assert_eq!(commands("cat <<EOF > x\ngit pull\nEOF\n").len(), 1);
    }

    #[test]
    fn nesting_and_numbers_are_bounded() {
        let deep = "sh -c '".repeat(5000);
        assert!(commands(&deep).len() < 20);
        let wide = "sh -c 'sh -c a';".repeat(50_000);
        assert!(commands(&wide).len() < 200_000);
    }
}
