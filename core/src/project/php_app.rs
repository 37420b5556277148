//! Which PHP application lies in a folder: its framework and version by Composer's files and by the files that only it has; which
//! service runs it; and the environment files it reads, layer over layer.

use super::{Parsed, Project, ServiceRef};
use crate::detect::Kind;
use crate::model::composer::{self, Lock, Manifest};
use crate::model::php::{PhpConfig, console};
use crate::source::{Location, SourceId, join};
use crate::span::Span;
use crate::syntax::dotenv::{self, Dialect};
use std::collections::BTreeMap;

/// A framework or application.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Framework {
    /// Laravel.
    Laravel,
    /// Symfony.
    Symfony,
    /// WordPress.
    WordPress,
    /// Drupal.
    Drupal,
    /// Magento or Adobe Commerce.
    Magento,
    /// TYPO3.
    Typo3,
    /// Shopware.
    Shopware,
    /// Nextcloud.
    Nextcloud,
    /// Craft CMS.
    Craft,
    /// CakePHP.
    CakePhp,
    /// CodeIgniter.
    CodeIgniter,
    /// Yii.
    Yii,
    /// Joomla.
    Joomla,
    /// Contao.
    Contao,
    /// Statamic, which is built on Laravel.
    Statamic,
}

impl Framework {
    /// Its name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Laravel => "Laravel",
            Self::Symfony => "Symfony",
            Self::WordPress => "WordPress",
            Self::Drupal => "Drupal",
            Self::Magento => "Magento",
            Self::Typo3 => "TYPO3",
            Self::Shopware => "Shopware",
            Self::Nextcloud => "Nextcloud",
            Self::Craft => "Craft CMS",
            Self::CakePhp => "CakePHP",
            Self::CodeIgniter => "CodeIgniter",
            Self::Yii => "Yii",
            Self::Joomla => "Joomla",
            Self::Contao => "Contao",
            Self::Statamic => "Statamic",
        }
    }

    /// The folder that is meant to be the document root; `""` for the folder of the application itself.
    #[must_use]
    pub fn docroot(self) -> &'static str {
        match self {
            Self::Laravel
            | Self::Symfony
            | Self::Shopware
            | Self::Statamic
            | Self::CodeIgniter
            | Self::Typo3
            | Self::Contao => "public",
            Self::Drupal | Self::Craft | Self::Yii => "web",
            Self::CakePhp => "webroot",
            Self::Magento => "pub",
            Self::WordPress | Self::Nextcloud | Self::Joomla => "",
        }
    }

    /// How it reads its `.env`.
    #[must_use]
    pub fn dialect(self) -> Dialect {
        match self {
            Self::Symfony | Self::Shopware | Self::Contao => Dialect::Symfony,
            _ => Dialect::Laravel,
        }
    }
}

/// Packages that only one framework has, the more special ones first.
const PACKAGES: [(&str, Framework); 22] = [
    ("statamic/cms", Framework::Statamic),
    ("craftcms/cms", Framework::Craft),
    ("laravel/framework", Framework::Laravel),
    ("shopware/core", Framework::Shopware),
    ("contao/core-bundle", Framework::Contao),
    ("contao/manager-bundle", Framework::Contao),
    ("drupal/core", Framework::Drupal),
    ("drupal/core-recommended", Framework::Drupal),
    ("typo3/cms-core", Framework::Typo3),
    ("magento/product-community-edition", Framework::Magento),
    ("magento/product-enterprise-edition", Framework::Magento),
    ("magento/magento2-base", Framework::Magento),
    ("mage-os/product-community-edition", Framework::Magento),
    ("roots/wordpress", Framework::WordPress),
    ("johnpbloch/wordpress", Framework::WordPress),
    ("johnpbloch/wordpress-core", Framework::WordPress),
    ("cakephp/cakephp", Framework::CakePhp),
    ("codeigniter4/framework", Framework::CodeIgniter),
    ("yiisoft/yii2", Framework::Yii),
    ("symfony/framework-bundle", Framework::Symfony),
    ("symfony/symfony", Framework::Symfony),
    ("symfony/runtime", Framework::Symfony),
];

