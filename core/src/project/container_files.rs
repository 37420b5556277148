//! Configuration files as they stand in a container: what the image ships, what the build copies, moves, writes and edits, and what
//! is mounted over it. The base of every question about effective settings of PHP, FPM and supervisord.

use super::php_image;
use super::{BuildUse, Project, ServiceRef};
use crate::image::ImageRef;
use crate::model::compose::Text;
use crate::model::compose::mounts::MountKind;
use crate::model::dockerfile::{Base, Expanded, LinkKind, LinkSource};
use crate::source::{Location, SourceId, file_name, join, normalise};
use crate::syntax::dockerfile::{Dockerfile, Instruction, Keyword};
use crate::syntax::dockerignore;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Steps that following the files of one service may take.
const BUDGET: usize = 400_000;
/// Known files of a build context or folder that are looked at.
const MAX_FILES: usize = 4096;
/// Stands in a written text for what only a build knows.
pub(super) const UNKNOWN: char = '\u{f8ff}';

/// The configuration files of a container, by path.
#[derive(Clone, Debug, Default)]
pub struct ContainerFiles {
    /// The files.
    pub files: BTreeMap<String, ContainerFile>,
    /// Folders and files that something not supplied puts there, and what does.
    pub unseen: Vec<(String, Location)>,
    /// Extensions of PHP that the build installs or switches on, and where.
    pub extensions: Vec<(String, Location)>,
    /// Files that are written to a path that only a build knows.
    pub unplaced: Vec<ContainerFile>,
    /// Whether there was more than is followed.
    pub incomplete: bool,
}

/// One file.
#[derive(Clone, Debug, Default)]
pub struct ContainerFile {
    /// Its path.
    pub path: String,
    /// What it consists of, in order.
    pub pieces: Vec<Piece>,
    /// What put it there; `None` for the image itself.
    pub at: Option<Location>,
}

/// A part of a file.
#[derive(Clone, Debug)]
pub enum Piece {
    /// A file of the project.
    Project(SourceId),
    /// Text that a build step or a Compose file holds.
    Written {
        /// The text.
        text: String,
        /// Where it is written.
        at: Location,
        /// Whether the text stands there byte for byte.
        verbatim: bool,
    },
    /// What the image ships.
    Shipped(&'static str),
    /// An edit by `sed` or the like: the setting it touches, or any.
    Edited {
        /// The setting, when the edit names one.
        key: Option<String>,
        /// The command.
        at: Location,
    },
    /// Something that was not supplied.
    Unknown(Option<Location>),
}

impl ContainerFiles {
    /// The files directly in a folder, in the order of their names.
    pub fn in_folder<'f>(&'f self, folder: &str) -> impl Iterator<Item = &'f ContainerFile> + use<'f> {
        let folder = format!("{}/", folder.trim_end_matches('/'));
        let start = folder.clone();
        self.files
            .range(start..)
            .take_while({
                let folder = folder.clone();
                move |(path, _)| path.starts_with(&folder)
            })
            .filter(move |(path, _)| !path.get(folder.len()..).unwrap_or("").contains('/'))
            .map(|(_, file)| file)
    }

    /// What hides a path: a mount or copy whose source was not supplied.
    #[must_use]
    pub fn unseen_at(&self, path: &str) -> Option<Location> {
        self.unseen.iter().find(|(folder, _)| is_within(path, folder)).map(|(_, at)| *at)
    }

    pub(super) fn put(&mut self, path: &str, pieces: Vec<Piece>, at: Option<Location>) {
        if self.files.len() < MAX_FILES || self.files.contains_key(path) {
            self.files.insert(path.to_owned(), ContainerFile { path: path.to_owned(), pieces, at });
        } else {
            self.incomplete = true;
        }
    }

    pub(super) fn append(&mut self, path: &str, piece: Piece, at: Location) {
        match self.files.get_mut(path) {
            Some(file) => file.pieces.push(piece),
            None => self.put(path, vec![piece], Some(at)),
        }
    }

