//! Tests of [`super`]: which configuration a service's web server reads, and what it makes of the paths that attackers try.

use super::*;
use crate::model::web::{Outcome, ScriptCheck};
use crate::project::Project;
use crate::rules::testing::{TODAY, sources};

/// Asks the web server of the service `web`.
fn ask<T>(files: &[(&str, &str)], question: impl Fn(&Web, &Project<'_>) -> T) -> T {
    let sources = sources(files);
    let project = Project::new(&sources, TODAY);
    let service = project.services().find(|service| service.name == "web").expect("a service");
    question(service.web_server().expect("a web server"), &project)
}

/// `File`, `Php /index.php`, `Refused(403)` … for a path with a file at it, on the last server.
fn outcome(web: &Web, path: &str) -> String {
    let answer = web.answer(web.servers.last().expect("a server"), path);
    show(&answer.outcome, &answer.path, path)
}

fn missing(web: &Web, path: &str) -> String {
    let answer = web.answer_without_file(web.servers.last().expect("a server"), path);
    show(&answer.outcome, &answer.path, path)
}

fn show(outcome: &Outcome, reached: &str, asked: &str) -> String {
    if reached == asked { format!("{outcome:?}") } else { format!("{outcome:?} {reached}") }
}

fn nginx(site: &str) -> Vec<(&'static str, String)> {
    let compose = "services:\n  web:\n    image: nginx:1.30.4\n    volumes: [\"./nginx:/etc/nginx/conf.d:ro\"]\n  app:\n    image: php:8.4-fpm\n";
    vec![("compose.yaml", compose.to_owned()), ("nginx/site.conf", site.to_owned())]
}

fn with<T>(files: &[(&str, String)], question: impl Fn(&Web, &Project<'_>) -> T) -> T {
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    ask(&files, question)
}

const LARAVEL: &str = "server {\n  listen 80 default_server;\n  server_name example.com;\n  root /srv/example.com/public;\n  add_header X-Frame-Options \"SAMEORIGIN\";\n  \
add_header X-Content-Type-Options \"nosniff\";\n  index index.php;\n  location / { try_files $uri $uri/ /index.php?$query_string; }\n  \
location = /favicon.ico { access_log off; }\n  error_page 404 /index.php;\n  location ~ ^/index\\.php(/|$) {\n    fastcgi_pass app:9000;\n    \
fastcgi_param SCRIPT_FILENAME $realpath_root$fastcgi_script_name;\n    include fastcgi_params;\n    fastcgi_hide_header X-Powered-By;\n  }\n  \
location ~ /\\.(?!well-known).* { deny all; }\n}\n";

#[test]
fn laravel_behind_nginx() {
    with(&nginx(LARAVEL), |web, project| {
        assert_eq!((web.source, web.is_whole()), (WebSource::Project, true));
        assert_eq!(web.docroot().unwrap().text, "/srv/example.com/public");
        for (path, want) in [
            ("/.env", "Refused(403)"),
            ("/.git/config", "Refused(403)"),
            ("/.well-known/security.txt", "File"),
            ("/logo.png", "File"),
            ("/index.php", "Php"),
            ("/index.php/x.php", "Php"),
            ("/uploads/x.php", "File"),
            ("/", "Php /index.php"),
        ] {
            assert_eq!(outcome(web, path), want, "{path}");
        }
        assert_eq!(missing(web, "/orders/7"), "Php /index.php");
        assert_eq!(web.serves_dotfiles().map(|(served, at)| (served, project.slice(at))), Some((false, "deny all")));
        let routes = web.php_routes();
        assert_eq!(
            (routes.len(), routes[0].check, routes[0].takes_path_info),
            (1, ScriptCheck::OneScript, Some(false))
        );
        let target = &web.targets()[0];
        assert_eq!((target.hosts[0].name.as_str(), target.hosts[0].port, target.fastcgi), ("app", Some(9000), true));
        let headers: Vec<String> = web.security_headers().into_iter().collect();
        assert_eq!(headers, ["x-content-type-options", "x-frame-options"]);
        let listen = &web.servers[0].listens[0];
        assert_eq!((listen.port, listen.default, listen.tls), (Some(80), true, false));
        assert!(web.dropped_headers().is_empty() && web.listings().is_empty() && web.traversable_aliases().is_empty());
    });
}

#[test]
fn every_script_runs_behind_a_plain_pattern() {
    let site = "server {\n  root /srv;\n  location / { try_files $uri $uri/ /index.php; autoindex on; }\n  location ~ \\.php {\n    \
fastcgi_split_path_info ^(.+\\.php)(/.+)$;\n    fastcgi_pass app:9000;\n    include fastcgi_params;\n    fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n  }\n  \
location /static { alias /srv/static/; add_header X-A b; }\n  location /fpm-status { stub_status; }\n  location = /basic { stub_status; allow 127.0.0.1; deny all; }\n  add_header X-Frame-Options DENY;\n}\n";
    with(&nginx(site), |web, project| {
        assert_eq!(outcome(web, "/uploads/x.php"), "Php");
        assert_eq!(missing(web, "/uploads/photo.jpg/x.php"), "Php");
        assert_eq!(web.serves("/.env").map(|(served, _)| served), Some(true));
        assert_eq!(
            web.runs("/wp-content/uploads/a.php").map(|(runs, at)| (runs, project.slice(at))),
            Some((true, "app:9000"))
        );
        let route = &web.php_routes()[0];
        assert_eq!((route.check, route.takes_path_info), (ScriptCheck::None, Some(true)));
        assert_eq!(project.slice(route.splits_path_info.unwrap().at), "fastcgi_split_path_info ^(.+\\.php)(/.+)$");
        assert_eq!(project.slice(web.listings()[0].at), "autoindex on");
        assert_eq!(web.traversable_aliases()[0].0.matcher, "/static");
        assert_eq!(web.dropped_headers()[0].1[0].name, "X-Frame-Options");
        let pages: Vec<_> =
            web.status_pages().into_iter().map(|page| (page.path.unwrap_or_default(), page.open)).collect();
        assert_eq!(pages, [("/fpm-status".to_owned(), Some(true)), ("/basic".to_owned(), Some(false))]);
    });
}

#[test]
fn guards_of_php_locations() {
    let check = |body: &str| {
        let site = format!(
            "server {{\n  root /srv;\n  location ~ [^/]\\.php(/|$) {{\n    {body}\n    fastcgi_pass app:9000;\n  }}\n}}\n"
        );
        with(&nginx(&site), |web, _| {
            (web.php_routes()[0].check, missing(web, "/a.jpg/x.php"), missing(web, "/index.php/x"))
        })
    };
    let exists = |body: &str| matches!(check(body).0, ScriptCheck::Exists(_));
    for body in ["try_files $fastcgi_script_name =404;", "if (!-f $document_root$fastcgi_script_name) { return 404; }"]
    {
        assert!(exists(body), "{body}");
        assert_eq!((check(body).1.as_str(), check(body).2.as_str()), ("Refused(404)", "Php"), "{body}");
    }
    assert!(exists("try_files $uri =404;"));
    assert!(matches!(check("fastcgi_param SCRIPT_FILENAME /srv/index.php;").0, ScriptCheck::Fixed(_)));
    assert!(matches!(check("fastcgi_param SCRIPT_FILENAME $document_root/index.php;").0, ScriptCheck::Fixed(_)));
    assert_eq!(check("fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;").0, ScriptCheck::None);
}

#[test]
fn nextcloud_behind_nginx() {
    let conf = "http {\n  include mime.types;\n  map $arg_v $immutable { \"\" \"\"; default \", immutable\"; }\n  upstream php-handler { server app:9000; }\n  server {\n    \
listen 80;\n    root /var/www/html;\n    index index.php index.html /index.php$request_uri;\n    location = /robots.txt { allow all; }\n    \
location ^~ /.well-known {\n      location = /.well-known/carddav { return 301 /remote.php/dav/; }\n      location /.well-known/acme-challenge { try_files $uri $uri/ =404; }\n      \
return 301 /index.php$request_uri;\n    }\n    location ~ ^/(?:build|tests|config|lib|3rdparty|templates|data)(?:$|/) { return 404; }\n    \
location ~ ^/(?:\\.|autotest|occ|issue|indie|db_|console) { return 404; }\n    location ~ \\.php(?:$|/) {\n      \
rewrite ^/(?!index|remote|public|cron|status) /index.php$request_uri;\n      fastcgi_split_path_info ^(.+?\\.php)(/.*)$;\n      \
try_files $fastcgi_script_name =404;\n      include fastcgi_params;\n      fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n      fastcgi_pass php-handler;\n    }\n    \
location ~ \\.(?:css|js|svg)$ { try_files $uri /index.php$request_uri; }\n    location / { try_files $uri $uri/ /index.php$request_uri; }\n  }\n}\n";
    let compose = "services:\n  web:\n    build: ./web\n  app:\n    image: nextcloud:33-fpm\n";
    let files = [
        ("compose.yaml", compose),
        ("web/Dockerfile", "FROM nginx:1.30\nCOPY nginx.conf /etc/nginx/nginx.conf\n"),
        ("web/nginx.conf", conf),
    ];
    ask(&files, |web, project| {
        assert!(web.is_whole(), "{:?}", web.tree.unread);
        for (path, want) in [
            ("/.env", "Refused(404)"),
            ("/data/owncloud.log", "Refused(404)"),
            ("/.well-known/carddav", "Redirected"),
            ("/.well-known/acme-challenge/x", "File"),
            ("/.well-known/other", "Redirected"),
            ("/core/js/a.js", "File"),
            ("/status.php", "Php"),
            ("/apps/evil.php", "Php /index.php/apps/evil.php"),
        ] {
            assert_eq!(outcome(web, path), want, "{path}");
        }
        assert_eq!(web.targets()[0].hosts[0].name, "app");
        assert_eq!(project.services().find(|service| service.name == "web").unwrap().needs()[0].to, "app");
    });
}

#[test]
fn wordpress_keeps_uploads_from_running() {
    let site = |guard: &str| {
        format!(
            "server {{\n  root /var/www/html;\n  index index.php;\n  location / {{ try_files $uri $uri/ /index.php?$args; }}\n  {guard}\n  \
location ~ \\.php$ {{ try_files $uri =404; fastcgi_pass app:9000; include fastcgi_params; }}\n}}\n"
        )
    };
    let runs = |guard: &str| {
        with(&nginx(&site(guard)), |web, _| web.runs("/wp-content/uploads/2026/x.php").map(|(runs, _)| runs))
    };
    assert_eq!(runs(""), Some(true));
    assert_eq!(runs("location ~* /(?:uploads|files)/.*\\.php$ { deny all; }"), Some(false));
    assert_eq!(runs("location ^~ /wp-content/uploads/ { }"), Some(false));
    assert_eq!(runs("location ~ (?>x) { deny all; }"), None);
}

#[test]
fn includes_templates_and_variables() {
    let compose = "services:\n  web:\n    image: nginx:1.30.4\n    environment: {PORT: \"8080\", DOCROOT: /srv/public}\n    volumes:\n      \
- ./templates:/etc/nginx/templates\n      - ./snippets:/etc/nginx/snippets\n  app:\n    image: php:8.4-fpm\n";
    let site = "server {\n  listen ${PORT};\n  root ${DOCROOT};\n  set $backend app:9000;\n  include snippets/dot.conf;\n  include /etc/nginx/gone.conf;\n  \
location ~ \\.php$ { fastcgi_pass $backend; }\n}\n";
    let files = [
        ("compose.yaml", compose),
        ("templates/default.conf.template", site),
        ("snippets/dot.conf", "location ~ /\\. { return 403; }\n"),
    ];
    ask(&files, |web, project| {
        let server = &web.servers[0];
        assert_eq!((server.listens[0].port, server.root.as_ref().unwrap().text.as_str()), (Some(8080), "/srv/public"));
        assert_eq!(outcome(web, "/.env"), "Refused(403)");
        assert_eq!(web.targets()[0].hosts[0].name, "app");
        assert_eq!(web.tree.unread[0].path, "/etc/nginx/gone.conf");
        assert_eq!(web.serves("/.git/config").map(|it| it.0), Some(false));
        assert_eq!(web.serves("/dump.sql"), None);
        assert!(project.questions.iter().any(|question| question.question.contains("/etc/nginx/gone.conf")));
    });
}

#[test]
fn the_images_own_configuration() {
    let source = |image: &str| {
        let compose = format!("services:\n  web:\n    image: {image}\n");
        ask(&[("compose.yaml", &compose)], |web, _| {
            (
                web.source,
                web.docroot().map(|root| root.text.clone()).unwrap_or_default(),
                web.listings().len(),
                web.serves_dotfiles().map(|it| it.0),
            )
        })
    };
    assert_eq!(source("nginx:1.30.4"), (WebSource::ImageDefault, "/usr/share/nginx/html".to_owned(), 0, Some(true)));
    assert_eq!(source("httpd:2.4"), (WebSource::ImageDefault, "/usr/local/apache2/htdocs".to_owned(), 1, Some(true)));
    assert_eq!(source("php:8.4-apache"), (WebSource::ImageDefault, "/var/www/html".to_owned(), 0, Some(true)));
    assert_eq!(source("caddy:2.11"), (WebSource::ImageDefault, "/usr/share/caddy".to_owned(), 0, Some(true)));
    assert_eq!(source("dunglas/frankenphp:1.9"), (WebSource::ImageDefault, "public/".to_owned(), 0, Some(true)));
    assert_eq!(source("serversideup/php:8.4-fpm-nginx").0, WebSource::Unseen);
    let worker = "services:\n  web:\n    image: php:8.4-apache\n    command: php artisan queue:work\n";
    let sources = sources(&[("compose.yaml", worker)]);
    assert!(Project::new(&sources, TODAY).services().next().unwrap().web_server().is_none());
}

#[test]
fn apache_of_the_php_image() {
    let compose = "services:\n  web:\n    build: .\n";
    let dockerfile = "FROM php:8.4-apache\nENV APACHE_DOCUMENT_ROOT=/var/www/html/public\n\
RUN sed -ri -e 's!/var/www/html!${APACHE_DOCUMENT_ROOT}!g' /etc/apache2/sites-available/*.conf\nRUN a2enmod rewrite headers\nCOPY . /var/www/html\n";
    let htaccess = "RewriteEngine On\nRewriteCond %{REQUEST_FILENAME} !-d\nRewriteCond %{REQUEST_FILENAME} !-f\nRewriteRule ^ index.php [L]\n\
<FilesMatch \"^\\.env\">\nRequire all denied\n</FilesMatch>\nRedirectMatch 404 /\\.git\n";
    let files = [
        ("compose.yaml", compose),
        ("Dockerfile", dockerfile),
        ("public/.htaccess", htaccess),
        ("public/files/.htaccess", "php_flag engine off\n"),
    ];
    ask(&files, |web, _| {
        assert_eq!(web.docroot().unwrap().text, "/var/www/html/public");
        for (path, want) in [
            ("/index.php", "Php"),
            ("/uploads/x.php", "Php"),
            ("/files/x.php", "File"),
            ("/.env", "Refused(403)"),
            ("/.git/config", "Refused(404)"),
            ("/.htaccess", "Refused(403)"),
            ("/server-status", "Refused(403)"),
            ("/a.sql", "File"),
        ] {
            assert_eq!(outcome(web, path), want, "{path}");
        }
        assert_eq!(missing(web, "/orders/7"), "Php /index.php");
        assert_eq!(
            web.status_pages().iter().map(|page| (page.kind.as_str(), page.open)).collect::<Vec<_>>(),
            [("server-status", Some(false))]
        );
        assert_eq!(web.modules.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["rewrite", "headers"]);
        assert_eq!(web.setting(web.servers[0].node, "servertokens").unwrap().arg(0), Some("OS"));
    });
}

#[test]
fn apache_sections_are_merged_in_their_order() {
    let site = "<VirtualHost *:443>\nServerName a.test\nSSLEngine on\nDocumentRoot /srv/www\n<Directory /srv/www>\nOptions +Indexes\nAllowOverride None\nRequire all granted\n</Directory>\n\
<Directory /srv/www/files>\nphp_admin_flag engine off\nOptions -Indexes\n</Directory>\n<DirectoryMatch \"/\\.(?!well-known/)\">\nRequire all denied\n</DirectoryMatch>\n\
<FilesMatch \"\\.php$\">\nSetHandler \"proxy:unix:/run/php.sock|fcgi://localhost\"\n</FilesMatch>\n<Location /server-info>\nSetHandler server-info\n</Location>\n\
ProxyPass /api http://api:8080/\nAddHandler application/x-httpd-php .phtml\nHeader always set X-Frame-Options DENY\nAuthType Basic\n<Location /admin>\nRequire valid-user\n</Location>\n</VirtualHost>\n";
    let compose = "services:\n  web:\n    image: php:8.4-apache\n    volumes: [\"./site.conf:/etc/apache2/sites-enabled/000-default.conf\"]\n";
    ask(&[("compose.yaml", compose), ("site.conf", site)], |web, project| {
        assert_eq!(web.servers.len(), 1);
        for (path, want) in [
            ("/a.php", "Php"),
            ("/files/a.php", "Php"),
            ("/.git/config", "Refused(403)"),
            ("/.env", "File"),
            ("/server-info", "Status"),
            ("/api/x", "Proxied"),
            ("/a.phtml", "Php"),
            ("/admin/", "Protected"),
        ] {
            assert_eq!(outcome(web, path), want, "{path}");
        }
        assert_eq!(project.slice(web.listings()[0].at), "Options +Indexes");
        assert_eq!((web.servers[0].listens[0].port, web.servers[0].listens[0].tls), (Some(443), true));
        let hosts: Vec<_> = web.targets().iter().map(|target| (target.unix.clone(), target.hosts.len())).collect();
        assert_eq!(hosts, [(Some("/run/php.sock".to_owned()), 0), (None, 1)]);
        assert_eq!(web.headers(web.servers[0].node)[0].name, "X-Frame-Options");
    });
}

#[test]
fn caddy_answers_in_its_order() {
    let caddy = "{\n\tadmin 0.0.0.0:2019 {\n\t\torigins *\n\t}\n\temail {$MAIL:a@b.test}\n}\n(sec) {\n\t@hidden path {args[0]}\n\trespond @hidden 404\n}\n\
example.com, :8080 {\n\troot * /srv/public\n\tfile_server browse\n\tphp_fastcgi app:9000\n\timport sec */.*\n\t@up path /uploads/*.php\n\terror @up 403\n\t\
handle /api/* {\n\t\treverse_proxy api:8080\n\t}\n\tmetrics /metrics\n\theader X-Frame-Options DENY\n\tbasic_auth /admin* {\n\t\tbob x\n\t}\n}\n";
    let compose = "services:\n  web:\n    image: caddy:2.11.4\n    configs: [{source: site, target: /etc/caddy/Caddyfile}]\n  app:\n    image: php:8.4-fpm\n  api:\n    image: registry.example.net/api:1\nconfigs:\n  site: {file: ./Caddyfile}\n";
    ask(&[("compose.yaml", compose), ("Caddyfile", caddy)], |web, project| {
        for (path, want) in [
            ("/.env", "Refused(404)"),
            ("/a/.git", "Refused(404)"),
            ("/uploads/x.php", "Refused(403)"),
            ("/x.php", "Php"),
            ("/logo.png", "File"),
            ("/api/users", "Proxied"),
            ("/metrics", "Status"),
            ("/admin/x", "Protected"),
        ] {
            assert_eq!(outcome(web, path), want, "{path}");
        }
        assert_eq!(missing(web, "/orders/7"), "Php /index.php");
        let admin = web.admin_endpoint().unwrap();
        assert_eq!((admin.reachable, admin.port, admin.off), (Some(true), Some(2019), false));
        assert_eq!(project.slice(admin.address.at), "0.0.0.0:2019");
        assert!(admin.any_origin.is_some());
        assert_eq!(project.slice(web.listings()[0].at), "file_server browse");
        assert_eq!(web.status_pages()[0].open, Some(true));
        let listens: Vec<_> = web.servers[0].listens.iter().map(|listen| (listen.port, listen.tls)).collect();
        assert_eq!(listens, [(Some(443), true), (Some(8080), false)]);
        let hosts: Vec<_> =
            web.targets().iter().flat_map(|target| &target.hosts).map(|host| host.name.clone()).collect();
        assert_eq!(hosts, ["app", "api"]);
        assert!(web.security_headers().contains("x-frame-options"));
    });
}

#[test]
fn frankenphp_with_a_front_controller() {
    let caddy = "{\n\tfrankenphp\n}\n{$SERVER_NAME:localhost} {\n\troot /app/public\n\t@phpRoute {\n\t\tnot path /.well-known/mercure*\n\t\tnot file {path}\n\t}\n\t\
rewrite @phpRoute index.php\n\t@frontController path index.php\n\tphp @frontController {\n\t\tworker {\n\t\t\tfile ./public/index.php\n\t\t}\n\t}\n\tfile_server {\n\t\thide *.php\n\t}\n}\n";
    let files = [
        ("compose.yaml", "services:\n  web:\n    build: .\n    environment: {CADDY_ADMIN: \"off\"}\n"),
        ("Dockerfile", "FROM dunglas/frankenphp:1.9\nCOPY --link Caddyfile /etc/frankenphp/Caddyfile\n"),
        ("Caddyfile", caddy),
    ];
    ask(&files, |web, _| {
        assert_eq!((web.source, web.frankenphp), (WebSource::Project, true));
        assert_eq!(web.docroot().unwrap().text, "/app/public");
        assert_eq!(web.servers[0].names[0].text, "localhost");
        assert_eq!(outcome(web, "/uploads/x.php"), "Refused(404)");
        assert_eq!(missing(web, "/orders/7"), "Php index.php");
        assert_eq!(outcome(web, "/.env"), "File");
        assert_eq!(web.admin_endpoint().map(|admin| (admin.off, admin.reachable)), Some((true, Some(false))));
    });
}

#[test]
fn files_that_nothing_mounts_are_assumed() {
    let compose = "services:\n  web:\n    image: nginx:1.30.4\n  app:\n    image: php:8.4-fpm\n";
    let files = [("compose.yaml", compose), ("docker/nginx/default.conf", "server {\n  listen 80;\n  root /x;\n}\n")];
    assert_eq!(
        ask(&files, |web, _| (web.source, web.servers.len(), web.docroot().unwrap().text.clone())),
        (WebSource::Assumed, 1, "/x".to_owned())
    );
    let unseen = "services:\n  web:\n    image: nginx:1.30.4\n    volumes: [\"/srv/site.conf:/etc/nginx/conf.d/default.conf\"]\n";
    assert_eq!(ask(&[("compose.yaml", unseen)], |web, _| (web.source, web.is_whole())), (WebSource::Unseen, false));
}

#[test]
fn includes_in_a_circle_and_without_end() {
    let site = "server {\n  include /etc/nginx/conf.d/*.conf;\n  root /x;\n}\n";
    with(&nginx(site), |web, _| assert_eq!(web.docroot().unwrap().text, "/x"));
    let caddy = format!(
        "(a) {{\n{}}}\n(b) {{\n{}}}\n:80 {{\n{}}}\n",
        "\timport b\n".repeat(300),
        "\trespond x\n".repeat(300),
        "\timport a\n".repeat(300)
    );
    let compose = "services:\n  web:\n    image: caddy:2.11.4\n    volumes: [\"./Caddyfile:/etc/caddy/Caddyfile\"]\n";
    ask(&[("compose.yaml", compose), ("Caddyfile", &caddy)], |web, _| assert!(web.tree.truncated && !web.is_whole()));
    let regexes = format!("server {{\n{}}}\n", "location ~ (a*)*b { }\n".repeat(3000));
    with(&nginx(&regexes), |web, _| assert_eq!(outcome(web, &format!("/{}", "a".repeat(250))), "Unknown"));
}
