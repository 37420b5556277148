//! `php/upload-limits-excessive`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::Safety;
use crate::model::web::Software;
use crate::project::{Framework, PhpSettings, Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// Limits for what a request may carry that limit nothing: `upload_max_filesize` or `post_max_size` above 100 MB or
    /// 0, and nginx with `client_max_body_size 0` in front of PHP.
    ///
    /// # Why it matters
    /// PHP and nginx store what is sent before any code of the application runs, and before anybody has logged in. A
    /// few requests of 2 GB each fill the disk or the memory file system of `/tmp`, and image libraries unpack what
    /// they are given to many times its size.
    ///
    /// Above 1 GB, and without a limit, it is *medium*. Systems that manage media, such as WordPress or Nextcloud, may
    /// take 512 MB, and stay *low* above that. Development views are not judged.
    ///
    /// # Bad
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-fpm
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY app.ini $PHP_INI_DIR/conf.d/
    /// ```
    /// ```ini file:app.ini
    /// upload_max_filesize = 2G
    /// post_max_size = 2G
    /// ```
    ///
    /// # Good
    /// ```dockerfile file:Dockerfile
    /// FROM php:8.4-fpm
    /// RUN mv "$PHP_INI_DIR/php.ini-production" "$PHP_INI_DIR/php.ini"
    /// COPY app.ini $PHP_INI_DIR/conf.d/
    /// ```
    /// ```ini file:app.ini
    /// upload_max_filesize = 8M
    /// post_max_size = 10M
    /// ```
    ///
    /// # How to fix
    /// Set both near the largest file that users really send, and `client_max_body_size` a little above. Where one page
    /// takes large files, raise the limits for its `location` and its pool alone, or send such files in parts or
    /// straight to object storage.
    ///
    /// # References
    /// OWASP PHP Configuration Cheat Sheet "PHP file upload handling", OWASP File Upload Cheat Sheet, CWE-400, CWE-434.
    id: "php/upload-limits-excessive",
    title: "Requests may carry almost any amount",
    severity: Low,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "What a request carries is stored before any code runs: a few large ones fill the disk.",
    help: "Set upload_max_filesize and post_max_size near the largest file that users send, and client_max_body_size a little above.",
    references: ["OWASP PHP Configuration Cheat Sheet", "OWASP File Upload Cheat Sheet", "CWE-400", "CWE-434"],
}

const MEGABYTE: i64 = 1 << 20;

fn check(project: &Project<'_>, out: &mut Findings) {
    for (service, settings) in project.php_servers() {
        let draft = (settings.flag("file_uploads") != Some(false))
            .then(|| excessive(service, &settings, "upload_max_filesize", "8M"))
            .flatten()
            .or_else(|| excessive(service, &settings, "post_max_size", "10M"));
        draft.into_iter().for_each(|draft| out.report(draft));
    }
    for service in project.services().filter(|service| service.is_deployed_for_users()) {
        unlimited_bodies(service, out);
    }
}

fn excessive(service: ServiceRef<'_, '_>, settings: &PhpSettings, name: &str, better: &str) -> Option<Draft> {
    let setting = settings.setting(name);
    let bytes = setting.bytes()?;
    let media = manages_media(service);
    let allowed = if media { 512 } else { 100 };
    if bytes > 0 && bytes <= allowed * MEGABYTE {
        return None;
    }
    let source = service.setting_source(&setting)?;
    let (severity, much) = match bytes {
        ..=0 => (Severity::Medium, "any amount".to_owned()),
        _ if bytes > 1024 * MEGABYTE && !media => (Severity::Medium, shorten(&source.value, 20)),
        _ => (Severity::Low, shorten(&source.value, 20)),
    };
    let fix = service.project().set_setting(Safety::Suggested, format!("Set `{name}` to {better}"), &source, better);
    let message = format!("`{}` takes {much} in one request: {name}", service.name);
    Some(Draft::new(source.at, message).severity(severity).on(service).fix(fix))
}

