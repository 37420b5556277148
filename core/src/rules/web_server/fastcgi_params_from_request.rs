//! `web-server/fastcgi-params-from-request`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::Safety;
use crate::model::web::{Directive, Value};
use crate::project::{Project, RequestParameter, ServiceRef, Web};
use crate::rule::{Draft, Findings};

declare_rule! {
    /// # What it finds
    /// A web server that lets a request decide what should be fixed: a parameter of FastCGI that sets PHP up or names the script
    /// (`PHP_VALUE`, `PHP_ADMIN_VALUE`, `SCRIPT_FILENAME`, `DOCUMENT_ROOT`) with an argument, header or cookie in it; a request
    /// handed on to a host that the request names; the decoded path written into a header.
    ///
    /// # Why it matters
    /// `PHP_VALUE` sets any setting of PHP: with `auto_prepend_file` one request runs code. A script's name from an argument runs
    /// any file. A host from the request turns the server into a way to every other container and to the cloud's metadata service:
    /// *high*. `return 301 https://$host$uri` decodes `%0d%0a` and lets a link set headers and cookies: *medium*.
    ///
    /// `$document_root$fastcgi_script_name`, a `map` with the values that are allowed, and a location for one exact path are fine.
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
    ///     location = /index.php {
    ///         include fastcgi_params;
    ///         fastcgi_param SCRIPT_FILENAME /srv/public/index.php;
    ///         fastcgi_param PHP_VALUE "date.timezone=$arg_zone";
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
    ///     location = /index.php {
    ///         include fastcgi_params;
    ///         fastcgi_param SCRIPT_FILENAME /srv/public/index.php;
    ///         fastcgi_param PHP_VALUE "date.timezone=UTC";
    ///         fastcgi_pass app:9000;
    ///     }
    /// }
    /// ```
    ///
    /// # How to fix
    /// Write constants. Where a request has to choose, let a `map` turn the few values that are allowed into constants, with a
    /// default. In redirects, use `$request_uri`, which stays encoded.
    ///
    /// # References
    /// CWE-94, CWE-88, CWE-918, CWE-113, Gixy rules "ssrf" and "http_splitting".
    id: "web-server/fastcgi-params-from-request",
    title: "A request decides what runs or where it is sent",
    severity: Critical,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Settings of PHP, names of scripts and hosts behind a proxy are not a visitor's to choose: they run code, or reach every other container.",
    help: "Write constants, or let a `map` turn the values that are allowed into constants.",
    references: ["CWE-94", "CWE-88", "CWE-918", "CWE-113", "Gixy ssrf, http_splitting"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.is_short_lived()) {
        let Some(web) = service.web_server() else { continue };
        for parameter in web.request_parameters() {
            out.report(sets_up(service, web, &parameter));
        }
        for (target, variable) in web.request_targets() {
            let message = format!(
                "{} in `{}` sends requests to a host that `${}` names",
                web.software.as_str(),
                service.name,
                crate::text::shorten(&variable, 40)
            );
            out.report(
                Draft::new(target.value.at, message)
                    .on(service)
                    .severity(Severity::High)
                    .help("Name the host, or let a `map` choose among those that are allowed."),
            );
        }
        for (directive, value) in web.split_headers() {
            out.report(splits(service, web, directive, value));
        }
    }
}

fn sets_up(service: ServiceRef<'_, '_>, web: &Web, parameter: &RequestParameter<'_>) -> Draft {
    let message = format!(
        "a request to `{}` fills {} with `${}`",
        service.name,
        parameter.name,
        crate::text::shorten(parameter.variable, 40)
    );
    let constant = match parameter.name {
        "SCRIPT_FILENAME" => "$document_root$fastcgi_script_name",
        "DOCUMENT_ROOT" => "$document_root",
        _ => "\"\"",
    };
    let title = "Write a value that no request decides";
    let fix = service.project().replace_in_web(Safety::Suggested, title, web, parameter.value.at, constant);
    Draft::new(parameter.directive.at, message).on(service).fix(fix)
}

fn splits(service: ServiceRef<'_, '_>, web: &Web, directive: &Directive, value: &Value) -> Draft {
    let message = format!("nginx in `{}` writes the decoded path into a header, line feeds included", service.name);
    let project = service.project();
    let encoded = project
        .slice(value.at)
        .replace("$document_uri", "$uri")
        .replace("$uri$is_args$args", "$request_uri")
        .replace("$uri", "$request_uri");
    let fix = project.replace_in_web(Safety::Suggested, "Keep the path encoded", web, value.at, &encoded);
    Draft::new(directive.at, message)
        .on(service)
        .severity(Severity::Medium)
        .help("Use `$request_uri`, which stays as the visitor encoded it.")
        .fix(fix)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::findings;

    const RULE: &str = "web-server/fastcgi-params-from-request";
    const COMPOSE: &str = "services:\n  web:\n    image: nginx:1.28\n    volumes: [\"./site.conf:/etc/nginx/conf.d/default.conf:ro\"]\n  app:\n    image: php:8.4-fpm\n";

    fn nginx(body: &str) -> Vec<String> {
        let site = format!(
            "map $arg_x $chosen {{ default a; }}\nserver {{\n  root /srv;\n  location / {{\n    {body}\n    fastcgi_pass app:9000;\n  }}\n}}\n"
        );
        findings(RULE, &[("compose.yaml", COMPOSE), ("site.conf", &site)])
            .into_iter()
            .map(|finding| finding.severity.to_string())
            .collect()
    }

    #[test]
    fn parameters() {
        for value in [
            "PHP_VALUE \"auto_prepend_file=$arg_boot\"",
            "PHP_ADMIN_VALUE $http_x_ini",
            "SCRIPT_FILENAME /srv/$arg_page.php",
            "DOCUMENT_ROOT /srv/$cookie_site",
        ] {
            assert_eq!(nginx(&format!("fastcgi_param {value};")), ["critical"], "{value}");
        }
        for value in [
            "PHP_VALUE \"\"",
            "PHP_VALUE $chosen",
            "SCRIPT_FILENAME $document_root$fastcgi_script_name",
            "SCRIPT_FILENAME $document_root$uri",
            "DOCUMENT_ROOT /srv/$host/public",
            "QUERY_STRING $query_string",
        ] {
            assert!(nginx(&format!("fastcgi_param {value};")).is_empty(), "{value}");
        }
    }

    #[test]
    fn hosts() {
        let proxy = |to: &str| nginx(&format!("location /p {{ proxy_pass {to}; }}"));
        assert_eq!(proxy("http://$arg_host/"), ["high"]);
        assert_eq!(proxy("http://$http_host$request_uri"), ["high"]);
        assert!(proxy("http://app:8080$request_uri").is_empty());
        assert!(proxy("http://$chosen:8080").is_empty());
    }

    #[test]
    fn headers() {
        assert_eq!(nginx("if ($scheme = http) { return 301 https://$host$uri; }"), ["medium"]);
        assert_eq!(nginx("add_header X-Path $uri;"), ["medium"]);
        assert!(nginx("if ($scheme = http) { return 301 https://$host$request_uri; }").is_empty());
        assert!(nginx("location = /a { return 301 https://example.net$uri; }").is_empty());
    }
}