/// Files that only one application has.
const FILES: [(&str, Framework); 9] = [
    ("wp-config.php", Framework::WordPress),
    ("wp-config-sample.php", Framework::WordPress),
    ("wp-settings.php", Framework::WordPress),
    ("bin/magento", Framework::Magento),
    ("occ", Framework::Nextcloud),
    ("bin/cake", Framework::CakePhp),
    ("spark", Framework::CodeIgniter),
    ("web/core/lib/Drupal.php", Framework::Drupal),
    ("configuration.php-dist", Framework::Joomla),
];

/// An application in a folder of the project.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PhpApp {
    /// The folder.
    pub folder: String,
    /// What it is built on; `None` for one without a framework that is known.
    pub framework: Option<Framework>,
    /// The version that `composer.lock` installs.
    pub version: Option<String>,
    /// The constraint of `composer.json`, where there is no lock.
    pub constraint: Option<String>,
    /// The document root, relative to the project.
    pub docroot: String,
    /// What tells: places, or names of files.
    pub evidence: Vec<Location>,
}

/// A variable of an application's environment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApplicationVariable {
    /// Its name.
    pub key: String,
    /// Its value; `None` when something decides it that the files do not say.
    pub value: Option<String>,
    /// Where it is set.
    pub at: Location,
    /// Where it is set before, and overridden.
    pub overridden: Vec<Location>,
}

/// What an application reads from its environment files.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ApplicationEnvironment {
    /// The files in the order they are read; a later one wins.
    pub files: Vec<SourceId>,
    /// The variables by name.
    pub variables: BTreeMap<String, ApplicationVariable>,
    /// Files that only show what the real one looks like.
    pub templates: Vec<SourceId>,
}

impl ApplicationEnvironment {
    /// A variable.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&ApplicationVariable> {
        self.variables.get(key)
    }
}

