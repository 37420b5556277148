//! The configuration files of a container as its web server finds them: the image's own, what the build copies, changes and removes,
//! and what is mounted over them.

use super::images::{FOLDERS, Layout};
use crate::detect::Kind;
use crate::model::compose::mounts::MountKind;
use crate::model::web::{Container, Opened, Place, Software};
use crate::project::{BuildUse, Copied, Parsed, Project, Service, ServiceRef};
use crate::source::{Location, SourceId, file_name, folder, join, normalise};
use crate::syntax::directives::Item;
use crate::syntax::dockerfile::{Instruction, Keyword};
use crate::syntax::{apache, caddyfile, nginx};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Files of configuration looked at for one service.
const MAX_FILES: usize = 2000;

/// A file of the container.
#[derive(Clone, Debug)]
struct Entry {
    place: Place,
    /// The text when it is the image's own, changed by the build maybe.
    text: Option<String>,
    template: bool,
}

/// The files.
pub(super) struct Files<'p, 'a> {
    service: ServiceRef<'p, 'a>,
    layout: Layout,
    entries: BTreeMap<String, Entry>,
    links: BTreeMap<String, String>,
    /// Paths that something not supplied stands at: files, and folders with all below.
    missing: BTreeMap<String, Location>,
    /// Where the build changes a file in a way that cannot be followed.
    pub(super) changed: Option<Location>,
    /// Modules that the build switches on: `a2enmod`.
    pub(super) modules: Vec<(String, Location)>,
    /// Files of the project that stand somewhere in the container.
    pub(super) claimed: BTreeSet<SourceId>,
    /// Files of the project to look includes up in when nothing stands at their path.
    loose: Vec<SourceId>,
}

/// Files of the project that may be a web server's.
pub(super) fn candidates(project: &Project<'_>) -> Vec<SourceId> {
    let named = |path: &str| {
        let path = path.to_ascii_lowercase();
        ["nginx", "apache", "httpd", "caddy", "frankenphp"].iter().any(|word| path.contains(word))
    };
    project
        .files
        .iter()
        .filter(|file| match file.kind {
            Kind::Nginx | Kind::Apache | Kind::Htaccess | Kind::Caddyfile => true,
            Kind::Other => named(project.path(file.source)),
            _ => false,
        })
        .map(|file| file.source)
        .take(MAX_FILES)
        .collect()
}

impl<'p, 'a> Files<'p, 'a> {
    pub(super) fn of(service: ServiceRef<'p, 'a>, layout: Layout, candidates: &[SourceId]) -> Self {
        let image = service.image_use.at.unwrap_or(service.at);
        let entry = |text: &str| Entry { place: Place::Image(image), text: Some(text.to_owned()), template: false };
        let mut files = Self {
            service,
            layout,
            entries: layout.files.iter().map(|(path, text)| ((*path).to_owned(), entry(text))).collect(),
            links: layout.links.iter().map(|(name, path)| ((*name).to_owned(), (*path).to_owned())).collect(),
            missing: BTreeMap::new(),
            changed: None,
            modules: Vec::new(),
            claimed: BTreeSet::new(),
            loose: Vec::new(),
        };
        files.built(candidates);
        files.mounted(candidates);
        files.templates();
        files
    }

    fn project(&self) -> &'p Project<'a> {
        self.service.project()
    }

    /// Whether any file of configuration is the project's.
    pub(super) fn has_own(&self) -> bool {
        self.entries.values().any(|entry| match entry.place {
            Place::Source(id) => self.project().file(id).kind != Kind::Htaccess,
            Place::Inline(_) => true,
            Place::Image(_) => false,
        })
    }

    /// Whether a file of the project stands below a folder.
    pub(super) fn has_own_below(&self, folder: &str) -> bool {
        self.entries.iter().any(|(path, entry)| matches!(entry.place, Place::Source(_)) && below(folder, path))
    }

    /// Whether something that was not supplied stands where configuration is read.
    pub(super) fn unseen(&self) -> Option<(&str, Location)> {
        let conf = |path: &str| {
            [".conf", ".template", ".caddyfile", "Caddyfile", ".htaccess"].iter().any(|end| path.ends_with(end))
        };
        let matters = |path: &str| {
            let root = self.layout.root;
            let document = path.starts_with("/var/www");
            path == root
                || below(path, root)
                || !document && FOLDERS.contains(&path)
                || FOLDERS.contains(&folder(path)) && conf(path)
        };
        self.missing.iter().find(|(path, _)| matters(path)).map(|(path, at)| (path.as_str(), *at))
    }

