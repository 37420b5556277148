//! Files that were added to a container and that PHP or the system would execute: one at a time, as an intruder adds them, or many
//! together, as an update or a deployment by hand does.

use super::{Drift, DriftChange};
use crate::facts::drift::DriftClass;
use crate::source::{file_name, folder};
use std::collections::BTreeMap;

/// So many files added together are an update, not an intruder's file.
const BULK: usize = 10;

/// What added files look like.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum AddedKind {
    /// Jobs, keys, preloaded libraries, names of known malware.
    Malware,
    /// Single files that PHP executes.
    Executable,
    /// A file that only configures: `.htaccess`, `.user.ini` outside of folders that visitors write to.
    Directives,
    /// Many files of a plug-in, a theme, or the application itself.
    Bulk,
}

/// Added files of one kind.
#[derive(Clone, Debug)]
pub struct AddedCode<'d> {
    /// What they look like.
    pub kind: AddedKind,
    /// The files, in order.
    pub files: Vec<&'d DriftChange<'d>>,
    /// The folder that holds all of them, for [`AddedKind::Bulk`].
    pub folder: String,
    /// Whether a name or a place says more than that the file is new: a hidden or random name, a folder that visitors write to.
    pub telling: bool,
}

impl Drift<'_> {
    /// The files that were added to be executed, by what they look like. What a package manager has put there is left out.
    #[must_use]
    pub fn added_code(&self) -> Vec<AddedCode<'_>> {
        let mut groups: BTreeMap<(AddedKind, String), Vec<&DriftChange<'_>>> = BTreeMap::new();
        let mut rest: Vec<&DriftChange<'_>> = Vec::new();
        for change in &self.changes {
            let path = change.change.path.as_str();
            match change.class {
                DriftClass::MalwareLike if is_of_a_build(path) => {}
                DriftClass::MalwareLike if is_php_in_tmp(path) => rest.push(change),
                DriftClass::MalwareLike => {
                    groups.entry((AddedKind::Malware, String::new())).or_default().push(change);
                }
                DriftClass::ExecutablePhpAdded if self.is_of_composer(path) => {}
                DriftClass::ExecutablePhpAdded => match unit(path) {
                    Some(unit) => groups.entry((AddedKind::Bulk, unit.to_owned())).or_default().push(change),
                    None => rest.push(change),
                },
                _ => {}
            }
        }
        let outside = |change: &&DriftChange<'_>| !is_writable_by_visitors(&change.change.path);
        if rest.iter().copied().filter(|change| outside(change)).count() >= BULK {
            let (all, few): (Vec<&DriftChange<'_>>, Vec<&DriftChange<'_>>) = rest.into_iter().partition(outside);
            groups.entry((AddedKind::Bulk, common(&all))).or_default().extend(all);
            rest = few;
        }
        let mut out = Vec::new();
        for ((kind, folder), files) in groups {
            if kind == AddedKind::Bulk && files.len() < BULK {
                rest.extend(files);
                continue;
            }
            // A script in /tmp may be anybody's.
            let telling = kind == AddedKind::Malware && files.iter().any(|file| !file.change.path.starts_with("/tmp/"));
            out.push(AddedCode { kind, files, folder, telling });
        }
        let (directives, scripts): (Vec<&DriftChange<'_>>, Vec<&DriftChange<'_>>) =
            rest.into_iter().partition(|change| is_directives(&change.change.path) && outside(change));
        for (kind, mut files) in [(AddedKind::Executable, scripts), (AddedKind::Directives, directives)] {
            files.sort_by_key(|change| change.at.span.start);
            let telling = files.iter().any(|change| is_telling(&change.change.path));
            if !files.is_empty() {
                out.push(AddedCode { kind, files, folder: String::new(), telling });
            }
        }
        out.sort_by_key(|added| added.kind);
        out
    }

    /// Whether a path belongs to dependencies that Composer has installed here.
    fn is_of_composer(&self, path: &str) -> bool {
        let installed = |change: &DriftChange<'_>| {
            let root = change.change.path.strip_suffix("/composer/installed.json");
            root.is_some_and(|root| path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/')))
        };
        path.contains("/vendor/") && self.of(DriftClass::Packages).any(installed)
    }
}

/// The folder that is installed or updated as one: a plug-in, a theme, the core.
fn unit(path: &str) -> Option<&str> {
    for part in ["/wp-content/plugins/", "/wp-content/themes/"] {
        if let Some((before, rest)) = path.split_once(part) {
            let name = rest.split_once('/')?.0;
            return path.get(..before.len() + part.len() + name.len());
        }
    }
    ["/wp-admin/", "/wp-includes/", "/vendor/"].into_iter().find_map(|part| {
        let before = path.split_once(part)?.0;
        if part == "/vendor/" { path.get(..before.len() + part.len() - 1) } else { Some(before) }
    })
}

