//! Secrets that a build is given in a way that it keeps: build arguments, and Composer's credentials.

use super::secret_delivery::is_secret_key;
use super::{BakedBy, PipelineBuild, Project, Secret, ServiceRef, secret_in};
use crate::detect::Kind;
use crate::fix::{Fix, Safety};
use crate::model::compose::Text;
use crate::source::{Location, folder};
use crate::span::Span;
use crate::syntax::dockerfile::{Instruction, Keyword};

/// The keys of Composer's credentials.
const COMPOSER_KINDS: [&str; 7] =
    ["http-basic.", "github-oauth.", "gitlab-oauth.", "gitlab-token.", "bitbucket-oauth.", "bearer.", "forgejo-token."];

/// A secret that is given to a build as an argument.
#[derive(Clone, Debug)]
pub struct SecretArgument {
    /// Its name.
    pub name: String,
    /// Where the Dockerfile declares it.
    pub declared: Option<Location>,
    /// Where it is handed over.
    pub passed: Option<Location>,
    /// The verdict on a value that is written out there.
    pub literal: Option<Secret>,
    /// Whether the stage that declares it is part of the image.
    pub in_image: bool,
}

impl SecretArgument {
    /// Whether it holds Composer's credentials.
    #[must_use]
    pub fn is_composer(&self) -> bool {
        self.name == "COMPOSER_AUTH"
    }

    /// The place to change.
    #[must_use]
    pub fn at(&self) -> Option<Location> {
        self.passed.filter(|_| self.literal.is_some()).or(self.declared).or(self.passed)
    }
}

/// Credentials of Composer that a build or the repository keeps.
#[derive(Clone, Debug)]
pub struct ComposerLogin {
    /// What is so, as a sentence without its service: "`composer config github-oauth.github.com` writes …".
    pub what: String,
    /// Where.
    pub at: Location,
    /// Whether it gets into the image; else only into a build stage.
    pub in_image: bool,
}

