//! Where the values of PHP's settings are written, and edits of them: in ini and pool files, in commands of a build, in
//! `.htaccess`, and in the variables that all of these read.

use super::{ContainerVariable, Context, PhpSettings, Project, Sapi, ServiceRef, Setting, SettingOrigin};
use crate::fix::{Fix, Safety};
use crate::source::{Location, file_name, folder};
use crate::span::Span;
use std::ops::Range;

/// Pools that are looked at one by one.
const MAX_POOLS: usize = 16;

/// Where the value of a setting is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SettingSource {
    /// The place.
    pub at: Location,
    /// The name that it has there: the setting's own, or that of the variable it is read from.
    pub name: String,
    /// The value.
    pub value: String,
}

impl ServiceRef<'_, '_> {
    /// Whether it is deployed and stays: not a task that ends, not a developer's or a pipeline's container, nor one whose
    /// image is made for developers, such as Laravel Sail.
    #[must_use]
    pub fn is_deployed_for_users(self) -> bool {
        let deployed = !matches!(self.context, Context::Development | Context::Ci);
        let named = self.image.as_ref().map(|image| file_name(&image.text));
        let for_developers = named.is_some_and(|name| Context::of_name(name) == Some(Context::Development));
        let stays = !self.is_one_shot() && !self.is_partly_known();
        deployed && stays && !for_developers && self.sail().is_none()
    }

    /// Whether it runs an image of PHP for its jobs alone: at set times, by a program or by the `cron.sh` of the image.
    #[must_use]
    pub fn runs_php_jobs(self) -> bool {
        let command = self.main_command();
        self.runs_cron() || command.words.iter().any(|word| file_name(word) == "cron.sh")
    }

    /// Whether it serves users with PHP: not a worker, and nothing that [`Self::is_deployed_for_users`] leaves out.
    #[must_use]
    pub fn serves_php(self) -> bool {
        if !self.is_deployed_for_users() || self.runs_php_jobs() {
            return false;
        }
        let sapi = self.php_sapi();
        sapi.is_web() || sapi == Sapi::Unknown && self.role.is_php()
    }

    /// What its PHP reads, for each of its pools where there are several.
    #[must_use]
    pub fn php_settings_by_pool(self) -> Vec<PhpSettings> {
        let sapi = self.php_sapi();
        let pools = if sapi == Sapi::Fpm { self.fpm_pools() } else { Vec::new() };
        if pools.len() < 2 {
            return vec![self.php_settings()];
        }
        pools.iter().take(MAX_POOLS).map(|pool| self.php_settings_of(sapi, Some(pool))).collect()
    }

    /// Where the value of a setting is written: the variable, when the setting only refers to one. `None` when neither
    /// the project nor a variable of its sets it.
    #[must_use]
    pub fn setting_source(self, setting: &Setting) -> Option<SettingSource> {
        let value = setting.text.clone()?;
        let variable = match setting.at {
            Some(at) => referred(self.project.slice(at)).map(str::to_owned),
            None if setting.origin == SettingOrigin::Image => Some(variable_of(&setting.name)),
            None => None,
        };
        if let Some(name) = variable
            && let ContainerVariable::Value(text, Some(at)) = self.container_variable(&name)
            && text == value
        {
            return Some(SettingSource { at, name, value });
        }
        Some(SettingSource { at: setting.at?, name: setting.name.clone(), value })
    }

    /// What tells that users reach it by HTTPS: an address in its environment, or a port 443 that its view publishes.
    #[must_use]
    pub fn answers_https(self) -> Option<Location> {
        let by_address = ["APP_URL", "DEFAULT_URI", "SITE_URL", "APP_DOMAIN_URL"].into_iter().find_map(|name| {
            let ContainerVariable::Value(text, at) = self.container_variable(name) else { return None };
            at.filter(|_| text.starts_with("https://"))
        });
        let by_file = || {
            let environment = self.project.application_environment(&self.application_folder()?);
            let address = environment.get("APP_URL").or_else(|| environment.get("DEFAULT_URI"))?;
            address.value.as_ref().filter(|text| text.starts_with("https://")).map(|_| address.at)
        };
        let by_port = || {
            let mut services = self.project.services_of(self.view).take_while(|_| self.view.is_comparable());
            services.find_map(|service| service.ports.iter().find(|port| port.has_target(443)).map(|port| port.at))
        };
        by_address.or_else(by_file).or_else(by_port)
    }
}

impl<'a> Project<'a> {
    /// Services that serve users with PHP, each with what its PHP reads; once for each pool where there are several.
    pub fn php_servers(&self) -> impl Iterator<Item = (ServiceRef<'_, 'a>, PhpSettings)> {
        self.services()
            .filter(|service| service.serves_php())
            .flat_map(|service| service.php_settings_by_pool().into_iter().map(move |settings| (service, settings)))
    }

