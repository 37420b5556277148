//! What the commands of a `RUN` do with configuration files: copy, move, link, delete, write, edit; and which packages and
//! extensions of PHP they install.

use super::container_files::{Build, Piece, StageFiles, UNKNOWN, absolute, is_configuration, is_known_folder};
use super::php_image;
use crate::source::{Location, file_name};
use crate::span::Span;
use crate::syntax::dockerfile::{Instruction, ShellScript};
use crate::syntax::shell::{Command, HereDocument, Operator, Script, Word};

/// Commands of one group that are looked at for what they print.
const MAX_GROUP: usize = 500;

impl Build<'_, '_> {
    pub(super) fn run(&mut self, state: &mut StageFiles, instruction: &Instruction, script: &ShellScript) {
        let script = &script.script;
        // `cd` within one RUN.
        let mut here = state.workdir.clone();
        for (index, command) in script.commands.iter().enumerate() {
            if !self.spend(1 + command.words.len()) {
                return;
            }
            let at = Location::new(self.source, command.span);
            self.writes(state, &here, instruction, script, index, at);
            let args: Vec<&Word> = command.operands().collect();
            match command.program() {
                Some("cd") => {
                    if let Some(path) = args.first().and_then(|word| state.resolve(&word.text)) {
                        here = absolute(&here, &path);
                    }
                }
                Some(program @ ("cp" | "mv" | "ln" | "install" | "rm")) => {
                    // `find … -exec rm` and the like are none of these.
                    moves(state, &here, program, command, at);
                }
                Some("sed") if command.has_any_flag(&["-i", "--in-place"]) => edits(state, &here, command, at),
                Some("perl" | "envsubst" | "crudini" | "awk") => {
                    let paths: Vec<String> = args.iter().filter_map(|word| path_of(state, &here, word)).collect();
                    for path in paths {
                        if state.files.files.contains_key(&path) {
                            state.files.append(&path, Piece::Edited { key: None, at }, at);
                        }
                    }
                }
                Some(program) => installs(state, program, &args, command, at),
                None => {}
            }
        }
    }

    /// Redirections and `tee`.
    fn writes(
        &mut self,
        state: &mut StageFiles,
        here: &str,
        instruction: &Instruction,
        script: &Script,
        index: usize,
        at: Location,
    ) {
        let Some(command) = script.commands.get(index) else { return };
        let text = self.project.text(self.source);
        let mut targets: Vec<(&Word, bool)> = command
            .redirects
            .iter()
            .filter(|redirect| {
                matches!(redirect.operator.as_str(), ">" | ">>" | ">|")
                    && redirect.file_descriptor.is_none_or(|fd| fd == 1)
            })
            .map(|redirect| (&redirect.target, redirect.operator == ">>"))
            .collect();
        let tee = command.program() == Some("tee");
        if tee {
            let append = command.has_any_flag(&["-a", "--append"]);
            targets.extend(command.operands().map(|word| (word, append)));
        }
        for (target, append) in targets {
            let resolved = path_of(state, here, target);
            let known = resolved.as_deref().is_some_and(is_configuration);
            if !(known || resolved.is_none() && is_configuration(&target.text)) {
                continue;
            }
            let printing: Vec<&Command> = if command.words.is_empty() {
                group_before(script, index, text)
            } else if tee {
                let closed = gap(script, index, text).contains(['}', ')']);
                match index.checked_sub(1).and_then(|before| script.commands.get(before)) {
                    Some(_) if closed => group_before(script, index, text),
                    Some(before) if command.before == Operator::Pipe => vec![before],
                    _ => vec![command],
                }
            } else {
                vec![command]
            };
            let mut pieces = Vec::new();
            for printer in printing {
                pieces.extend(self.printed(state, instruction, script, printer));
            }
            let Some(path) = resolved else {
                let name = target.text.clone();
                state.files.unplaced.push(super::ContainerFile { path: name, pieces, at: Some(at) });
                continue;
            };
            if append {
                for piece in pieces {
                    state.files.append(&path, piece, at);
                }
            } else {
                state.files.put(&path, pieces, Some(at));
            }
        }
    }

