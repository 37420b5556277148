//! Composer's files: what an application requires, how it is fetched, and what is installed.

use super::Spanned;
use crate::source::{Location, SourceId};
use crate::syntax::json::{Json, Member, Value};

/// A requirement: `"vendor/package": "^1.0"`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Requirement {
    /// The package in lower case; `php` and `ext-…` for the platform.
    pub package: String,
    /// Where its name is written, quotes included.
    pub package_at: Location,
    /// The constraint.
    pub constraint: Spanned<String>,
}

impl Requirement {
    /// Whether it asks for PHP, an extension or a library of the system, not for a package.
    #[must_use]
    pub fn is_platform(&self) -> bool {
        !self.package.contains('/')
    }
}

/// A place that packages come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Repository {
    /// `composer`, `vcs`, `path`, `package`, `artifact`; empty when it only switches one off.
    pub kind: String,
    /// Its address.
    pub url: Option<Spanned<String>>,
    /// `"packagist.org": false`.
    pub disables_packagist: bool,
    /// Where it is written.
    pub at: Location,
}

impl Repository {
    /// Whether what it sends can be changed on the way: `http://` and `git://`.
    #[must_use]
    pub fn is_plain_text(&self) -> bool {
        self.url.as_ref().is_some_and(|url| {
            ["http://", "git://", "svn://", "ftp://"]
                .iter()
                .any(|scheme| url.value.to_ascii_lowercase().starts_with(scheme))
        })
    }
}

/// Which plug-ins may run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AllowPlugins {
    /// Any, or none.
    All(Spanned<bool>),
    /// Those named; a name may hold `*`.
    Named(Vec<(String, Spanned<bool>)>),
}

/// `composer.json`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Manifest {
    /// `name`.
    pub name: Option<Spanned<String>>,
    /// `type`; an application says `project` or nothing.
    pub kind: Option<Spanned<String>>,
    /// `require`.
    pub require: Vec<Requirement>,
    /// `require-dev`.
    pub require_dev: Vec<Requirement>,
    /// `config`, its scalars with `.` between nested keys: `secure-http`, `audit.abandoned`, `platform.php`.
    pub config: Vec<(String, Spanned<String>)>,
    /// `config.allow-plugins`.
    pub allow_plugins: Option<AllowPlugins>,
    /// `config.audit.ignore` and its relatives: what is ignored.
    pub audit_ignore: Vec<Spanned<String>>,
    /// `repositories`.
    pub repositories: Vec<Repository>,
    /// `minimum-stability`.
    pub minimum_stability: Option<Spanned<String>>,
    /// `prefer-stable`.
    pub prefer_stable: Option<Spanned<bool>>,
    /// `scripts`: event and command, one entry for each command.
    pub scripts: Vec<(String, Spanned<String>)>,
    /// Folders and files of `autoload`: kind, path.
    pub autoload: Vec<(String, Spanned<String>)>,
    /// Folders and files of `autoload-dev`.
    pub autoload_dev: Vec<(String, Spanned<String>)>,
    /// `extra`, its scalars with `.` between nested keys: `public-dir`, `drupal-scaffold.locations.web-root`.
    pub extra: Vec<(String, Spanned<String>)>,
}

/// A package that `composer.lock` installs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Package {
    /// Its name in lower case.
    pub name: String,
    /// Its version without a leading `v`.
    pub version: String,
    /// Where the version is written, or the name when there is none.
    pub at: Location,
    /// Where its name is written.
    pub name_at: Location,
    /// Whether only `require-dev` asks for it.
    pub dev: bool,
    /// `type`: `library`, `composer-plugin`, `symfony-bundle`.
    pub kind: String,
    /// `dist.url`.
    pub dist: Option<Spanned<String>>,
    /// `source.url`.
    pub source: Option<Spanned<String>>,
    /// Whether it is abandoned, and what replaces it.
    pub abandoned: Option<Spanned<Option<String>>>,
}

/// `composer.lock`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lock {
    /// `packages` and `packages-dev`, in order.
    pub packages: Vec<Package>,
    /// `plugin-api-version`.
    pub plugin_api: Option<Spanned<String>>,
    /// `content-hash`.
    pub content_hash: Option<Spanned<String>>,
    /// `platform` and `platform-dev`.
    pub platform: Vec<Requirement>,
    /// `minimum-stability`.
    pub minimum_stability: Option<Spanned<String>>,
}