    /// Whether the name of a file, or of the folder it lies in, says that it is for development.
    #[must_use]
    pub fn is_for_development(&self, at: Location) -> bool {
        let path = self.path(at.source);
        let says = |name: &str| Context::of_name(name) == Some(Context::Development);
        says(file_name(path)) || says(file_name(folder(path)))
    }

    /// Writes another value for a setting, where it is written. `None` when the place holds something else than name
    /// and value.
    #[must_use]
    pub fn set_setting(
        &self,
        safety: Safety,
        title: impl Into<String>,
        source: &SettingSource,
        value: &str,
    ) -> Option<Fix> {
        let at = source.at;
        if self.is_recorded(at) {
            return None;
        }
        let slice = self.slice(at);
        let within = |range: Range<usize>| {
            let start = at.span.start as usize;
            Location::new(at.source, Span::new(start + range.start, start + range.end))
        };
        if let Some(range) = whole(slice, &source.value) {
            let title = title.into();
            // An item such as `NAME=On` is a node with its name.
            let node = self.tree(at.source).and_then(|_| self.replace(safety, title.clone(), at, value));
            return node.or_else(|| self.written_there(safety, title, within(range), value));
        }
        if source.value.is_empty() {
            let place = self.behind_equals(at, &source.name)?;
            return self.written_there(safety, title, place, &format!(" {value}"));
        }
        let range = named(slice, &source.name, &source.value)?;
        self.written_there(safety, title, within(range), value)
    }

    /// Adds a line to an ini or pool file below the line of a place.
    #[must_use]
    pub fn insert_setting(&self, safety: Safety, title: impl Into<String>, below: Location, line: &str) -> Option<Fix> {
        let text = self.text(below.source);
        if self.is_recorded(below) || !matches!(self.file(below.source).parsed, super::Parsed::Ini(_)) {
            return None;
        }
        let end = below.span.end as usize;
        let feed = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let (at, inserted) = match text.get(end..)?.find('\n') {
            Some(rest) => (end + rest + 1, format!("{line}{feed}")),
            None => (text.len(), format!("{feed}{line}{feed}")),
        };
        Some(Fix::new(safety, title).replace(below.source, Span::at(at), inserted))
    }

    fn written_there(&self, safety: Safety, title: impl Into<String>, at: Location, value: &str) -> Option<Fix> {
        let bare = value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
        match self.dockerfile(at.source) {
            Some(_) => self.replace_text(safety, title, at, value),
            None if self.tree(at.source).is_some() && !bare => None,
            None => Some(Fix::new(safety, title).replace(at.source, at.span, value)),
        }
    }

    /// The place behind the equals sign of a line whose value is empty.
    fn behind_equals(&self, at: Location, name: &str) -> Option<Location> {
        let key = self.slice(at);
        let subscript = key.strip_suffix(']').and_then(|key| key.rsplit_once('['));
        let is_key = key == name || subscript.is_some_and(|(_, key)| key == name);
        let end = at.span.end as usize;
        let line = self.text(at.source).get(end..)?.lines().next()?;
        let equals = line.find('=').filter(|_| is_key)?;
        line.get(..equals)?.trim().is_empty().then(|| Location::new(at.source, Span::at(end + equals + 1)))
    }
}

/// The variable that a value consists of.
fn referred(written: &str) -> Option<&str> {
    let inside = written.trim().trim_matches(['"', '\'']).strip_prefix("${")?.strip_suffix('}')?;
    let name = inside.split_once(":-").map_or(inside, |(name, _)| name);
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_').then_some(name)
}

/// The variable that images of PHP read a setting from.
fn variable_of(setting: &str) -> String {
    match setting {
        "upload_max_filesize" => "PHP_UPLOAD_MAX_FILE_SIZE".to_owned(),
        _ => format!("PHP_{}", setting.to_ascii_uppercase().replace('.', "_")),
    }
}

/// The bytes of a value in a text that holds nothing else but its quotes.
fn whole(text: &str, value: &str) -> Option<Range<usize>> {
    let within = |quote: char| text.len() >= 2 && text.starts_with(quote) && text.ends_with(quote);
    let quoted = within('"') || within('\'');
    let range = if quoted { 1..text.len() - 1 } else { 0..text.len() };
    (!text.is_empty() && text.get(range.clone())? == value).then_some(range)
}

