//! What the PHP of a service effectively reads: PHP's defaults, php.ini, the scanned drop-ins, the start command, the pool, and the
//! application's own `.user.ini` and `.htaccess`, in PHP's order.

use super::container_files::{ContainerFile, ContainerFiles, Piece};
use super::container_ini::{self, ContainerVariable, IniEvent};
use super::php_image::{self, Layout};
use super::{FpmPool, ServiceRef, start};
use crate::source::{Location, file_name};
use crate::span::Span;
use std::collections::BTreeMap;

/// How PHP is run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sapi {
    /// PHP-FPM.
    Fpm,
    /// As a module of Apache.
    Apache,
    /// On the command line: workers, and servers written in PHP.
    Cli,
    /// In FrankenPHP.
    FrankenPhp,
    /// Not known.
    Unknown,
}

impl Sapi {
    /// Whether requests from the network reach it by HTTP or FastCGI.
    #[must_use]
    pub fn is_web(self) -> bool {
        matches!(self, Self::Fpm | Self::Apache | Self::FrankenPhp)
    }

    /// The name that PHP looks for in `php-NAME.ini`.
    fn ini_name(self) -> &'static str {
        match self {
            Self::Fpm => "fpm-fcgi",
            Self::Apache => "apache2handler",
            Self::Cli => "cli",
            Self::FrankenPhp => "frankenphp",
            Self::Unknown => "",
        }
    }

    /// The folder of Debian's packages.
    fn debian_folder(self) -> &'static str {
        match self {
            Self::Fpm => "fpm",
            Self::Apache => "apache2",
            Self::FrankenPhp => "embed",
            Self::Cli | Self::Unknown => "cli",
        }
    }
}

/// What decided a setting.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SettingOrigin {
    /// PHP itself.
    Default,
    /// A file that the image ships.
    Image,
    /// php.ini or a drop-in.
    Ini,
    /// `-d` of the start command.
    Command,
    /// `php_value` or `php_flag` of the pool or of Apache.
    Server,
    /// `.user.ini` or `.htaccess`.
    Application,
    /// `php_admin_value` or `php_admin_flag`: nothing overrides it.
    Admin,
}

/// An effective setting.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value; `None` when something that the files do not say may decide it.
    pub text: Option<String>,
    /// Where it is set; `None` for PHP's defaults and what the image ships.
    pub at: Option<Location>,
    /// What decided it.
    pub origin: SettingOrigin,
    /// Where it was set before, and overridden: oldest first.
    pub overridden: Vec<Location>,
}

impl Setting {
    /// Whether the value is known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.text.is_some()
    }

    /// As PHP reads a boolean. `display_errors = stderr` shows visitors nothing and is false, `stdout` is true.
    #[must_use]
    pub fn flag(&self) -> Option<bool> {
        let text = self.text.as_deref()?;
        if self.name == "display_errors" && text.eq_ignore_ascii_case("stdout") {
            return Some(true);
        }
        Some(php_bool(text))
    }

    /// As PHP reads a number of bytes: `128M`, `1G`, `-1`.
    #[must_use]
    pub fn bytes(&self) -> Option<i64> {
        php_bytes(self.text.as_deref()?)
    }
}

/// What PHP makes of a boolean setting: `on`, `yes`, `true`, or a number that is not zero.
#[must_use]
pub fn php_bool(text: &str) -> bool {
    let text = text.trim();
    ["on", "yes", "true"].iter().any(|word| text.eq_ignore_ascii_case(word)) || leading_number(text) != 0
}

/// What PHP makes of a number with `K`, `M` or `G` behind it.
#[must_use]
pub fn php_bytes(text: &str) -> Option<i64> {
    let text = text.trim();
    let first = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !first.starts_with(|c: char| c.is_ascii_digit()) {
        return text.is_empty().then_some(0);
    }
    let factor = match text.bytes().next_back() {
        Some(b'k' | b'K') => 1 << 10,
        Some(b'm' | b'M') => 1 << 20,
        Some(b'g' | b'G') => 1 << 30,
        _ => 1,
    };
    Some(leading_number(text).saturating_mul(factor))
}

fn leading_number(text: &str) -> i64 {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let number = digits
        .bytes()
        .take_while(u8::is_ascii_digit)
        .fold(0i64, |number, digit| number.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
    sign * number
}

/// One time a setting is set.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Assigned {
    text: Option<String>,
    at: Option<Location>,
    origin: SettingOrigin,
    order: usize,
}

