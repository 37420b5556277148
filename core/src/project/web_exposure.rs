//! What a web server gives away of the folder that it serves: the application around it, folders that visitors write to, and files
//! that nobody means to publish.

use super::{Framework, PhpApp, PlacedFile, PlacedFolder, ServiceRef, Web};
use crate::facts::wildcard;
use crate::finding::Severity;
use crate::model::compose::mounts::MountKind;
use crate::model::web::{Answer, Directive, Server, Software};
use crate::source::{Location, file_name};

/// Folders below a document root that are looked at.
const MAX_FOLDERS: usize = 20;

/// Files that the web server is asked for.
const MAX_ASKED: usize = 300;

/// Names of folders that hold what visitors send.
const UPLOADS: [&str; 8] =
    ["uploads", "upload", "files", "media", "storage", "userfiles", "attachments", "user_upload"];

/// Names of files that are left behind, what they are, and how bad it is to publish them. `/` at the front: only at the top.
const LEFT_BEHIND: [(&str, &str, Severity); 32] = [
    ("*.sql", "a database dump", Severity::High),
    ("*.sql.gz", "a database dump", Severity::High),
    ("*.sql.zip", "a database dump", Severity::High),
    ("*.sqlite", "a database", Severity::High),
    ("*.sqlite3", "a database", Severity::High),
    ("*.dump", "a database dump", Severity::High),
    ("/*.zip", "an archive", Severity::High),
    ("/*.tar", "an archive", Severity::High),
    ("/*.tar.gz", "an archive", Severity::High),
    ("/*.tgz", "an archive", Severity::High),
    ("/*.7z", "an archive", Severity::High),
    ("/*.rar", "an archive", Severity::High),
    ("*.bak", "a backup copy", Severity::High),
    ("*.old", "a backup copy", Severity::High),
    ("*.orig", "a backup copy", Severity::High),
    ("*.swp", "an editor's copy", Severity::High),
    ("*.php~", "an editor's copy", Severity::High),
    ("*.php.save", "an editor's copy", Severity::High),
    (".htpasswd", "password hashes", Severity::High),
    ("id_rsa", "a private key", Severity::High),
    ("id_ed25519", "a private key", Severity::High),
    ("*.pem", "a key or a certificate", Severity::Medium),
    ("debug.log", "a log", Severity::Medium),
    ("error_log", "a log", Severity::Medium),
    ("laravel.log", "a log", Severity::Medium),
    ("/composer.json", "the list of packages", Severity::Medium),
    ("/composer.lock", "the list of packages", Severity::Medium),
    ("/Dockerfile", "the build", Severity::Medium),
    ("/docker-compose*.yml", "the deployment", Severity::Medium),
    ("/docker-compose*.yaml", "the deployment", Severity::Medium),
    ("/compose*.yaml", "the deployment", Severity::Medium),
    (".DS_Store", "a list of file names", Severity::Low),
];

/// Scripts at the top of a document root that are tools, not part of an application.
const TOOLS: [(&str, &str); 10] = [
    ("/phpinfo.php", "a page that prints PHP's settings and environment"),
    ("/info.php", "a page that prints PHP's settings and environment"),
    ("/i.php", "a page that prints PHP's settings and environment"),
    ("/pi.php", "a page that prints PHP's settings and environment"),
    ("/adminer*.php", "a database client"),
    ("/phpmyadmin/index.php", "a database client"),
    ("/phpMyAdmin/index.php", "a database client"),
    ("/dbadmin.php", "a database client"),
    ("/phpminiadmin.php", "a database client"),
    ("/opcache-gui.php", "a page that shows the opcode cache"),
];

/// An application whose own folder is served instead of its public one.
#[derive(Clone, Debug)]
pub struct ServedApplication {
    /// The application.
    pub app: PhpApp,
    /// What puts it into the folder that is served.
    pub at: Location,
    /// The folder that should be served, in the container.
    pub public: String,
    /// Whether the web server's own container has the files, not only that of PHP.
    pub beside_server: bool,
    /// Whether a mount or a copy shows that the folder is the application's; else the working directory says so.
    pub seen: bool,
}

/// A folder below a document root that visitors can write to by way of the application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UploadFolder {
    /// Its path in the URL, with a `/` at the front and none at the end.
    pub path: String,
    /// What tells: a volume, a command, or the application.
    pub at: Location,
    /// What that is, in words.
    pub label: String,
    /// Whether something makes it writable here; else the application usually writes there.
    pub explicit: bool,
}

/// A file that is served and should not be.
#[derive(Clone, Debug)]
pub struct ExposedFile {
    /// The file.
    pub file: PlacedFile,
    /// What it is.
    pub what: &'static str,
    /// How bad that is.
    pub severity: Severity,
    /// What in the web server's configuration answers.
    pub served_by: Location,
}