    /// What a command prints.
    fn printed(&self, state: &StageFiles, instruction: &Instruction, script: &Script, command: &Command) -> Vec<Piece> {
        let at = Location::new(self.source, command.span);
        let mut documents = Vec::new();
        for redirect in command.redirects.iter().filter(|redirect| redirect.operator.starts_with("<<")) {
            if redirect.operator == "<<<" {
                let place = Location::new(self.source, redirect.target.span);
                documents.push(written(expanded(state, &redirect.target), place));
                continue;
            }
            let own = script.heredocs.iter().find(|document| document.marker == redirect.target.span);
            let of_file = instruction.heredocs.iter().find(|document| document.name == redirect.target.text);
            let (body, expands) = match (of_file, own) {
                (Some(document), _) => (document.body, document.expand),
                (None, Some(HereDocument { body, expand, .. })) => (*body, *expand),
                (None, None) => continue,
            };
            let text = body.slice(self.project.text(self.source));
            let filled = if expands { fill(state, text) } else { text.to_owned() };
            let verbatim = filled == text && body.len() == text.len();
            documents.push(Piece::Written { text: filled, at: Location::new(self.source, body), verbatim });
        }
        let args = command.program_args();
        match command.program() {
            Some("echo") => {
                let words: Vec<&Word> = args
                    .iter()
                    .skip_while(|word| matches!(word.text.as_str(), "-e" | "-n" | "-en" | "-ne" | "-E"))
                    .collect();
                let texts: Vec<String> = words.iter().map(|word| expanded(state, word)).collect();
                let place =
                    words.first().zip(words.last()).map_or(command.span, |(first, last)| first.span.to(last.span));
                vec![written(texts.join(" ").replace("\\n", "\n"), Location::new(self.source, place))]
            }
            Some("printf") => {
                let texts: Vec<String> =
                    args.iter().filter(|word| word.text != "--").map(|word| expanded(state, word)).collect();
                vec![written(formatted(&texts), at)]
            }
            Some("cat") if !documents.is_empty() => documents,
            Some("tee") if !documents.is_empty() => documents,
            Some("cat") => {
                let paths = command.operands().filter_map(|word| path_of(state, &state.workdir, word));
                paths
                    .flat_map(|path| {
                        state
                            .files
                            .files
                            .get(&path)
                            .map_or_else(|| vec![Piece::Unknown(Some(at))], |file| file.pieces.clone())
                    })
                    .collect()
            }
            Some("true" | ":") => Vec::new(),
            None if !documents.is_empty() => documents,
            _ => vec![Piece::Unknown(Some(at))],
        }
    }
}

fn written(text: String, at: Location) -> Piece {
    Piece::Written { text: format!("{text}\n"), at, verbatim: false }
}

/// A word's text with known variables filled in; what is not known becomes a mark.
fn expanded(state: &StageFiles, word: &Word) -> String {
    if word.literal { word.text.clone() } else { fill(state, &word.text) }
}

fn fill(state: &StageFiles, text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(place) = rest.find(['$', '`']) {
        out.push_str(rest.get(..place).unwrap_or(""));
        let from = rest.get(place..).unwrap_or("");
        if let Some(after) = from.strip_prefix("$(").or_else(|| from.strip_prefix('`')) {
            // The output of a command, whatever it is: the line is not known.
            out.push(UNKNOWN);
            let end = after.find([')', '`']).map_or(after.len(), |end| end + 1);
            rest = after.get(end..).unwrap_or("");
            continue;
        }
        let length = match from.strip_prefix("${") {
            Some(braced) => braced.find('}').map_or(from.len(), |end| end + 3),
            None => {
                let name = from.get(1..).unwrap_or("");
                1 + name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len())
            }
        };
        let reference = from.get(..length).unwrap_or(from);
        match state.resolve(reference) {
            Some(value) => out.push_str(&value),
            None if reference == "$" => out.push('$'),
            None => out.push(UNKNOWN),
        }
        rest = from.get(length..).unwrap_or("");
    }
    out.push_str(rest);
    out
}

/// What `printf` makes of its format and arguments, as far as strings go.
fn formatted(texts: &[String]) -> String {
    let Some((format, args)) = texts.split_first() else { return String::new() };
    let format = format.replace("\\n", "\n").replace("\\t", "\t");
    if !format.contains('%') {
        return format;
    }
    let mut out = String::new();
    let mut args = args.iter();
    loop {
        let before = args.len();
        let mut rest = format.as_str();
        while let Some(place) = rest.find('%') {
            out.push_str(rest.get(..place).unwrap_or(""));
            match rest.get(place + 1..).and_then(|after| after.chars().next()) {
                Some('%') => out.push('%'),
                Some('s' | 'b' | 'd') => out.push_str(args.next().map_or("", |arg| arg)),
                _ => out.push(UNKNOWN),
            }
            let next = rest.get(place + 1..).and_then(|after| after.chars().next()).map_or(0, char::len_utf8);
            rest = rest.get(place + 1 + next..).unwrap_or("");
        }
        out.push_str(rest);
        // The format is used again for what is left.
        if args.len() == 0 || args.len() == before {
            return out;
        }
    }
}

