//! What was changed inside of a container since it was made, and what that means.

use super::{Project, ServiceRef};
use crate::facts::Level;
use crate::facts::drift::{Asked, DriftClass, classify, is_code_root};
use crate::facts::images;
use crate::image::ImageRef;
use crate::model::inventory::{Container, Diff, Mount};
use crate::source::Location;
use crate::syntax::inventory::{Change, ChangeKind};
use std::collections::{BTreeMap, BTreeSet};

/// So many files changed and none added below one folder are one `chmod -R` or `chown -R`.
const MASS: usize = 50;

/// A change that means something.
#[derive(Clone, Copy, Debug)]
pub struct DriftChange<'p> {
    /// The change.
    pub change: &'p Change,
    /// Where it is written.
    pub at: Location,
    /// What it means.
    pub class: DriftClass,
    /// How bad it is.
    pub level: Level,
}

/// Very many changes of one kind below a folder: owners or modes, most likely.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MassChange {
    /// The folder.
    pub folder: String,
    /// How many files.
    pub count: usize,
    /// Where the first one is written.
    pub at: Location,
}

/// What was changed inside of a container.
#[derive(Clone, Debug)]
pub struct Drift<'p> {
    /// The container.
    pub container: &'p Container,
    /// The changes that mean something, in order. Those of a mass change are not repeated here.
    pub changes: Vec<DriftChange<'p>>,
    /// Folders below which owners or modes were changed.
    pub mass: Vec<MassChange>,
    /// How many changes are noise: caches, logs, process ids, folders that hold a changed file.
    pub noise: usize,
    /// Mounts over the application's code: what changes there, `diff` does not see.
    pub unseen: Vec<&'p Mount>,
    /// Where the output starts.
    pub at: Location,
    /// Whether the output was cut off.
    pub cut: bool,
}

impl Drift<'_> {
    /// Changes of a class.
    pub fn of(&self, class: DriftClass) -> impl Iterator<Item = &DriftChange<'_>> {
        self.changes.iter().filter(move |change| change.class == class)
    }

    /// The worst level among the changes.
    #[must_use]
    pub fn worst(&self) -> Option<Level> {
        self.changes.iter().map(|change| change.level).max()
    }

    /// Names of packages that were installed, where the package manager's files tell.
    #[must_use]
    pub fn packages(&self) -> Vec<String> {
        let mut names: BTreeSet<String> = BTreeSet::new();
        for change in self.of(DriftClass::Packages).filter(|change| change.change.kind == ChangeKind::Added) {
            let path = &change.change.path;
            let file = path.rsplit('/').next().unwrap_or(path);
            let name = if path.contains("/dpkg/info/") {
                file.strip_suffix(".list")
            } else if path.contains("/php/extensions/") {
                file.strip_suffix(".so")
            } else {
                file.strip_prefix("docker-php-ext-").and_then(|rest| rest.strip_suffix(".ini"))
            };
            names.extend(name.map(|name| name.split(':').next().unwrap_or(name).to_owned()));
        }
        names.into_iter().collect()
    }
}

impl Project<'_> {
    /// What was changed inside of a container; `None` when `docker diff` was not supplied for it.
    #[must_use]
    pub fn drift<'p>(&'p self, container: &'p Container) -> Option<Drift<'p>> {
        let diff = self.inventory.diff_of(container)?;
        Some(read(self, container, diff))
    }

    /// Every container whose changes were supplied.
    #[must_use]
    pub fn drifts(&self) -> Vec<Drift<'_>> {
        self.inventory.containers.iter().filter_map(|container| self.drift(container)).collect()
    }
}

impl<'p> ServiceRef<'p, '_> {
    /// What was changed inside of its containers.
    #[must_use]
    pub fn drifts(self) -> Vec<Drift<'p>> {
        let project = self.project;
        self.containers().into_iter().filter_map(|container| project.drift(container)).collect()
    }
}

fn read<'p>(project: &'p Project<'_>, container: &'p Container, diff: &'p Diff) -> Drift<'p> {
    let mounts: Vec<&Mount> = container.mounts.iter().flatten().collect();
    let targets: Vec<&str> =
        mounts.iter().filter_map(|mount| mount.target.as_deref()).map(|path| path.trim_end_matches('/')).collect();
    let code: Vec<String> = container
        .details
        .iter()
        .filter_map(|details| details.working_dir.as_ref())
        .map(|folder| folder.value.clone())
        .filter(|folder| folder != "/")
        .collect();
    let name = image_name(project, container);
    let paths: BTreeSet<&str> = diff.changes.iter().map(|(change, _)| change.path.as_str()).collect();
    let mut out = Drift {
        container,
        changes: Vec::new(),
        mass: Vec::new(),
        noise: 0,
        unseen: mounts
            .iter()
            .copied()
            .filter(|mount| mount.target.as_deref().is_some_and(|path| is_code(path, &code)))
            .collect(),
        at: diff.at,
        cut: diff.cut,
    };
    for (change, at) in &diff.changes {
        let path = change.path.as_str();
        let holds = change.kind == ChangeKind::Changed && has_below(&paths, path);
        let mounted = targets.iter().any(|target| {
            path == *target || is_below(path, target) || (change.kind != ChangeKind::Deleted && is_below(target, path))
        });
        let asked = Asked { path, change: change.kind.letter(), image: &name, code: &code };
        match classify(asked).filter(|_| !holds && !mounted) {
            Some((class, level)) => out.changes.push(DriftChange { change, at: *at, class, level }),
            None => out.noise += 1,
        }
    }
    out.mass = mass(&out.changes);
    let folders: Vec<String> = out.mass.iter().map(|mass| mass.folder.clone()).collect();
    out.changes.retain(|change| !folders.iter().any(|folder| is_below(&change.change.path, folder)));
    out
}

