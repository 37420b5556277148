//! What lies in a folder of a container, above all in the folder that a web server serves: which folder of the project it is, and
//! which files of the project stand in it.

use super::{BuildUse, Copied, Project, ServiceRef};
use crate::model::compose::mounts::MountKind;
use crate::source::{Location, file_name, join, normalise};
use crate::syntax::dockerfile::Keyword;
use std::collections::BTreeSet;

/// Files that are listed for one folder.
const MAX_FILES: usize = 5000;

/// A file that stands in a folder of a container: one of the project, or one that a `COPY` names and that was not supplied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlacedFile {
    /// Its name in the project.
    pub path: String,
    /// Its path below the folder, without a `/` at the front.
    pub below: String,
    /// The mount or the `COPY` that puts it there.
    pub at: Location,
}

/// A folder of the project that stands at a path of a container.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlacedFolder {
    /// Its name in the project.
    pub folder: String,
    /// The mount or the `COPY` that puts it there.
    pub at: Location,
}

impl<'p, 'a> ServiceRef<'p, 'a> {
    /// The folder of the project that stands at a path of its container: mounted, copied, or in a volume that another service's
    /// image fills.
    #[must_use]
    pub fn folder_in_container(self, path: &str) -> Option<PlacedFolder> {
        let path = path.trim_end_matches('/');
        let covering = self
            .service
            .mounts
            .iter()
            .filter(|mount| rest_of(path, &mount.target).is_some())
            .max_by_key(|mount| mount.target.trim_end_matches('/').len());
        let Some(mount) = covering else { return self.copied_to(path) };
        let (rest, source) = (rest_of(path, &mount.target)?, mount.source.as_deref()?);
        match mount.kind {
            MountKind::Bind if source.starts_with('.') => {
                let folder = join(&self.view.folder, &format!("{source}/{rest}"));
                Some(PlacedFolder { folder, at: mount.at })
            }
            MountKind::Volume => self.copied_to(path).or_else(|| {
                self.others().take(200).find_map(|other| {
                    let same = other
                        .service
                        .mounts
                        .iter()
                        .find(|other| other.kind == MountKind::Volume && other.source.as_deref() == Some(source))?;
                    other.copied_to(join_path(&same.target, rest).as_str())
                })
            }),
            _ => None,
        }
    }

    /// The files of the project that stand in a folder of its container: mounted or copied, and not removed by the build.
    #[must_use]
    pub fn files_in_container(self, folder: &str) -> Vec<PlacedFile> {
        let mut found = Vec::new();
        let hidden = |target: &str| {
            let mut mounts = self.service.mounts.iter().filter(|mount| mount.kind != MountKind::Volume);
            mounts.any(|mount| rest_of(target, &mount.target).is_some())
        };
        found.extend(self.copied_files(folder).into_iter().filter(|(_, target)| !hidden(target)).map(|(file, _)| file));
        for mount in self.service.mounts.iter().filter(|mount| mount.kind == MountKind::Bind) {
            let Some(source) = mount.source.as_deref().filter(|source| source.starts_with('.')) else { continue };
            let host = join(&self.view.folder, source);
            for path in self.project.sources.paths() {
                let rest = if host.is_empty() { Some(path) } else { rest_of(path, &host) };
                let Some(rest) = rest else { continue };
                let target = join_path(&mount.target, rest);
                if let Some(below) = rest_of(&target, folder).filter(|below| !below.is_empty()) {
                    found.push(PlacedFile { path: path.to_owned(), below: below.to_owned(), at: mount.at });
                }
            }
        }
        found.truncate(MAX_FILES);
        found
    }

    /// The files of the project in the folder that its web server serves, and the scripts at the same path of the services that run
    /// its PHP.
    #[must_use]
    pub fn served_files(self) -> Vec<PlacedFile> {
        let Some(root) = self.docroot().filter(|root| root.is_known() && root.text.starts_with('/')) else {
            return Vec::new();
        };
        let mut found = self.files_in_container(&root.text);
        let mut known: BTreeSet<String> = found.iter().map(|file| file.path.clone()).collect();
        for other in self.fastcgi_services() {
            let scripts = other.files_in_container(&root.text).into_iter().filter(|file| file.below.ends_with(".php"));
            found.extend(scripts.filter(|file| known.insert(file.path.clone())));
        }
        found
    }

    /// The services that its web server hands PHP to.
    #[must_use]
    pub fn fastcgi_services(self) -> Vec<ServiceRef<'p, 'a>> {
        let Some(web) = self.web_server() else { return Vec::new() };
        let hosts: Vec<String> = web
            .targets()
            .into_iter()
            .filter(|target| target.fastcgi)
            .flat_map(|target| target.hosts)
            .map(|host| host.name)
            .collect();
        self.others().filter(|other| hosts.contains(&other.name)).collect()
    }

