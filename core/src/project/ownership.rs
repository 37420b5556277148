//! Whose files an application's code is: `COPY --chown` and `chown` of a build against the user that PHP runs as.

use super::{Privilege, Project, ServiceRef};
use crate::fix::{Fix, Safety};
use crate::model::compose::mounts::MountKind;
use crate::source::{Location, join, normalise};
use crate::syntax::dockerfile::{Instruction, Keyword};

/// A step of a build that gives code to the user that runs it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnedCode {
    /// The user, as written.
    pub owner: String,
    /// The path in the container.
    pub path: String,
    /// The flag or the command.
    pub at: Location,
    /// The instruction.
    instruction: Location,
    copies: bool,
}

impl ServiceRef<'_, '_> {
    /// The user whose PHP code serves requests or jobs, and where that is said; `None` when it is root or not known.
    #[must_use]
    pub fn code_user(self) -> Option<(String, Option<Location>)> {
        let user = self.effective_user();
        match user.privilege {
            Privilege::NonRoot => Some((user.name?, Some(user.at))),
            Privilege::RootMaster => {
                let pool = self.fpm_pools().into_iter().next();
                let directive = pool.as_ref().and_then(|pool| pool.directive("user"));
                match directive {
                    Some(directive) => Some((directive.value.clone()?, directive.at)),
                    None => Some((self.php_user()?.to_owned(), None)),
                }
            }
            _ => None,
        }
    }

    /// The steps of its build that give the application's code to the user that runs it. Folders that the application
    /// keeps state in are none.
    #[must_use]
    pub fn owned_code(self) -> Vec<OwnedCode> {
        let project = self.project();
        let builder = self.image_source().service();
        let found = builder.build_use.as_ref().and_then(|used| Some((used, used.dockerfile?)));
        let Some(((used, id), (user, _))) = found.zip(self.code_user()) else { return Vec::new() };
        let Some(file) = project.dockerfile(id) else { return Vec::new() };
        let user = user.split(':').next().unwrap_or_default().to_owned();
        let is_user = |owner: &str| {
            let owner = owner.trim_matches('"').split(':').next().unwrap_or_default();
            owner == user || (is_www_data(owner) && is_www_data(&user))
        };
        let mut out = Vec::new();
        for (stage, instruction) in used.final_instructions(file) {
            let workdir = used.model.stages.get(stage).and_then(|stage| stage.workdir.as_ref());
            let workdir = workdir.filter(|workdir| workdir.known);
            let workdir = workdir.map_or("/var/www/html", |workdir| workdir.text.as_str());
            // What images keep below /usr/src is copied from there when a container starts, and not run there.
            let kept = |path: &str| path.starts_with("/usr/src/");
            let is_code = |path: &str| self.is_code_path(path) && !kept(path) || path == workdir.trim_end_matches('/');
            let add = |owner: &str, path: String, span, copies| OwnedCode {
                owner: owner.to_owned(),
                path,
                at: Location::new(id, span),
                instruction: Location::new(id, instruction.span),
                copies,
            };
            match instruction.keyword {
                Keyword::Copy | Keyword::Add => {
                    let flag = instruction.flag("chown").and_then(|flag| Some((flag, flag.value.as_deref()?)));
                    let Some(((flag, owner), to)) = flag.zip(instruction.args.last()) else { continue };
                    let path = absolute(workdir, &to.text);
                    if is_user(owner) && is_code(&path) && takes_folder(instruction) {
                        out.push(add(owner, path, flag.span, true));
                    }
                }
                Keyword::Run => {
                    let scripts = instruction.scripts(project.text(id));
                    for command in scripts.iter().flat_map(|script| &script.script.commands) {
                        let Some(chown) = command.chown().filter(|chown| chown.recursive) else { continue };
                        let Some(owner) = chown.owner.filter(|owner| is_user(owner)) else { continue };
                        let mut paths =
                            chown.paths.iter().filter(|path| path.literal).map(|path| absolute(workdir, &path.text));
                        let code = paths.find(|path| is_code(path));
                        out.extend(code.map(|path| add(owner, path, command.span, false)));
                    }
                }
                _ => {}
            }
        }
        out
    }

