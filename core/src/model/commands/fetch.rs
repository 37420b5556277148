//! What commands fetch from the network, and what becomes of it: `curl … | sh`.

use crate::source::file_name;
use crate::span::Span;
use crate::syntax::shell::{Command, Operator};

/// What becomes of a download.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Use {
    /// Nothing that is seen.
    Kept,
    /// It is unpacked.
    Unpacked,
    /// A package manager installs it.
    Installed,
    /// It is made a program, or run as one.
    Executed,
    /// It goes straight into an interpreter.
    Interpreted,
}

/// Something fetched by a command of a script.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fetch {
    /// What is fetched, as written.
    pub url: String,
    /// The command that fetches it.
    pub at: Span,
    /// What becomes of it.
    pub used: Use,
    /// The program that does so: `bash`, `tar`.
    pub by: String,
    /// Its command.
    pub used_at: Option<Span>,
    /// Whether a command of the script compares something with a checksum or a signature.
    pub verified: bool,
}

/// Everything the commands of one script fetch, in order.
#[must_use]
pub fn fetches(commands: &[Command]) -> Vec<Fetch> {
    let verified = commands.iter().any(verifies);
    let fetched = commands.iter().enumerate().filter_map(|(at, command)| Some((at, command, command.fetched()?)));
    fetched
        .map(|(at, command, fetched)| {
            let (used, by, used_at) = becomes(commands, at, command, &fetched);
            let used_at = used_at.map(|command| command.span);
            Fetch { url: fetched.url, at: command.span, used, by, used_at, verified }
        })
        .collect()
}

/// What a command fetches, and the file it puts it in; no file means its output.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fetched {
    /// What is fetched, as written.
    pub url: String,
    /// The file.
    pub file: Option<String>,
}

impl Command {
    /// What it fetches, by `curl`, `wget` or PHP's `copy`.
    #[must_use]
    pub fn fetched(&self) -> Option<Fetched> {
        fetched(self)
    }
}

fn fetched(command: &Command) -> Option<Fetched> {
    let program = command.program()?;
    if program == "php" {
        // `php -r "copy('https://getcomposer.org/installer', 'composer-setup.php');"`
        let (code, _) = command.flag_value("-r")?;
        let (_, rest) = code.split_once("copy(")?;
        let mut quoted = rest.split(['\'', '"']).filter(|part| !part.trim_matches([',', ' ', ')', ';']).is_empty());
        let url = quoted.next().filter(|url| url.contains("://"))?.to_owned();
        return Some(Fetched { url, file: quoted.next().map(str::to_owned) });
    }
    if !matches!(program, "curl" | "wget") {
        return None;
    }
    let operand = command.program_args().iter().find(|word| word.text.contains("://") && !word.text.starts_with('-'));
    let url = operand.map(|word| word.text.clone()).or_else(|| {
        command.operands().last().filter(|word| word.text.starts_with('$')).map(|word| word.text.clone())
    })?;
    if ["//localhost", "//127.0.0.1", "file://"].iter().any(|own| url.contains(own)) {
        return None;
    }
    let redirected = command
        .redirects
        .iter()
        .find(|redirect| redirect.operator.starts_with('>') && redirect.file_descriptor.is_none_or(|fd| fd == 1));
    if let Some(redirect) = redirected {
        return Some(Fetched { url, file: Some(redirect.target.text.clone()) });
    }
    let named = || url.split(['?', '#']).next().map(|path| file_name(path).to_owned());
    let file = if program == "curl" {
        match command.flag_value("-o").or_else(|| command.flag_value("--output")) {
            Some((file, _)) => Some(file.to_owned()),
            None if command.has_any_flag(&["-O", "--remote-name", "--remote-name-all"]) => named(),
            None => None,
        }
    } else {
        let joined = command
            .program_args()
            .iter()
            .any(|word| word.text.starts_with('-') && !word.text.starts_with("--") && word.text.ends_with("O-"));
        match command.flag_value("-O").or_else(|| command.flag_value("--output-document")) {
            _ if joined => None,
            Some((file, _)) => Some(file.to_owned()),
            None => named(),
        }
    };
    Some(Fetched { url, file: file.filter(|file| file != "-" && file != "/dev/stdout") })
}

fn is_interpreter(program: &str) -> bool {
    matches!(
        program,
        "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh" | "php" | "python" | "python3" | "perl" | "ruby" | "node"
    )
}

fn unpacks(program: &str) -> bool {
    matches!(program, "tar" | "bsdtar" | "unzip" | "gunzip" | "zcat" | "xz" | "unxz" | "cpio")
}