    pub(super) fn remove_below(&mut self, path: &str) {
        self.files.retain(|known, _| !is_within(known, path));
    }
}

/// Whether a path is another or below it.
pub(super) fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder.trim_end_matches('/')).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a file may be one that is asked for.
pub(super) fn is_configuration(path: &str) -> bool {
    let name = file_name(path);
    [".ini", ".conf", ".htaccess"].iter().any(|ending| name.ends_with(ending))
        || name.starts_with("php.ini")
        || name.starts_with(".rr.")
        || path.contains("supervisor")
        || (path.contains("/s6") || path.contains("services.d/")) && matches!(name, "run" | "type" | "up")
}

/// Folders that a copy or a move puts a file into, even without a slash at the end.
pub(super) fn is_known_folder(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    matches!(file_name(path), "conf.d" | "php-fpm.d" | "pool.d" | "app.conf.d" | "supervisord.d" | "supervisor")
        || matches!(path, "/usr/local/etc/php" | "/usr/local/etc" | "/etc" | "/opt/bitnami/php/etc")
}

/// An absolute path without `.`, `..` and doubled slashes.
pub(super) fn absolute(workdir: &str, path: &str) -> String {
    let full = if path.starts_with('/') { path.to_owned() } else { format!("{workdir}/{path}") };
    format!("/{}", normalise(&full))
}

impl<'p> ServiceRef<'p, '_> {
    /// The configuration files of its container.
    #[must_use]
    pub fn container_files(self) -> Rc<ContainerFiles> {
        let key = (self.view.files.clone(), self.view.name.clone(), self.name.clone());
        if let Some(known) = self.project.container_files.borrow().get(&key) {
            return Rc::clone(known);
        }
        let files = Rc::new(self.gather_files());
        self.project.container_files.borrow_mut().insert(key, Rc::clone(&files));
        files
    }

    fn gather_files(self) -> ContainerFiles {
        let builder = self.image_source();
        let mut files = match builder.service.build_use.as_ref() {
            Some(used) => built_files(self.project, used),
            None => self.php_image().as_ref().map(shipped_files).unwrap_or_default(),
        };
        self.granted(&mut files);
        self.mounted(&mut files);
        files
    }

    fn mounted(self, files: &mut ContainerFiles) {
        for mount in self.mounts.iter().filter(|mount| matches!(mount.kind, MountKind::Bind | MountKind::Other)) {
            let Some(source) = mount.source.as_deref() else { continue };
            let target = absolute("/", &mount.target);
            let local = source.starts_with('.') && mount.known;
            let path = join(&self.view.folder, source);
            if local && let Some(id) = self.project.sources.id(&path) {
                if is_configuration(&path) || is_configuration(&target) {
                    files.put(&target, vec![Piece::Project(id)], Some(mount.at));
                }
                continue;
            }
            let below = if local { files_below(self.project, &path) } else { Vec::new() };
            if below.is_empty() {
                // A folder of the application without configuration in it hides nothing that matters.
                let matters = is_configuration(&target) || is_known_folder(&target);
                let listed = local && self.project.sources.has(&path);
                if matters && !listed {
                    files.remove_below(&target);
                    files.unseen.push((target, mount.at));
                }
                continue;
            }
            files.remove_below(&target);
            for (rest, id) in below {
                files.put(
                    &absolute(&target, &rest),
                    vec![id.map_or(Piece::Unknown(Some(mount.at)), Piece::Project)],
                    Some(mount.at),
                );
            }
        }
    }

    fn granted(self, files: &mut ContainerFiles) {
        let granted =
            [(&self.service.spec.configs, &self.view.configs), (&self.service.spec.secrets, &self.view.secrets)];
        for (grants, resources) in granted {
            for grant in grants.iter().filter(|grant| is_configuration(&grant.target)) {
                let resource = resources.iter().find(|resource| resource.name == grant.source);
                let file = resource.and_then(|resource| resource.file.as_ref()).filter(|file| file.is_known());
                let content =
                    resource.and_then(|resource| resource.content.as_ref()).filter(|text| Text::is_known(text));
                let id = file.and_then(|file| self.project.sources.id(&join(&self.view.folder, &file.text)));
                let piece = match (id, content) {
                    (Some(id), _) => Piece::Project(id),
                    (None, Some(text)) => Piece::Written { text: text.text.clone(), at: text.at, verbatim: false },
                    (None, None) => Piece::Unknown(Some(grant.at)),
                };
                files.put(&absolute("/", &grant.target), vec![piece], Some(grant.at));
            }
        }
    }
}