impl Project<'_> {
    /// The `composer.json` of a folder.
    #[must_use]
    pub fn composer_manifest(&self, folder: &str) -> Option<Manifest> {
        let id = self.sources.id(&join(folder, "composer.json"))?;
        let Parsed::Json(json) = &self.file(id).parsed else { return None };
        Some(composer::manifest(id, json))
    }

    /// The `composer.lock` of a folder.
    #[must_use]
    pub fn composer_lock(&self, folder: &str) -> Option<Lock> {
        let id = self.sources.id(&join(folder, "composer.lock"))?;
        let Parsed::Json(json) = &self.file(id).parsed else { return None };
        Some(composer::lock(id, json))
    }

    /// A PHP file that configures an application: `wp-config.php`, `config/database.php`.
    #[must_use]
    pub fn php_config(&self, path: &str) -> Option<PhpConfig<'_>> {
        let id = self.sources.id(path)?;
        match &self.file(id).parsed {
            Parsed::Php(php) => Some(PhpConfig { source: id, php }),
            _ => None,
        }
    }

    /// Every PHP file that configures an application, with its path.
    pub fn php_configs(&self) -> impl Iterator<Item = (&str, PhpConfig<'_>)> {
        self.files_of(Kind::PhpSource).filter_map(|file| match &file.parsed {
            Parsed::Php(php) => Some((self.path(file.source), PhpConfig { source: file.source, php })),
            _ => None,
        })
    }

    /// The PHP application in a folder; `None` when nothing there tells of one.
    #[must_use]
    pub fn php_application(&self, folder: &str) -> Option<PhpApp> {
        let manifest = self.composer_manifest(folder);
        let lock = self.composer_lock(folder);
        let mut evidence = Vec::new();
        let mut found: Option<(Framework, Option<String>, Option<String>)> = None;
        for (package, framework) in PACKAGES {
            let locked = lock.as_ref().and_then(|lock| lock.package(package)).filter(|package| !package.dev);
            let required = manifest.as_ref().and_then(|manifest| manifest.requires(package));
            if locked.is_none() && required.is_none() {
                continue;
            }
            // Every framework of PHP stands on parts of Symfony; a special one says more.
            let same = found
                .as_ref()
                .is_none_or(|(known, version, _)| *known == framework && version.is_none() && locked.is_some());
            if same {
                let version = locked.map(|package| package.version.clone());
                let constraint = required.map(|required| required.constraint.value.clone());
                found = Some((framework, version, constraint));
                evidence.extend(required.map(|required| required.package_at));
                evidence.extend(locked.map(|package| package.at));
            }
        }
        if found.is_none() {
            found = self.application_by_files(folder, &mut evidence).map(|framework| (framework, None, None));
        }
        if found.is_none() && manifest.is_none() && lock.is_none() {
            return None;
        }
        let (framework, version, constraint) = match found {
            Some((framework, version, constraint)) => (Some(framework), version, constraint),
            None => (None, None, None),
        };
        let docroot = self.docroot(folder, framework, manifest.as_ref());
        Some(PhpApp { folder: folder.to_owned(), framework, version, constraint, docroot, evidence })
    }

    fn application_by_files(&self, folder: &str, evidence: &mut Vec<Location>) -> Option<Framework> {
        for (name, program, framework) in
            [("artisan", "artisan", Framework::Laravel), ("bin/console", "bin/console", Framework::Symfony)]
        {
            let id = self.sources.id(&join(folder, name));
            if let Some(id) = id.filter(|id| console(self.path(*id), self.text(*id)) == Some(program)) {
                evidence.push(Location::new(id, Span::at(0)));
                return Some(framework);
            }
        }
        let (name, framework) = FILES.into_iter().find(|(name, _)| self.sources.knows(&join(folder, name)))?;
        evidence.extend(self.sources.id(&join(folder, name)).map(|id| Location::new(id, Span::at(0))));
        Some(framework)
    }

    fn docroot(&self, folder: &str, framework: Option<Framework>, manifest: Option<&Manifest>) -> String {
        let named = ["public-dir", "drupal-scaffold.locations.web-root", "typo3/cms.web-dir"];
        let said = manifest.and_then(|manifest| named.iter().find_map(|key| manifest.extra(key)));
        if let Some(said) = said {
            return join(folder, &said.value);
        }
        let usual = framework.map_or("", Framework::docroot);
        // Drupal of old and WordPress in a folder of its own: what is there decides.
        let there = ["public", "web", "webroot", "pub", "html"]
            .iter()
            .find(|name| self.sources.knows(&join(folder, &format!("{name}/index.php"))));
        match framework {
            Some(Framework::Magento) => join(folder, "pub"),
            _ if usual.is_empty() || self.sources.has(&join(folder, usual)) => match there {
                Some(name) if framework.is_none() || framework == Some(Framework::WordPress) => join(folder, name),
                _ => join(folder, usual),
            },
            _ => there.map_or_else(|| join(folder, usual), |name| join(folder, name)),
        }
    }

    /// What the application in a folder reads from its environment files. The container's own environment comes before all of it.
    #[must_use]
    pub fn application_environment(&self, folder: &str) -> ApplicationEnvironment {
        let framework = self.php_application(folder).and_then(|app| app.framework);
        let dialect = framework.map_or(Dialect::Compose, Framework::dialect);
        let mut out = ApplicationEnvironment::default();
        for name in [".env.dist", ".env.example", ".env.sample", ".env.template"] {
            out.templates.extend(self.sources.id(&join(folder, name)));
        }
        if dialect == Dialect::Symfony {
            self.symfony_environment(folder, &mut out);
        } else {
            self.layer(folder, ".env", dialect, &mut out);
        }
        out
    }

    /// `.env`, `.env.local`, `.env.$APP_ENV`, `.env.$APP_ENV.local`; `.env.local.php` instead of all of them.
    fn symfony_environment(&self, folder: &str, out: &mut ApplicationEnvironment) {
        if let Some(config) = self.php_config(&join(folder, ".env.local.php")) {
            out.files.push(config.source);
            for (path, configured) in config.entries() {
                let [key] = path.as_slice() else { continue };
                let value = configured.value.text().map(str::to_owned);
                set(out, key, value, configured.at);
            }
            return;
        }
        if self.sources.knows(&join(folder, ".env")) {
            self.layer(folder, ".env", Dialect::Symfony, out);
        } else {
            self.layer(folder, ".env.dist", Dialect::Symfony, out);
        }
        let environment = |out: &ApplicationEnvironment| match out.get("APP_ENV") {
            Some(variable) => variable.value.clone(),
            None => Some("dev".to_owned()),
        };
        // Tests do not read the developer's own settings.
        if environment(out).as_deref() != Some("test") {
            self.layer(folder, ".env.local", Dialect::Symfony, out);
        }
        let Some(name) = environment(out).filter(|name| name != "local") else { return };
        self.layer(folder, &format!(".env.{name}"), Dialect::Symfony, out);
        self.layer(folder, &format!(".env.{name}.local"), Dialect::Symfony, out);
    }

    fn layer(&self, folder: &str, name: &str, dialect: Dialect, out: &mut ApplicationEnvironment) {
        let Some(id) = self.sources.id(&join(folder, name)) else { return };
        out.files.push(id);
        let file = dotenv::parse_as(self.text(id), dialect);
        for entry in &file.entries {
            let at = Location::new(id, entry.value_span.unwrap_or(entry.key_span));
            let value = expanded(entry, out);
            set(out, &entry.key, value, at);
        }
    }
}