    fn put(&mut self, path: &str, id: SourceId) {
        let path = self.links.get(path).cloned().unwrap_or_else(|| path.to_owned());
        self.claimed.insert(id);
        self.missing.remove(&path);
        self.entries.insert(path, Entry { place: Place::Source(id), text: None, template: false });
    }

    /// Takes files that stand nowhere for those the server reads.
    pub(super) fn assume(&mut self, loose: &[SourceId]) -> bool {
        let project = self.project();
        let wanted = match self.layout.software {
            Software::Nginx => Kind::Nginx,
            Software::Apache => Kind::Apache,
            Software::Caddy => Kind::Caddyfile,
        };
        let mut any = false;
        self.loose = loose.to_vec();
        for &id in loose.iter().filter(|id| project.file(**id).kind == wanted) {
            let items = items_of(project, id, self.layout.software);
            let has = |name: &str| items.iter().any(|item| item.name == name);
            let target = match self.layout.software {
                Software::Nginx if has("http") => self.layout.root.to_owned(),
                Software::Nginx if has("server") || has("upstream") => {
                    format!("/etc/nginx/conf.d/{}-{}.conf", file_name(project.path(id)), id.0)
                }
                // A fragment of a server: it is read where something includes it.
                Software::Nginx => continue,
                Software::Apache if has("serverroot") || has("listen") => self.layout.root.to_owned(),
                Software::Apache => {
                    let folder = if self.layout.root.starts_with("/etc") {
                        "/etc/apache2/sites-enabled"
                    } else {
                        "/usr/local/apache2/conf"
                    };
                    format!("{folder}/{}-{}.conf", file_name(project.path(id)), id.0)
                }
                Software::Caddy => self.layout.root.to_owned(),
            };
            any = true;
            self.entries.insert(target, Entry { place: Place::Source(id), text: None, template: false });
        }
        if any {
            for path in ["/etc/nginx/conf.d/default.conf", "/etc/apache2/sites-available/000-default.conf"] {
                if self.entries.get(path).is_some_and(|entry| matches!(entry.place, Place::Image(_))) {
                    self.entries.remove(path);
                }
            }
        }
        any
    }

