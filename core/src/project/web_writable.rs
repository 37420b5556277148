//! What an Apache leaves to whoever can write a file: `.htaccess` in folders that are writable, scripts by any part of their name.

use super::{ServiceRef, UploadFolder, Web, WebSource};
use crate::model::compose::mounts::MountKind;
use crate::model::web::{Directive, MatchKind, Software};
use crate::source::Location;

/// Extensions that are PHP's own.
const SCRIPTS: [&str; 7] = ["php", "phtml", "phar", "phps", "php5", "php7", "php8"];

/// Modules that show the server from inside, or run programs, and that no PHP application needs.
const RISKY_MODULES: [(&str, &str); 5] = [
    ("info", "shows the whole configuration"),
    ("userdir", "serves the home folders of users"),
    ("cgi", "runs programs as CGI scripts"),
    ("cgid", "runs programs as CGI scripts"),
    ("dav", "lets clients write files"),
];

impl Web {
    /// Directives of the project's Apache that run more than `name.php` as PHP: `AddHandler`, which looks at every part of a name, and
    /// `AddType` for extensions that are not PHP's.
    #[must_use]
    pub fn loose_php_handlers(&self) -> Vec<&Directive> {
        if self.config.software != Software::Apache {
            return Vec::new();
        }
        let php =
            |directive: &&Directive| directive.arg(0).is_some_and(|kind| kind.to_ascii_lowercase().contains("php"));
        let foreign = |directive: &&Directive| {
            directive.args.iter().skip(1).any(|value| {
                let extension = value.text.trim_start_matches('.').to_ascii_lowercase();
                !SCRIPTS.contains(&extension.as_str())
            })
        };
        let handlers = self.config.all("addhandler").filter(php);
        let types = self.config.all("addtype").filter(php).filter(foreign);
        handlers.chain(types).filter(|directive| !directive.of_image).collect()
    }

    /// `Require all granted` of the project for the root of the file system.
    #[must_use]
    pub fn grants_everything(&self) -> Option<&Directive> {
        let tree = &self.config.tree;
        let routes = self.config.servers.iter().flat_map(|server| &server.routes);
        let whole = routes.filter(|route| route.kind == MatchKind::Folder && route.matcher == "/");
        whole.filter(|route| !tree.node(route.node).of_image).find_map(|route| {
            let require = tree.last(route.node, "require")?;
            let is = |index: usize, word: &str| require.arg(index).is_some_and(|arg| arg.eq_ignore_ascii_case(word));
            let granted = is(0, "all") && is(1, "granted");
            granted.then_some(require)
        })
    }

    /// Modules that the build switches on and that give something away: the name, what it does, and where.
    #[must_use]
    pub fn risky_modules(&self) -> Vec<(&'static str, &'static str, Location)> {
        let known = |name: &str| RISKY_MODULES.iter().find(|(module, _)| *module == name);
        self.modules.iter().filter_map(|(name, at)| known(name).map(|(module, what)| (*module, *what, *at))).collect()
    }
}

impl ServiceRef<'_, '_> {
    /// The `AllowOverride` that lets a `.htaccess` count in a folder of the document root that visitors or the application can write
    /// to, and that folder.
    #[must_use]
    pub fn override_in_writable_folder(self) -> Option<(&'static str, Location, UploadFolder)> {
        let web =
            self.web_server().filter(|web| web.software == Software::Apache && web.source != WebSource::Unseen)?;
        let server = web.own_servers().next()?;
        let root = server.root.as_ref().filter(|root| root.is_known())?;
        let mut folders: Vec<UploadFolder> =
            self.upload_folders(&root.text).into_iter().filter(|folder| folder.explicit).collect();
        folders.extend(self.writable_root(&root.text));
        folders.into_iter().find_map(|folder| {
            let path = format!("{}/x", folder.path.trim_end_matches('/'));
            let directive = web.effective(server, &path, "allowoverride")?;
            let all = directive.arg(0).is_some_and(|what| what.eq_ignore_ascii_case("all"));
            let of_image = if directive.of_image { "of the image" } else { "" };
            all.then_some((of_image, directive.at, folder))
        })
    }

    /// The document root itself, when it lies in a writable volume or everybody may write to it.
    fn writable_root(self, root: &str) -> Option<UploadFolder> {
        let covers = |folder: &str| {
            let folder = folder.trim_end_matches('/');
            root.trim_end_matches('/').strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let volume = self.service().mounts.iter().find(|mount| {
            mount.kind == MountKind::Volume && !mount.read_only && covers(&mount.target) && mount.target != "/"
        });
        let (at, label) = match volume {
            Some(mount) => (mount.at, "the document root is a writable volume"),
            None => {
                let writable = self.world_writable();
                let covering = |path: &String| path.len() > 1 && covers(path);
                let found = writable.iter().find(|found| found.paths.iter().any(covering))?;
                (found.at, "everybody may write to the document root")
            }
        };
        Some(UploadFolder { path: "/".to_owned(), at, label: label.to_owned(), explicit: true })
    }
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    #[test]
    fn handlers_grants_and_modules() {
        let site = "AddHandler application/x-httpd-php .php .jpg\nAddType application/x-httpd-php .php .phtml\nAddType application/x-httpd-php .html\n<Directory />\nRequire all granted\n</Directory>\n<VirtualHost *:80>\nDocumentRoot /var/www/html\n</VirtualHost>\n";
        let dockerfile = "FROM php:8.4-apache\nRUN a2enmod rewrite info\nCOPY site.conf /etc/apache2/sites-available/000-default.conf\nCOPY . /var/www/html\n";
        let compose = "services:\n  web:\n    build: .\n    volumes: [\"code:/var/www/html\"]\nvolumes:\n  code:\n";
        let sources = sources(&[("compose.yaml", compose), ("Dockerfile", dockerfile), ("site.conf", site)]);
        let project = Project::new(&sources, TODAY);
        let service = project.services().next().unwrap();
        let web = service.web_server().unwrap();
        let handlers: Vec<_> = web.loose_php_handlers().iter().map(|directive| project.slice(directive.at)).collect();
        assert_eq!(handlers, ["AddHandler application/x-httpd-php .php .jpg", "AddType application/x-httpd-php .html"]);
        assert!(web.grants_everything().is_some());
        assert_eq!(web.risky_modules().iter().map(|(name, ..)| *name).collect::<Vec<_>>(), ["info"]);
        let (of_image, _, folder) = service.override_in_writable_folder().unwrap();
        assert_eq!((of_image, folder.path.as_str()), ("of the image", "/"));
    }
}