/// The effective settings of a service's PHP.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PhpSettings {
    /// How PHP is run.
    pub sapi: Sapi,
    /// How PHP is laid out in the image.
    pub layout: Layout,
    /// The version of PHP that the image's tag names.
    pub version: Option<String>,
    /// The php.ini that is read, and what put it there; `None` when there is none.
    pub main_ini: Option<(String, Option<Location>)>,
    /// The drop-ins that are read, in order.
    pub drop_ins: Vec<String>,
    /// Files for PHP that stand where PHP does not read them, and what put them there.
    pub unread: Vec<(String, Location)>,
    /// Extensions that the build installs or switches on, and where.
    pub extensions: Vec<(String, Location)>,
    assigned: BTreeMap<String, Vec<Assigned>>,
    /// Things that may set anything: when, and what.
    unseen: Vec<(usize, Option<Location>)>,
    order: usize,
}

impl PhpSettings {
    fn new(sapi: Sapi, layout: Layout, version: Option<String>) -> Self {
        Self {
            sapi,
            layout,
            version,
            main_ini: None,
            drop_ins: Vec::new(),
            unread: Vec::new(),
            extensions: Vec::new(),
            assigned: BTreeMap::new(),
            unseen: Vec::new(),
            order: 1,
        }
    }

    fn set(&mut self, key: &str, text: Option<String>, at: Option<Location>, origin: SettingOrigin) {
        self.order += 1;
        let order = self.order;
        self.assigned.entry(key.to_owned()).or_default().push(Assigned { text, at, origin, order });
    }

    fn may_set_anything(&mut self, at: Option<Location>) {
        self.order += 1;
        self.unseen.push((self.order, at));
    }

    /// An effective setting.
    #[must_use]
    pub fn setting(&self, name: &str) -> Setting {
        let assigned = self.assigned.get(name).map(Vec::as_slice).unwrap_or_default();
        let places = |upto: usize| assigned.iter().take(upto).filter_map(|one| one.at).collect();
        let last = assigned.last();
        let unseen = self.unseen.last().filter(|(order, _)| last.is_none_or(|last| last.order < *order));
        if let Some((_, at)) = unseen.filter(|_| last.is_none_or(|last| last.origin != SettingOrigin::Admin)) {
            let overridden = places(assigned.len());
            return Setting { name: name.to_owned(), text: None, at: *at, origin: SettingOrigin::Ini, overridden };
        }
        match last {
            Some(last) => Setting {
                name: name.to_owned(),
                text: last.text.clone(),
                at: last.at,
                origin: last.origin,
                overridden: places(assigned.len() - 1),
            },
            None => Setting {
                name: name.to_owned(),
                text: self.default(name),
                at: None,
                origin: SettingOrigin::Default,
                overridden: Vec::new(),
            },
        }
    }

    fn default(&self, name: &str) -> Option<String> {
        let find =
            |rows: &[(&str, &str)]| rows.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        if !self.layout.is_known() {
            return None;
        }
        let old = self.version.as_deref().is_some_and(|version| version.starts_with('5') || version.starts_with('7'));
        if name == "display_startup_errors" && old {
            return Some("0".to_owned());
        }
        match self.sapi {
            Sapi::Cli => find(&php_image::CLI_DEFAULTS).or_else(|| find(&php_image::DEFAULTS)),
            _ => find(&php_image::DEFAULTS),
        }
    }

    /// A setting as PHP reads a boolean; `None` when it is not known.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.setting(name).flag()
    }

    /// A setting as a number of bytes; `None` when it is not known.
    #[must_use]
    pub fn bytes(&self, name: &str) -> Option<i64> {
        self.setting(name).bytes()
    }

    /// A setting as a list separated by commas; `None` when it is not known. What `php_admin_value[disable_functions]` names comes
    /// on top of what php.ini names.
    #[must_use]
    pub fn list(&self, name: &str) -> Option<Vec<String>> {
        let setting = self.setting(name);
        let mut texts = vec![setting.text?];
        if matches!(name, "disable_functions" | "disable_classes") && setting.origin == SettingOrigin::Admin {
            let below = self.assigned.get(name)?.iter().rev().find(|one| one.origin < SettingOrigin::Server);
            texts.extend(below.and_then(|one| one.text.clone()));
        }
        let names = texts.iter().flat_map(|text| text.split(',')).map(|name| name.trim().to_owned());
        Some(super::container_files::once(names.filter(|name| !name.is_empty())))
    }

    /// Whether something sets it, other than PHP and the image: where.
    #[must_use]
    pub fn set_at(&self, name: &str) -> Option<Location> {
        self.setting(name).at
    }

    /// Where the build installs or switches on an extension.
    #[must_use]
    pub fn extension(&self, name: &str) -> Option<Location> {
        self.extensions.iter().find(|(known, _)| known == name).map(|(_, at)| *at)
    }

    /// The names of all settings that something sets.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.assigned.keys().map(String::as_str)
    }
}