impl Manifest {
    /// A requirement, for production.
    #[must_use]
    pub fn requires(&self, package: &str) -> Option<&Requirement> {
        self.require.iter().rev().find(|requirement| requirement.package == package)
    }

    /// A requirement, for development only.
    #[must_use]
    pub fn requires_dev(&self, package: &str) -> Option<&Requirement> {
        self.require_dev.iter().rev().find(|requirement| requirement.package == package)
    }

    /// A scalar of `config`.
    #[must_use]
    pub fn setting(&self, key: &str) -> Option<&Spanned<String>> {
        self.config.iter().rev().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// A switch of `config`.
    #[must_use]
    pub fn switch(&self, key: &str) -> Option<Spanned<bool>> {
        let setting = self.setting(key)?;
        let value = match setting.value.as_str() {
            "true" | "1" => true,
            "false" | "0" => false,
            _ => return None,
        };
        Some(Spanned::new(value, setting.at))
    }

    /// A scalar of `extra`.
    #[must_use]
    pub fn extra(&self, key: &str) -> Option<&Spanned<String>> {
        self.extra.iter().rev().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// Whether it is a library, whose lock file installs nothing for anybody.
    #[must_use]
    pub fn is_library(&self) -> bool {
        self.kind.as_ref().is_some_and(|kind| kind.value != "project")
    }
}

impl Lock {
    /// An installed package.
    #[must_use]
    pub fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name == name)
    }
}

struct Reader {
    source: SourceId,
}

impl Reader {
    fn text(&self, value: &Value) -> Option<Spanned<String>> {
        Some(Spanned::new(value.str()?.to_owned(), Location::new(self.source, value.span)))
    }

    fn bool(&self, value: &Value) -> Option<Spanned<bool>> {
        Some(Spanned::new(value.bool()?, Location::new(self.source, value.span)))
    }

    fn scalar(&self, value: &Value) -> Option<Spanned<String>> {
        let text = match value.bool() {
            Some(value) => value.to_string(),
            None => value.text()?.to_owned(),
        };
        Some(Spanned::new(text, Location::new(self.source, value.span)))
    }

    fn requirements(&self, value: Option<&Value>) -> Vec<Requirement> {
        let members = value.map(Value::members).unwrap_or_default();
        let one = |member: &Member| {
            Some(Requirement {
                package: member.key.to_ascii_lowercase(),
                package_at: Location::new(self.source, member.key_span),
                constraint: self.text(&member.value)?,
            })
        };
        members.iter().filter_map(one).collect()
    }

    /// The scalars of an object, nested keys joined. The tree is at most 64 levels deep.
    fn flat(&self, value: &Value, prefix: &str, out: &mut Vec<(String, Spanned<String>)>) {
        for member in value.members() {
            let key = if prefix.is_empty() { member.key.clone() } else { format!("{prefix}.{}", member.key) };
            match self.scalar(&member.value) {
                Some(scalar) => out.push((key, scalar)),
                // Long keys, nested, would multiply.
                None if key.len() < 512 => self.flat(&member.value, &key, out),
                None => {}
            }
        }
    }

    fn repository(&self, value: &Value) -> Option<Repository> {
        if !value.is_object() {
            return None;
        }
        let off = |name: &str| value.get(name).and_then(Value::bool) == Some(false);
        Some(Repository {
            kind: value.get("type").and_then(Value::str).unwrap_or("").to_owned(),
            url: value.get("url").and_then(|url| self.text(url)),
            disables_packagist: off("packagist.org") || off("packagist"),
            at: Location::new(self.source, value.span),
        })
    }

    fn autoload(&self, value: Option<&Value>) -> Vec<(String, Spanned<String>)> {
        let mut out = Vec::new();
        for member in value.map(Value::members).unwrap_or_default() {
            let nested = member.value.members().iter().map(|member| &member.value);
            for value in member.value.items().iter().chain(nested) {
                let each = if value.items().is_empty() { std::slice::from_ref(value) } else { value.items() };
                out.extend(each.iter().filter_map(|path| Some((member.key.clone(), self.text(path)?))));
            }
        }
        out
    }
}

