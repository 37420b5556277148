//! Settings of the project that PHP never reads, or that the image's own files override.

use super::{Layout, Project, ServiceRef};
use crate::fix::{Fix, Safety};
use crate::source::{Location, file_name, folder};
use crate::span::Span;

/// A setting, or a file of settings, without effect.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ineffective {
    /// What it is: the directive of a pool; the path of a file.
    pub what: String,
    /// Where the setting is written; where the file is put in place.
    pub at: Location,
    /// Why it has no effect.
    pub why: IneffectiveWhy,
    /// What puts the file in place, and its path there.
    pub placed: Option<(String, Location)>,
}

/// Why a setting has no effect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IneffectiveWhy {
    /// A file of the image that is read later sets it again.
    OverriddenByImage,
    /// PHP reads another folder, or another name.
    NotRead,
}

impl ServiceRef<'_, '_> {
    /// Directives of its pools that a file of the image overrides with another value, and files of PHP's settings that
    /// stand where PHP does not look. Only of an image whose own files are known.
    #[must_use]
    pub fn ineffective_settings(self) -> Vec<Ineffective> {
        if !matches!(self.php_layout(), Layout::Official | Layout::ServersideUp) {
            return Vec::new();
        }
        let files = self.container_files();
        let mut found = Vec::new();
        let fpm = self.fpm_configuration();
        for pool in fpm.pools.iter().filter(|pool| pool.complete) {
            for (name, at, winner) in pool.ineffective() {
                let wanted = self.project.slice(at).trim_matches(['"', '\'']);
                if winner.is_some() || pool.value(name).is_none_or(|value| value == wanted) {
                    continue;
                }
                let holds = |file: &&super::ContainerFile| {
                    file.pieces.iter().any(|piece| matches!(piece, super::Piece::Project(id) if *id == at.source))
                };
                let placed = files.files.values().find(holds).and_then(|file| Some((file.path.clone(), file.at?)));
                let why = IneffectiveWhy::OverriddenByImage;
                found.push(Ineffective { what: name.to_owned(), at, why, placed });
            }
        }
        let settings = self.php_settings();
        let own_ini = settings.unread.iter().filter(|(path, _)| {
            let name = file_name(path);
            // `php-cli.ini` is for another way to run PHP.
            let special = name.starts_with("php-") || name == "php.ini" && path.contains("/cli/");
            !special && (path.starts_with("/usr/local/etc/php/") || path.starts_with("/etc/php"))
        });
        let command = self.main_command().words.join(" ");
        let told = [" -y", "--fpm-config", " -c", "--php-ini"].iter().any(|option| command.contains(option));
        let own_pools = fpm.unread.iter().filter(|_| self.is_fpm());
        if !told {
            found.extend(own_ini.chain(own_pools).map(|(path, at)| Ineffective {
                what: path.clone(),
                at: *at,
                why: IneffectiveWhy::NotRead,
                placed: Some((path.clone(), *at)),
            }));
        }
        found
    }
}

impl Project<'_> {
    /// Puts a file into another place in a container: changes the target that its `COPY` or its mount names.
    #[must_use]
    pub fn move_in_container(
        &self,
        title: impl Into<String>,
        placed: &(String, Location),
        target: &str,
    ) -> Option<Fix> {
        let (path, at) = placed;
        let slice = self.slice(*at);
        // The folder may be written with a variable: its last part tells.
        let short = format!("{}/{}", file_name(folder(path)), file_name(path));
        let part = if slice.contains(path.as_str()) { path.as_str() } else { short.as_str() };
        let start = slice.rfind(part)?;
        let rest = slice.get(start + part.len()..)?;
        if rest.contains([' ', '\t', '/']) || self.is_recorded(*at) {
            return None; // the name of the source
        }
        let replacement = if part.starts_with('/') {
            target.to_owned()
        } else {
            (folder(target) == folder(path)).then(|| format!("{}/{}", file_name(folder(target)), file_name(target)))?
        };
        let start = at.span.start as usize + start;
        let place = Location::new(at.source, Span::new(start, start + part.len()));
        match self.dockerfile(at.source) {
            Some(_) => self.replace_text(Safety::Suggested, title, place, &replacement),
            None => Some(Fix::new(Safety::Suggested, title).replace(place.source, place.span, replacement)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    fn found(files: &[(&str, &str)]) -> Vec<(String, IneffectiveWhy)> {
        let sources = sources(files);
        let project = Project::new(&sources, TODAY);
        let service = project.services().next().unwrap();
        service.ineffective_settings().into_iter().map(|one| (one.what, one.why)).collect()
    }

    #[test]
    fn the_image_wins() {
        let build = |tag: &str, name: &str| format!("FROM php:{tag}\nCOPY pool.conf /usr/local/etc/php-fpm.d/{name}\n");
        let pool = ("pool.conf", "[www]\nlisten = 127.0.0.1:9000\n");
        let wanted = [("listen".to_owned(), IneffectiveWhy::OverriddenByImage)];
        assert_eq!(found(&[("Dockerfile", &build("8.3.10-fpm", "www.conf")), pool]), wanted);
        assert!(found(&[("Dockerfile", &build("8.3.10-fpm", "zzz.conf")), pool]).is_empty());
        assert!(found(&[("Dockerfile", &build("8.4-fpm", "www.conf")), pool]).is_empty());
    }

    #[test]
    fn files_that_are_not_read() {
        let copy = |target: &str| format!("FROM php:8.4-fpm\nCOPY app.ini {target}\n");
        let ini = ("app.ini", "display_errors = Off\n");
        let not_read = |path: &str| vec![(path.to_owned(), IneffectiveWhy::NotRead)];
        let lost = "/usr/local/etc/php/app.ini";
        assert_eq!(found(&[("Dockerfile", &copy(lost)), ini]), not_read(lost));
        for name in ["conf.d/app.ini", "php.ini", "php-cli.ini"] {
            let read = &format!("/usr/local/etc/php/{name}");
            assert!(found(&[("Dockerfile", &copy(read)), ini]).is_empty(), "{read}");
        }
    }
}
