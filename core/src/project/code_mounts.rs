//! What a mount brings into a container: the application's code, or a program's configuration; and who else has the
//! same files.

use super::ServiceRef;
use crate::facts::drift::is_code_root;
use crate::model::compose::mounts::{Mount, MountKind};
use crate::source::{file_name, join, normalise};

/// Folders below which images keep applications.
const CODE_PARENTS: [&str; 6] = ["/var/www/", "/app/", "/srv/", "/usr/src/", "/code/", "/application/"];
/// Names of folders that hold code.
#[rustfmt::skip]
const CODE_NAMES: [&str; 15] = [
    "src", "app", "public", "html", "htdocs", "web", "www", "code", "backend", "api", "wp-content", "plugins", "themes",
    "modules", "extensions",
];
/// Names of folders that an application keeps state or settings in.
#[rustfmt::skip]
const STATE_NAMES: [&str; 24] = [
    "uploads", "upload", "storage", "certs", "cert", "ssl", "var", "cache", "tmp", "log", "logs", "sessions", "files",
    "media", "images", "data", "backup", "backups", "config", "conf", "etc", "secrets", "docker", "node_modules",
];
/// Folders of configuration that no program writes to while it runs.
#[rustfmt::skip]
const CONFIG_FOLDERS: [&str; 12] = [
    "/etc/nginx", "/etc/apache2", "/etc/httpd", "/usr/local/apache2/conf", "/etc/php", "/etc/php7", "/etc/php8",
    "/usr/local/etc", "/etc/mysql", "/etc/supervisor", "/etc/varnish", "/docker-entrypoint-initdb.d",
];
/// Endings of files of configuration and of scripts that start something.
const CONFIG_ENDINGS: [&str; 8] = [".conf", ".ini", ".cnf", ".yaml", ".yml", ".toml", ".vcl", ".sh"];

/// A folder of the project that stands in a container as its application's code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CodeMount<'p> {
    /// The mount.
    pub mount: &'p Mount,
    /// The folder, as the project names it; `""` for the project's own.
    pub folder: String,
}