/// Known configuration files below a folder of the project, relative to it.
fn files_below(project: &Project<'_>, folder: &str) -> Vec<(String, Option<SourceId>)> {
    let rest = |path: &str| {
        let rest = if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') };
        rest.map(str::to_owned)
    };
    let found = project.sources.paths().filter(|path| is_configuration(path));
    found.filter_map(|path| Some((rest(path)?, project.sources.id(path)))).take(MAX_FILES).collect()
}

/// What an image ships.
fn shipped_files(image: &ImageRef) -> ContainerFiles {
    let mut files = ContainerFiles::default();
    for (path, text) in php_image::shipped(image) {
        files.put(&path, vec![Piece::Shipped(text)], None);
    }
    files
}

/// The files of a built image.
fn built_files(project: &Project<'_>, used: &BuildUse) -> ContainerFiles {
    let (Some(source), Some(target)) = (used.dockerfile, used.stage) else { return ContainerFiles::default() };
    let Some(file) = project.dockerfile(source) else { return ContainerFiles::default() };
    let context: Vec<(&str, Option<SourceId>)> = used
        .context_files(project)
        .into_iter()
        .filter(|path| is_configuration(path))
        .take(MAX_FILES)
        .map(|path| (path, used.context_source(project, path)))
        .collect();
    let mut build = Build { project, used, file, source, context, done: BTreeMap::new(), budget: BUDGET };
    // A stage only takes from earlier ones.
    for &stage in &used.stages_used {
        build.stage(stage);
    }
    let mut files = build.done.remove(&target).map(|done| done.files).unwrap_or_default();
    files.incomplete |= build.budget == 0;
    files
}

/// A build followed stage by stage.
pub(super) struct Build<'b, 'a> {
    pub(super) project: &'b Project<'a>,
    pub(super) used: &'b BuildUse,
    pub(super) file: &'b Dockerfile,
    pub(super) source: SourceId,
    context: Vec<(&'b str, Option<SourceId>)>,
    done: BTreeMap<usize, StageFiles>,
    budget: usize,
}

/// What a stage has come to.
#[derive(Clone, Default)]
pub(super) struct StageFiles {
    pub(super) files: ContainerFiles,
    pub(super) workdir: String,
    /// The image it comes from.
    pub(super) image: Option<ImageRef>,
    /// Its environment as far as it has come.
    pub(super) environment: BTreeMap<String, Expanded>,
}

impl StageFiles {
    /// A path with the variables in it replaced; `None` when one has no known value.
    pub(super) fn resolve(&self, text: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(place) = rest.find('$') {
            out.push_str(rest.get(..place)?);
            let after = rest.get(place + 1..)?;
            let (name, next) = match after.strip_prefix('{') {
                Some(braced) => {
                    let (name, next) = braced.split_once('}')?;
                    (name, next)
                }
                None => {
                    let length = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
                    after.split_at_checked(length)?
                }
            };
            out.push_str(&self.variable(name)?);
            rest = next;
        }
        out.push_str(rest);
        Some(out)
    }

    fn variable(&self, name: &str) -> Option<String> {
        if let Some(known) = self.environment.get(name) {
            return known.known.then(|| known.text.clone());
        }
        php_image::environment(self.image.as_ref()?, name).map(str::to_owned)
    }
}

impl Build<'_, '_> {
    /// Takes from the budget; `false` when it is spent.
    pub(super) fn spend(&mut self, cost: usize) -> bool {
        let left = self.budget.checked_sub(cost);
        self.budget = left.unwrap_or(0);
        left.is_some()
    }