    /// The files that the server reads first.
    pub(super) fn roots(&self) -> Vec<Opened<'_>> {
        let words = self.service.main_command().words;
        let option = words
            .iter()
            .position(|word| matches!(word.as_str(), "--config" | "-c" | "-f"))
            .and_then(|at| words.get(at + 1));
        let named = option.filter(|path| path.starts_with('/') && !path.contains(['$', '*'])).map(String::as_str);
        let mut roots = named.and_then(|path| self.open(path)).unwrap_or_default();
        if roots.is_empty() {
            roots = self.open(self.layout.root).unwrap_or_default();
        }
        roots
    }

    /// What the build does to the files, instruction by instruction.
    fn built(&mut self, candidates: &[SourceId]) {
        let service: &'p Service = self.service.service;
        let Some(used) = service.build_use.as_ref() else { return };
        let project = self.project();
        let Some(file) = used.dockerfile.and_then(|id| project.dockerfile(id)) else { return };
        let source = used.dockerfile.unwrap_or(SourceId(0));
        let copies = used.copies(project);
        let inside: Vec<(SourceId, &str)> = candidates
            .iter()
            .filter_map(|id| Some((*id, in_context(used, project.path(*id))?)))
            .filter(|(_, path)| {
                used.ignore.and_then(|id| project.ignore_file(id)).is_none_or(|ignore| !ignore.excludes(path))
            })
            .collect();
        for (stage, instruction) in used.final_instructions(file) {
            match instruction.keyword {
                Keyword::Copy | Keyword::Add => {
                    let copy = copies.iter().find(|copy| copy.instruction.keyword_span == instruction.keyword_span);
                    if let Some(copy) = copy.filter(|copy| copy.stage == stage) {
                        self.copied(used, copy, &inside);
                    }
                }
                Keyword::Run => self.run(source, instruction),
                _ => {}
            }
        }
    }

    fn copied(&mut self, used: &BuildUse, copy: &Copied<'_>, inside: &[(SourceId, &str)]) {
        let workdir = used.model.stages.get(copy.stage).and_then(|stage| stage.workdir.as_ref());
        let workdir = workdir.filter(|workdir| workdir.known).map_or("/var/www/html", |workdir| workdir.text.as_str());
        let destination = if copy.destination.starts_with('/') {
            copy.destination.clone()
        } else {
            format!("{}/{}", workdir.trim_end_matches('/'), copy.destination.trim_start_matches("./"))
        };
        let folder = destination.ends_with('/')
            || copy.destination == "."
            || copy.sources.len() > 1
            || FOLDERS.contains(&destination.as_str());
        let destination = destination.trim_end_matches(['/', '.']).to_owned();
        for (id, path) in inside {
            let Some(source) = copy.taking(path) else { continue };
            let from = normalise(&source.path);
            let target = if from == *path {
                if folder { format!("{destination}/{}", file_name(path)) } else { destination.clone() }
            } else if from.is_empty() {
                format!("{destination}/{path}")
            } else if let Some(rest) = path.strip_prefix(&format!("{from}/")) {
                format!("{destination}/{rest}")
            } else {
                format!("{destination}/{}", file_name(path))
            };
            self.put(&target, *id);
        }
        // A single file that was not supplied replaces what stood there.
        for source in copy.sources.iter().filter(|source| !source.path.contains(['*', '?', '$'])) {
            let path = normalise(&source.path);
            let target = if folder { format!("{destination}/{}", file_name(&path)) } else { destination.clone() };
            let known =
                used.context.as_deref().is_some_and(|context| self.project().sources.has(&join(context, &path)));
            if !known && !path.is_empty() && self.entries.remove(&target).is_some() {
                self.missing.insert(target, source.at);
            }
        }
    }

    /// What commands of the build do to configuration: `rm`, `ln -s`, `a2ensite` and its kin, `sed` with plain words.
    fn run(&mut self, source: SourceId, instruction: &Instruction) {
        let text = self.project().text(source);
        for script in instruction.scripts(text) {
            for command in &script.script.commands {
                let at = Location::new(source, command.span);
                let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
                let args = words.get(1..).unwrap_or(&[]);
                let plain = args.iter().filter(|word| !word.starts_with('-')).copied();
                match command.name() {
                    Some("rm" | "unlink") => {
                        for pattern in plain {
                            let gone = |path: &str| {
                                path == pattern || crate::facts::wildcard(pattern, path) || below(pattern, path)
                            };
                            self.entries.retain(|path, _| !gone(path));
                            self.links.retain(|path, _| !gone(path));
                        }
                    }
                    Some("ln") => {
                        let plain: Vec<&str> = plain.collect();
                        if let [from, to] = plain.as_slice() {
                            let to = if FOLDERS.contains(&to.trim_end_matches('/')) {
                                format!("{}/{}", to.trim_end_matches('/'), file_name(from))
                            } else {
                                (*to).to_owned()
                            };
                            let from =
                                if from.starts_with('/') { (*from).to_owned() } else { absolute(folder(&to), from) };
                            self.links.insert(to, from);
                        }
                    }
                    Some("a2ensite" | "a2enconf") => {
                        let kind = if command.name() == Some("a2ensite") { "sites" } else { "conf" };
                        for name in plain {
                            let name = name.trim_end_matches(".conf");
                            let path = |state: &str| format!("/etc/apache2/{kind}-{state}/{name}.conf");
                            self.links.insert(path("enabled"), path("available"));
                        }
                    }
                    Some("a2dissite" | "a2disconf") => {
                        let kind = if command.name() == Some("a2dissite") { "sites" } else { "conf" };
                        for name in plain {
                            let path = format!("/etc/apache2/{kind}-enabled/{}.conf", name.trim_end_matches(".conf"));
                            self.links.remove(&path);
                            self.entries.remove(&path);
                        }
                    }
                    Some("a2enmod") => self.modules.extend(plain.map(|name| (name.to_owned(), at))),
                    Some("sed") if args.iter().any(|word| word.starts_with("-") && word.contains('i')) => {
                        self.sed(args, at)
                    }
                    _ => {
                        let writes = command
                            .redirects
                            .iter()
                            .any(|redirect| redirect.target.text.starts_with(self.layout.prefix));
                        self.changed = self.changed.or(writes.then_some(at));
                    }
                }
            }
        }
    }

    /// `sed -ri -e 's!/var/www/html!/var/www/html/public!g' /etc/apache2/sites-available/*.conf`.
    fn sed(&mut self, args: &[&str], at: Location) {
        let files: Vec<&str> = args.iter().copied().filter(|word| word.starts_with('/')).collect();
        let touched =
            |path: &str| files.iter().any(|pattern| *pattern == path || crate::facts::wildcard(pattern, path));
        let own =
            self.links.iter().filter(|(name, _)| touched(name)).map(|(_, path)| path.clone()).collect::<BTreeSet<_>>();
        let paths: Vec<String> =
            self.entries.keys().filter(|path| touched(path) || own.contains(*path)).cloned().collect();
        for expression in args.iter().filter(|word| word.starts_with('s') && word.len() > 4) {
            let Some((from, to)) = substitution(expression) else {
                self.changed = self.changed.or((!paths.is_empty()).then_some(at));
                continue;
            };
            for path in &paths {
                let project = self.service.project();
                let Some(entry) = self.entries.get_mut(path) else { continue };
                match (&mut entry.text, entry.place) {
                    (Some(text), _) => *text = text.replace(&from, &to),
                    (None, Place::Source(id)) if project.text(id).contains(&from) => {
                        self.changed = self.changed.or(Some(at))
                    }
                    _ => {}
                }
            }
        }
    }

    fn mounted(&mut self, candidates: &[SourceId]) {
        let project = self.project();
        let view = self.service.view();
        let service: &'p Service = self.service.service;
        for mount in service.spec.mounts.iter().filter(|mount| mount.kind == MountKind::Bind) {
            let target = mount.target.trim_end_matches('/').to_owned();
            let Some(source) = mount.source.as_deref() else { continue };
            let host = join(&view.folder, source);
            let relative = source.starts_with('.');
            if relative && (host.is_empty() || project.sources.has(&host)) {
                for &id in candidates {
                    let path = project.path(id);
                    let rest = if host.is_empty() { Some(path) } else { path.strip_prefix(host.as_str()) };
                    match rest {
                        Some("") => self.put(&target, id),
                        Some(rest) if host.is_empty() || rest.starts_with('/') => {
                            self.put(&format!("{target}/{}", rest.trim_start_matches('/')), id);
                        }
                        _ => {}
                    }
                }
                if FOLDERS.contains(&target.as_str()) {
                    // A folder that is mounted hides what the image has there.
                    self.entries.retain(|path, entry| matches!(entry.place, Place::Source(_)) || !below(&target, path));
                }
            } else {
                self.entries.retain(|path, _| *path != target && !below(&target, path));
                self.missing.insert(target, mount.at);
            }
        }
        for grant in &service.spec.configs {
            let Some(config) = view.configs.iter().find(|config| config.name == grant.source) else { continue };
            if let Some(content) = &config.content {
                let entry =
                    Entry { place: Place::Inline(content.at), text: Some(content.text.clone()), template: false };
                self.entries.insert(grant.target.clone(), entry);
            }
            match config.file.as_ref().and_then(|file| project.sources.id(&join(&view.folder, &file.text))) {
                Some(id) => self.put(&grant.target, id),
                None if config.content.is_none() => {
                    self.entries.remove(&grant.target);
                    self.missing.insert(grant.target.clone(), grant.at);
                }
                None => {}
            }
        }
    }

    /// The nginx image makes `conf.d/x.conf` of `templates/x.conf.template`.
    fn templates(&mut self) {
        const FROM: &str = "/etc/nginx/templates/";
        let made: Vec<(String, Entry)> = self
            .entries
            .iter()
            .filter_map(|(path, entry)| {
                let name = path.strip_prefix(FROM)?.strip_suffix(".template")?;
                Some((format!("/etc/nginx/conf.d/{name}"), Entry { template: true, ..entry.clone() }))
            })
            .collect();
        self.entries.extend(made);
    }

    fn opened(&self, path: &str) -> Option<Opened<'_>> {
        let target = self.links.get(path).map_or(path, String::as_str);
        let entry = self.entries.get(target)?;
        let software = self.layout.software;
        let items = match (&entry.text, entry.place) {
            (Some(text), _) => Cow::Owned(parse(software, text)),
            (None, Place::Source(id)) => items_of(self.project(), id, software),
            (None, _) => Cow::Owned(Vec::new()),
        };
        Some(Opened { path: path.to_owned(), place: entry.place, items, template: entry.template })
    }

    /// The one file of the project that has an include's name and folder, when nothing stands at its path.
    fn by_name(&self, path: &str) -> Option<Opened<'_>> {
        let project = self.project();
        let wanted = (file_name(path), file_name(folder(path)));
        let mut same = self.loose.iter().filter(|id| {
            let path = project.path(**id);
            file_name(path) == wanted.0 && file_name(folder(path)) == wanted.1
        });
        let (Some(&id), None) = (same.next(), same.next()) else { return None };
        let items = items_of(project, id, self.layout.software);
        Some(Opened { path: path.to_owned(), place: Place::Source(id), items, template: false })
    }

    fn is_missing(&self, path: &str) -> bool {
        self.missing.keys().any(|missing| missing == path || below(missing, path))
    }
}