/// The bytes of a value that stands behind its name, once, in a text.
fn named(text: &str, name: &str, value: &str) -> Option<Range<usize>> {
    let part_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let mut places = text.match_indices(name).filter_map(|(start, _)| {
        let rest = text.get(start + name.len()..)?;
        let gap = rest.len() - rest.trim_start_matches([' ', '\t', '=', ':', '-', ']', '"', '\'']).len();
        let after = rest.get(gap..)?.strip_prefix(value)?;
        let starts = !text.get(..start)?.ends_with(part_of_name);
        let ends = !after.starts_with(part_of_name);
        let from = start + name.len() + gap;
        (gap > 0 && starts && ends).then_some(from..from + value.len())
    });
    let first = places.next()?;
    places.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    /// The text that holds a setting after it is set to `Off`.
    fn after(files: &[(&str, &str)], name: &str) -> Option<String> {
        let sources = sources(files);
        let project = Project::new(&sources, TODAY);
        let (service, settings) = project.php_servers().next()?;
        let source = service.setting_source(&settings.setting(name))?;
        let fix = project.set_setting(Safety::Safe, "Set it", &source, "Off")?;
        fix.outcome(&sources)?.into_values().next()
    }

    #[test]
    fn where_a_value_is_written() {
        let copy = "FROM php:8.4-fpm\nCOPY a.ini /usr/local/etc/php/conf.d/\n";
        let ini = |line: &str| after(&[("Dockerfile", copy), ("a.ini", line)], "display_errors");
        assert_eq!(ini("display_errors = On ; shown\n").as_deref(), Some("display_errors = Off ; shown\n"));
        assert_eq!(ini("display_errors=\"1\"\n").as_deref(), Some("display_errors=\"Off\"\n"));
        let two = "display_errors =\nlog_errors = On\n";
        assert_eq!(ini(two).as_deref(), Some("display_errors = Off\nlog_errors = On\n"));
        let run = "FROM php:8.4-fpm\nRUN echo 'display_errors=On' > /usr/local/etc/php/conf.d/a.ini\n";
        assert_eq!(after(&[("Dockerfile", run)], "display_errors"), Some(run.replace("On", "Off")));
        let variable = "FROM php:8.4-fpm\nENV SHOW=1\nCOPY a.ini /usr/local/etc/php/conf.d/\n";
        let files = [("Dockerfile", variable), ("a.ini", "display_errors = ${SHOW}\n")];
        assert_eq!(after(&files, "display_errors"), Some(variable.replace("SHOW=1", "SHOW=Off")));
    }

    #[test]
    fn variables_of_images() {
        for environment in ["{ PHP_DISPLAY_ERRORS: \"On\" }", "[\"PHP_DISPLAY_ERRORS=On\"]"] {
            let text = format!(
                "services:\n  app:\n    image: serversideup/php:8.4-fpm-nginx\n    environment: {environment}\n"
            );
            let found = after(&[("compose.yaml", &text)], "display_errors");
            assert_eq!(found, Some(text.replace("On", "Off")), "{environment}");
        }
        let plain = "services:\n  app:\n    image: serversideup/php:8.4-fpm-nginx\n";
        assert_eq!(after(&[("compose.yaml", plain)], "display_errors"), None);
    }

    #[test]
    fn names_in_texts() {
        assert_eq!(named("php_flag display_errors on", "display_errors", "on"), Some(24..26));
        assert_eq!(named("${SHOW:-1}", "SHOW", "1"), Some(8..9));
        assert_eq!(named("a=1 a=1", "a", "1"), None);
        assert_eq!(named("aa=1", "a", "1"), None);
        assert_eq!(named("a=12", "a", "1"), None);
        assert_eq!(whole("'x'", "x"), Some(1..2));
        assert_eq!(whole("", ""), None);
        assert_eq!(referred("\"${A:-b}\""), Some("A"));
        assert_eq!(referred("${A}b"), None);
    }

    #[test]
    fn who_serves() {
        let serves = |path: &str, body: &str| {
            let text = format!("services:\n  app:\n{body}");
            let sources = sources(&[(path, text.as_str())]);
            Project::new(&sources, TODAY).php_servers().count()
        };
        assert_eq!(serves("compose.yaml", "    image: php:8.4-fpm\n"), 1);
        assert_eq!(serves("compose.dev.yaml", "    image: php:8.4-fpm\n"), 0);
        assert_eq!(serves("compose.yaml", "    image: php:8.4-fpm\n    command: php artisan queue:work\n"), 0);
        assert_eq!(serves("compose.yaml", "    image: nginx:1.28\n"), 0);
        assert_eq!(serves("compose.yaml", "    image: nextcloud:31-fpm\n    entrypoint: /cron.sh\n"), 0);
        assert_eq!(serves("compose.yaml", "    image: php:8.4-fpm\n    environment: {LARAVEL_SAIL: 1}\n"), 0);
        assert_eq!(serves("compose.yaml", "    image: shop/php-dev:8.4\n    command: php-fpm\n"), 0);
        assert_eq!(serves("compose.yaml", "    image: shop/php:8.4\n    command: php-fpm\n"), 1);
    }
}