/// The text between a command and the one before it.
fn gap<'t>(script: &Script, index: usize, text: &'t str) -> &'t str {
    let start = index.checked_sub(1).and_then(|before| script.commands.get(before)).map_or(0, |before| before.span.end);
    let end = script.commands.get(index).map_or(start, |command| command.span.start);
    Span { start: start.min(end), end }.slice(text)
}

/// The commands of the group that ends before a command: back to its `{`.
fn group_before<'s>(script: &'s Script, index: usize, text: &str) -> Vec<&'s Command> {
    let mut found = Vec::new();
    for at in (0..index).rev().take(MAX_GROUP) {
        let Some(command) = script.commands.get(at) else { break };
        if command.words.is_empty() && command.redirects.iter().any(|redirect| redirect.operator.starts_with('>')) {
            break;
        }
        found.push(command);
        let opens =
            |gap: &str| gap.split(['"', '\'']).next_back().is_some_and(|gap| gap.contains('{') || gap.contains('('));
        if opens(gap(script, at, text)) {
            break;
        }
    }
    found.reverse();
    found
}

fn path_of(state: &StageFiles, here: &str, word: &Word) -> Option<String> {
    let text = if word.literal { word.text.clone() } else { state.resolve(&word.text)? };
    Some(absolute(here, &text))
}

/// `cp`, `mv`, `ln`, `install`, `rm`.
fn moves(state: &mut StageFiles, here: &str, program: &str, command: &Command, at: Location) {
    let mut into = command
        .flag_value("-t")
        .or_else(|| command.flag_value("--target-directory"))
        .map(|(value, _)| value.to_owned());
    let mut words: Vec<&Word> = command.operands().collect();
    if let Some((_, word)) = command.flag_value("-t").filter(|_| into.is_some()) {
        words.retain(|other| other.span != word.span);
    }
    // `install -m 644 a b`: values of options are operands here.
    if program == "install" {
        for flag in ["-m", "-o", "-g", "--mode", "--owner", "--group"] {
            if let Some((_, word)) = command.flag_value(flag) {
                words.retain(|other| other.span != word.span);
            }
        }
    }
    let paths: Vec<Option<String>> = words.iter().map(|word| path_of(state, here, word)).collect();
    if program == "rm" {
        for path in paths.into_iter().flatten() {
            match path.split_once('*') {
                Some((start, end)) => state.files.files.retain(|known, _| {
                    let middle = known.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
                    middle.is_none_or(|middle| middle.contains('/'))
                }),
                None => state.files.remove_below(&path),
            }
        }
        return;
    }
    let destination = match into.take() {
        Some(folder) => state.resolve(&folder).map(|folder| format!("{}/", absolute(here, &folder))),
        None => {
            let slash = words.last().is_some_and(|word| word.text.ends_with('/'));
            let last = paths.last().cloned().flatten();
            last.map(|path| if slash { format!("{path}/") } else { path })
        }
    };
    let Some(destination) = destination else { return };
    let folder = destination.ends_with('/') || words.len() > 2 || is_known_folder(&destination);
    // With `-t` every word is a source.
    let count =
        if command.has_any_flag(&["-t", "--target-directory"]) { words.len() } else { words.len().saturating_sub(1) };
    let mut sources = paths.get(..count).unwrap_or_default().to_vec();
    if program == "ln" {
        // A link is relative to where it lies.
        let lies_in = if folder { destination.as_str() } else { crate::source::folder(&destination) };
        sources = words.iter().take(count).map(|word| path_of(state, lies_in, word)).collect();
    }
    for source in sources.iter().flatten() {
        let wild = source.split_once('*');
        let matching: Vec<String> = match wild {
            Some((start, end)) => {
                let fits = |known: &&String| {
                    let middle = known.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
                    middle.is_some_and(|middle| !middle.contains('/'))
                };
                state.files.files.keys().filter(fits).cloned().collect()
            }
            None => vec![source.clone()],
        };
        for source in matching {
            let target = if folder { absolute(&destination, file_name(&source)) } else { absolute("/", &destination) };
            let pieces = match state.files.files.get(&source) {
                Some(file) => file.pieces.clone(),
                None if is_configuration(&target) => vec![Piece::Unknown(Some(at))],
                None => continue,
            };
            state.files.put(&target, pieces, Some(at));
            if program == "mv" && source != target {
                state.files.files.remove(&source);
            }
        }
    }
}