impl<'p> ServiceRef<'p, '_> {
    /// Folders of the project that are mounted where it has its application's code. Uploads, certificates and other
    /// state are none.
    #[must_use]
    pub fn code_mounts(self) -> Vec<CodeMount<'p>> {
        let mounts = self.service().spec.mounts.iter().filter(|mount| mount.kind == MountKind::Bind);
        mounts
            .filter(|mount| mount.known || mount.source.as_deref().is_some_and(|source| source.starts_with("${PWD}")))
            .filter(|mount| self.is_code_path(&mount.target))
            .filter_map(|mount| Some(CodeMount { mount, folder: self.project_folder(mount)? }))
            .filter(|found| self.holds_code(&found.folder))
            .collect()
    }

    /// Whether a path of its container is one where its application's code stands.
    #[must_use]
    pub fn is_code_path(self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        if path.is_empty() || is_file_name(file_name(path)) || is_state(path) {
            return false;
        }
        let own = self.working_dir.as_ref().map(|folder| folder.text.as_str());
        let built = self.image_source().service().build_use.as_ref();
        let built = built.and_then(|used| used.model.stages.get(used.stage?)?.workdir.as_ref());
        let built = built.filter(|workdir| workdir.known).map(|workdir| workdir.text.as_str());
        let works = |folder: &str| folder.len() > 1 && folder.trim_end_matches('/') == path;
        is_code_root(path)
            || CODE_PARENTS.iter().any(|parent| path.starts_with(parent))
            || own.into_iter().chain(built).any(works)
    }

    /// The folder of the project that a mount shows: relative to the Compose file. `None` for any other path of the
    /// host.
    #[must_use]
    pub fn project_folder(self, mount: &Mount) -> Option<String> {
        let source = mount.source.as_deref()?;
        let inside = source.strip_prefix("${PWD}").or_else(|| source.strip_prefix("$PWD"));
        match inside {
            Some(rest) => Some(join(&self.view().folder, rest.trim_start_matches('/'))),
            None if source.starts_with('.') => Some(join(&self.view().folder, source)),
            None => None,
        }
    }

    /// Whether a folder of the project holds code: the folder of the Compose file, one of a usual name, or one with PHP
    /// in it.
    fn holds_code(self, folder: &str) -> bool {
        let name = file_name(folder);
        if is_state(name) || is_file_name(name) {
            return false;
        }
        folder == normalise(&self.view().folder)
            || CODE_NAMES.contains(&name)
            || self.project().sources.paths().any(|path| {
                let below = folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
                below && (path.ends_with(".php") || matches!(file_name(path), "composer.json" | "artisan"))
            })
    }

    /// Files and folders of the host that are mounted as a program's configuration and that the container can write to.
    /// What programs have to write themselves is left out: certificates, what they make at their first start, and what
    /// a template is rendered into.
    #[must_use]
    pub fn writable_configuration(self) -> Vec<&'p Mount> {
        let mounts = &self.service().spec.mounts;
        let renders = mounts.iter().any(|mount| mount.target.starts_with("/etc/nginx/templates"));
        let told = |mount: &Mount| {
            self.host_mounts().iter().any(|host| host.mount.at == mount.at && host.sensitive().is_some())
        };
        mounts
            .iter()
            .filter(|mount| mount.kind == MountKind::Bind && mount.known && !mount.read_only)
            .filter(|mount| {
                let target = mount.target.trim_end_matches('/');
                let name = file_name(target);
                let made = ["letsencrypt", "acme", "certbot", "sentinel", "dhparam", "vhost.d"];
                let file = CONFIG_ENDINGS.iter().any(|ending| name.ends_with(ending)) || name == "Caddyfile";
                let folder = !is_file_name(name) && CONFIG_FOLDERS.iter().any(|folder| is_or_below(target, folder));
                let rendered = renders && target == "/etc/nginx/conf.d";
                // Proxies write certificates and rules of their own beside their configuration.
                let served = !matches!(self.role.name, "proxy" | "docker-admin");
                (file || (folder && served && !rendered)) && !made.iter().any(|word| target.contains(word))
            })
            .filter(|mount| !told(mount))
            .collect()
    }

    /// Mounts of volumes that are made outside of the project, with the names that the engine knows them by.
    #[must_use]
    pub fn external_mounts(self) -> Vec<(String, &'p Mount)> {
        let volumes = &self.view().volumes;
        let named = |mount: &'p Mount| {
            let source = mount.source.as_deref().filter(|_| mount.kind == MountKind::Volume && mount.known)?;
            let volume = volumes.iter().find(|volume| volume.external && volume.name == source)?;
            let name = volume.own_name.as_ref().filter(|name| name.is_known());
            let name = name.map_or(source, |name| name.text.as_str());
            Some((name.to_owned(), mount))
        };
        self.service().spec.mounts.iter().filter_map(named).collect()
    }

    /// Whether it takes in files from outside over a protocol of its own: FTP, SFTP, WebDAV, a file manager in the
    /// browser.
    #[must_use]
    pub fn takes_in_files(self) -> bool {
        let image = &self.image_source().service().image_use;
        let Some(reference) = &image.reference else { return false };
        let name = reference.name().to_ascii_lowercase();
        ["ftp", "filebrowser", "file-browser", "filemanager", "file-manager", "webdav", "samba"]
            .iter()
            .any(|word| name.contains(word))
    }
}

/// Whether two mounts show the same files or one shows files of the other: the same volume, or folders of which one is
/// in the other.
#[must_use]
pub fn overlap(a: &Mount, b: &Mount) -> bool {
    let (Some(one), Some(other)) = (a.source.as_deref(), b.source.as_deref()) else { return false };
    match (a.kind, b.kind) {
        (MountKind::Volume, MountKind::Volume) => one == other,
        (MountKind::Bind, MountKind::Bind) => {
            let plain = |path: &str| format!("{}{}", if path.starts_with('/') { "/" } else { "" }, normalise(path));
            let (one, other) = (plain(one), plain(other));
            // `.` holds what is written relative to it; where the project lies on the host is not known.
            let holds = |folder: &str, path: &str| {
                folder.is_empty() && !path.starts_with(['/', '~', '$']) && !path.starts_with("..")
            };
            holds(&one, &other) || holds(&other, &one) || is_or_below(&one, &other) || is_or_below(&other, &one)
        }
        _ => false,
    }
}