fn manages_media(service: ServiceRef<'_, '_>) -> bool {
    let image = service.image_use.reference.as_ref().map_or("", |image| image.path.as_str());
    let named = ["wordpress", "nextcloud", "drupal", "joomla", "matomo", "mediawiki"].contains(&image);
    let framework = service.php_application().and_then(|app| app.framework);
    let plain = [Framework::Laravel, Framework::Symfony, Framework::CakePhp, Framework::CodeIgniter, Framework::Yii];
    named || framework.is_some_and(|framework| !plain.contains(&framework))
}

/// nginx in front of PHP that takes bodies of any size.
fn unlimited_bodies(service: ServiceRef<'_, '_>, out: &mut Findings) {
    let Some(web) = service.web_server().filter(|web| web.config.software == Software::Nginx) else { return };
    if web.config.php_routes().is_empty() {
        return;
    }
    for directive in web.config.all("client_max_body_size").filter(|directive| !directive.of_image) {
        let Some(value) = directive.args.first().filter(|value| value.is_known()) else { continue };
        if !matches!(value.text.as_str(), "0" | "0m" | "0M" | "0k" | "0g") {
            continue;
        }
        let project = service.project();
        let fix = project.replace_in_web(Safety::Suggested, "Limit bodies to 10 MB", &web.config, value.at, "10m");
        let message = format!("nginx of `{}` takes bodies of any size for PHP", service.name);
        out.report(Draft::new(directive.at, message).severity(Severity::Medium).on(service).fix(fix));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "php/upload-limits-excessive";
    const BUILD: &str = "FROM php:8.4-fpm\nCOPY app.ini /usr/local/etc/php/conf.d/\n";

    fn severities(build: &str, ini: &str) -> Vec<String> {
        let found = findings(RULE, &[("Dockerfile", build), ("app.ini", ini)]);
        found.iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn how_much_decides() {
        assert_eq!(severities(BUILD, "upload_max_filesize = 256M\n"), ["low"]);
        assert_eq!(severities(BUILD, "upload_max_filesize = 2G\npost_max_size = 2G\n"), ["medium"]);
        assert_eq!(severities(BUILD, "post_max_size = 0\n"), ["medium"]);
        assert_eq!(severities(BUILD, "upload_max_filesize = 100M\npost_max_size = 100M\n"), Vec::<String>::new());
    }

    #[test]
    fn no_uploads_at_all() {
        assert_eq!(severities(BUILD, "file_uploads = Off\nupload_max_filesize = 2G\n"), Vec::<String>::new());
    }

    #[test]
    fn media_are_larger() {
        let wordpress = "FROM wordpress:6.8-fpm\nCOPY app.ini /usr/local/etc/php/conf.d/\n";
        assert_eq!(severities(wordpress, "upload_max_filesize = 512M\n"), Vec::<String>::new());
        assert_eq!(severities(wordpress, "upload_max_filesize = 1G\n"), ["low"]);
    }

    #[test]
    fn what_images_bring_is_not_reported() {
        clean(RULE, &[("compose.yaml", "services:\n  cloud:\n    image: nextcloud:31-fpm\n")]);
        clean(RULE, &[("Dockerfile", "FROM php:8.4-fpm\n")]);
    }

    #[test]
    fn nginx_without_a_limit() {
        let conf = |size: &str, handler: &str| {
            format!(
                "server {{\n  listen 80;\n  root /srv;\n  client_max_body_size {size};\n  location ~ \\.php$ {{ {handler} }}\n}}\n"
            )
        };
        let found = |path: &str, conf: &str| {
            let compose = "services:\n  web:\n    image: nginx:1.28\n    volumes: [\"./site.conf:/etc/nginx/conf.d/default.conf:ro\"]\n";
            findings(RULE, &[(path, compose), ("site.conf", conf)]).len()
        };
        let php = "fastcgi_pass app:9000; include fastcgi_params;";
        assert_eq!(found("compose.yaml", &conf("0", php)), 1);
        assert_eq!(found("compose.yaml", &conf("10m", php)), 0);
        assert_eq!(found("compose.yaml", &conf("0", "return 404;")), 0);
        assert_eq!(found("compose.dev.yaml", &conf("0", php)), 0);
    }
}
