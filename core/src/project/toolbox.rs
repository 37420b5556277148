//! Tools that a build leaves in the image that is deployed: compilers, editors, clients, package managers of other
//! languages.

use super::ServiceRef;
use crate::image::ImageRef;
use crate::model::commands::{PackageAction, removes_package_lists};
use crate::model::dockerfile::{LinkKind, LinkSource};
use crate::source::Location;
use crate::syntax::dockerfile::{Instruction, Keyword};
use crate::syntax::shell::Command;
use std::collections::BTreeSet;

/// What a tool is good for in the hands of an attacker.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ToolKind {
    /// Builds programs.
    Compiler,
    /// Leads to other machines, or to root.
    Access,
    /// Talks to a database. Some applications need it to load a schema.
    DatabaseClient,
    /// Anything else that production does not need.
    Helper,
}

/// A tool in the image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tool {
    /// The package, as written.
    pub name: String,
    /// What it is good for.
    pub kind: ToolKind,
    /// Where it is named.
    pub at: Location,
}

/// An installation that takes more than it needs, or leaves the package lists behind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wasteful {
    /// The command.
    pub at: Location,
    /// Where the word stands that says that packages are installed.
    pub action_at: Location,
    /// Whether recommended packages come along.
    pub recommended: bool,
    /// Whether the package lists stay in the layer.
    pub lists: bool,
}

const COMPILERS: &[&str] = &[
    "gcc",
    "g++",
    "make",
    "autoconf",
    "automake",
    "build-essential",
    "build-base",
    "cmake",
    "clang",
    "alpine-sdk",
    "cpp",
    "libtool",
    "$PHPIZE_DEPS",
    "${PHPIZE_DEPS}",
    "gcc-c++",
    "rustc",
    "golang",
];
const ACCESS: &[&str] = &[
    "openssh-client",
    "openssh-server",
    "openssh",
    "openssh-clients",
    "sudo",
    "nmap",
    "sshpass",
    "openssh-sftp-server",
];
const DATABASE_CLIENTS: &[&str] = &[
    "mysql-client",
    "default-mysql-client",
    "mariadb-client",
    "postgresql-client",
    "mysql",
    "mongodb-org-shell",
    "redis-tools",
];
const HELPERS: &[&str] = &[
    "git",
    "vim",
    "vim-tiny",
    "nano",
    "emacs",
    "nodejs",
    "npm",
    "yarn",
    "composer",
    "telnet",
    "netcat",
    "netcat-openbsd",
    "netcat-traditional",
    "ncat",
    "nmap-ncat",
    "socat",
    "tcpdump",
    "strace",
    "gdb",
    "subversion",
    "mercurial",
    "rsync",
    "htop",
    "iputils-ping",
    "dnsutils",
];

fn kind(name: &str) -> Option<ToolKind> {
    let family = |known: &[&str]| known.contains(&name);
    if family(COMPILERS) {
        Some(ToolKind::Compiler)
    } else if family(ACCESS) {
        Some(ToolKind::Access)
    } else if family(DATABASE_CLIENTS)
        || name.starts_with("postgresql-client-")
        || name.starts_with("postgresql") && name.ends_with("-client")
    {
        Some(ToolKind::DatabaseClient)
    } else if family(HELPERS) {
        Some(ToolKind::Helper)
    } else {
        None
    }
}

/// The commands of one instruction of the image.
struct Layer<'d> {
    instruction: &'d Instruction,
    commands: Vec<Command>,
}