/// Settings that `.user.ini` and `.htaccess` cannot change.
fn is_system_only(name: &str) -> bool {
    matches!(
        name,
        "allow_url_fopen"
            | "allow_url_include"
            | "disable_functions"
            | "disable_classes"
            | "enable_dl"
            | "expose_php"
            | "extension"
            | "extension_dir"
            | "file_uploads"
            | "max_file_uploads"
            | "realpath_cache_size"
            | "realpath_cache_ttl"
            | "sys_temp_dir"
            | "upload_tmp_dir"
            | "user_ini.filename"
            | "user_ini.cache_ttl"
            | "zend_extension"
    ) || name.starts_with("cgi.")
        || name.starts_with("fastcgi.")
        || name.starts_with("ffi.")
        || matches!(
            name,
            "opcache.memory_consumption" | "opcache.preload" | "opcache.preload_user" | "opcache.enable_cli"
        )
}

impl ServiceRef<'_, '_> {
    /// How its PHP is run, by the start command first and the image second.
    #[must_use]
    pub fn php_sapi(self) -> Sapi {
        let command = self.main_command();
        let words = command.words.join(" ");
        let said = [
            ("php-fpm", Sapi::Fpm),
            ("apache2-foreground", Sapi::Apache),
            ("apachectl", Sapi::Apache),
            ("apache2ctl", Sapi::Apache),
            ("frankenphp", Sapi::FrankenPhp),
            ("artisan", Sapi::Cli),
            ("bin/console", Sapi::Cli),
            ("rr serve", Sapi::Cli),
        ];
        if let Some((_, sapi)) = said.into_iter().find(|(needle, _)| words.contains(needle)) {
            // `octane:start --server=frankenphp` is no command line.
            return sapi;
        }
        if start::commands_of(&words)
            .iter()
            .any(|command| start::program_words(command).first().is_some_and(|word| file_name(word) == "php"))
        {
            return Sapi::Cli;
        }
        if self
            .processes()
            .iter()
            .any(|process| process.program().is_some_and(|program| program.starts_with("php-fpm")))
        {
            return Sapi::Fpm;
        }
        let image = self.php_image();
        let image = image.as_ref();
        let tag = image.map_or("", |image| image.tag_or_latest());
        let has = |wanted: &str| tag.split('-').any(|part| part == wanted);
        match self.role.name {
            _ if image.is_some_and(|image| image.path.contains("frankenphp")) || has("frankenphp") => Sapi::FrankenPhp,
            "php-fpm" => Sapi::Fpm,
            "php-apache" => Sapi::Apache,
            "php-cli" => Sapi::Cli,
            "php-app" if has("fpm") => Sapi::Fpm,
            "php-app" if has("apache") => Sapi::Apache,
            "php-app" if has("cli") => Sapi::Cli,
            // The applications' own images serve with Apache unless their tag says otherwise.
            "php-app"
                if image.is_some_and(|image| php_image::layout(image) == Layout::Official && image.path != "php") =>
            {
                Sapi::Apache
            }
            _ => Sapi::Unknown,
        }
    }

    /// How PHP is laid out in its image.
    #[must_use]
    pub fn php_layout(self) -> Layout {
        let known = self.php_image().as_ref().map_or(Layout::Unknown, php_image::layout);
        if known != Layout::Unknown {
            return known;
        }
        // Packages of a distribution leave their files in the image.
        let files = self.container_files();
        let package = files.files.values().filter(|file| matches!(file.pieces.first(), Some(Piece::Shipped(_))));
        let folders = package.filter_map(|file| file.path.strip_prefix("/etc/php"));
        for rest in folders {
            if let Some(version) = rest.strip_prefix('/').and_then(|rest| rest.split('/').next()) {
                return Layout::Debian(version.to_owned());
            }
            if let Some(version) = rest.split('/').next().filter(|version| !version.is_empty()) {
                return Layout::Alpine(version.to_owned());
            }
        }
        Layout::Unknown
    }