fn set(out: &mut ApplicationEnvironment, key: &str, value: Option<String>, at: Location) {
    let mut overridden = Vec::new();
    if let Some(before) = out.variables.remove(key) {
        overridden = before.overridden;
        overridden.push(before.at);
    }
    out.variables.insert(key.to_owned(), ApplicationVariable { key: key.to_owned(), value, at, overridden });
}

/// Longer values are not expanded: a file that doubles its values line by line ends here.
const MAX_VALUE: usize = 64 << 10;

/// The value of an entry with its variables replaced.
fn expanded(entry: &dotenv::Entry, out: &ApplicationEnvironment) -> Option<String> {
    let value = entry.value.as_ref().filter(|_| !entry.computed)?;
    if !entry.interpolates() {
        return Some(value.clone());
    }
    // A variable that no file sets is empty for Symfony and stays as it is for Laravel, unless the container sets it.
    let lookup = |name: &str| out.get(name)?.value.clone();
    let read = crate::model::interpolate::interpolate(value, &lookup);
    let known = read.certainty != crate::model::interpolate::Certainty::Unknown && read.refused.is_none();
    known.then_some(read.text).filter(|text| text.len() <= MAX_VALUE)
}

impl<'p> ServiceRef<'p, '_> {
    /// The folder of the application that it runs: its build context, or what is mounted as its code.
    #[must_use]
    pub fn application_folder(self) -> Option<String> {
        let builder = self.image_source();
        let context = builder.service.build_use.as_ref().and_then(|used| used.context.clone());
        let mounted = self
            .service
            .mounts
            .iter()
            .filter(|mount| mount.source.as_deref().is_some_and(|source| source.starts_with('.')))
            .filter(|mount| mount.target.matches('/').count() >= 1)
            .filter_map(|mount| Some(join(&self.view.folder, mount.source.as_deref()?)));
        let mut candidates: Vec<String> = mounted.chain(context).collect();
        candidates.dedup();
        candidates.into_iter().find(|folder| self.project.php_application(folder).is_some())
    }

    /// The application that it runs.
    #[must_use]
    pub fn php_application(self) -> Option<PhpApp> {
        self.application_folder().and_then(|folder| self.project.php_application(&folder))
    }
}

#[cfg(test)]
#[path = "php_app_tests.rs"]
mod tests;