/// `sed -i EXPRESSION… FILE…`.
fn edits(state: &mut StageFiles, here: &str, command: &Command, at: Location) {
    let mut expressions: Vec<&Word> = Vec::new();
    let mut paths: Vec<&Word> = Vec::new();
    let args = command.program_args();
    let mut index = 0;
    let mut given = false;
    while let Some(word) = args.get(index) {
        match word.text.as_str() {
            "-e" | "--expression" => {
                expressions.extend(args.get(index + 1));
                given = true;
                index += 1;
            }
            option if option.starts_with('-') => {
                // `-i`, `-ri`, `-i.bak`, `-ie`.
                if option.ends_with('e') && option.len() > 2 && !option.starts_with("--") {
                    expressions.extend(args.get(index + 1));
                    given = true;
                    index += 1;
                }
            }
            _ if expressions.is_empty() && !given => expressions.push(word),
            _ => paths.push(word),
        }
        index += 1;
    }
    for word in paths {
        let Some(path) = path_of(state, here, word) else { continue };
        let targets: Vec<String> = match path.split_once('*') {
            Some((start, end)) => state
                .files
                .files
                .keys()
                .filter(|known| {
                    known.strip_prefix(start).is_some_and(|rest| rest.ends_with(end) && !rest.contains('/'))
                })
                .cloned()
                .collect(),
            None => vec![path],
        };
        for path in targets.into_iter().filter(|path| is_configuration(path)) {
            for expression in &expressions {
                // Of a file that came with a package, nothing was known before.
                let known = state.files.files.contains_key(&path);
                for key in edited_keys(&expression.text).into_iter().filter(|key| known || key.is_some()) {
                    state.files.append(&path, Piece::Edited { key, at }, at);
                }
            }
        }
    }
}

/// The settings that a `sed` expression may change: the first name in each pattern; `None` when a command names none.
pub(super) fn edited_keys(expression: &str) -> Vec<Option<String>> {
    let mut keys: Vec<Option<String>> = Vec::new();
    let mut rest = expression;
    loop {
        rest = rest.trim_start_matches([';', ' ', '\t', '\n', '{', '}']);
        if rest.is_empty() {
            return keys;
        }
        // An address in front of a command: `/name/d`.
        let address = rest.strip_prefix('/').map(|after| until(after, '/'));
        let after = address.map_or(rest, |(_, after)| after);
        let substitution = after.strip_prefix('s').and_then(|body| {
            let delimiter = body.chars().next().filter(|c| !c.is_alphanumeric() && !c.is_whitespace() && *c != ';')?;
            let (pattern, after) = until(body.get(delimiter.len_utf8()..)?, delimiter);
            Some((pattern, until(after, delimiter).1))
        });
        let (pattern, after) = match (address, substitution) {
            (Some((pattern, _)), Some((_, after))) | (None, Some((pattern, after))) => (pattern, after),
            (Some((pattern, _)), None) => (pattern, after),
            (None, None) => ("", after),
        };
        let name: String = named_part(pattern)
            .replace("\\.", ".")
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
            .collect();
        let name = name.trim_end_matches('.').to_owned();
        let key = Some(name).filter(|name| name.len() > 1 && name.starts_with(|c: char| c.is_ascii_alphabetic()));
        if !keys.contains(&key) {
            keys.push(key);
        }
        rest = after.find([';', '\n']).and_then(|end| after.get(end..)).unwrap_or("");
    }
}

/// The text before a delimiter that no backslash escapes, and the text behind it.
fn until(text: &str, delimiter: char) -> (&str, &str) {
    let mut escaped = false;
    for (place, c) in text.char_indices() {
        if c == delimiter && !escaped {
            return (text.get(..place).unwrap_or(text), text.get(place + c.len_utf8()..).unwrap_or(""));
        }
        escaped = c == '\\' && !escaped;
    }
    (text, "")
}

