//! Volumes that lie over the code an image brings: filled once from the first image, they hide what every later image brings.

use super::ServiceRef;
use crate::facts::images;
use crate::model::compose::mounts::{Mount, MountKind};
use crate::source::{Location, file_name};
use crate::syntax::dockerfile::Keyword;

/// Applications whose official images bring their code in `/usr/src` and unpack it into an empty `/var/www/html`.
const APPLICATIONS: [&str; 5] = ["wordpress", "drupal", "joomla", "matomo", "nextcloud"];
/// Where those images have their code.
const DOCROOT: &str = "/var/www/html";
/// Folders of an application that hold code or built assets, never data.
const CODE_FOLDERS: [&str; 13] = [
    "public",
    "web",
    "pub",
    "html",
    "webroot",
    "src",
    "config",
    "resources",
    "templates",
    "vendor",
    "bin",
    "lib",
    "build",
];

/// A volume over the code of an image.
#[derive(Clone, Copy, Debug)]
pub struct CodeVolume<'p> {
    /// The volume.
    pub mount: &'p Mount,
    /// The application, where its official image brings the code.
    pub application: Option<&'static str>,
    /// Where the build puts the code there.
    pub copied: Option<Location>,
}

impl<'p> ServiceRef<'p, '_> {
    /// Volumes that lie over the code its image brings. What the image is told not to fill them with is left out, and so is what
    /// only keeps a part of a mounted folder apart.
    #[must_use]
    pub fn code_volumes(self) -> Vec<CodeVolume<'p>> {
        if self.is_running() || self.role.name == "php-cli" && self.build.is_none() {
            return Vec::new();
        }
        let mounts = &self.service().spec.mounts;
        let candidates = mounts.iter().filter(|mount| {
            let volume = matches!(mount.kind, MountKind::Volume | MountKind::Anonymous) && mount.known;
            let of_host = mount.source.as_deref().is_some_and(|source| {
                self.view().volumes.iter().any(|volume| volume.name == source && volume.device.is_some())
            });
            let inside_mounted = mounts
                .iter()
                .any(|other| other.kind == MountKind::Bind && is_below(trimmed(&mount.target), trimmed(&other.target)));
            volume && !of_host && !inside_mounted && !mount.options.iter().any(|option| option == "nocopy")
        });
        candidates
            .filter_map(|mount| {
                let path = trimmed(&mount.target);
                let application = self.packaged_application().filter(|_| path == DOCROOT);
                let copied = if application.is_none() { self.copied_below(path) } else { None };
                (application.is_some() || copied.is_some()).then_some(CodeVolume { mount, application, copied })
            })
            .collect()
    }

    /// The application that the official image it runs, or is built from, brings.
    #[must_use]
    pub fn packaged_application(self) -> Option<&'static str> {
        let reference = self.image_source().service().image_use.reference.as_ref()?;
        let name = images::name(reference);
        APPLICATIONS.into_iter().find(|known| *known == name)
    }

    /// The copy of its build that puts code at a path, or above it where the path is a folder of code.
    fn copied_below(self, path: &str) -> Option<Location> {
        let builder = self.image_source();
        let used = builder.service().build_use.as_ref()?;
        let (source, file) = used.dockerfile.and_then(|id| Some((id, self.project().dockerfile(id)?)))?;
        let stage = used.model.stages.get(used.stage?)?;
        let workdir = stage.workdir.as_ref().filter(|folder| folder.known).map(|folder| folder.text.as_str());
        let workdir = workdir.or_else(|| self.role.is_php().then_some(DOCROOT)).unwrap_or("/");
        let code_folder = CODE_FOLDERS.contains(&file_name(path));
        let hit = used.final_instructions(file).find(|(_, instruction)| {
            let copies = matches!(instruction.keyword, Keyword::Copy | Keyword::Add);
            let Some(last) = instruction.args.last().filter(|last| copies && !last.text.contains('$')) else {
                return false;
            };
            let to = last.text.trim_matches('"');
            let to =
                if to.starts_with('/') { to.to_owned() } else { crate::source::normalise(&format!("{workdir}/{to}")) };
            let to = format!("/{}", crate::source::normalise(&to).trim_matches('/'));
            to == path && is_application_path(path)
                || code_folder && to != "/" && is_below(path, &to)
                || is_application_path(path) && is_below(&to, path) && copies_folder(&to)
        });
        hit.map(|(_, instruction)| Location::new(source, instruction.span))
    }
}

/// Whether PHP images keep an application there, or a folder of one.
fn is_application_path(path: &str) -> bool {
    crate::facts::drift::is_code_root(path)
        || path.starts_with("/srv/")
        || path.starts_with("/opt/")
        || CODE_FOLDERS.contains(&file_name(path))
}

/// A file put below a path is a setting; a folder is code.
fn copies_folder(to: &str) -> bool {
    !file_name(to).contains('.')
}

fn trimmed(path: &str) -> &str {
    path.trim_end_matches('/')
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn volumes(service: &str, dockerfile: &str) -> Vec<(String, Option<&'static str>, bool)> {
        let compose = format!(
            "services:\n  app:\n{service}volumes: {{v: {{}}, w: {{driver_opts: {{type: none, o: bind, device: /x}}}}}}\n"
        );
        let files = sources(&[("compose.yaml", &compose), ("Dockerfile", dockerfile)]);
        let project = Project::new(&files, TODAY);
        let service = project.services().find(|service| service.name == "app").unwrap();
        let all = service.code_volumes();
        all.into_iter().map(|code| (code.mount.target.clone(), code.application, code.copied.is_some())).collect()
    }

    const CODE: &str = "FROM php:8.4-fpm\nWORKDIR /app\nCOPY . .\n";

    #[test]
    fn applications() {
        let found =
            volumes("    image: wordpress:6-php8.4-fpm\n    volumes: [\"v:/var/www/html\"]\n", "FROM scratch\n");
        assert_eq!(found, [("/var/www/html".to_owned(), Some("wordpress"), false)]);
        let uploads = "    image: wordpress:6-php8.4-fpm\n    volumes: [\"v:/var/www/html/wp-content/uploads\"]\n";
        assert!(volumes(uploads, "FROM scratch\n").is_empty());
    }

    #[test]
    fn built_code() {
        let volume = |target: &str| format!("    build: .\n    volumes: [\"{target}\"]\n");
        assert_eq!(volumes(&volume("v:/app"), CODE).len(), 1);
        assert_eq!(volumes(&volume("v:/app/public"), CODE).len(), 1);
        assert_eq!(volumes(&volume("/app/public"), CODE).len(), 1);
        for none in ["v:/app/storage", "v:/app/public/uploads", "v:/data", "v:/app:nocopy", "w:/app", "./:/app"] {
            assert!(volumes(&volume(none), CODE).is_empty(), "{none}");
        }
        let staged = "FROM composer:2 AS vendor\nCOPY . /b\nFROM php:8.4-fpm\nCOPY --from=vendor /b /var/www/html\n";
        assert_eq!(volumes(&volume("v:/var/www/html"), staged).len(), 1);
        let inside = "    build: .\n    volumes: [\"./:/app\", \"/app/vendor\"]\n";
        assert!(volumes(inside, CODE).is_empty());
    }

    #[test]
    fn an_image_without_code() {
        let empty = "FROM php:8.4-fpm\nCOPY php.ini /usr/local/etc/php/\n";
        assert!(volumes("    build: .\n    volumes: [\"v:/var/www/html\"]\n", empty).is_empty());
    }
}