impl Container for Files<'_, '_> {
    fn open(&self, pattern: &str) -> Option<Vec<Opened<'_>>> {
        // `nginx[.]conf` is a name that need not be there.
        let plain = pattern.replace("[.]", ".");
        let pattern = plain.as_str();
        let path = format!("/{}", normalise(pattern));
        if !pattern.contains(['*', '?', '[']) {
            let found = self.opened(&path).or_else(|| self.by_name(&path));
            return match found {
                Some(found) => Some(vec![found]),
                // A folder stands for the files in it.
                None if self.entries.keys().any(|entry| below(&path, entry)) => self.open(&format!("{path}/*")),
                None => None,
            };
        }
        if self.is_missing(folder(&path)) {
            return None;
        }
        let slashes = path.matches('/').count();
        let mut names: Vec<&String> = self.entries.keys().chain(self.links.keys()).collect();
        names.sort_unstable();
        names.dedup();
        let fits = |name: &&&String| name.matches('/').count() == slashes && crate::facts::wildcard(&path, name);
        if self.missing.keys().any(|name| name.matches('/').count() == slashes && crate::facts::wildcard(&path, name)) {
            return None;
        }
        Some(names.iter().filter(fits).filter_map(|name| self.opened(name)).collect())
    }

    fn variable(&self, name: &str) -> Option<String> {
        if let Some(variable) = self.service.variable(name) {
            return variable.value.as_ref().filter(|value| value.is_known()).map(|value| value.text.clone());
        }
        let used = self.service.build_use.as_ref()?;
        let value = used.model.stages.get(used.stage?)?.env.get(name)?;
        value.value.known.then(|| value.value.text.clone())
    }

    fn prefix(&self) -> String {
        self.layout.prefix.to_owned()
    }

    fn folder_files(&self) -> Vec<Opened<'_>> {
        self.entries.keys().filter(|path| file_name(path) == ".htaccess").filter_map(|path| self.opened(path)).collect()
    }
}

