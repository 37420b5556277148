//! What a build fetches from the network: what is fetched, what becomes of it, and whether anything checks it on the way.

use super::{BuildUse, Project};
use crate::model::commands::fetches;
use crate::source::{Location, SourceId};
use crate::syntax::dockerfile::{Instruction, Keyword};
use crate::syntax::shell::Command;

pub use crate::model::commands::Use;

/// One download.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Download {
    /// What is fetched, as written.
    pub url: String,
    /// The command or the argument that fetches it.
    pub at: Location,
    /// What becomes of it.
    pub used: Use,
    /// The program that does so: `bash`, `tar`.
    pub by: String,
    /// Where that is written.
    pub used_at: Option<Location>,
    /// Whether the same instruction compares it with a checksum or a signature.
    pub verified: bool,
    /// The whole instruction.
    pub instruction: Location,
}

impl Download {
    /// Whether it is Composer or its installer.
    #[must_use]
    pub fn is_composer(&self) -> bool {
        self.url.contains("getcomposer.org")
            || self.url.contains("composer.phar")
            || self.url.contains("composer/composer/releases")
    }

    /// The URL without its query and without a login, which may be secrets.
    #[must_use]
    pub fn public_url(&self) -> String {
        let url = self.url.split('?').next().unwrap_or(&self.url);
        match url.split_once("://") {
            Some((scheme, rest)) => {
                let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
                format!("{scheme}://{}/{path}", host.rsplit('@').next().unwrap_or(host))
            }
            None => url.to_owned(),
        }
    }

    /// Whether it crosses the network without encryption.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.url.starts_with("http://")
    }
}

/// A switch that turns the checking of certificates or signatures off.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unchecked {
    /// As it is called: `curl --insecure`.
    pub what: &'static str,
    /// Where it is written.
    pub at: Location,
}

impl BuildUse {
    /// Everything the build fetches by `curl`, `wget`, PHP's `copy` and `ADD`.
    #[must_use]
    pub fn downloads(&self, project: &Project<'_>) -> Vec<Download> {
        let mut found = Vec::new();
        let Some((source, file)) = self.dockerfile.and_then(|id| Some((id, project.dockerfile(id)?))) else {
            return found;
        };
        for (_, instruction) in self.instructions(file) {
            match instruction.keyword {
                Keyword::Run => found.extend(of_run(source, instruction, &commands(project, source, instruction))),
                Keyword::Add => found.extend(of_add(source, instruction)),
                _ => {}
            }
        }
        found
    }

    /// Switches of the build's commands that turn checks off.
    #[must_use]
    pub fn unchecked(&self, project: &Project<'_>) -> Vec<Unchecked> {
        let Some((source, file)) = self.dockerfile.and_then(|id| Some((id, project.dockerfile(id)?))) else {
            return Vec::new();
        };
        self.instructions(file)
            .filter(|(_, instruction)| instruction.keyword == Keyword::Run)
            .flat_map(|(_, instruction)| commands(project, source, instruction))
            .filter_map(|command| {
                Some(Unchecked { what: unchecked(&command)?, at: Location::new(source, command.span) })
            })
            .collect()
    }

    /// Commands of one program in the build's `RUN` instructions, each with its instruction.
    #[must_use]
    pub fn commands_of<'d>(&self, project: &'d Project<'_>, program: &str) -> Vec<(Command, &'d Instruction)> {
        let Some((source, file)) = self.dockerfile.and_then(|id| Some((id, project.dockerfile(id)?))) else {
            return Vec::new();
        };
        self.instructions(file)
            .filter(|(_, instruction)| instruction.keyword == Keyword::Run)
            .flat_map(|(_, instruction)| {
                commands(project, source, instruction).into_iter().map(move |command| (command, instruction))
            })
            .filter(|(command, _)| command.program() == Some(program))
            .collect()
    }
}

impl BuildUse {
    /// Where an instruction puts Composer, when putting it there is all it does: the path that a copy of the program can take.
    #[must_use]
    pub fn composer_target(&self, project: &Project<'_>, download: &Download) -> Option<String> {
        let (source, file) = self.dockerfile.and_then(|id| Some((id, project.dockerfile(id)?)))?;
        let instruction = file.instructions.iter().find(|instruction| instruction.span == download.instruction.span)?;
        let mut target: Option<String> = None;
        for command in commands(project, source, instruction) {
            let args: Vec<&str> = command.program_args().iter().map(|word| word.text.as_str()).collect();
            let option = |name: &str| args.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
            match command.program()? {
                "curl" | "wget" if Location::new(source, command.span) == download.at => {
                    let file = command.fetched()?.file;
                    // The program itself, not its installer.
                    if !download.url.contains("installer") {
                        target = Some(file?);
                    }
                }
                "php" if download.url.contains("installer") => {
                    // An old major version is asked for on purpose.
                    if option("--version").is_some()
                        || args.iter().any(|word| matches!(*word, "--1" | "--2.2" | "--preview" | "--snapshot"))
                    {
                        return None;
                    }
                    let name = option("--filename").unwrap_or("composer.phar");
                    target =
                        Some(option("--install-dir").map_or_else(
                            || name.to_owned(),
                            |folder| format!("{}/{name}", folder.trim_end_matches('/')),
                        ));
                }
                "mv" => match args.as_slice() {
                    [from, to] if target.as_deref() == Some(*from) => target = Some((*to).to_owned()),
                    _ => return None,
                },
                "chmod" if args.last().copied() == target.as_deref() => {}
                "rm" | "set" => {}
                _ => return None,
            }
        }
        target.filter(|path| path.starts_with('/') && !path.ends_with('/') && !path.contains('$'))
    }
}