/// What becomes of what a command fetches, the program that does it, and that program's command.
fn becomes<'c>(
    commands: &'c [Command],
    at: usize,
    command: &Command,
    fetched: &Fetched,
) -> (Use, String, Option<&'c Command>) {
    let kept = (Use::Kept, String::new(), None);
    // `bash <(curl …)` and `sh -c "$(curl …)"`: the command around the substitution.
    let around =
        commands.iter().take(at).rev().find(|outer| outer.depth < command.depth && outer.span.contains(command.span));
    if let Some(outer) = around.filter(|_| command.before == Operator::Open)
        && let Some(program) =
            outer.program().filter(|program| is_interpreter(program) || matches!(*program, "eval" | "source" | "."))
    {
        return (Use::Interpreted, program.to_owned(), Some(outer));
    }
    let Some(file) = &fetched.file else {
        let next = commands
            .iter()
            .skip(at + 1)
            .filter(|next| next.pipeline == command.pipeline && next.depth == command.depth);
        for stage in next.take_while(|next| next.before == Operator::Pipe) {
            let Some(program) = stage.program() else { continue };
            if is_interpreter(program) && reads_program(stage) {
                return (Use::Interpreted, program.to_owned(), Some(stage));
            }
            if unpacks(program) {
                return (Use::Unpacked, program.to_owned(), Some(stage));
            }
        }
        return kept;
    };
    let name = file_name(file);
    let names = |word: &str| word == file || (!name.is_empty() && !name.contains('$') && file_name(word) == name);
    let mut best = kept;
    for later in commands.iter().skip(at + 1) {
        let Some(program) = later.words.first().map(|word| word.text.as_str()) else { continue };
        let tool = later.program().unwrap_or("");
        let takes = later.program_args().iter().any(|word| names(&word.text));
        let used = if names(program) && program.contains('/')
            || is_interpreter(tool) && takes
            || tool == "chmod" && takes && makes_executable(later)
        {
            Use::Executed
        } else if matches!(tool, "dpkg" | "rpm" | "apt" | "apt-get" | "apk" | "yum" | "dnf" | "pecl" | "pip" | "pip3")
            && takes
        {
            Use::Installed
        } else if unpacks(tool) && takes {
            Use::Unpacked
        } else {
            continue;
        };
        if used > best.0 {
            best = (used, file_name(program).to_owned(), Some(later));
        }
    }
    if best.0 == Use::Kept && (file.contains("/bin/") || file.contains("/sbin/")) {
        best = (Use::Executed, name.to_owned(), None);
    }
    best
}

/// Whether an interpreter at the end of a pipe takes its program from the pipe.
fn reads_program(command: &Command) -> bool {
    if command.has_any_flag(&["-c", "-r", "-e", "-m"]) {
        return false;
    }
    let first = command
        .program_args()
        .iter()
        .find(|word| word.text == "--" || word.text == "-s" || !word.text.starts_with('-'));
    first.is_none_or(|word| matches!(word.text.as_str(), "--" | "-s" | "/dev/stdin"))
}

fn makes_executable(command: &Command) -> bool {
    command.operands().next().is_some_and(|mode| {
        mode.text.contains('x')
            || mode.text.len() >= 3
                && mode.text.bytes().all(|byte| matches!(byte, b'0'..=b'7'))
                && mode.text.bytes().any(|byte| (byte - b'0') & 1 == 1)
    }) || command.program_args().iter().any(|word| word.text.starts_with('+') && word.text.contains('x'))
}

/// Whether a command compares a file with a checksum or a signature.
#[must_use]
pub fn verifies(command: &Command) -> bool {
    let args = || command.program_args().iter().map(|word| word.text.as_str());
    match command.program().unwrap_or("") {
        "sha1sum" | "sha224sum" | "sha256sum" | "sha384sum" | "sha512sum" | "shasum" | "md5sum" | "b2sum" | "b3sum"
        | "gpgv" | "minisign" | "cosign" | "sigstore" => true,
        "gpg" | "gpg2" => args().any(|word| matches!(word, "--verify" | "--verify-files")),
        "openssl" => args().any(|word| matches!(word, "dgst" | "sha256" | "sha384" | "sha512")),
        "php" => args().any(|word| word.contains("hash_file") || word.contains("hash_equals")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::shell;

    #[test]
    fn what_becomes_of_it_in_a_script() {
        for (text, used, by, verified) in [
            ("curl -fsSL https://example.com/i.sh | bash -s -- -y", Use::Interpreted, "bash", false),
            ("wget -qO /tmp/i https://example.com/i\nsh /tmp/i", Use::Executed, "sh", false),
            (
                "curl -o a.tgz https://example.com/a\necho 'x  a.tgz' | sha256sum -c\ntar xf a.tgz",
                Use::Unpacked,
                "tar",
                true,
            ),
            ("curl https://example.com/a", Use::Kept, "", false),
        ] {
            let found = fetches(&shell::parse(text).commands);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!((found[0].used, found[0].by.as_str(), found[0].verified), (used, by, verified), "{text}");
            assert!(found[0].at.slice(text).starts_with(text.get(..4).unwrap()), "{text}");
        }
    }
}