/// Reads a `composer.json`.
#[must_use]
pub fn manifest(source: SourceId, json: &Json) -> Manifest {
    let reader = Reader { source };
    let Some(root) = json.root() else { return Manifest::default() };
    let text = |key: &str| root.get(key).and_then(|value| reader.text(value));
    let mut config = Vec::new();
    if let Some(value) = root.get("config") {
        reader.flat(value, "", &mut config);
    }
    config.retain(|(key, _)| !key.starts_with("allow-plugins"));
    let mut extra = Vec::new();
    if let Some(value) = root.get("extra") {
        reader.flat(value, "", &mut extra);
    }
    let allow_plugins = root.at(&["config", "allow-plugins"]).and_then(|value| match reader.bool(value) {
        Some(all) => Some(AllowPlugins::All(all)),
        None if value.is_object() => {
            let named = |member: &Member| Some((member.key.clone(), reader.bool(&member.value)?));
            Some(AllowPlugins::Named(value.members().iter().filter_map(named).collect()))
        }
        None => None,
    });
    let mut audit_ignore = Vec::new();
    if let Some(ignored) = root.at(&["config", "audit", "ignore"]) {
        audit_ignore.extend(ignored.items().iter().filter_map(|item| reader.text(item)));
        let named = |member: &Member| Spanned::new(member.key.clone(), Location::new(source, member.key_span));
        audit_ignore.extend(ignored.members().iter().map(named));
    }
    let mut repositories = Vec::new();
    if let Some(value) = root.get("repositories") {
        repositories.extend(value.items().iter().filter_map(|item| reader.repository(item)));
        for member in value.members() {
            let off =
                matches!(member.key.as_str(), "packagist.org" | "packagist") && member.value.bool() == Some(false);
            let at = Location::new(source, member.key_span.to(member.value.span));
            let switched = off.then(|| Repository { kind: String::new(), url: None, disables_packagist: true, at });
            repositories.extend(switched.or_else(|| reader.repository(&member.value)));
        }
    }
    let mut scripts = Vec::new();
    for member in root.get("scripts").map(Value::members).unwrap_or_default() {
        let each =
            if member.value.items().is_empty() { std::slice::from_ref(&member.value) } else { member.value.items() };
        scripts.extend(each.iter().filter_map(|command| Some((member.key.clone(), reader.text(command)?))));
        // `auto-scripts` of Symfony: command and kind.
        let named = |command: &Member| {
            (member.key.clone(), Spanned::new(command.key.clone(), Location::new(source, command.key_span)))
        };
        scripts.extend(member.value.members().iter().map(named));
    }
    Manifest {
        name: text("name"),
        kind: text("type"),
        require: reader.requirements(root.get("require")),
        require_dev: reader.requirements(root.get("require-dev")),
        config,
        allow_plugins,
        audit_ignore,
        repositories,
        minimum_stability: text("minimum-stability"),
        prefer_stable: root.get("prefer-stable").and_then(|value| reader.bool(value)),
        scripts,
        autoload: reader.autoload(root.get("autoload")),
        autoload_dev: reader.autoload(root.get("autoload-dev")),
        extra,
    }
}