/// The commands of an instruction, with spans of the file.
fn commands(project: &Project<'_>, source: SourceId, instruction: &Instruction) -> Vec<Command> {
    instruction.scripts(project.text(source)).into_iter().flat_map(|script| script.script.commands).collect()
}

fn of_add(source: SourceId, instruction: &Instruction) -> Vec<Download> {
    let checked = instruction.flag("checksum").is_some();
    let Some((_, sources)) = instruction.args.split_last() else { return Vec::new() };
    let remote = sources.iter().filter(|arg| arg.text.trim_matches('"').contains("://"));
    remote
        .map(|arg| {
            let url = arg.text.trim_matches('"').to_owned();
            // A git URL is fixed by its commit.
            let commit = url.split_once(".git#").is_some_and(|(_, name)| name.split(':').next().is_some_and(is_commit));
            Download {
                at: Location::new(source, arg.span),
                used: Use::Kept,
                by: "ADD".to_owned(),
                used_at: None,
                verified: checked || commit,
                instruction: Location::new(source, instruction.span),
                url,
            }
        })
        .collect()
}

fn is_commit(name: &str) -> bool {
    name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn of_run(source: SourceId, instruction: &Instruction, commands: &[Command]) -> Vec<Download> {
    fetches(commands)
        .into_iter()
        .map(|fetch| Download {
            url: fetch.url,
            at: Location::new(source, fetch.at),
            used: fetch.used,
            by: fetch.by,
            used_at: fetch.used_at.map(|span| Location::new(source, span)),
            verified: fetch.verified,
            instruction: Location::new(source, instruction.span),
        })
        .collect()
}

/// The check a command switches off.
fn unchecked(command: &Command) -> Option<&'static str> {
    let args = || command.program_args().iter().map(|word| word.text.as_str());
    let has = |text: &str| args().any(|word| word.contains(text));
    match command.program()? {
        "curl" if args().any(is_curl_insecure) && !has("://localhost") && !has("://127.0.0.1") => {
            Some("curl --insecure")
        }
        "wget" if command.has_flag("--no-check-certificate") => Some("wget --no-check-certificate"),
        "apt" | "apt-get"
            if command.has_any_flag(&["--allow-unauthenticated", "--force-yes", "--allow-insecure-repositories"])
                || has("AllowInsecureRepositories=true") =>
        {
            Some("packages without a valid signature")
        }
        "apk" if command.has_flag("--allow-untrusted") => Some("apk --allow-untrusted"),
        "yum" | "dnf" | "microdnf" if command.has_flag("--nogpgcheck") => Some("--nogpgcheck"),
        "echo" | "printf" if has("[trusted=yes") || has("trusted=yes]") => Some("a package source with trusted=yes"),
        "git"
            if has("http.sslVerify=false")
                || has("http.sslverify=false")
                || has("http.sslVerify") && args().any(|word| word == "false") =>
        {
            Some("git without certificate checks")
        }
        "npm" | "yarn" | "pnpm"
            if has("strict-ssl=false") || has("strict-ssl") && args().any(|word| word == "false") =>
        {
            Some("npm without certificate checks")
        }
        "composer" if has("disable-tls") && args().any(|word| word == "true") => Some("Composer without TLS"),
        "pip" | "pip3" if command.has_flag("--trusted-host") => Some("pip --trusted-host"),
        _ => None,
    }
}

