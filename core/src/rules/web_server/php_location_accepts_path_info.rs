//! `web-server/php-location-accepts-path-info`

use crate::declare_rule;
use crate::facts::known_exploited::{self, Condition, Kind};
use crate::finding::Severity;
use crate::fix::{Fix, Safety};
use crate::model::web::{MatchKind, PhpRoute, ScriptCheck, Software};
use crate::project::{Project, ServiceRef, Web};
use crate::rule::{Draft, Findings};
use crate::source::Location;

declare_rule! {
    /// # What it finds
    /// A `location` of nginx that hands requests to PHP-FPM although nothing shows that the script exists: its expression is not
    /// anchored (`~ \.php`), or it splits path info off, and there is no `try_files … =404`, no test for the file and no fixed
    /// `SCRIPT_FILENAME`.
    ///
    /// # Why it matters
    /// For `/uploads/photo.jpg/x.php` PHP looks for the longest part of the path that is a file (`cgi.fix_pathinfo`, on by default)
    /// and runs `photo.jpg`. Only `security.limit_extensions` of FPM stands in between. A split path without a check is also the
    /// shape that CVE-2019-11043 needed to run code.
    ///
    /// It is *high* where visitors upload below the same root, and *critical* where `security.limit_extensions` is empty or the
    /// version of PHP is open to CVE-2019-11043.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: nginx:1.28
    ///     volumes: ["./site.conf:/etc/nginx/conf.d/default.conf:ro"]
    ///   app:
    ///     image: php:8.4-fpm
    /// ```
    /// ```nginx file:site.conf
    /// server {
    ///     root /srv/public;
    ///     location ~ \.php {
    ///         fastcgi_split_path_info ^(.+\.php)(/.+)$;
    ///         include fastcgi_params;
    ///         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///         fastcgi_pass app:9000;
    ///     }
    /// }
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   web:
    ///     image: nginx:1.28
    ///     volumes: ["./site.conf:/etc/nginx/conf.d/default.conf:ro"]
    ///   app:
    ///     image: php:8.4-fpm
    /// ```
    /// ```nginx file:site.conf
    /// server {
    ///     root /srv/public;
    ///     location / {
    ///         try_files $uri /index.php$is_args$args;
    ///     }
    ///     location ~ ^/index\.php(/|$) {
    ///         fastcgi_split_path_info ^(.+\.php)(/.+)$;
    ///         include fastcgi_params;
    ///         fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    ///         fastcgi_pass app:9000;
    ///         internal;
    ///     }
    ///     location ~ \.php$ {
    ///         return 404;
    ///     }
    /// }
    /// ```
    ///
    /// # How to fix
    /// Where one front controller answers everything, let only that script through and refuse the rest. Where many scripts are
    /// entry points, put `try_files $fastcgi_script_name =404;` into the location. nginx must see the code for that.
    ///
    /// # References
    /// CVE-2019-11043, CWE-434, CWE-552, nginx wiki "Pitfalls: Passing Uncontrolled Requests to PHP".
    id: "web-server/php-location-accepts-path-info",
    title: "nginx hands PHP scripts on that need not exist",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "For /photo.jpg/x.php PHP looks for a part of the path that is a file, and may run an uploaded picture. A split path without a check is also what CVE-2019-11043 needed.",
    help: "Let only the front controller through, or check that the script exists: `try_files $fastcgi_script_name =404;`.",
    references: ["CVE-2019-11043", "CWE-434", "CWE-552", "nginx wiki, Pitfalls: Passing Uncontrolled Requests to PHP"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.is_short_lived()) {
        let Some(web) = service.web_server().filter(|web| web.software == Software::Nginx) else { continue };
        for route in web.php_routes().iter().filter(|route| is_unchecked(web, route)) {
            out.report(unchecked(service, web, route));
        }
    }
}

fn is_unchecked(web: &Web, route: &PhpRoute<'_>) -> bool {
    let any_case = route.route.kind == MatchKind::RegexAnyCase;
    let expression = any_case || route.route.kind == MatchKind::Regex;
    let unanchored = expression && web.matches(&route.route.matcher, "/zz.php.jpg", any_case) == Some(true);
    route.check == ScriptCheck::None
        && route.takes_path_info == Some(true)
        && (unanchored || route.splits_path_info.is_some())
        && web.is_whole_in(route.route.node)
        && web.setting(route.route.node, "internal").is_none()
        && web.answer_without_file(route.server, PROBE).runs_script(PROBE) == Some(true)
}

const PROBE: &str = "/zz-probe.jpg/x.php";

fn unchecked(service: ServiceRef<'_, '_>, web: &Web, route: &PhpRoute<'_>) -> Draft {
    let message = format!(
        "nginx in `{}` hands every path with `.php` in it to PHP, whether the script exists or not",
        service.name
    );
    let mut draft = Draft::new(route.route.at, message).on(service).fix(checked(service, web, route));
    if let Some(split) = route.splits_path_info {
        draft = draft.because(split.at, "path info is split off without a check");
    }
    let (severity, evidence) = severity(service, route);
    if let Some((at, label)) = evidence {
        draft = draft.because(at, label);
    }
    draft.severity(severity)
}