    /// What its PHP effectively reads.
    #[must_use]
    pub fn php_settings(self) -> PhpSettings {
        self.php_settings_of(self.php_sapi(), None)
    }

    /// What its PHP effectively reads when it is run in a certain way, in one pool where there are several.
    #[must_use]
    pub fn php_settings_of(self, sapi: Sapi, pool: Option<&FpmPool>) -> PhpSettings {
        let image = self.php_image();
        let version = image.as_ref().and_then(|image| php_image::php_version(&image.versions()).map(str::to_owned));
        let mut settings = PhpSettings::new(sapi, self.php_layout(), version);
        let files = self.container_files();
        settings.extensions.clone_from(&files.extensions);
        self.read_ini_files(&mut settings, &files);
        self.read_command(&mut settings);
        match sapi {
            Sapi::Fpm => {
                let pools = if pool.is_none() { self.fpm_pools() } else { Vec::new() };
                let pool = pool.or(pools.first());
                read_pool(&mut settings, pool, pools.get(1..).unwrap_or_default(), false);
                self.read_user_ini(&mut settings, &files);
                read_pool(&mut settings, pool, &[], true);
            }
            Sapi::Apache => self.read_apache(&mut settings, &files),
            _ => {}
        }
        settings
    }

    /// php.ini and the drop-ins.
    fn read_ini_files(self, settings: &mut PhpSettings, files: &ContainerFiles) {
        let Folders { mut main, mut scanned } = folders(&settings.layout, settings.sapi, files);
        match self.container_variable("PHPRC") {
            ContainerVariable::Value(path, _) if path.ends_with(".ini") => main = vec![path],
            ContainerVariable::Value(path, _) => main.insert(0, format!("{}/php.ini", path.trim_end_matches('/'))),
            _ => {}
        }
        match self.container_variable("PHP_INI_SCAN_DIR") {
            ContainerVariable::Value(list, _) => {
                let built_in = std::mem::take(&mut scanned);
                for part in list.split(':') {
                    if part.is_empty() { scanned.extend(built_in.clone()) } else { scanned.push(part.to_owned()) }
                }
            }
            // Of an image nobody knows, nothing is known anyhow.
            ContainerVariable::Unknown if settings.layout.is_known() => settings.may_set_anything(None),
            _ => {}
        }
        let named: Vec<String> = main
            .iter()
            .filter_map(|path| path.strip_suffix("/php.ini"))
            .map(|folder| format!("{folder}/php-{}.ini", settings.sapi.ini_name()))
            .collect();
        let first =
            named.iter().chain(&main).find(|path| files.files.contains_key(*path) || files.unseen_at(path).is_some());
        let mut read: Vec<String> = Vec::new();
        if let Some(path) = first {
            let put = files.files.get(path).and_then(|file| file.at).or_else(|| files.unseen_at(path));
            settings.main_ini = Some((path.clone(), put));
            read.push(path.clone());
            self.read_file(settings, files, path);
        }
        for folder in &scanned {
            if let Some(at) = files.unseen_at(folder) {
                settings.may_set_anything(Some(at));
            }
            let paths: Vec<String> =
                files.in_folder(folder).map(|file| file.path.clone()).filter(|path| path.ends_with(".ini")).collect();
            for path in paths {
                self.read_file(settings, files, &path);
                settings.drop_ins.push(path.clone());
                read.push(path);
            }
        }
        for file in &files.unplaced {
            for event in container_ini::events(self.project, file) {
                if let IniEvent::Setting { key, .. } = event {
                    settings.set(&key, None, file.at, SettingOrigin::Ini);
                }
            }
        }
        if files.incomplete {
            settings.may_set_anything(None);
        }
        let php_folders = ["/usr/local/etc/php", "/etc/php", "/opt/bitnami/php/etc"];
        let stray = files.files.values().filter(|file| {
            file.path.ends_with(".ini")
                && !read.contains(&file.path)
                && php_folders.iter().any(|folder| file.path.starts_with(folder))
        });
        settings.unread = stray.filter_map(|file| Some((file.path.clone(), file.at?))).collect();
    }

