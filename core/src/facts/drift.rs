//! What a change in a container's file system means: noise, what an image does when it starts, or one of ten classes.
//!
//! Source: own table (`core/data/drift.json`, 2026-08-23).

mod table;

use super::{FactDate, Level, glob};
use crate::date::Date;

/// Date of the table.
pub const AS_OF: Date = table::META.as_of;

/// Where the table comes from.
pub const META: FactDate = table::META;

/// What a change means, by where it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum DriftClass {
    /// Where malware makes itself at home: scheduled jobs, preloaded libraries, keys, known names.
    MalwareLike,
    /// A file that the web server would execute was added.
    ExecutablePhpAdded,
    /// The database of a package manager, or what one installs.
    Packages,
    /// Only the lists of available packages.
    PackageLists,
    /// Settings of the system, of PHP, of a server, of the application.
    RuntimeConfig,
    /// Programs and libraries.
    Binaries,
    /// The application's own code.
    ApplicationCode,
    /// What a shell and an editor leave behind.
    InteractiveSession,
    /// Data that is lost with the container.
    StateOutsideVolume,
    /// Anything else.
    Other,
}

impl DriftClass {
    /// Its name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MalwareLike => "malware-like",
            Self::ExecutablePhpAdded => "executable-php-added",
            Self::Packages => "packages",
            Self::PackageLists => "package-lists",
            Self::RuntimeConfig => "runtime-config",
            Self::Binaries => "binaries",
            Self::ApplicationCode => "application-code",
            Self::InteractiveSession => "interactive-session",
            Self::StateOutsideVolume => "state-outside-volume",
            Self::Other => "other",
        }
    }
}

/// A class and where its changes are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClassRow {
    pub(crate) class: DriftClass,
    pub(crate) level: Level,
    /// Asked before noise is left aside.
    pub(crate) first: bool,
    /// Only what was added.
    pub(crate) added_only: bool,
    /// Also files with telling endings below the application's code.
    pub(crate) in_code: bool,
    pub(crate) globs: &'static [&'static str],
}

/// What an image does when it starts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StartRow {
    pub(crate) image: &'static str,
    pub(crate) change: char,
    pub(crate) path: &'static str,
}

/// What is asked about a change.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The path, absolute.
    pub path: &'a str,
    /// `A`, `C` or `D`.
    pub change: char,
    /// The image's name as [`super::images::name`] gives it; empty when it is not known.
    pub image: &'a str,
    /// Where the application's code is, besides the usual places.
    pub code: &'a [String],
}

/// What a change means; `None` for noise.
#[must_use]
pub fn classify(asked: Asked<'_>) -> Option<(DriftClass, Level)> {
    let path = asked.path.trim_start_matches('/');
    let any = |globs: &[&str]| globs.iter().any(|pattern| fits(pattern, path));
    let row = |first: bool| {
        table::CLASSES.iter().filter(move |row| row.first == first && (!row.added_only || asked.change == 'A')).find(
            |row| {
                let code = |class| is_code(asked, path, class);
                // An application may live below /opt.
                let theirs = row.class == DriftClass::Binaries && code(DriftClass::ApplicationCode);
                (any(row.globs) && !theirs) || (row.in_code && code(row.class))
            },
        )
    };
    if let Some(row) = row(true) {
        return Some((row.class, row.level));
    }
    let executable = has_ending(path, table::EXECUTABLE_ENDINGS);
    let noise = any(table::NOISE) || any(table::FRAMEWORK_NOISE) || (!executable && any(table::DATA_NOISE));
    let starts = |row: &StartRow| row.image == asked.image && row.change == asked.change && fits(row.path, path);
    if noise || table::IMAGE_START.iter().any(starts) {
        return None;
    }
    Some(row(false).map_or((DriftClass::Other, Level::Low), |row| (row.class, row.level)))
}

/// Whether a path is one where PHP images keep an application's code, or below one.
#[must_use]
pub fn is_code_root(path: &str) -> bool {
    table::CODE_ROOTS.contains(&path.trim_matches('/'))
}

fn is_code(asked: Asked<'_>, path: &str, class: DriftClass) -> bool {
    let endings = match class {
        DriftClass::ExecutablePhpAdded => table::EXECUTABLE_ENDINGS,
        _ => table::CODE_ENDINGS,
    };
    let below = |root: &str| {
        let root = root.trim_matches('/');
        !root.is_empty() && path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'))
    };
    has_ending(path, endings)
        && (table::CODE_ROOTS.iter().any(|root| below(root)) || asked.code.iter().any(|root| below(root)))
}

fn has_ending(path: &str, endings: &[&str]) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending.to_ascii_lowercase().as_str()))
}

/// As [`glob::path`], after a look at the first component, which rules most patterns out.
fn fits(pattern: &str, path: &str) -> bool {
    let first = pattern.split('/').next().unwrap_or("");
    let may = first.contains('*') || path.split('/').next() == Some(first);
    may && glob::path(pattern, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(change: char, path: &str) -> Option<&'static str> {
        let code = ["/opt/shop".to_owned()];
        classify(Asked { path, change, image: "nginx", code: &code }).map(|(class, _)| class.as_str())
    }

    #[test]
    fn classes() {
        for (change, path, want) in [
            ('A', "/var/www/html/public/.x.php", Some("malware-like")),
            ('A', "/tmp/a/b.php", Some("malware-like")),
            ('A', "/etc/cron.d/x", Some("malware-like")),
            ('A', "/var/log/kinsing", Some("malware-like")),
            ('A', "/var/www/html/public/shell.php", Some("executable-php-added")),
            ('A', "/var/www/html/wp-content/uploads/2026/11/a.PHP", Some("executable-php-added")),
            ('A', "/opt/shop/public/a.phtml", Some("executable-php-added")),
            ('C', "/var/www/html/public/index.php", Some("application-code")),
            ('C', "/opt/shop/src/a.twig", Some("application-code")),
            ('C', "/var/lib/dpkg/status", Some("packages")),
            ('A', "/var/lib/apt/lists/x", Some("package-lists")),
            ('C', "/usr/local/etc/php-fpm.d/www.conf", Some("runtime-config")),
            ('C', "/var/www/html/.env", Some("runtime-config")),
            ('A', "/usr/bin/convert-im6.q16", Some("binaries")),
            ('A', "/root/.bash_history", Some("interactive-session")),
            ('A', "/var/lib/x", Some("state-outside-volume")),
            ('A', "/srv/x", Some("other")),
            ('A', "/tmp/pear", Some("other")),
            ('C', "/tmp", None),
            ('A', "/run/php-fpm.pid", None),
            ('A', "/var/www/html/var/cache/prod/x.php", None),
            ('A', "/var/www/html/storage/framework/views/a.php", None),
            ('A', "/var/www/html/wp-content/uploads/2026/11/a.jpg", None),
            ('C', "/etc/nginx/conf.d/default.conf", None),
            ('D', "/etc/nginx/conf.d/default.conf", Some("runtime-config")),
        ] {
            assert_eq!(of(change, path), want, "{change} {path}");
        }
        assert!(is_code_root("/var/www/html/") && !is_code_root("/var"));
    }
}