impl<'p> ServiceRef<'p, '_> {
    /// The secrets that its build takes as arguments, in the order of the Dockerfile, then of the Compose file. Those
    /// that an `ENV` copies, and those with a secret for a default, are [`ServiceRef::baked_secrets`]. `builds` are those of the project.
    #[must_use]
    pub fn secret_arguments(self, builds: &[PipelineBuild]) -> Vec<SecretArgument> {
        let mut found = self.declared_arguments();
        let own = self.service.spec.build.as_ref().map(|build| build.args.as_slice()).unwrap_or_default();
        for argument in own {
            let known = argument.value.as_ref().filter(|value| value.is_known() && value.variables.is_empty());
            let literal = known.and_then(|value| secret_in(&argument.key, &value.text));
            if literal.is_none() && (!is_secret_key(&argument.key) || known.is_some()) {
                continue;
            }
            add(&mut found, &argument.key, argument.key_at, literal);
        }
        let id = self.service.build_use.as_ref().and_then(|used| used.dockerfile);
        for build in builds.iter().filter(|build| id.is_some() && build.dockerfile == id) {
            for (name, value) in &build.args {
                if let Some((at, literal)) = handed_over(name, value.as_ref(), build.at) {
                    add(&mut found, name, at, literal);
                }
            }
        }
        let copied: Vec<String> = self
            .baked_secrets()
            .into_iter()
            .filter_map(|baked| match baked.by {
                BakedBy::Argument(_, name) => Some(name),
                _ => None,
            })
            .collect();
        // One that is copied into the image is said there; that it is also written out is another fault at another place.
        found.retain(|argument| argument.literal.is_some() || !copied.contains(&argument.name));
        found
    }

    fn declared_arguments(self) -> Vec<SecretArgument> {
        let mut found: Vec<SecretArgument> = Vec::new();
        let Some(used) = &self.service.build_use else { return found };
        let Some((id, file)) = used.dockerfile.and_then(|id| Some((id, self.project.dockerfile(id)?))) else {
            return found;
        };
        for (stage, instruction) in used.instructions(file).filter(|(_, one)| one.keyword == Keyword::Arg) {
            for pair in &instruction.pairs {
                let empty = pair.value.as_deref().is_none_or(|value| value.trim().is_empty());
                if empty && is_secret_key(&pair.key) && !found.iter().any(|known| known.name == pair.key) {
                    found.push(SecretArgument {
                        name: pair.key.clone(),
                        declared: Some(Location::new(id, pair.key_span)),
                        passed: None,
                        literal: None,
                        in_image: used.is_final(stage),
                    });
                }
            }
        }
        found
    }

    /// Takes an argument from a build secret instead: the `ARG` goes, and each `RUN` that uses it mounts the secret.
    #[must_use]
    pub fn as_build_secret(self, argument: &SecretArgument) -> Option<Fix> {
        let at = argument.declared?;
        let file = self.project.dockerfile(at.source)?;
        let text = self.project.text(at.source);
        let index = file.instructions.iter().position(|one| one.span.contains(at.span))?;
        let declaration = file.instructions.get(index)?;
        if declaration.pairs.len() != 1 || declaration.trigger.is_some() {
            return None;
        }
        let name = &argument.name;
        let uses = |one: &&Instruction| {
            let body = one.span.slice(text);
            let all = one.keyword == Keyword::Run
                && (body.contains(name.as_str()) || argument.is_composer() && body.contains("composer"));
            all && !body.contains("type=secret")
        };
        let stage = file.instructions.iter().skip(index + 1).take_while(|one| one.keyword != Keyword::From);
        let runs: Vec<&Instruction> = stage.filter(uses).collect();
        let end = declaration.span.end as usize;
        let end = text.get(end..)?.find('\n').map_or(text.len(), |feed| end + feed + 1);
        let mount = format!(" --mount=type=secret,id={},env={name}", name.to_ascii_lowercase());
        let title = format!("Mount `{}` as a build secret", crate::text::shorten(name, 60));
        let mut fix = Fix::new(Safety::Suggested, title).replace(
            at.source,
            Span::new(declaration.span.start as usize, end),
            String::new(),
        );
        for run in &runs {
            fix = fix.replace(at.source, Span::at(run.keyword_span.end as usize), mount.clone());
        }
        (!runs.is_empty() && self.project.sources.embedded_text(at.source).is_none()).then_some(fix)
    }

    /// Commands of its build that write Composer's credentials from a variable, so that the layer keeps them.
    #[must_use]
    pub fn composer_logins(self) -> Vec<ComposerLogin> {
        let mut found = Vec::new();
        let Some(used) = &self.service.build_use else { return found };
        let Some((id, file)) = used.dockerfile.and_then(|id| Some((id, self.project.dockerfile(id)?))) else {
            return found;
        };
        let text = self.project.text(id);
        for (stage, instruction) in used.instructions(file).filter(|(_, one)| one.keyword == Keyword::Run) {
            let mounted = instruction
                .flags_named("mount")
                .filter_map(|flag| flag.value.as_deref())
                .any(|mount| mount.contains("auth.json") || mount.contains("composer") && mount.contains("type=tmpfs"));
            let body = instruction.span.slice(text);
            if mounted || body.contains("--unset") || body.contains("rm ") && body.contains("auth.json") {
                continue;
            }
            for command in instruction.scripts(text).iter().flat_map(|script| &script.script.commands) {
                let words: Vec<&str> = command.program_args().iter().map(|word| word.text.as_str()).collect();
                let kind = words.iter().find(|word| COMPOSER_KINDS.iter().any(|kind| word.starts_with(kind)));
                let composer = matches!(command.program(), Some("composer" | "composer.phar"));
                if let Some(kind) = kind.filter(|_| composer && words.contains(&"config"))
                    && words.last().is_some_and(|word| word.contains('$'))
                {
                    let what = format!("`composer config {}` writes a credential", crate::text::shorten(kind, 60));
                    let at = Location::new(id, command.span);
                    found.push(ComposerLogin { what, at, in_image: used.is_final(stage) });
                }
            }
        }
        found
    }

    /// A bind mount that gives the container Composer's credentials.
    #[must_use]
    pub fn mounts_composer_login(self) -> Option<Location> {
        self.mounts
            .iter()
            .find(|mount| {
                let source = mount.source.as_deref().unwrap_or("").trim_end_matches('/');
                source.ends_with("/auth.json")
                    || source.ends_with("/.composer")
                    || source.ends_with("/.config/composer")
            })
            .map(|mount| mount.at)
    }
}