    fn stage(&mut self, number: usize) {
        let used = self.used;
        let Some(stage) = used.model.stages.get(number) else { return };
        let mut state = match &stage.base {
            Base::Stage(parent) => {
                let parent = self.done.get(parent);
                let cost = parent.map_or(0, |parent| parent.files.files.len());
                let parent = parent.cloned();
                if !self.spend(cost) {
                    return;
                }
                parent.unwrap_or_default()
            }
            Base::Image(image) => {
                let image = php_image::reference(&image.text);
                let files = image.as_ref().map(shipped_files).unwrap_or_default();
                let workdir = image.as_ref().map_or("/", php_image::workdir).to_owned();
                StageFiles { files, workdir, image, environment: BTreeMap::new() }
            }
            Base::Scratch => StageFiles { workdir: "/".to_owned(), ..StageFiles::default() },
        };
        for (name, argument) in &stage.args {
            if let Some(value) = &argument.value {
                state.environment.insert(name.clone(), value.clone());
            }
        }
        state.environment.extend(stage.env.iter().map(|(name, value)| (name.clone(), value.value.clone())));
        for index in stage.instructions.clone() {
            let Some(instruction) = self.file.instructions.get(index) else { continue };
            if !self.spend(1) {
                break;
            }
            match instruction.keyword {
                Keyword::Workdir => {
                    let path = used.model.instructions.get(index).and_then(|expanded| expanded.args.first());
                    if let Some(path) = path.and_then(|path| state.resolve(&path.text)) {
                        state.workdir = absolute(&state.workdir, &path);
                    }
                }
                Keyword::Copy | Keyword::Add => self.copy(&mut state, number, index, instruction),
                Keyword::Run => {
                    for script in instruction.scripts(self.project.text(self.source)) {
                        self.run(&mut state, instruction, &script);
                    }
                }
                _ => {}
            }
        }
        self.done.insert(number, state);
    }

    fn copy(&mut self, state: &mut StageFiles, stage: usize, index: usize, instruction: &Instruction) {
        let Some(expanded) = self.used.model.instructions.get(index) else { return };
        let Some((destination, sources)) = expanded.args.split_last() else { return };
        let at = Location::new(self.source, instruction.header_span);
        let unquoted = destination.text.trim_matches('"');
        let Some(destination) = state.resolve(unquoted) else { return };
        let folder = destination.ends_with(['/', '.']) || sources.len() > 1;
        let base = absolute(&state.workdir, &destination);
        let folder = folder || is_known_folder(&base);
        let link =
            self.used.model.stages.get(stage).and_then(|stage| {
                stage.links.iter().find(|link| link.instruction == index && link.kind == LinkKind::Copy)
            });
        let excludes: Vec<dockerignore::DockerIgnore> = instruction
            .flags_named("exclude")
            .filter_map(|flag| flag.value.as_deref())
            .map(dockerignore::parse)
            .collect();
        let mut documents = instruction.heredocs.iter();
        for source in sources {
            if source.text.starts_with("<<") {
                let Some(document) = documents.next() else { continue };
                let text = document.body.slice(self.project.text(self.source)).to_owned();
                let target = if folder { absolute(&base, &document.name) } else { base.clone() };
                let verbatim = !document.strip_tabs;
                let place = Location::new(self.source, document.body);
                if is_configuration(&target) {
                    state.files.put(&target, vec![Piece::Written { text, at: place, verbatim }], Some(at));
                }
                continue;
            }
            let Some(path) = state.resolve(source.text.trim_matches('"')) else { continue };
            let taken = match link.map(|link| &link.source) {
                Some(LinkSource::Stage(from)) => self.taken_from(self.done.get(from).map(|done| &done.files), &path),
                Some(LinkSource::Image(image)) => {
                    let image =
                        Some(image).filter(|image| image.known).and_then(|image| ImageRef::parse(&image.text).ok());
                    self.taken_from(image.as_ref().map(shipped_files).as_ref(), &path)
                }
                None if instruction.flag("from").is_some() || path.contains("://") => Vec::new(),
                None => self.taken_from_context(&path, &base, folder, &excludes, at),
            };
            if !self.spend(taken.len() + self.context.len() / 16) {
                return;
            }
            for Taken { rest, name, pieces } in taken {
                let target = match (rest, folder) {
                    (Some(rest), _) => absolute(&base, &rest),
                    (None, true) => absolute(&base, &name),
                    (None, false) => base.clone(),
                };
                if is_configuration(&target) || is_configuration(&name) {
                    state.files.put(&target, pieces, Some(at));
                }
            }
        }
    }