    /// The folder of the project that its build copies to a path.
    fn copied_to(self, path: &str) -> Option<PlacedFolder> {
        let used = self.service.build_use.as_ref()?;
        let context = used.context.as_deref()?;
        let copies = used.copies(self.project);
        copies.iter().rev().filter(|copy| used.is_final(copy.stage)).find_map(|copy| {
            let rest = rest_of(path, &self.destination(used, copy))?.to_owned();
            let source = copy.sources.iter().rev().find(|source| {
                let name = join(context, &source.path);
                name.is_empty() || self.project.sources.has(&name) && !self.project.sources.knows(&name)
            })?;
            Some(PlacedFolder { folder: join(context, &format!("{}/{rest}", source.path)), at: copy.at() })
        })
    }

    /// Files of the build context that are in a folder of its image, each with its path in the container.
    fn copied_files(self, folder: &str) -> Vec<(PlacedFile, String)> {
        let service: &'p super::Service = self.service;
        let Some(used) = service.build_use.as_ref() else { return Vec::new() };
        let Some(context) = used.context.as_deref() else { return Vec::new() };
        let project: &'p Project<'a> = self.project;
        let gone = self.removed_by_build(used);
        let copies: Vec<Copied<'_>> =
            used.copies(project).into_iter().filter(|copy| used.is_final(copy.stage)).collect();
        let mut found = Vec::new();
        for path in project.sources.paths() {
            let inside = if context.is_empty() { Some(path) } else { rest_of(path, context) };
            let Some(inside) = inside.filter(|inside| !inside.is_empty()) else { continue };
            for copy in &copies {
                let Some(source) = copy.taking(inside) else { continue };
                let (from, to) = (normalise(&source.path), self.destination(used, copy));
                let target = if from == inside {
                    let name = file_name(inside);
                    let into = copy.destination.ends_with(['/', '.'])
                        || copy.sources.len() > 1
                        || name.contains('.') && !file_name(&to).contains('.');
                    if into { join_path(&to, name) } else { to }
                } else if from.is_empty() {
                    join_path(&to, inside)
                } else {
                    join_path(&to, rest_of(inside, &from).unwrap_or(file_name(inside)))
                };
                let removed = gone.iter().any(|word| {
                    *word == target
                        || target.ends_with(&format!("/{word}"))
                        || rest_of(&target, word).is_some()
                        || word.starts_with('/') && word.contains('*') && crate::facts::wildcard(word, &target)
                });
                if removed || found.len() >= MAX_FILES {
                    continue;
                }
                let below = rest_of(&target, folder).filter(|below| !below.is_empty());
                if let Some(below) = below.filter(|_| !self.ignores(inside)) {
                    let file = PlacedFile { path: path.to_owned(), below: below.to_owned(), at: copy.at() };
                    found.push((file, target));
                }
            }
        }
        // What is named and was not supplied is there all the same.
        for copy in &copies {
            let to = self.destination(used, copy);
            for source in copy.sources.iter().filter(|source| !source.path.contains(['*', '?', '$', '['])) {
                let inside = normalise(&source.path);
                let (path, name) = (join(context, &inside), file_name(&inside).to_owned());
                let target = if copy.destination.ends_with(['/', '.']) { join_path(&to, &name) } else { to.clone() };
                if project.sources.has(&path) || !name.contains('.') || gone.iter().any(|word| target.ends_with(word)) {
                    continue;
                }
                let below = rest_of(&target, folder).filter(|below| !below.is_empty());
                if let Some(below) = below.filter(|_| !self.ignores(&inside)) {
                    let file = PlacedFile { path, below: below.to_owned(), at: copy.at() };
                    found.push((file, target));
                }
            }
        }
        found
    }

    /// Where a copy puts what it takes.
    fn destination(self, used: &BuildUse, copy: &Copied<'_>) -> String {
        if copy.destination.starts_with('/') {
            return format!("/{}", normalise(&copy.destination));
        }
        let workdir = used.model.stages.get(copy.stage).and_then(|stage| stage.workdir.as_ref());
        let usual = match self.service.image_use.reference.as_ref().map(|image| image.path.as_str()) {
            Some("dunglas/frankenphp") => "/app",
            Some("php" | "wordpress" | "nextcloud" | "joomla" | "matomo") => "/var/www/html",
            _ => "/",
        };
        let base = workdir.filter(|workdir| workdir.known).map_or(usual, |workdir| workdir.text.as_str());
        format!("/{}", join(base, &copy.destination))
    }