/// `-k`, alone or among letters that take no value.
fn is_curl_insecure(word: &str) -> bool {
    if word == "--insecure" {
        return true;
    }
    let Some(letters) = word.strip_prefix('-').filter(|rest| !rest.starts_with('-')) else { return false };
    letters.chars().take_while(|c| "fsSLgGIiJkNOqRvV0146#".contains(*c)).any(|c| c == 'k')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    fn downloads(lines: &str) -> Vec<(Use, String, bool)> {
        let text = format!("FROM php:8.4-fpm\n{lines}\n");
        let sources = sources(&[("Dockerfile", text.as_str())]);
        let project = Project::new(&sources, TODAY);
        let used = project
            .services()
            .next()
            .and_then(|service| service.build_use.as_ref().map(|used| used.downloads(&project)));
        used.unwrap_or_default().into_iter().map(|download| (download.used, download.by, download.verified)).collect()
    }

    #[test]
    fn what_becomes_of_a_download() {
        for (line, used, by) in [
            ("RUN curl -fsSL https://example.com/i.sh | bash", Use::Interpreted, "bash"),
            ("RUN curl -fsSL https://example.com/i.sh | sudo -E bash -", Use::Interpreted, "bash"),
            ("RUN wget -qO- https://example.com/i.sh | sh -s -- -y", Use::Interpreted, "sh"),
            (
                "RUN curl -sS https://getcomposer.org/installer | php -- --install-dir=/usr/local/bin",
                Use::Interpreted,
                "php",
            ),
            ("RUN bash <(curl -s https://example.com/i.sh)", Use::Interpreted, "bash"),
            ("RUN sh -c \"$(curl -fsSL https://example.com/i.sh)\"", Use::Interpreted, "sh"),
            ("RUN curl -L https://example.com/a.tgz | tar xz -C /opt", Use::Unpacked, "tar"),
            ("RUN wget https://example.com/a.zip && unzip a.zip", Use::Unpacked, "unzip"),
            ("RUN curl -o /usr/local/bin/tool https://example.com/tool", Use::Executed, "tool"),
            ("RUN curl -fsSLo /tmp/tool https://example.com/tool && chmod +x /tmp/tool", Use::Executed, "chmod"),
            ("RUN curl -O https://example.com/a.deb && dpkg -i a.deb", Use::Installed, "dpkg"),
            ("RUN curl https://example.com/key.asc | gpg --dearmor -o /etc/apt/keyrings/x.gpg", Use::Kept, ""),
            ("RUN curl -o /data/countries.json https://example.com/countries.json", Use::Kept, ""),
            ("RUN curl https://example.com/list.json | php -r 'echo 1;'", Use::Kept, ""),
            ("RUN V=$(curl -s https://example.com/version) && echo $V", Use::Kept, ""),
        ] {
            let found = downloads(line);
            assert_eq!(found.len(), 1, "{line}");
            assert_eq!((found[0].0, found[0].1.as_str()), (used, by), "{line}");
            assert!(!found[0].2, "{line}");
        }
    }

    #[test]
    fn a_url_is_shown_without_its_secrets() {
        let text = "FROM php:8.4-fpm\nRUN curl -o /data/x https://u:pw@example.com/a?token=x\n";
        let sources = sources(&[("Dockerfile", text)]);
        let project = Project::new(&sources, TODAY);
        let service = project.services().next().unwrap();
        assert_eq!(service.build_use.as_ref().unwrap().downloads(&project)[0].public_url(), "https://example.com/a");
    }

    #[test]
    fn what_is_checked() {
        for line in [
            "RUN curl -fsSLo t https://example.com/t && echo \"abc  t\" | sha256sum -c - && chmod +x t",
            "RUN wget https://example.com/t.tgz https://example.com/t.tgz.asc && gpg --batch --verify t.tgz.asc t.tgz && tar xf t.tgz",
            "RUN php -r \"copy('https://getcomposer.org/installer', 's.php');\" && php -r \"if (hash_file('sha384', 's.php') !== 'a') { exit(1); }\" && php s.php",
            "ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/t /t",
            "ADD https://github.com/a/b.git#0123456789012345678901234567890123456789 /b",
        ] {
            let found = downloads(line);
            assert!(!found.is_empty() && found.iter().all(|(_, _, verified)| *verified), "{line}: {found:?}");
        }
        assert!(downloads("RUN curl -f http://localhost/health\nADD src/ /app/").is_empty());
    }

    #[test]
    fn switches_that_turn_checks_off() {
        let said = |line: &str| {
            let text = format!("FROM php:8.4-fpm\nRUN {line}\n");
            let sources = sources(&[("Dockerfile", text.as_str())]);
            let project = Project::new(&sources, TODAY);
            let used = project
                .services()
                .next()
                .and_then(|service| service.build_use.as_ref().map(|used| used.unchecked(&project)));
            used.unwrap_or_default().len()
        };
        for line in [
            "curl -sk https://example.com/a",
            "wget --no-check-certificate https://example.com/a",
            "apt-get install -y --allow-unauthenticated x",
            "echo 'deb [trusted=yes] https://example.com ./' > /etc/apt/sources.list.d/x.list",
            "apk add --allow-untrusted x.apk",
            "git -c http.sslVerify=false clone https://example.com/a.git",
            "npm config set strict-ssl false",
            "composer config -g disable-tls true",
        ] {
            assert_eq!(said(line), 1, "{line}");
        }
        for line in [
            "curl -fsSL https://example.com/k",
            "curl -o k https://example.com/a",
            "apt-get install -y x",
            "curl -k https://localhost/",
            "git config --global user.name false",
        ] {
            assert_eq!(said(line), 0, "{line}");
        }
    }
}