    /// Files of another stage or image at or below a path.
    fn taken_from(&self, files: Option<&ContainerFiles>, path: &str) -> Vec<Taken> {
        let path = absolute("/", path);
        let wild = path.contains(['*', '?', '[']).then(|| dockerignore::parse(path.trim_start_matches('/')));
        let mut taken = Vec::new();
        for (known, file) in files.iter().flat_map(|files| &files.files) {
            let (name, pieces) = (file_name(known).to_owned(), file.pieces.clone());
            match &wild {
                Some(pattern) if pattern.excludes(known.trim_start_matches('/')) => {
                    taken.push(Taken { rest: None, name, pieces });
                }
                None if *known == path => taken.push(Taken { rest: None, name, pieces }),
                None if is_within(known, &path) || path == "/" => {
                    let rest = known.get(path.trim_end_matches('/').len() + 1..).map(str::to_owned);
                    taken.push(Taken { rest, name, pieces });
                }
                _ => {}
            }
        }
        taken
    }

    fn taken_from_context(
        &self,
        path: &str,
        base: &str,
        folder: bool,
        excludes: &[dockerignore::DockerIgnore],
        at: Location,
    ) -> Vec<Taken> {
        let path = normalise(path);
        let wild = path.contains(['*', '?', '[']).then(|| dockerignore::parse(&path));
        let mut taken = Vec::new();
        let direct = if wild.is_some() { None } else { self.used.context_source(self.project, &path) };
        if let Some(id) = direct.filter(|_| !path.is_empty()) {
            let name = file_name(&path).to_owned();
            return vec![Taken { rest: None, name, pieces: vec![Piece::Project(id)] }];
        }
        for (known, id) in &self.context {
            if excludes.iter().any(|pattern| pattern.excludes(known)) {
                continue;
            }
            let pieces = vec![id.map_or(Piece::Unknown(Some(at)), Piece::Project)];
            let name = file_name(known).to_owned();
            match &wild {
                Some(pattern) if pattern.excludes(known) => taken.push(Taken { rest: None, name, pieces }),
                None if path.is_empty() => taken.push(Taken { rest: Some((*known).to_owned()), name, pieces }),
                None if is_within(known, &path) => {
                    let rest = known.get(path.len() + 1..).map(str::to_owned);
                    taken.push(Taken { rest, name, pieces });
                }
                _ => {}
            }
        }
        // A file that was not supplied, at a place where its content would count.
        let target = if folder { absolute(base, file_name(&path)) } else { base.to_owned() };
        let known = self.used.context.as_deref().is_some_and(|context| self.project.sources.has(&join(context, &path)));
        if taken.is_empty() && wild.is_none() && !known && is_configuration(&target) {
            let name = file_name(&path).to_owned();
            taken.push(Taken { rest: None, name, pieces: vec![Piece::Unknown(Some(at))] });
        }
        taken
    }
}

/// A file that a copy takes.
struct Taken {
    /// Below the source, when that is a folder.
    rest: Option<String>,
    name: String,
    pieces: Vec<Piece>,
}

/// The key of the cache of container files.
pub(super) type FilesKey = (Vec<SourceId>, String, String);

/// Names, each once, in order.
pub(super) fn once(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names.into_iter().filter(|name| seen.insert(name.clone())).collect()
}

#[cfg(test)]
#[path = "container_files_tests.rs"]
mod tests;