impl Web {
    /// The location, section or site in which a directive of an answer stands.
    #[must_use]
    pub fn block_of(&self, answer: &Answer) -> &Directive {
        let tree = &self.config.tree;
        let blocks =
            ["location", "server", "site", "virtualhost", "directory", "filesmatch", "files", "handle", "route"];
        let found = tree.chain(answer.node).find(|node| blocks.contains(&tree.node(*node).name.as_str()));
        tree.node(found.unwrap_or(answer.node))
    }
}

impl ServiceRef<'_, '_> {
    /// The application whose whole folder is the document root of a server, although it has a public folder of its own.
    #[must_use]
    pub fn served_application(self, server: &Server) -> Option<ServedApplication> {
        let root = server.root.as_ref().filter(|root| root.is_known() && root.text.starts_with('/'))?;
        let path = root.text.trim_end_matches('/');
        let here = self.folder_in_container(path);
        let beside_server = here.is_some();
        let php = || self.fastcgi_services().into_iter().find_map(|other| other.folder_in_container(path));
        let (app, at, seen) = match here.or_else(php) {
            Some(PlacedFolder { folder, at }) => (self.project().php_application(&folder)?, at, true),
            None => {
                let (app, at) = self.application_in_workdir(path)?;
                (app, at, false)
            }
        };
        let below = app.docroot.strip_prefix(app.folder.as_str())?.trim_start_matches('/').to_owned();
        // Old releases of some applications are served from their own folder.
        let certain = matches!(
            app.framework,
            Some(
                Framework::Laravel | Framework::Symfony | Framework::Statamic | Framework::Magento | Framework::CakePhp
            )
        );
        let there = self.project().sources.has(&app.docroot);
        (!below.is_empty() && (certain || there)).then(|| ServedApplication {
            public: format!("{path}/{below}"),
            app,
            at,
            beside_server: beside_server || !seen,
            seen,
        })
    }

    /// The application of its build, or of the service that runs its PHP, when a path is the working directory of that build.
    fn application_in_workdir(self, path: &str) -> Option<(PhpApp, Location)> {
        std::iter::once(self).chain(self.fastcgi_services()).find_map(|service| {
            let used = service.build_use.as_ref()?;
            let workdir = used.model.stages.get(used.stage?)?.workdir.as_ref().filter(|workdir| workdir.known)?;
            let app = service.php_application().filter(|app| app.framework.is_some())?;
            (workdir.text.trim_end_matches('/') == path).then(|| (app, service.image_use.at.unwrap_or(service.at)))
        })
    }

    /// Folders below a document root that hold what visitors send.
    #[must_use]
    pub fn upload_folders(self, root: &str) -> Vec<UploadFolder> {
        let root = root.trim_end_matches('/');
        let named = |path: &str| {
            let below = path.trim_end_matches('/').strip_prefix(root)?.strip_prefix('/')?;
            let upload = below.split('/').any(|part| UPLOADS.contains(&part.to_ascii_lowercase().as_str()));
            upload.then(|| format!("/{below}"))
        };
        let mut found: Vec<UploadFolder> = Vec::new();
        for service in std::iter::once(self).chain(self.fastcgi_services()) {
            for mount in service.service().mounts.iter().filter(|mount| !mount.read_only) {
                let writable = matches!(mount.kind, MountKind::Bind | MountKind::Volume | MountKind::Anonymous);
                if let Some(path) = named(&mount.target).filter(|_| writable) {
                    let label = "this folder is a writable volume".to_owned();
                    found.push(UploadFolder { path, at: mount.at, label, explicit: true });
                }
            }
            for writable in service.world_writable() {
                for path in writable.paths.iter().filter_map(|path| named(path)) {
                    let label = "everybody may write here".to_owned();
                    found.push(UploadFolder { path, at: writable.at, label, explicit: true });
                }
            }
            if let Some((path, name)) = service.usual_uploads() {
                let at = service.image_use.at.unwrap_or(service.at);
                let label = format!("{name} keeps uploads below {path}");
                found.push(UploadFolder { path: path.to_owned(), at, label, explicit: false });
            }
        }
        // Drupal itself writes a .htaccess there that keeps scripts from running.
        if self.web_server().is_some_and(|web| web.config.software == Software::Apache) {
            found.retain(|folder| !folder.path.ends_with("/sites/default/files"));
        }
        found.sort_by(|a, b| a.path.cmp(&b.path).then(b.explicit.cmp(&a.explicit)));
        found.dedup_by(|a, b| a.path == b.path);
        found.truncate(MAX_FOLDERS);
        found
    }