    fn read_file(self, settings: &mut PhpSettings, files: &ContainerFiles, path: &str) {
        let Some(file) = files.files.get(path) else {
            settings.may_set_anything(files.unseen_at(path));
            return;
        };
        // `[PATH=…]` and `[HOST=…]` are for some requests only.
        let mut special = false;
        for event in container_ini::events(self.project, file) {
            match event {
                IniEvent::Section { name, .. } => {
                    special = name.to_ascii_uppercase().starts_with("PATH=")
                        || name.to_ascii_uppercase().starts_with("HOST=");
                }
                IniEvent::Setting { key, value, interpolates, at, .. } => {
                    let value =
                        value.and_then(|value| self.php_value(settings, &value, interpolates)).filter(|_| !special);
                    let origin = if at.is_some() { SettingOrigin::Ini } else { SettingOrigin::Image };
                    settings.set(&key, value, at, origin);
                }
                IniEvent::Edited { key: Some(key), at } => settings.set(&key, None, Some(at), SettingOrigin::Ini),
                IniEvent::Edited { key: None, at } => match self.names_in(file) {
                    Some(names) => names.iter().for_each(|name| settings.set(name, None, Some(at), SettingOrigin::Ini)),
                    None => settings.may_set_anything(Some(at)),
                },
                IniEvent::Unseen(at) => settings.may_set_anything(at.or(file.at)),
            }
        }
    }

    /// The settings that an edit of a file may reach: those in it, and those that are commented out. `None` when not all of the file
    /// is known.
    fn names_in(self, file: &ContainerFile) -> Option<Vec<String>> {
        let mut names = Vec::new();
        for piece in &file.pieces {
            let text = match piece {
                Piece::Project(id) => self.project.text(*id),
                Piece::Written { text, .. } => text,
                Piece::Edited { .. } => continue,
                Piece::Shipped(_) | Piece::Unknown(_) => return None,
            };
            let name =
                |line: &str| Some(line.trim_start_matches([';', '#', ' ', '\t']).split_once('=')?.0.trim().to_owned());
            names.extend(text.lines().filter_map(name).filter(|name| !name.contains(char::is_whitespace)));
        }
        Some(super::container_files::once(names))
    }

    /// A value with `${NAME}` replaced: by a setting that was set before, else by the environment.
    fn php_value(self, settings: &PhpSettings, value: &str, interpolates: bool) -> Option<String> {
        if !interpolates || !value.contains("${") {
            return Some(value.to_owned());
        }
        container_ini::interpolated(value, &|name| {
            if let Some(known) = settings.assigned.get(name).and_then(|all| all.last()) {
                return known.text.clone().map(Some);
            }
            match self.container_variable(name) {
                ContainerVariable::Value(value, _) => Some(Some(value)),
                ContainerVariable::Unset => Some(None),
                ContainerVariable::Unknown => None,
            }
        })
    }

    /// `-d name=value` of the start command.
    fn read_command(self, settings: &mut PhpSettings) {
        let command = self.main_command();
        let words: Vec<&str> = command.words.iter().map(String::as_str).collect();
        let text = crate::syntax::shell::command_string(&words).and_then(|at| command.words.get(at)).cloned();
        let commands = match text {
            Some(text) => start::commands_of(&text),
            None => vec![command.words.clone()],
        };
        for words in commands {
            let words = start::program_words(&words);
            let words: Vec<&str> =
                words.iter().map(String::as_str).skip_while(|word| !file_name(word).starts_with("php")).collect();
            let mut at = 1;
            while let Some(word) = words.get(at) {
                let (definition, step) = match word.strip_prefix("-d").or_else(|| word.strip_prefix("--define")) {
                    Some("") => (words.get(at + 1).copied(), 2),
                    Some(glued) => (Some(glued.trim_start_matches('=')), 1),
                    None if word.starts_with('-') => (None, 1),
                    None => break,
                };
                if let Some(definition) = definition {
                    let (name, value) = definition.split_once('=').unwrap_or((definition, "1"));
                    let value = value.trim_matches(['"', '\'']);
                    let known = !value.contains('$');
                    settings.set(name, known.then(|| value.to_owned()), command.at, SettingOrigin::Command);
                }
                at += step;
            }
        }
    }

    /// `.user.ini` of the application.
    fn read_user_ini(self, settings: &mut PhpSettings, files: &ContainerFiles) {
        let Some(name) = settings.setting("user_ini.filename").text.filter(|name| !name.is_empty()) else { return };
        for file in files.files.values().filter(|file| file_name(&file.path) == name) {
            for event in container_ini::events(self.project, file) {
                if let IniEvent::Setting { key, value, interpolates, at, .. } = event
                    && !is_system_only(&key)
                {
                    let value = value.and_then(|value| self.php_value(settings, &value, interpolates));
                    settings.set(&key, value, at, SettingOrigin::Application);
                }
            }
        }
    }