impl<'p> ServiceRef<'p, '_> {
    /// Tools that the build installs into the image, or copies into it from Composer's image, and does not take out
    /// again.
    #[must_use]
    pub fn tools(self) -> Vec<Tool> {
        let Some(source) = self.service.build_use.as_ref().and_then(|used| used.dockerfile) else { return Vec::new() };
        let layers = self.layers();
        let mut removed: BTreeSet<String> = BTreeSet::new();
        let mut found: Vec<(Option<String>, Tool)> = Vec::new();
        for layer in &layers {
            // `apt-mark` with `autoremove` takes out whatever was not asked to stay: which that is, only the build
            // knows.
            let marks = layer.commands.iter().any(|command| command.program() == Some("apt-mark"));
            for command in &layer.commands {
                let Some(call) = command.package_command() else { continue };
                match call.action {
                    PackageAction::Install if !marks => {
                        let group = ["--virtual", "-t"].iter().find_map(|flag| command.flag_value(flag));
                        let group = group.map(|(name, _)| name.to_owned());
                        for package in &call.packages {
                            if let Some(kind) = kind(package.name) {
                                let at = Location::new(source, package.word.span);
                                found.push((group.clone(), Tool { name: package.name.to_owned(), kind, at }));
                            }
                        }
                    }
                    PackageAction::Remove => {
                        removed.extend(call.packages.iter().map(|package| package.name.to_owned()))
                    }
                    _ => {}
                }
            }
        }
        let stays = |group: &Option<String>, tool: &Tool| {
            !removed.contains(&tool.name) && group.as_ref().is_none_or(|group| !removed.contains(group))
        };
        let mut tools: Vec<Tool> = Vec::new();
        for (group, tool) in found {
            if stays(&group, &tool) && tools.iter().all(|known| known.name != tool.name) {
                tools.push(tool);
            }
        }
        if let Some(at) = self.copied_composer().filter(|_| tools.iter().all(|tool| tool.name != "composer")) {
            tools.push(Tool { name: "composer".to_owned(), kind: ToolKind::Helper, at });
        }
        tools
    }

    /// Installations in the image that take recommended packages along or leave the package lists behind.
    #[must_use]
    pub fn wasteful_installs(self) -> Vec<Wasteful> {
        let Some(source) = self.service.build_use.as_ref().and_then(|used| used.dockerfile) else { return Vec::new() };
        let mut found = Vec::new();
        for layer in self.layers() {
            let cached = layer.instruction.flags.iter().any(|flag| flag.name == "mount");
            let cleaned = layer.commands.iter().any(removes_package_lists);
            for command in &layer.commands {
                let Some(call) = command.package_command().filter(|call| call.action == PackageAction::Install) else {
                    continue;
                };
                let apt = call.manager == crate::model::commands::PackageManager::Apt;
                let (recommended, lists) = (!call.without_recommended(), apt && !cleaned && !cached);
                if apt && (recommended || lists) {
                    found.push(Wasteful {
                        at: Location::new(source, command.span),
                        action_at: Location::new(source, call.action_word.span),
                        recommended,
                        lists,
                    });
                }
            }
        }
        found
    }

    fn layers(self) -> Vec<Layer<'p>> {
        let Some(used) = &self.service.build_use else { return Vec::new() };
        let project = self.project;
        let Some((source, file)) = used.dockerfile.and_then(|id| Some((id, project.dockerfile(id)?))) else {
            return Vec::new();
        };
        let text = project.text(source);
        used.final_instructions(file)
            .filter(|(_, instruction)| instruction.keyword == Keyword::Run)
            .map(|(_, instruction)| {
                let commands =
                    instruction.scripts(text).into_iter().flat_map(|script| script.script.commands).collect();
                Layer { instruction, commands }
            })
            .collect()
    }

    /// Where Composer is copied out of its image into the one that is deployed.
    fn copied_composer(self) -> Option<Location> {
        let used = self.service.build_use.as_ref()?;
        let source = used.dockerfile?;
        let links = used.final_chain().into_iter().filter_map(|index| used.model.stages.get(index));
        links.flat_map(|stage| &stage.links).find_map(|link| {
            let LinkSource::Image(image) = &link.source else { return None };
            let named =
                ImageRef::parse(&image.text).is_ok_and(|image| image.path.split('/').any(|part| part == "composer"));
            (named && link.kind == LinkKind::Copy).then(|| Location::new(source, link.span))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn of<T>(text: &str, ask: fn(ServiceRef<'_, '_>) -> T) -> T {
        let sources = sources(&[("Dockerfile", text)]);
        let project = Project::new(&sources, TODAY);
        ask(project.services().next().unwrap())
    }

    fn names(text: &str) -> String {
        let tools = of(text, |service| service.tools());
        tools.iter().map(|tool| tool.name.clone()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn tools_of_the_image() {
        for (lines, want) in [
            ("RUN apt-get install -y git vim libzip-dev", "git vim"),
            (
                "RUN apk add --no-cache --virtual .build-deps $PHPIZE_DEPS && pecl install redis-6.3.0 && apk del .build-deps",
                "",
            ),
            ("RUN apk add --virtual .build-deps gcc git\nRUN apk del .build-deps", ""),
            ("RUN apt-get install -y gcc make && make && apt-get purge -y gcc make", ""),
            ("RUN apt-mark showmanual && apt-get install -y gcc && apt-get purge -y --auto-remove", ""),
            ("COPY --from=composer:2 /usr/bin/composer /usr/bin/composer", "composer"),
            ("RUN docker-php-ext-install pdo_mysql", ""),
            (
                "RUN apt-get install -y default-mysql-client postgresql-client-17",
                "default-mysql-client postgresql-client-17",
            ),
        ] {
            assert_eq!(names(&format!("FROM php:8.4-fpm\n{lines}\n")), want, "{lines}");
        }
        assert_eq!(names("FROM php:8.4-fpm AS build\nRUN apt-get install -y git\nFROM php:8.4-fpm\n"), "");
        assert_eq!(names("FROM php:8.4-fpm AS base\nRUN apt-get install -y git\nFROM base\n"), "git");
    }

    #[test]
    fn installations_that_take_too_much() {
        let found = |line: &str| {
            let found = of(&format!("FROM php:8.4-fpm\nRUN {line}\n"), |service| service.wasteful_installs());
            found.first().map(|one| (one.recommended, one.lists))
        };
        assert_eq!(found("apt-get install -y libzip-dev"), Some((true, true)));
        assert_eq!(found("apt-get install -y --no-install-recommends libzip-dev && rm -rf /var/lib/apt/lists/*"), None);
        assert_eq!(found("--mount=type=cache,target=/var/lib/apt apt-get install -y --no-install-recommends x"), None);
        assert_eq!(found("apk add git"), None);
    }
}