    /// Where the application that it runs keeps uploads, below its document root.
    fn usual_uploads(self) -> Option<(&'static str, &'static str)> {
        let image = self.image_use.reference.as_ref().map_or("", |image| image.path.as_str());
        let framework = match image {
            "wordpress" => Some(Framework::WordPress),
            "drupal" => Some(Framework::Drupal),
            _ => self.php_application().and_then(|app| app.framework),
        };
        match framework? {
            Framework::WordPress => Some(("/wp-content/uploads", "WordPress")),
            Framework::Drupal => Some(("/sites/default/files", "Drupal")),
            _ => None,
        }
    }

    /// Files of the project that its web server gives away or runs, and that nobody means to publish.
    #[must_use]
    pub fn exposed_files(self) -> Vec<ExposedFile> {
        let Some(web) = self.web_server() else { return Vec::new() };
        let mut found = Vec::new();
        let mut repository = false;
        // What is only in reach because the whole application is served goes with that.
        let whole = web.config.own_servers().take(32).any(|server| self.served_application(server).is_some());
        let mut asked = 0;
        for file in self.served_files() {
            if file.below.split('/').any(|part| matches!(part, "vendor" | "node_modules")) {
                continue;
            }
            let Some((what, severity)) = self.left_behind(&file) else { continue };
            if whole && severity < Severity::High {
                continue;
            }
            if what == REPOSITORY && std::mem::replace(&mut repository, true) {
                continue;
            }
            asked += 1;
            if asked > MAX_ASKED {
                break;
            }
            let path = format!("/{}", file.below);
            let sent = web.serves(&path).filter(|(sent, _)| *sent);
            let served = sent.or_else(|| web.runs(&path).filter(|(runs, _)| *runs));
            if let Some((_, served_by)) = served {
                found.push(ExposedFile { file, what, severity, served_by });
            }
        }
        found
    }

    fn left_behind(self, file: &PlacedFile) -> Option<(&'static str, Severity)> {
        let below = file.below.as_str();
        if below.split('/').any(|part| matches!(part, ".git" | ".svn")) {
            return Some((REPOSITORY, Severity::High));
        }
        let fits = |pattern: &str| match pattern.strip_prefix('/') {
            Some(pattern) if pattern.contains('/') => pattern == below,
            Some(pattern) => !below.contains('/') && wildcard(pattern, below),
            None => wildcard(pattern, file_name(below)),
        };
        let tool = TOOLS.iter().find(|(pattern, _)| fits(pattern)).map(|(_, what)| (*what, Severity::High));
        let left = || LEFT_BEHIND.iter().find(|(name, ..)| fits(name)).map(|(_, what, severity)| (*what, *severity));
        let prints = || self.prints_phpinfo(file).then_some(("a page that calls phpinfo()", Severity::High));
        tool.or_else(left).or_else(prints)
    }

    /// Whether a short script does little else than to call `phpinfo()`.
    fn prints_phpinfo(self, file: &PlacedFile) -> bool {
        const SHORT: usize = 600;
        let id = self.project().sources.id(&file.path).filter(|_| file.below.ends_with(".php"));
        id.map(|id| self.project().text(id)).is_some_and(|text| text.len() < SHORT && text.contains("phpinfo("))
    }
}

const REPOSITORY: &str = "the repository with its history";

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    const SITE: &str = "server {\n  root /srv;\n  location ~ \\.sql$ { deny all; }\n  location ~ \\.php$ { fastcgi_pass app:9000; }\n}\n";
    const COMPOSE: &str = "services:\n  app:\n    image: wordpress:6.9-fpm\n    volumes: [\"./src:/srv\", \"up:/srv/media/files\"]\n  web:\n    image: nginx:1.30.4\n    volumes: [\"./src:/srv:ro\", \"./site.conf:/etc/nginx/conf.d/default.conf:ro\"]\nvolumes:\n  up:\n";

    #[test]
    fn what_is_left_behind_and_where_visitors_write() {
        let sources = sources(&[
            ("compose.yaml", COMPOSE),
            ("site.conf", SITE),
            ("src/dump.sql", "x"),
            ("src/backup.zip", "x"),
            ("src/downloads/manual.zip", "x"),
            ("src/test.php", "<?php phpinfo();"),
            ("src/adminer-5.php", "<?php"),
            ("src/vendor/x/a.bak", "x"),
        ]);
        let project = Project::new(&sources, TODAY);
        let web = project.services().find(|service| service.name == "web").expect("web");
        let mut names: Vec<String> = web.exposed_files().into_iter().map(|exposed| exposed.file.below).collect();
        names.sort();
        assert_eq!(names, ["adminer-5.php", "backup.zip", "test.php"]);
        let folders: Vec<_> =
            web.upload_folders("/srv").into_iter().map(|found| (found.path, found.explicit)).collect();
        assert_eq!(folders, [("/media/files".to_owned(), true), ("/wp-content/uploads".to_owned(), false)]);
    }
}