    /// Words after `rm` in the commands of its build.
    fn removed_by_build(self, used: &BuildUse) -> Vec<String> {
        let Some(source) = used.dockerfile else { return Vec::new() };
        let Some(file) = self.project.dockerfile(source) else { return Vec::new() };
        let text = self.project.text(source);
        let mut words = Vec::new();
        for (_, instruction) in used.final_instructions(file) {
            if instruction.keyword != Keyword::Run {
                continue;
            }
            for script in instruction.scripts(text) {
                for command in script.script.commands.iter().filter(|command| command.name() == Some("rm")) {
                    let args = command.words.iter().skip(1).map(|word| word.text.trim_end_matches('/'));
                    words.extend(args.filter(|word| !word.starts_with('-') && !word.is_empty()).map(str::to_owned));
                }
            }
        }
        words
    }
}

/// What follows a folder in a path: `""` for the folder itself.
fn rest_of<'t>(path: &'t str, folder: &str) -> Option<&'t str> {
    let rest = path.trim_end_matches('/').strip_prefix(folder.trim_end_matches('/'))?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

fn join_path(folder: &str, rest: &str) -> String {
    let folder = folder.trim_end_matches('/');
    if rest.is_empty() { folder.to_owned() } else { format!("{folder}/{rest}") }
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn files(given: &[(&str, &str)], folder: &str) -> Vec<String> {
        let sources = sources(given);
        let project = Project::new(&sources, TODAY);
        let service = project.services().next().expect("a service");
        service.files_in_container(folder).into_iter().map(|file| file.below).collect()
    }

    fn folder(given: &[(&str, &str)], path: &str) -> Option<String> {
        let sources = sources(given);
        let project = Project::new(&sources, TODAY);
        let service = project.services().next().expect("a service");
        service.folder_in_container(path).map(|placed| placed.folder)
    }

    #[test]
    fn copies_and_what_the_build_removes() {
        let given = [
            ("compose.yaml", "services:\n  web:\n    build: ./app\n"),
            (
                "app/Dockerfile",
                "FROM php:8.4-apache\nCOPY . .\nCOPY dump.sql /var/www/html\nRUN rm -rf /var/www/html/tests info.php\n",
            ),
            ("app/.dockerignore", "vendor\n"),
            ("app/dump.sql", "x"),
            ("app/info.php", "<?php"),
            ("app/public/index.php", "<?php"),
            ("app/tests/a.php", "<?php"),
            ("app/vendor/autoload.php", "<?php"),
        ];
        let found = files(&given, "/var/www/html");
        assert!(found.contains(&"dump.sql".to_owned()) && found.contains(&"public/index.php".to_owned()), "{found:?}");
        assert!(
            !found.iter().any(|name| name.starts_with("tests") || name.starts_with("vendor") || name == "info.php")
        );
        assert_eq!(files(&given, "/var/www/html/public/"), ["index.php"]);
        let named = [("Dockerfile", "FROM php:8.4-apache\nCOPY dump.sql src /var/www/html/\n")];
        assert_eq!(files(&named, "/var/www/html"), ["dump.sql"]);
        assert_eq!(folder(&given, "/var/www/html").as_deref(), Some("app"));
        assert_eq!(folder(&given, "/var/www/html/public").as_deref(), Some("app/public"));
        assert_eq!(folder(&given, "/srv"), None);
    }

    #[test]
    fn mounts_and_shared_volumes() {
        let given = [
            ("compose.yaml", "services:\n  web:\n    image: nginx:1.30.4\n    volumes: [\"./src:/srv/www:ro\"]\n"),
            ("src/public/a.txt", "x"),
        ];
        assert_eq!(files(&given, "/srv/www/public"), ["a.txt"]);
        assert_eq!(folder(&given, "/srv/www/public").as_deref(), Some("src/public"));
        let given = [
            (
                "compose.yaml",
                "services:\n  web:\n    image: nginx:1.30.4\n    volumes: [\"code:/srv:ro\"]\n  app:\n    build: .\n    volumes: [\"code:/app\"]\nvolumes:\n  code:\n",
            ),
            ("Dockerfile", "FROM php:8.4-fpm\nCOPY . /app\n"),
            ("public/index.php", "<?php"),
        ];
        let sources = sources(&given);
        let project = Project::new(&sources, TODAY);
        let web = project.services().find(|service| service.name == "web").expect("web");
        assert_eq!(web.folder_in_container("/srv/public").map(|placed| placed.folder).as_deref(), Some("public"));
    }
}