fn is_or_below(path: &str, folder: &str) -> bool {
    !folder.is_empty() && path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a name is one of a file: with an ending.
fn is_file_name(name: &str) -> bool {
    name.trim_start_matches('.').contains('.') && !name.ends_with(".d") || name == ".htaccess"
}

fn is_state(path: &str) -> bool {
    // `/var/www` is no state, `/var/www/html/var` is.
    path.strip_prefix("/var/www").unwrap_or(path).split('/').any(|part| STATE_NAMES.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn with(image: &str, volumes: &str, ask: &dyn Fn(ServiceRef<'_, '_>) -> Vec<String>) -> Vec<String> {
        let text = format!("services:\n  a:\n    image: {image}\n    volumes: [{volumes}]\n");
        let sources = sources(&[("compose.yaml", &text), ("blog/index.php", "<?php\n"), ("notes/a.txt", "a\n")]);
        let project = Project::new(&sources, TODAY);
        ask(project.services().next().unwrap())
    }

    #[test]
    fn code_of_the_project() {
        let code = |volumes: &str| {
            with("php:8.4-fpm", volumes, &|service| {
                service.code_mounts().into_iter().map(|found| found.folder).collect()
            })
        };
        assert_eq!(code("\".:/var/www/html\""), [""]);
        assert_eq!(code("\"./:/app\""), [""]);
        assert_eq!(code("\"${PWD}/src:/srv/app\""), ["src"]);
        assert_eq!(code("\"./blog:/var/www/blog\""), ["blog"]);
        for none in [
            "\"./notes:/var/www/notes\"",
            "\"./src:/data\"",
            "\"./uploads:/var/www/html/uploads\"",
            "\"./storage:/var/www/html/storage\"",
            "\"./certs:/app/certs\"",
            "\"./web.conf:/app/web.conf\"",
            "\"code:/var/www/html\"",
            "\"/srv/data:/var/www/html\"",
        ] {
            assert_eq!(code(none), Vec::<String>::new(), "{none}");
        }
    }

    #[test]
    fn configuration_that_can_be_written() {
        let written = |image: &str, volumes: &str| {
            with(image, volumes, &|service| {
                service.writable_configuration().into_iter().map(|mount| mount.target.clone()).collect()
            })
        };
        for some in [
            "\"./n.conf:/etc/nginx/conf.d/default.conf\"",
            "\"./conf.d:/etc/nginx/conf.d\"",
            "\"./php.ini:/usr/local/etc/php/php.ini\"",
            "\"./init:/docker-entrypoint-initdb.d\"",
            "\"./start.sh:/start.sh\"",
            "\"./Caddyfile:/etc/caddy/Caddyfile\"",
        ] {
            assert_eq!(written("nginx:1.28", some).len(), 1, "{some}");
        }
        for none in [
            "\"./n.conf:/etc/nginx/conf.d/default.conf:ro\"",
            "\"./le:/etc/letsencrypt\"",
            "\"./sentinel.conf:/etc/redis/sentinel.conf\"",
            "\"./conf.d:/etc/nginx/conf.d\", \"./t:/etc/nginx/templates:ro\"",
            "\"/etc/localtime:/etc/localtime\"",
            "\"./data:/data\"",
            "\"./wp-config.php:/var/www/html/wp-config.php\"",
            "\"conf:/etc/nginx/conf.d\"",
        ] {
            assert_eq!(written("nginx:1.28", none), Vec::<String>::new(), "{none}");
        }
        assert_eq!(written("nginxproxy/nginx-proxy:1.7", "\"./certs:/etc/nginx/certs\""), Vec::<String>::new());
    }

    #[test]
    fn overlapping_mounts() {
        let one = "  a:\n    image: x:1\n    volumes: [\"./html:/a\", \"code:/b\", \".:/c\"]\n";
        let other =
            "  b:\n    image: x:1\n    volumes: [\"./html/cache:/a\", \"code:/b\", \"./html2:/c\", \"/srv/x:/d\"]\n";
        let text = format!("services:\n{one}{other}");
        let sources = sources(&[("compose.yaml", &text)]);
        let project = Project::new(&sources, TODAY);
        let mounts: Vec<&Mount> = project.services().flat_map(|service| &service.service().spec.mounts).collect();
        let pairs = [(0, 3), (0, 4), (0, 5), (1, 4), (2, 5), (2, 6)].map(|(a, b)| overlap(mounts[a], mounts[b]));
        assert_eq!(pairs, [true, false, false, true, true, false]);
    }
}