    /// Whether code in its image cannot be changed while it runs: the root file system is read-only, and nothing that
    /// can be written to is mounted over code.
    #[must_use]
    pub fn code_is_closed(self) -> bool {
        self.read_only.is_some_and(|closed| closed.value)
            && !self
                .mounts
                .iter()
                .any(|mount| !mount.read_only && mount.kind != MountKind::Tmpfs && self.is_code_path(&mount.target))
    }
}

impl Project<'_> {
    /// Leaves code that is copied to root, who owns it without the flag. `None` for a `chown`, which may be needed for
    /// other folders.
    #[must_use]
    pub fn leave_to_root(&self, found: &OwnedCode) -> Option<Fix> {
        let title = "Leave the code to root";
        if !found.copies {
            return None;
        }
        let text = self.text(found.at.source);
        let mut at = found.at;
        let rest = text.get(at.span.end as usize..found.instruction.span.end as usize)?;
        let blank = rest.len() - rest.trim_start_matches(' ').len();
        at.span.end += u32::try_from(blank).ok()?;
        self.replace_text(Safety::Suggested, title, at, "")
    }
}

/// Whether a copy takes a folder: one file with a name of its own is no application.
fn takes_folder(instruction: &Instruction) -> bool {
    let sources = instruction.args.split_last().map_or(&[][..], |(_, sources)| sources);
    sources.iter().any(|source| {
        let name = source.text.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        !name.trim_start_matches('.').contains('.')
    })
}

fn is_www_data(user: &str) -> bool {
    matches!(user, "www-data" | "33" | "82")
}

fn absolute(workdir: &str, path: &str) -> String {
    let path = path.trim_matches('"');
    if path.starts_with('/') {
        format!("/{}", normalise(path))
    } else {
        format!("/{}", join(workdir.trim_matches('/'), path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    fn owned(lines: &str) -> Vec<String> {
        let text = format!("FROM php:8.4-fpm\n{lines}\n");
        let sources = sources(&[("Dockerfile", &text)]);
        let project = Project::new(&sources, TODAY);
        project.services().next().unwrap().owned_code().into_iter().map(|found| found.path).collect()
    }

    #[test]
    fn code_that_its_user_owns() {
        for (lines, want) in [
            ("COPY --chown=www-data:www-data . /var/www/html", "/var/www/html"),
            ("COPY --chown=www-data . .", "/var/www/html"),
            ("COPY --chown=33:33 src/ /app/src", "/app/src"),
            ("WORKDIR /opt/site\nCOPY --chown=www-data . .", "/opt/site"),
            ("COPY . /var/www/html\nRUN chown -R www-data:www-data /var/www/html", "/var/www/html"),
            ("WORKDIR /app\nCOPY . .\nRUN chown -R www-data .", "/app"),
            ("USER www-data\nCOPY --chown=www-data . .", "/var/www/html"),
        ] {
            assert_eq!(owned(lines), [want], "{lines}");
        }
        for lines in [
            "COPY . /var/www/html",
            "COPY --chown=root:root . /var/www/html",
            "COPY --chown=deploy . /var/www/html",
            "COPY --chown=www-data php.ini /usr/local/etc/php/php.ini",
            "COPY --chown=www-data .env.example /var/www/html/.env",
            "RUN chown -R www-data:www-data storage bootstrap/cache",
            "RUN chown -R www-data /var/www/html/var",
            "RUN chown www-data /var/www/html",
            "RUN chown -R \"$OWNER\" /var/www/html",
            "USER 1000\nCOPY --chown=www-data . .",
        ] {
            assert_eq!(owned(lines), Vec::<String>::new(), "{lines}");
        }
    }

    #[test]
    fn the_flag_goes() {
        let sources = sources(&[("Dockerfile", "FROM php:8.4-fpm\nCOPY --chown=www-data:www-data --link . .\n")]);
        let project = Project::new(&sources, TODAY);
        let found = project.services().next().unwrap().owned_code();
        let outcome = project.leave_to_root(&found[0]).unwrap().outcome(&sources).unwrap();
        assert_eq!(outcome["Dockerfile"], "FROM php:8.4-fpm\nCOPY --link . .\n");
    }
}