/// The longest folder that holds all files.
fn common(files: &[&DriftChange<'_>]) -> String {
    let mut held = files.first().map_or("", |first| folder(&first.change.path));
    for change in files {
        let path = change.change.path.as_str();
        while !held.is_empty() && !path.strip_prefix(held).is_some_and(|rest| rest.starts_with('/')) {
            held = folder(held);
        }
    }
    if held.is_empty() { "/".to_owned() } else { held.to_owned() }
}

fn is_directives(path: &str) -> bool {
    matches!(file_name(path), ".htaccess" | ".user.ini")
}

fn is_php_in_tmp(path: &str) -> bool {
    let name = file_name(path);
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let executable = ending.is_some_and(|ending| matches!(ending.as_str(), "php" | "phtml" | "phar" | "pht"));
    path.starts_with("/tmp/") && executable
}

/// What an installation in the container leaves in /tmp: another rule tells of it.
fn is_of_a_build(path: &str) -> bool {
    path.starts_with("/tmp/pear/") || matches!(path, "/tmp/composer-setup.php" | "/tmp/composer.phar")
}

fn is_writable_by_visitors(path: &str) -> bool {
    ["/uploads/", "/upload/", "/files/", "/media/", "/storage/app/", "/images/", "/cache/"]
        .iter()
        .any(|part| path.contains(part))
        || is_php_in_tmp(path)
}

/// A hidden or random name, or a folder that visitors write to.
fn is_telling(path: &str) -> bool {
    let name = file_name(path);
    let stem = name.split('.').next().unwrap_or("");
    let digits = stem.bytes().filter(u8::is_ascii_digit).count();
    let random = (6..=12).contains(&stem.len())
        && digits > 1
        && stem.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let hidden = name.starts_with('.') && !is_directives(path);
    hidden || random || is_writable_by_visitors(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn added(lines: &str) -> Vec<(AddedKind, usize, String, bool)> {
        let ps = "{\"ID\":\"0123456789ab\",\"Names\":\"shop-app-1\",\"Image\":\"shop\",\"Status\":\"Up 1 day\"}\n";
        let diff = format!("### shop-app-1\n{lines}");
        let files = sources(&[("ps.json", ps), ("diff.txt", &diff)]);
        let project = Project::new(&files, TODAY);
        let drift = project.drifts().remove(0);
        let all = drift.added_code();
        all.into_iter().map(|code| (code.kind, code.files.len(), code.folder, code.telling)).collect()
    }

    #[test]
    fn single_files() {
        use AddedKind::{Directives, Executable, Malware};
        for (line, kind, telling) in [
            ("A /var/www/html/public/info.php", Executable, false),
            ("A /var/www/html/public/.cache.php", Executable, true),
            ("A /var/www/html/public/a1b2c3d4.php", Executable, true),
            ("A /var/www/html/wp-content/uploads/2026/11/x.php", Executable, true),
            ("A /tmp/x.php", Executable, true),
            ("A /var/www/html/.htaccess", Directives, false),
            ("A /root/.ssh/authorized_keys", Malware, true),
            ("A /tmp/run.sh", Malware, false),
        ] {
            assert_eq!(added(&format!("{line}\n")), [(kind, 1, String::new(), telling)], "{line}");
        }
    }

    #[test]
    fn many_files_are_an_update() {
        let plugin: String =
            (0..12).map(|n| format!("A /var/www/html/wp-content/plugins/akismet/f{n}.php\n")).collect();
        let folder = "/var/www/html/wp-content/plugins/akismet".to_owned();
        assert_eq!(added(&plugin), [(AddedKind::Bulk, 12, folder, false)]);
        let deployed: String = (0..12).map(|n| format!("A /app/src/f{n}.php\n")).collect();
        assert_eq!(added(&format!("{deployed}A /app/public/uploads/x.php\n")).len(), 2);
    }

    #[test]
    fn few_files_of_a_plugin_are_single_ones() {
        let found = added("A /var/www/html/wp-content/plugins/akismet/x.php\n");
        assert_eq!(found, [(AddedKind::Executable, 1, String::new(), false)]);
    }

    #[test]
    fn composer_and_caches_are_none() {
        assert!(added("A /app/vendor/acme/a.php\nA /app/vendor/composer/installed.json\n").is_empty());
        assert!(added("A /app/var/cache/prod/App_Kernel.php\nA /app/bootstrap/cache/config.php\n").is_empty());
        assert!(added("A /tmp/composer-setup.php\nA /tmp/pear/temp/redis/ltmain.sh\n").is_empty());
    }
}