/// A pattern without what stands before the first name: anchors, blanks, comment signs, classes, groups.
fn named_part(pattern: &str) -> &str {
    let mut rest = pattern;
    loop {
        let class = rest.strip_prefix('[').and_then(|inside| inside.strip_prefix("[:space:]").or(Some(inside)));
        let next = if let Some(inside) = class {
            inside.split_once(']').map(|(_, after)| after)
        } else {
            ["\\s", "\\(", "\\)", "\\?", "\\+", "^", ";", "#", " ", "*", "?", "+", "(", ")", "."]
                .iter()
                .find_map(|prefix| rest.strip_prefix(prefix))
        };
        match next {
            Some(next) => rest = next,
            None => return rest,
        }
    }
}

/// Packages and extensions.
fn installs(state: &mut StageFiles, program: &str, args: &[&Word], command: &Command, at: Location) {
    let names = || args.iter().map(|word| word.text.as_str());
    match program {
        "docker-php-ext-enable" | "docker-php-ext-install" | "install-php-extensions" => {
            for name in names() {
                let name = name.split(['-', '@', '^']).next().unwrap_or(name);
                let named = |c: char| c.is_ascii_alphanumeric() || c == '_';
                if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.chars().all(named) {
                    continue;
                }
                extension(state, name, at);
                enable(state, name, at);
            }
        }
        "pecl" | "pie" | "phpize" => {
            let installed = names().skip_while(|word| *word != "install").skip(1);
            for name in installed {
                extension(state, name.split('-').next().unwrap_or(name), at);
            }
        }
        "apt-get" | "apt" | "apk" => {
            let verb = if program == "apk" { "add" } else { "install" };
            for name in
                command.program_args().iter().map(|word| word.text.as_str()).skip_while(|word| *word != verb).skip(1)
            {
                let name = name.split(['=', '~', '<', '>', '@']).next().unwrap_or(name);
                if let Some((version, part)) = php_image::package(name, state.image.as_ref()) {
                    for (path, text) in php_image::packaged(program == "apk", &version, part) {
                        if !state.files.files.contains_key(&path) {
                            state.files.put(&path, vec![Piece::Shipped(text)], Some(at));
                        }
                    }
                    extension(state, part.strip_prefix("pecl-").unwrap_or(part), at);
                }
            }
        }
        _ => {}
    }
}

fn extension(state: &mut StageFiles, name: &str, at: Location) {
    let name = name.to_ascii_lowercase();
    if !name.is_empty()
        && state.files.extensions.len() < 1000
        && !state.files.extensions.iter().any(|(known, _)| *known == name)
    {
        state.files.extensions.push((name, at));
    }
}

/// The drop-in that the image's tools write for an extension.
fn enable(state: &mut StageFiles, name: &str, at: Location) {
    let directive = if matches!(name, "xdebug" | "opcache") { "zend_extension" } else { "extension" };
    let path = format!("/usr/local/etc/php/conf.d/docker-php-ext-{name}.ini");
    let text = format!("{directive}={name}\n");
    if !state.files.files.contains_key(&path) {
        state.files.put(&path, vec![Piece::Written { text, at, verbatim: false }], Some(at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_sed_touches() {
        for (expression, want) in [
            ("s/memory_limit = .*/memory_limit = 512M/", "memory_limit"),
            ("s/^;*\\s*expose_php.*/expose_php = Off/g", "expose_php"),
            ("s|;session.cookie_httponly =|session.cookie_httponly = 1|", "session.cookie_httponly"),
            ("s/^[; ]*upload_max_filesize/x/", "upload_max_filesize"),
            ("/display_errors/d", "display_errors"),
            ("s/session\\.use_strict_mode=0/x/", "session.use_strict_mode"),
            ("s/short_open_tag.*/x/", "short_open_tag"),
        ] {
            assert_eq!(edited_keys(expression), [Some(want.to_owned())], "{expression}");
        }
        assert_eq!(edited_keys("s/On/Off/;s/.*/x/"), [Some("On".to_owned()), None]);
        assert_eq!(
            edited_keys("s,^;?date.timezone.*,x;y,; /^memory_limit/s/1/2/"),
            [Some("date.timezone".to_owned()), Some("memory_limit".to_owned())]
        );
        assert_eq!(edited_keys("$a memory_limit=1"), [None]);
    }

    #[test]
    fn what_printf_prints() {
        let texts = |words: &[&str]| formatted(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(texts(&["a=b\\nc=d\\n"]), "a=b\nc=d\n");
        assert_eq!(texts(&["%s\\n", "a=1", "b=2"]), "a=1\nb=2\n");
        assert_eq!(texts(&["100%%"]), "100%");
    }
}