/// The name of the image a container was made from, as tables of images know it.
fn image_name(project: &Project<'_>, container: &Container) -> String {
    let named = container.image_name().map(|image| image.value.clone());
    let text = named.or_else(|| project.inventory.image_of(container)?.tags.first().map(|tag| tag.value.clone()));
    text.and_then(|text| ImageRef::parse(&text).ok()).map(|image| images::name(&image)).unwrap_or_default()
}

fn is_code(path: &str, code: &[String]) -> bool {
    is_code_root(path) || code.iter().any(|root| root.trim_end_matches('/') == path.trim_end_matches('/'))
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn has_below(paths: &BTreeSet<&str>, folder: &str) -> bool {
    let start = format!("{}/", folder.trim_end_matches('/'));
    paths
        .range::<str, _>((std::ops::Bound::Excluded(start.as_str()), std::ops::Bound::Unbounded))
        .next()
        .is_some_and(|next| next.starts_with(&start))
}

/// Folders with very many changed files and nothing added or removed, each as far down as all of them are.
fn mass(changes: &[DriftChange<'_>]) -> Vec<MassChange> {
    let mut folders: BTreeMap<&str, (usize, usize, Location)> = BTreeMap::new();
    for change in changes {
        let path = change.change.path.as_str();
        let ends = path.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0).take(16);
        for folder in ends.filter_map(|end| path.get(..end)) {
            let entry = folders.entry(folder).or_insert((0, 0, change.at));
            if change.change.kind == ChangeKind::Changed {
                entry.0 += 1;
            } else {
                entry.1 += 1;
            }
        }
    }
    let mut found: Vec<MassChange> = Vec::new();
    for (folder, (changed, others, at)) in folders {
        match found.last_mut().filter(|known| is_below(folder, &known.folder)) {
            // All of it is further down: that folder says more.
            Some(known) if known.count == changed => known.folder = folder.to_owned(),
            Some(_) => {}
            None if changed >= MASS && others == 0 => {
                found.push(MassChange { folder: folder.to_owned(), count: changed, at })
            }
            None => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    const RUNNING: &str = include_str!("../../tests/data/inventory/running.txt");

    #[test]
    fn what_was_changed_and_what_it_means() {
        let files = sources(&[("running.txt", RUNNING)]);
        let project = Project::new(&files, TODAY);
        let container = project.inventory.container("larashop-app-1").unwrap();
        let drift = project.drift(container).unwrap();
        let said: Vec<String> =
            drift.changes.iter().map(|change| format!("{} {}", change.class.as_str(), change.change.path)).collect();
        assert_eq!(
            said,
            [
                "interactive-session /root/.bash_history",
                "other /tmp/pear",
                "binaries /usr/bin/convert-im6.q16",
                "packages /var/lib/dpkg/status",
                "packages /var/lib/dpkg/info/imagemagick.list",
                "runtime-config /usr/local/etc/php-fpm.d/www.conf",
                "other /srv/a file with spaces",
            ]
        );
        assert_eq!(drift.packages(), ["imagemagick"]);
        assert_eq!((drift.worst(), drift.noise), (Some(Level::High), 14));
        assert_eq!(drift.unseen.len(), 1, "the code is mounted: what changes there is not seen");
        assert!(project.slice(drift.changes[0].at).contains(".bash_history"));
        assert_eq!(project.drifts().len(), 2);
    }

    #[test]
    fn a_change_of_owners_is_one() {
        let mut text = String::from("### shop-app-1\nC /var\nC /var/www\nC /var/www/html\n");
        for number in 0..60 {
            text.push_str(&format!("C /var/www/html/src/f{number}.php\n"));
        }
        text.push_str("C /etc/hosts\nC /usr/bin/x\n");
        let ps = "{\"ID\":\"0123456789ab\",\"Names\":\"shop-app-1\",\"Image\":\"shop\",\"Status\":\"Up 1 day\"}\n";
        let files = sources(&[("ps.json", ps), ("diff.txt", &text)]);
        let project = Project::new(&files, TODAY);
        let drift = project.drifts().remove(0);
        assert_eq!(drift.mass.len(), 1);
        assert_eq!((drift.mass[0].folder.as_str(), drift.mass[0].count), ("/var/www/html/src", 60));
        assert_eq!(drift.changes.len(), 1);
    }

    #[test]
    fn without_the_output_nothing_is_said() {
        let ps = "{\"ID\":\"0123456789ab\",\"Names\":\"a\",\"Image\":\"shop\",\"Status\":\"Up 1 day\"}\n";
        let files = sources(&[("ps.json", ps)]);
        let project = Project::new(&files, TODAY);
        assert!(project.drifts().is_empty());
        let question = project.questions.iter().find(|question| question.answer == "docker diff a");
        assert!(question.is_some(), "{:?}", project.questions);
    }
}