    /// `php_value` and its relatives in Apache's configuration and in `.htaccess`.
    fn read_apache(self, settings: &mut PhpSettings, files: &ContainerFiles) {
        let mut admin = Vec::new();
        for file in files.files.values() {
            let access = file_name(&file.path) == ".htaccess";
            if !(access || file.path.starts_with("/etc/apache2/") && file.path.ends_with(".conf")) {
                continue;
            }
            let [Piece::Project(id)] = file.pieces.as_slice() else { continue };
            for directive in apache_php_values(self.project.text(*id)) {
                let at = Location::new(*id, directive.span);
                if directive.admin && !access {
                    admin.push((directive.name, directive.value, at));
                } else if !directive.admin && !is_system_only(&directive.name) {
                    let origin = if access { SettingOrigin::Application } else { SettingOrigin::Server };
                    settings.set(&directive.name, Some(directive.value), Some(at), origin);
                }
            }
        }
        for (name, value, at) in admin {
            settings.set(&name, Some(value), Some(at), SettingOrigin::Admin);
        }
    }
}

/// `php_value` and `php_flag`, or their admin forms, of a pool. Where another pool says something else, the value depends on the pool.
fn read_pool(settings: &mut PhpSettings, pool: Option<&FpmPool>, others: &[FpmPool], admin: bool) {
    let origin = if admin { SettingOrigin::Admin } else { SettingOrigin::Server };
    for value in pool.into_iter().flat_map(|pool| &pool.php).filter(|value| value.admin == admin) {
        settings.set(&value.name, value.value.clone(), value.at, origin);
    }
    for other in others.iter().flat_map(|pool| &pool.php) {
        let own = pool.and_then(|pool| pool.php.iter().rfind(|value| value.name == other.name));
        if own.is_none_or(|own| own.value != other.value) {
            settings.set(&other.name, None, other.at, SettingOrigin::Server);
        }
    }
}

struct Folders {
    main: Vec<String>,
    scanned: Vec<String>,
}

/// Where PHP looks for its settings.
fn folders(layout: &Layout, sapi: Sapi, files: &ContainerFiles) -> Folders {
    let of = |main: String, scanned: String| Folders { main: vec![main], scanned: vec![scanned] };
    match layout {
        Layout::Official | Layout::ServersideUp => {
            of("/usr/local/etc/php/php.ini".to_owned(), "/usr/local/etc/php/conf.d".to_owned())
        }
        Layout::Bitnami => of("/opt/bitnami/php/etc/php.ini".to_owned(), "/opt/bitnami/php/etc/conf.d".to_owned()),
        Layout::Debian(version) => {
            let base = format!("/etc/php/{version}/{}", sapi.debian_folder());
            of(format!("{base}/php.ini"), format!("{base}/conf.d"))
        }
        Layout::Alpine(version) => of(format!("/etc/php{version}/php.ini"), format!("/etc/php{version}/conf.d")),
        // An image nobody knows: wherever the project puts something, it most likely knows why.
        Layout::Unknown => {
            let folder = |path: &String| path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
            let inside = |path: &&String| path.contains("/php") || path.starts_with("/opt/docker");
            let main =
                files.files.keys().filter(|path| inside(path) && file_name(path) == "php.ini").cloned().collect();
            let scanned = files.files.keys().filter(inside).filter_map(folder);
            let scanned = scanned.filter(|folder| matches!(file_name(folder), "conf.d" | "php.d"));
            Folders { main, scanned: super::container_files::once(scanned) }
        }
    }
}

/// A `php_value` of Apache.
struct ApacheValue {
    name: String,
    value: String,
    admin: bool,
    span: Span,
}

/// The lines of a text that set something of PHP.
fn apache_php_values(text: &str) -> Vec<ApacheValue> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let lead = line.len() - line.trim_start().len();
        let content = line.trim();
        let span = Span::new(start + lead, start + lead + content.len());
        start += line.len();
        let mut words = content.split_whitespace();
        let admin = match words.next().map(str::to_ascii_lowercase).as_deref() {
            Some("php_value" | "php_flag") => false,
            Some("php_admin_value" | "php_admin_flag") => true,
            _ => continue,
        };
        let Some(name) = words.next() else { continue };
        let value = words.collect::<Vec<_>>().join(" ");
        found.push(ApacheValue {
            name: name.to_owned(),
            value: value.trim_matches(['"', '\'']).to_owned(),
            admin,
            span,
        });
    }
    found
}

#[cfg(test)]
#[path = "php_settings_tests.rs"]
mod tests;