fn severity(service: ServiceRef<'_, '_>, route: &PhpRoute<'_>) -> (Severity, Option<(Location, String)>) {
    for fpm in service.fastcgi_services() {
        for pool in fpm.fpm_pools() {
            let all = pool.limit_extensions().is_some_and(|extensions| extensions.is_empty());
            if all && let Some(at) = pool.directive("security.limit_extensions").and_then(|limit| limit.at) {
                return (Severity::Critical, Some((at, "PHP-FPM runs files of every extension".to_owned())));
            }
        }
        let version = fpm.php_settings().version;
        let open = version.filter(|version| route.splits_path_info.is_some() && is_open_to_path_info(version));
        if let Some(version) = open {
            let at = fpm.image_use.at.unwrap_or(fpm.at);
            return (Severity::Critical, Some((at, format!("PHP {version} is open to CVE-2019-11043"))));
        }
    }
    let root = route.server.root.as_ref().filter(|root| root.is_known());
    let uploads = root.map(|root| service.upload_folders(&root.text)).unwrap_or_default();
    match uploads.into_iter().next() {
        Some(folder) => (Severity::High, Some((folder.at, folder.label))),
        None => (Severity::Medium, None),
    }
}

fn is_open_to_path_info(version: &str) -> bool {
    known_exploited::of(Kind::Image, "php").any(|row| {
        row.needs == Some(Condition::PathInfoWithoutCheck)
            && row.judge(version) == Some(known_exploited::Verdict::Affected)
    })
}

fn checked(service: ServiceRef<'_, '_>, web: &Web, route: &PhpRoute<'_>) -> Option<Fix> {
    let title = "Check that the script exists";
    let line = "try_files $fastcgi_script_name =404;";
    service.project().insert_directive(Safety::Suggested, title, web, route.route.node, &[line])
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::findings;

    const RULE: &str = "web-server/php-location-accepts-path-info";
    const COMPOSE: &str = "services:\n  web:\n    image: nginx:1.28\n    volumes: [\"./site.conf:/etc/nginx/conf.d/default.conf:ro\"]\n  app:\n    image: php:8.4-fpm\n";

    fn nginx(locations: &str) -> Vec<String> {
        said(COMPOSE, locations, &[])
    }

    fn said(compose: &str, locations: &str, more: &[(&str, &str)]) -> Vec<String> {
        let site = format!("server {{\n  root /srv;\n  {locations}\n}}\n");
        let mut files = vec![("compose.yaml", compose), ("site.conf", site.as_str())];
        files.extend(more);
        findings(RULE, &files).into_iter().map(|finding| finding.severity.to_string()).collect()
    }

    const OPEN: &str = "location ~ \\.php { fastcgi_pass app:9000; }";
    const SPLIT: &str =
        "location ~ [^/]\\.php(/|$) { fastcgi_split_path_info ^(.+?\\.php)(/.*)$; fastcgi_pass app:9000; }";

    #[test]
    fn an_include_that_was_not_supplied_may_check() {
        let compose = COMPOSE.replace(":ro\"]", ":ro\", \"./nginx/parts:/etc/nginx/parts:ro\"]");
        let site = "location ~ \\.php { include /etc/nginx/parts/php.conf; fastcgi_pass app:9000; }";
        assert!(said(&compose, site, &[]).is_empty());
        assert_eq!(said(&compose, site, &[("nginx/parts/php.conf", "fastcgi_index index.php;\n")]), ["medium"]);
    }

    #[test]
    fn unanchored_or_split() {
        assert_eq!(nginx(OPEN), ["medium"]);
        assert_eq!(nginx(SPLIT), ["medium"]);
        assert!(nginx("location ~ \\.php$ { fastcgi_pass app:9000; }").is_empty());
    }

    #[test]
    fn checks() {
        for check in [
            "try_files $uri =404;",
            "try_files $fastcgi_script_name =404;",
            "if (!-f $document_root$fastcgi_script_name) { return 404; }",
            "fastcgi_param SCRIPT_FILENAME /srv/index.php;",
            "internal;",
        ] {
            let location = format!("location ~ \\.php {{ {check} fastcgi_pass app:9000; }}");
            assert!(nginx(&location).is_empty(), "{check}");
        }
        assert!(
            nginx(
                "location ~ ^/index\\.php(/|$) { fastcgi_split_path_info ^(.+\\.php)(/.+)$; fastcgi_pass app:9000; }"
            )
            .is_empty()
        );
        assert!(nginx(&format!("location ~ \\.(jpg|png)(/|$) {{ return 404; }}\n  {OPEN}")).is_empty());
    }

    #[test]
    fn the_snippet_of_debian_checks() {
        let files = [
            (
                "Dockerfile",
                "FROM debian:12\nRUN apt-get install -y nginx php-fpm\nCOPY site.conf /etc/nginx/sites-available/default\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n",
            ),
            (
                "site.conf",
                "server {\n  root /srv;\n  location ~ \\.php {\n    include snippets/fastcgi-php.conf;\n    fastcgi_pass unix:/run/php.sock;\n  }\n}\n",
            ),
        ];
        assert!(findings(RULE, &files).is_empty());
    }

    #[test]
    fn what_makes_it_worse() {
        let uploads =
            COMPOSE.replace("php:8.4-fpm\n", "php:8.4-fpm\n    volumes: [\"up:/srv/uploads\"]\nvolumes:\n  up:\n");
        assert_eq!(said(&uploads, OPEN, &[]), ["high"]);
        let old = COMPOSE.replace("php:8.4-fpm", "php:7.2.20-fpm");
        assert_eq!(said(&old, SPLIT, &[]), ["critical"]);
        let any = COMPOSE.replace(
            "php:8.4-fpm\n",
            "php:8.4-fpm\n    volumes: [\"./pool.conf:/usr/local/etc/php-fpm.d/zz-pool.conf:ro\"]\n",
        );
        assert_eq!(said(&any, OPEN, &[("pool.conf", "[www]\nsecurity.limit_extensions =\n")]), ["critical"]);
    }
}