impl Project<'_> {
    /// Credentials in the `composer.json`s: in the address of a repository, or under `config`.
    #[must_use]
    pub fn manifest_logins(&self) -> Vec<ComposerLogin> {
        let mut found = Vec::new();
        for file in self.files_of(Kind::ComposerJson) {
            let path = self.path(file.source);
            if crate::facts::secrets::is_guarded_path(path) {
                continue;
            }
            let Some(manifest) = self.composer_manifest(folder(path)) else { continue };
            let urls = manifest.repositories.iter().filter_map(|repository| repository.url.as_ref());
            for url in urls.filter(|url| secret_in("", &url.value).is_some()) {
                let what = "the address of a repository holds a credential".to_owned();
                found.push(ComposerLogin { what, at: url.at, in_image: false });
            }
            for (key, value) in &manifest.config {
                let kind = COMPOSER_KINDS.iter().any(|kind| key.starts_with(kind)) && !key.ends_with(".username");
                if kind && secret_in("token", &value.value).is_some() {
                    let what = format!("`config` holds a credential: `{}`", crate::text::shorten(key, 60));
                    found.push(ComposerLogin { what, at: value.at, in_image: false });
                }
            }
        }
        found
    }
}

/// Where a secret is handed to a build, and the verdict on one that is written out.
fn handed_over(name: &str, value: Option<&Text>, at: Location) -> Option<(Location, Option<Secret>)> {
    let stored = value.is_some_and(|value| {
        let text = &value.text;
        text.contains("${") && (text.contains("secrets.") || text.contains("github.token"))
            || ["CI_JOB_TOKEN", "GITHUB_TOKEN", "COMPOSER_AUTH"]
                .iter()
                .any(|name| text.contains(&format!("${name}")) || text.contains(&format!("${{{name}")))
    });
    let literal = value.filter(|value| value.is_known()).and_then(|value| secret_in(name, &value.text));
    let written = value.is_none_or(|value| value.text.contains('$') || !value.is_known());
    (stored || literal.is_some() || is_secret_key(name) && written)
        .then(|| (value.map_or(at, |value| value.at), literal))
}

/// Secrets that are handed to builds whose Dockerfile was not supplied: the argument, and where.
#[must_use]
pub fn unseen_secret_arguments(builds: &[PipelineBuild]) -> Vec<(&str, Location)> {
    let unseen = builds.iter().filter(|build| build.dockerfile.is_none());
    unseen
        .flat_map(|build| {
            build.args.iter().filter_map(|(name, value)| {
                let (at, _) = handed_over(name, value.as_ref(), build.at)?;
                Some((name.as_str(), at))
            })
        })
        .collect()
}

fn add(found: &mut Vec<SecretArgument>, name: &str, at: Location, literal: Option<Secret>) {
    match found.iter_mut().find(|known| known.name == name) {
        Some(known) if known.passed.is_none() => {
            known.passed = Some(at);
            known.literal = literal;
        }
        Some(_) => {}
        None => found.push(SecretArgument {
            name: name.to_owned(),
            declared: None,
            passed: Some(at),
            literal,
            in_image: true,
        }),
    }
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn names(compose: &str, dockerfile: &str) -> Vec<String> {
        let sources = sources(&[("compose.yaml", compose), ("Dockerfile", dockerfile)]);
        let project = Project::new(&sources, TODAY);
        let Some(service) = project.services().next() else { return Vec::new() };
        service.secret_arguments(&[]).into_iter().map(|argument| argument.name).collect()
    }

    #[test]
    fn declared_and_passed_are_one() {
        let compose = "services:\n  app:\n    build:\n      context: .\n      args: {GITHUB_TOKEN: \"${GITHUB_TOKEN}\", UID: 1000}\n";
        assert_eq!(names(compose, "FROM php:8.4\nARG GITHUB_TOKEN\nARG UID\n"), ["GITHUB_TOKEN"]);
        assert!(names(compose, "FROM php:8.4\nARG GITHUB_TOKEN\nENV GITHUB_TOKEN=$GITHUB_TOKEN\n").is_empty());
    }
}