/// Whether a path lies below a folder.
fn below(folder: &str, path: &str) -> bool {
    path.strip_prefix(folder.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'))
}

fn absolute(base: &str, path: &str) -> String {
    format!("/{}", join(base, path))
}

/// A file's name as seen from the build context.
fn in_context<'n>(used: &BuildUse, path: &'n str) -> Option<&'n str> {
    let context = used.context.as_deref()?;
    if context.is_empty() { Some(path) } else { path.strip_prefix(context)?.strip_prefix('/') }
}

fn parse(software: Software, text: &str) -> Vec<Item> {
    match software {
        Software::Nginx => nginx::parse(text).items,
        Software::Apache => apache::parse(text).items,
        Software::Caddy => caddyfile::parse(text).items,
    }
}

fn items_of<'p>(project: &'p Project<'_>, id: SourceId, software: Software) -> Cow<'p, [Item]> {
    match (&project.file(id).parsed, software) {
        (Parsed::Nginx(file), Software::Nginx) => Cow::Borrowed(&file.items),
        (Parsed::Apache(file), Software::Apache) => Cow::Borrowed(&file.items),
        (Parsed::Caddyfile(file), Software::Caddy) => Cow::Borrowed(&file.items),
        _ => Cow::Owned(parse(software, project.text(id))),
    }
}

/// The two words of `s!a!b!g`, when the first is no expression.
fn substitution(expression: &str) -> Option<(String, String)> {
    let delimiter = expression.chars().nth(1)?;
    let (mut parts, mut escaped) = (vec![String::new()], false);
    for c in expression.chars().skip(2) {
        match c {
            _ if escaped => {
                if c != delimiter && !matches!(c, '/' | '.' | '$') {
                    return None;
                }
                parts.last_mut()?.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            c if c == delimiter => parts.push(String::new()),
            c => parts.last_mut()?.push(c),
        }
    }
    let [from, to, _] = parts.as_slice() else { return None };
    let expression = from.contains(['*', '^', '$', '[', '(', '+', '?', '|']) || to.contains(['&', '\\']);
    (!expression && !from.is_empty()).then(|| (from.clone(), to.clone()))
}
