//! `php/open-basedir-unset`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::{Fix, Safety};
use crate::project::{FpmPool, Layout, PhpSettings, Project, Sapi, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::source::Location;

declare_rule! {
    /// # What it finds
    /// PHP that serves requests without `open_basedir`: it may open every file that its user may read.
    ///
    /// # Why it matters
    /// A request such as `?page=../../../proc/self/environ` then leads to the environment of the process, to
    /// configuration of other sites and to whatever is mounted. With `open_basedir` PHP opens files below the given
    /// folders only.
    ///
    /// It is a note: a container with one application has few other files. It is *low* where files of the host are
    /// mounted, or several sites share the container. It is no wall: there have been ways around it, programs that PHP
    /// starts do not obey it, and it switches off the cache of real paths, which costs time with many small files.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-fpm
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY src/ /var/www/html/
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-fpm
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY pool.conf /usr/local/etc/php-fpm.d/zzz-app.conf
    /// COPY src/ /var/www/html/
    /// ```
    /// ```ini file:pool.conf
    /// [www]
    /// php_admin_value[open_basedir] = /var/www/html:/tmp
    /// ```
    ///
    /// # How to fix
    /// Set `php_admin_value[open_basedir]` in the pool, or in the virtual host of Apache, and not in `php.ini`, which
    /// Composer and consoles read, too. Name the whole application, not its public folder, the folder for temporary
    /// files, and `/run/secrets` where the application reads secrets there.
    ///
    /// # References
    /// OWASP PHP Configuration Cheat Sheet, CWE-22, PHP manual "open_basedir".
    id: "php/open-basedir-unset",
    title: "PHP may open files outside of its application",
    severity: Info,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Without open_basedir a fault in the handling of paths reads every file that the user of PHP may read.",
    help: "Set php_admin_value[open_basedir] to the folders of the application, of temporary files and of its secrets.",
    references: ["OWASP PHP Configuration Cheat Sheet", "CWE-22", "PHP manual, open_basedir"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for (service, settings) in project.php_servers().filter(|(_, settings)| settings.sapi.is_web()) {
        if settings.opens_every_file() == Some(true) {
            out.report(unlimited(service, &settings));
        }
    }
}

fn unlimited(service: ServiceRef<'_, '_>, settings: &PhpSettings) -> Draft {
    let pools = service.fpm_pools();
    let limited = |pool: &FpmPool| pool.php.iter().any(|setting| setting.name == "open_basedir");
    let pool = pools.iter().find(|pool| !limited(pool)).and_then(FpmPool::own_line);
    let foreign = service.foreign_files();
    let message = format!("PHP of `{}` may open every file in its container", service.name);
    // `open_basedir = none` is written somewhere, and mended there.
    let written = service.setting_source(&settings.setting("open_basedir"));
    let at = written.as_ref().map(|source| source.at).or(pool).or(service.image_use.at).unwrap_or(service.at);
    let fix = match &written {
        Some(source) => {
            folders(service).and_then(|value| service.project().set_setting(Safety::Suggested, TITLE, source, &value))
        }
        None => limit(service, settings, pool),
    };
    let draft = Draft::new(at, message)
        .severity(if foreign.is_some() { Severity::Low } else { Severity::Info })
        .on(service)
        .fix(fix);
    match foreign {
        Some((at, label)) => draft.because(at, label),
        None => draft,
    }
}

const TITLE: &str = "Limit PHP to the application in the pool";

/// What the application needs: its code, temporary files, its secrets.
fn folders(service: ServiceRef<'_, '_>) -> Option<String> {
    let secrets = if service.secrets.is_empty() { "" } else { ":/run/secrets" };
    Some(format!("{}:/tmp{secrets}", service.folder_of_code()?))
}

fn limit(service: ServiceRef<'_, '_>, settings: &PhpSettings, pool: Option<Location>) -> Option<Fix> {
    let project = service.project();
    let line = format!("php_admin_value[open_basedir] = {}", folders(service)?);
    if let Some(at) = pool {
        return project.insert_setting(Safety::Suggested, TITLE, at, &line);
    }
    if settings.sapi != Sapi::Fpm || settings.layout != Layout::Official {
        return None;
    }
    let run = format!("RUN printf '[www]\\n{line}\\n' > /usr/local/etc/php-fpm.d/zzz-folders.conf");
    project.insert_instruction(Safety::Suggested, TITLE, service.only_stage()?, &run)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "php/open-basedir-unset";
    const BUILD: (&str, &str) = ("Dockerfile", "FROM php:8.4-fpm\nCOPY . .\n");
    const POOL: &str = "FROM php:8.4-fpm\nCOPY pool.conf /usr/local/etc/php-fpm.d/zzz.conf\n";

    fn severity(files: &[(&str, &str)]) -> String {
        findings(RULE, files).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn what_is_written_is_mended_where_it_stands() {
        let docker = "FROM php:8.4-fpm\nCOPY pool.conf /usr/local/etc/php-fpm.d/zzz.conf\nCOPY . /var/www/html\n";
        let pool = "[www]\nphp_admin_value[open_basedir] = none\n";
        let found = findings(RULE, &[("Dockerfile", docker), ("pool.conf", pool)]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].fixes.iter().flat_map(|fix| &fix.edits).count(), 1);
        assert!(found[0].fixes[0].edits[0].replacement.contains("/var/www/html:/tmp"), "{:?}", found[0].fixes);
    }

    #[test]
    fn one_application_is_a_note() {
        assert_eq!(severity(&[BUILD]), "info");
        assert_eq!(severity(&[("Dockerfile", "FROM php:8.4-apache\n")]), "info");
        let compose = "services:\n  app:\n    build: .\n    volumes: [\"up:/srv/up\"]\nvolumes:\n  up:\n";
        assert_eq!(severity(&[BUILD, ("compose.yaml", compose)]), "info");
    }

    #[test]
    fn files_of_others_make_it_low() {
        let compose = "services:\n  app:\n    build: .\n    volumes: [\"/etc:/host/etc:ro\"]\n";
        assert_eq!(severity(&[BUILD, ("compose.yaml", compose)]), "low");
        let two = "[www]\nlisten = 9000\n[blog]\nlisten = 9001\nuser = blog\npm = ondemand\npm.max_children = 2\n";
        assert_eq!(severity(&[("Dockerfile", POOL), ("pool.conf", two)]), "low");
    }

    #[test]
    fn the_pool_is_mended() {
        let found = findings(RULE, &[("Dockerfile", POOL), ("pool.conf", "[www]\npm.max_children = 5\n")]);
        assert_eq!(found[0].fixes.len(), 1);
        let pool = "[www]\nphp_admin_value[open_basedir] = /var/www/html:/tmp\n";
        clean(RULE, &[("Dockerfile", POOL), ("pool.conf", pool)]);
        let none = "[www]\nphp_admin_value[open_basedir] = none\n";
        assert_eq!(severity(&[("Dockerfile", POOL), ("pool.conf", none)]), "info");
    }

    #[test]
    fn a_limit_in_the_settings_counts() {
        let build = "FROM php:8.4-fpm\nCOPY app.ini /usr/local/etc/php/conf.d/\n";
        clean(RULE, &[("Dockerfile", build), ("app.ini", "open_basedir = /var/www/html:/tmp\n")]);
    }

    #[test]
    fn others_are_not_judged() {
        clean(RULE, &[("Dockerfile", "FROM php:8.4-cli\nCMD [\"php\", \"worker.php\"]\n")]);
        clean(RULE, &[("compose.yaml", "services:\n  app:\n    image: example/php:1\n    command: php-fpm\n")]);
        clean(RULE, &[BUILD, ("compose.dev.yaml", "services:\n  app:\n    build: .\n")]);
    }
}