/// Reads a `composer.lock`.
#[must_use]
pub fn lock(source: SourceId, json: &Json) -> Lock {
    let reader = Reader { source };
    let Some(root) = json.root() else { return Lock::default() };
    let text = |key: &str| root.get(key).and_then(|value| reader.text(value));
    let mut packages = Vec::new();
    for (list, dev) in [("packages", false), ("packages-dev", true)] {
        for value in root.get(list).map(Value::items).unwrap_or_default() {
            let Some(name) = value.get("name").and_then(|name| reader.text(name)) else { continue };
            let version = value.get("version").and_then(|version| reader.text(version));
            let abandoned = value.get("abandoned").and_then(|value| {
                let replacement = value.str().map(str::to_owned);
                let is = replacement.is_some() || value.bool() == Some(true);
                is.then(|| Spanned::new(replacement, Location::new(source, value.span)))
            });
            packages.push(Package {
                name: name.value.to_ascii_lowercase(),
                version: version.as_ref().map_or("", |version| version.value.trim_start_matches(['v', 'V'])).to_owned(),
                at: version.as_ref().map_or(name.at, |version| version.at),
                name_at: name.at,
                dev,
                kind: value.get("type").and_then(Value::str).unwrap_or("library").to_owned(),
                dist: value.at(&["dist", "url"]).and_then(|url| reader.text(url)),
                source: value.at(&["source", "url"]).and_then(|url| reader.text(url)),
                abandoned,
            });
        }
    }
    let mut platform = reader.requirements(root.get("platform"));
    platform.extend(reader.requirements(root.get("platform-dev")));
    Lock {
        packages,
        plugin_api: text("plugin-api-version"),
        content_hash: text("content-hash"),
        platform,
        minimum_stability: text("minimum-stability"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::json::parse;

    #[test]
    fn reads_a_manifest() {
        let text = r#"{"name": "a/b", "type": "project", "require": {"php": "^8.2", "ext-gd": "*", "Laravel/framework": "^12.0"},
            "require-dev": {"phpunit/phpunit": "^11"},
            "config": {"secure-http": false, "platform": {"php": "8.2.0"}, "audit": {"abandoned": "ignore", "ignore": ["CVE-1"]},
                "allow-plugins": {"x/y": true}},
            "repositories": [{"type": "vcs", "url": "http://git.example/x"}, {"packagist.org": false}],
            "minimum-stability": "dev", "prefer-stable": true,
            "scripts": {"post-install-cmd": ["@php artisan x", "y"], "auto-scripts": {"cache:clear": "symfony-cmd"}, "z": "zz"},
            "autoload": {"psr-4": {"App\\": "src/", "B\\": ["b1", "b2"]}, "files": ["f.php"]},
            "extra": {"drupal-scaffold": {"locations": {"web-root": "web/"}}}}"#;
        let read = manifest(SourceId(0), &parse(text));
        assert_eq!(read.requires("laravel/framework").unwrap().constraint.at.span.slice(text), "\"^12.0\"");
        assert!(read.requires("php").unwrap().is_platform() && read.requires_dev("phpunit/phpunit").is_some());
        assert!(!read.switch("secure-http").unwrap().value);
        assert_eq!(read.setting("audit.abandoned").unwrap().value, "ignore");
        assert_eq!(read.setting("platform.php").unwrap().value, "8.2.0");
        assert_eq!(read.audit_ignore[0].value, "CVE-1");
        assert!(matches!(&read.allow_plugins, Some(AllowPlugins::Named(names)) if names[0].0 == "x/y"));
        assert!(read.repositories[0].is_plain_text() && read.repositories[1].disables_packagist);
        let scripts: Vec<_> =
            read.scripts.iter().map(|(event, command)| (event.as_str(), command.value.as_str())).collect();
        assert_eq!(
            scripts,
            [
                ("post-install-cmd", "@php artisan x"),
                ("post-install-cmd", "y"),
                ("auto-scripts", "cache:clear"),
                ("z", "zz")
            ]
        );
        assert_eq!(read.autoload.len(), 4);
        assert_eq!(read.extra("drupal-scaffold.locations.web-root").unwrap().value, "web/");
        assert!(!read.is_library());
        let all = manifest(
            SourceId(0),
            &parse(r#"{"config": {"allow-plugins": true}, "repositories": {"packagist.org": false}}"#),
        );
        assert!(matches!(all.allow_plugins, Some(AllowPlugins::All(ref value)) if value.value));
        assert!(all.repositories[0].disables_packagist);
    }

    #[test]
    fn reads_a_lock() {
        let text = r#"{"packages": [{"name": "laravel/framework", "version": "v12.1.0", "type": "library", "require": {"x/y": "1"},
            "dist": {"url": "https://api.github.com/x"}, "abandoned": "new/one"}],
            "packages-dev": [{"name": "phpunit/phpunit", "version": "11.0.0", "abandoned": false}],
            "platform": {"php": "^8.2"}, "plugin-api-version": "2.6.0"}"#;
        let read = lock(SourceId(0), &parse(text));
        let framework = read.package("laravel/framework").unwrap();
        assert_eq!((framework.version.as_str(), framework.at.span.slice(text)), ("12.1.0", "\"v12.1.0\""));
        assert_eq!(framework.abandoned.as_ref().unwrap().value.as_deref(), Some("new/one"));
        assert!(!framework.dev && read.package("phpunit/phpunit").unwrap().dev);
        assert!(read.package("phpunit/phpunit").unwrap().abandoned.is_none());
        assert_eq!(read.plugin_api.as_ref().unwrap().value, "2.6.0");
        assert_eq!(read.platform[0].package, "php");
        assert_eq!(lock(SourceId(0), &parse("[]")), Lock::default());
    }
}
