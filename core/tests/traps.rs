//! Where analysers of container stacks go wrong: each trap with the verdict that an experienced reviewer would give.
#![allow(clippy::panic, clippy::unwrap_used, clippy::expect_used, reason = "tests say what went wrong by panicking")]

use plimsoll_core::{Date, Finding, Options, Severity, Sources, check};

fn findings(files: &[(&str, &str)]) -> Vec<Finding> {
    let mut sources = Sources::new();
    for (path, text) in files {
        sources.add(path, *text);
    }
    check(&sources, &Options::new(Date::new(2026, 11, 24))).findings
}

/// The findings of one rule, as severities.
fn of(rule: &str, files: &[(&str, &str)]) -> Vec<Severity> {
    assert!(plimsoll_core::rules::find(rule).is_some(), "no rule {rule}");
    findings(files).iter().filter(|finding| finding.rule == rule).map(|finding| finding.severity).collect()
}

fn says(rule: &str, files: &[(&str, &str)]) {
    assert!(!of(rule, files).is_empty(), "{rule} should speak of {files:?}");
}

fn silent(rule: &str, files: &[(&str, &str)]) {
    let said: Vec<String> =
        findings(files).into_iter().filter(|finding| finding.rule == rule).map(|finding| finding.message).collect();
    assert!(said.is_empty(), "{rule}: {said:?} on {files:?}");
}

/// A Compose file with one service.
fn service(body: &str) -> String {
    let lines: String = body.lines().map(|line| format!("    {line}\n")).collect();
    format!("services:\n  app:\n{lines}")
}

const ROOT: &str = "identity/runs-as-root";
const REDIS: &str = "datastores/redis-published";

#[test]
fn t01_the_stage_that_a_view_uses_is_judged() {
    let dockerfile = "FROM php:8.4-fpm-alpine AS base\nFROM base AS prod\nUSER www-data\nFROM base AS dev\nUSER root\n";
    let base = service("build:\n  context: .\n  target: prod");
    silent(ROOT, &[("Dockerfile", dockerfile), ("compose.yaml", &base)]);
    let last = service("build: .");
    says(ROOT, &[("Dockerfile", dockerfile), ("compose.yaml", &last)]);
}

#[test]
fn t02_build_arguments_decide_the_user() {
    let dockerfile = "FROM php:8.4-cli-alpine\nARG UID=1000\nUSER ${UID}\nCMD [\"php\", \"worker.php\"]\n";
    silent(ROOT, &[("Dockerfile", dockerfile), ("compose.yaml", &service("build: ."))]);
    let zero = service("build:\n  context: .\n  args:\n    UID: \"0\"");
    let files = [("Dockerfile", dockerfile), ("compose.yaml", zero.as_str())];
    let found = findings(&files);
    assert!(found.iter().any(|finding| finding.rule.starts_with("identity/")), "{found:?}");
}

#[test]
fn t03_facts_of_images_depend_on_the_tag() {
    let with = |image: &str| service(&format!("image: {image}"));
    let worst = |image: &str| of(ROOT, &[("compose.yaml", &with(image))]).into_iter().max();
    assert!(worst("php:8.4-fpm") < worst("php:8.4-cli"), "workers of FPM drop to www-data");
    assert_eq!(worst("gcr.io/distroless/base-debian12:nonroot"), None);
    assert!(worst("gcr.io/distroless/base-debian12:latest").is_some());
    assert_eq!(worst("mariadb:11-ubi"), None);
}

#[test]
fn t04_a_user_that_starts_with_sudo_is_root() {
    says(ROOT, &[("compose.yaml", &service("image: wodby/php:8.4"))]);
}

#[test]
fn t05_port_9000_is_fastcgi_only_where_php_listens() {
    let published = |image: &str| service(&format!("image: {image}\nports: [\"9000:9000\"]"));
    says("network/fpm-port-published", &[("compose.yaml", &published("php:8.4-fpm"))]);
    for image in [
        "minio/minio:RELEASE.2025-09-07T16-13-09Z",
        "portainer/portainer-ce:2.33.1",
        "sonarqube:25.9.0.112764-community",
    ] {
        silent("network/fpm-port-published", &[("compose.yaml", &published(image))]);
    }
}

#[test]
fn t06_every_way_to_write_a_local_port() {
    for port in ["\"127.0.0.1:6379:6379\"", "\"[::1]:6379:6379\"", "\"${BIND:-127.0.0.1}:6379:6379\""] {
        let text = service(&format!("image: redis:8\nports:\n  - {port}"));
        assert!(of(REDIS, &[("compose.yaml", &text)]).iter().all(|severity| *severity <= Severity::Low), "{port}");
    }
    let long = service("image: redis:8\nports:\n  - target: 6379\n    published: \"6379\"\n    host_ip: 127.0.0.1");
    assert!(of(REDIS, &[("compose.yaml", &long)]).iter().all(|severity| *severity <= Severity::Low));
    says(REDIS, &[("compose.yaml", &service("image: redis:8\nports:\n  - 6379:6379"))]);
    // YAML 1.1 reads this as a number to the base of 60; Compose's YAML does not.
    silent(REDIS, &[("compose.yaml", &service("image: redis:8\nports:\n  - 22:22"))]);
}

#[test]
fn t07_ports_are_appended_by_a_merge_unless_told_otherwise() {
    let base = service("image: redis:8\nports: [\"6379:6379\"]");
    let merged = |ports: &str| {
        let over = service(&format!("ports: {ports}"));
        findings(&[("compose.yaml", base.as_str()), ("compose.prod.yaml", over.as_str())])
            .into_iter()
            .filter(|finding| {
                finding.rule == REDIS
                    && finding.severity == Severity::Critical
                    && finding.views.iter().any(|view| view.contains("prod"))
            })
            .count()
    };
    assert_eq!(merged("[\"127.0.0.1:6380:6379\"]"), 1, "the published port survives");
    assert_eq!(merged("!override [\"127.0.0.1:6380:6379\"]"), 0);
    assert_eq!(merged("!reset []"), 0);
}

#[test]
fn t08_env_file_in_every_form() {
    let env = ("app.env", "REDIS_PASSWORD=\nMYSQL_ROOT_PASSWORD=root\n");
    for form in ["app.env", "[app.env]", "[{path: app.env, required: false}]", "[{path: app.env, format: raw}]"] {
        let text = service(&format!("image: mysql:8.4\nenv_file: {form}"));
        says("datastores/weak-or-default-credentials", &[env, ("compose.yaml", &text)]);
    }
}

#[test]
fn t09_a_default_counts_only_where_the_view_keeps_it() {
    let rule = "secrets/default-secret-fallback";
    let base =
        service("image: registry.example.net/app:1.2.3\nenvironment:\n  DB_PASSWORD: ${DB_PASSWORD:-!ChangeMe!}");
    let strict = service("environment:\n  DB_PASSWORD: ${DB_PASSWORD:?set it}");
    let production = |over: &str| {
        findings(&[("compose.yaml", base.as_str()), ("compose.prod.yaml", over)])
            .into_iter()
            .filter(|finding| finding.rule == rule && finding.views.iter().any(|view| view.contains("prod")))
            .count()
    };
    assert_eq!(production(&service("restart: always")), 1);
    assert_eq!(production(&strict), 0);
}

#[test]
fn t10_symfony_commits_defaults_laravel_secrets() {
    let git = (".gitignore", "/.env.local\n/vendor/\n");
    let symfony = [
        git,
        ("composer.json", "{\"require\": {\"symfony/framework-bundle\": \"^7.3\"}}"),
        (".env", "APP_ENV=dev\nAPP_SECRET=\nDATABASE_URL=\"postgresql://app:!ChangeMe!@127.0.0.1:5432/app\"\n"),
    ];
    silent("secrets/env-file-committed", &symfony);
    let laravel = [
        (".gitignore", "/.env\n/vendor/\n"),
        ("composer.json", "{\"require\": {\"laravel/framework\": \"^12.0\"}}"),
        (".env", "APP_KEY=base64:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=\nDB_PASSWORD=Xk29fjw02kd\n"),
    ];
    silent("secrets/env-file-committed", &laravel);
}

#[test]
fn t11_the_last_pattern_of_an_ignore_file_wins() {
    let rule = "secrets/env-file-in-image";
    let files = |ignore: &'static str, copy: &'static str| {
        [
            ("Dockerfile", copy),
            (".dockerignore", ignore),
            (".env", "APP_KEY=base64:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=\n"),
        ]
    };
    let all = "FROM php:8.4-fpm\nCOPY . /app\n";
    silent(rule, &files(".env\n", all));
    silent(rule, &files("**/.env\n", all));
    says(rule, &files(".env\n!.env\n", all));
    silent(rule, &files("", "# syntax=docker/dockerfile:1\nFROM php:8.4-fpm\nCOPY --exclude=.env . /app\n"));
    silent(rule, &files("", "FROM composer:2 AS a\nFROM php:8.4-fpm\nCOPY --from=a . /app\n"));
    silent(rule, &files("", "FROM php:8.4-fpm\nCOPY <<EOF /app/.env\nA=1\nEOF\n"));
    let mut own = files("", all).to_vec();
    own.push(("Dockerfile.dockerignore", ".env\n"));
    silent(rule, &own);
    silent(
        "secrets/secret-in-dockerfile",
        &[(
            "Dockerfile",
            "FROM php:8.4-fpm\nRUN --mount=type=secret,id=composer_auth,target=/root/.composer/auth.json composer install\n",
        )],
    );
}

#[test]
fn t12_a_secret_that_a_later_layer_removes_is_in_its_layer() {
    says(
        "secrets/sensitive-files-in-build-context",
        &[
            (
                "Dockerfile",
                "FROM php:8.4-fpm\nCOPY deploy_key /root/.ssh/id_rsa\nRUN git clone x && rm /root/.ssh/id_rsa\n",
            ),
            (
                "deploy_key",
                "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
            ),
        ],
    );
}

#[test]
fn t13_what_the_browser_gets_is_no_secret() {
    for key in ["PUSHER_APP_KEY", "STRIPE_KEY", "VITE_MAPS_KEY", "NEXT_PUBLIC_API_KEY"] {
        let text = service(&format!("image: registry.example.net/app:1.2.3\nenvironment:\n  {key}: k3jf82kfj2l9fkq0"));
        silent("secrets/literal-secret-in-compose", &[("compose.yaml", &text)]);
    }
}

#[test]
fn t14_documentation_keys_are_placeholders() {
    let text = service(
        "image: registry.example.net/app:1.2.3\nenvironment:\n  AWS_ACCESS_KEY_ID: AKIAIOSFODNN7EXAMPLE\n  AWS_SECRET_ACCESS_KEY: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    );
    silent("secrets/known-token-or-private-key", &[("compose.yaml", &text)]);
    silent("secrets/literal-secret-in-compose", &[("compose.yaml", &text)]);
}

#[test]
fn t15_every_way_to_a_production_ini() {
    let rule = "php/no-production-php-ini";
    for step in [
        "RUN mv \"$PHP_INI_DIR/php.ini-production\" \"$PHP_INI_DIR/php.ini\"",
        "RUN cp $PHP_INI_DIR/php.ini-production $PHP_INI_DIR/php.ini",
        "RUN ln -s $PHP_INI_DIR/php.ini-production $PHP_INI_DIR/php.ini",
        "COPY --link php.ini $PHP_INI_DIR/php.ini",
    ] {
        let dockerfile = format!("FROM php:8.4-fpm\n{step}\n");
        silent(
            rule,
            &[
                ("Dockerfile", &dockerfile),
                ("php.ini", "display_errors = Off\nlog_errors = On\n"),
                ("compose.yaml", &service("build: .")),
            ],
        );
    }
    let drop_in = "FROM php:8.4-fpm\nRUN echo 'display_errors=On' > $PHP_INI_DIR/conf.d/dev.ini\n";
    says("php/display-errors-on", &[("Dockerfile", drop_in), ("compose.yaml", &service("build: ."))]);
    // A pool's admin value is the last word.
    let pool = "[www]\nuser = www-data\npm = dynamic\nlisten = 9000\nphp_admin_flag[display_errors] = off\n";
    silent(
        "php/display-errors-on",
        &[
            (
                "Dockerfile",
                "FROM php:8.4-fpm\nCOPY app.ini $PHP_INI_DIR/conf.d/\nCOPY www.conf /usr/local/etc/php-fpm.d/www.conf\n",
            ),
            ("app.ini", "[PHP]\ndisplay_errors = On\n"),
            ("www.conf", pool),
            ("compose.yaml", &service("build: .")),
        ],
    );
}

#[test]
fn t16_the_images_own_pool_files_come_last() {
    // Until the end of 2025 zz-docker.conf set `listen = 9000` after www.conf; since then docker.conf does so before it.
    let rule = "php/fpm-override-has-no-effect";
    let files = |image: &str| {
        [
            ("Dockerfile", format!("FROM php:{image}\nCOPY www.conf /usr/local/etc/php-fpm.d/www.conf\n")),
            ("www.conf", "[www]\nuser = www-data\npm = ondemand\nlisten = 127.0.0.1:9000\n".to_owned()),
            ("compose.yaml", service("build: .")),
        ]
    };
    let old = files("8.3.10-fpm");
    says(rule, &old.each_ref().map(|(path, text)| (*path, text.as_str())));
    let new = files("8.4-fpm");
    silent(rule, &new.each_ref().map(|(path, text)| (*path, text.as_str())));
}

#[test]
fn t17_a_snippet_may_hold_try_files() {
    let rule = "web-server/php-location-accepts-path-info";
    let site = |inside: &str| {
        format!(
            "server {{\n  listen 80;\n  root /app/public;\n  location ~ \\.php {{\n    {inside}\n    fastcgi_pass app:9000;\n    fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;\n  }}\n}}\n"
        )
    };
    let stack = "services:\n  web:\n    image: nginx:1.28\n    volumes: [\"./site.conf:/etc/nginx/conf.d/default.conf:ro\"]\n  app:\n    image: php:8.4-fpm\n";
    says(rule, &[("compose.yaml", stack), ("site.conf", &site("include fastcgi_params;"))]);
    silent(
        rule,
        &[
            ("compose.yaml", stack),
            ("site.conf", &site("try_files $fastcgi_script_name =404;\n    include fastcgi_params;")),
        ],
    );
    // Debian's package brings the snippet, and the check stands in it.
    let debian = "FROM debian:13-slim\nRUN apt-get update && apt-get install -y --no-install-recommends nginx\nCOPY site.conf /etc/nginx/sites-enabled/default\nCMD [\"nginx\", \"-g\", \"daemon off;\"]\n";
    let stack = "services:\n  web:\n    build: .\n  app:\n    image: php:8.4-fpm\n";
    let snippet = site("include snippets/fastcgi-php.conf;");
    silent(rule, &[("compose.yaml", stack), ("Dockerfile", debian), ("site.conf", &snippet)]);
}

#[test]
fn t18_a_port_on_an_internal_network_is_dead() {
    let text = "services:\n  redis:\n    image: redis:8\n    ports: [\"6379:6379\"]\n    networks: [data]\nnetworks:\n  data:\n    internal: true\n";
    assert!(of(REDIS, &[("compose.yaml", text)]).iter().all(|severity| *severity < Severity::High));
}

#[test]
fn t19_docker_ps_in_its_own_spelling() {
    let line = |ports: &str| {
        format!(
            "{{\"ID\":\"0123456789ab\",\"Image\":\"redis:8\",\"Names\":\"shop-redis-1\",\"State\":\"running\",\"Status\":\"Up 2 hours\",\"Ports\":\"{ports}\",\"Labels\":\"com.docker.compose.project=shop,com.docker.compose.service=redis,note=a=b,c\"}}\n"
        )
    };
    for ports in [
        "0.0.0.0:6379-\\u003e6379/tcp, :::6379-\\u003e6379/tcp",
        "0.0.0.0:6379-\\u003e6379/tcp, [::]:6379-\\u003e6379/tcp",
    ] {
        let ps = line(ports);
        assert_eq!(of(REDIS, &[("docker-ps.json", &ps)]).len(), 1, "{ports}");
    }
}

#[test]
fn t20_names_of_either_compose_generation() {
    for name in ["shop_redis_1", "shop-redis-1"] {
        let ps = format!(
            "{{\"ID\":\"0123456789ab\",\"Image\":\"redis:8\",\"Names\":\"{name}\",\"State\":\"running\",\"Status\":\"Up 2 hours\",\"Ports\":\"\",\"Labels\":\"\"}}\n"
        );
        let compose = "name: shop\nservices:\n  redis:\n    image: redis:8\n";
        silent("inventory/unmanaged-container", &[("compose.yaml", compose), ("docker-ps.json", &ps)]);
    }
}

#[test]
fn t21_a_reproducible_image_has_no_age() {
    for created in ["1970-01-01T00:00:00Z", "1980-01-01T00:00:01Z"] {
        let inspect = format!(
            "[{{\"Id\":\"sha256:{0}\",\"RepoTags\":[\"registry.example.net/app:1.2.3\"],\"RepoDigests\":[],\"Created\":\"{created}\",\"Size\":1,\"Architecture\":\"amd64\",\"Os\":\"linux\",\"RootFS\":{{\"Type\":\"layers\"}},\"Config\":{{}}}}]",
            "ab".repeat(32)
        );
        silent("inventory/stale-image", &[("image-inspect.json", &inspect)]);
    }
}

#[test]
fn t22_the_socket_under_another_name() {
    for mount in ["/var/run/docker.sock:/tmp/docker.sock:ro", "/var/run:/host/run", "/run/docker.sock:/x.sock"] {
        let text = service(&format!("image: registry.example.net/app:1.2.3\nvolumes: [\"{mount}\"]"));
        let found = findings(&[("compose.yaml", &text)]);
        let told = found.iter().any(|finding| {
            matches!(
                finding.rule.as_ref(),
                "control-plane/docker-socket-mounted" | "mounts/sensitive-host-path-mounted"
            ) && finding.severity >= Severity::High
        });
        assert!(told, "{mount}");
    }
}

#[test]
fn t23_the_ports_of_a_shared_network_stand_elsewhere() {
    let text = "services:\n  vpn:\n    image: registry.example.net/vpn:1.0.0\n    ports: [\"6379:6379\"]\n  redis:\n    image: redis:8\n    network_mode: service:vpn\n";
    let found = findings(&[("compose.yaml", text)]);
    assert!(
        found.iter().any(|finding| finding.rule.starts_with("datastores/") || finding.rule == "network/internal-port-published"),
        "{:?}",
        found.iter().map(|finding| &finding.rule).collect::<Vec<_>>()
    );
}

#[test]
fn t24_a_file_capability_needs_the_capability() {
    let rule = "isolation/capabilities-not-dropped";
    let text = service("image: dunglas/frankenphp:1-php8.4\nports: [\"443:443\"]");
    let found = findings(&[("compose.yaml", &text)]);
    let finding = found.iter().find(|finding| finding.rule == rule).expect("it is found");
    let edits: String =
        finding.fixes.iter().flat_map(|fix| fix.edits.iter().map(|edit| edit.replacement.clone())).collect();
    assert!(edits.contains("NET_BIND_SERVICE"), "{finding:?}");
}

#[test]
fn t25_a_read_only_root_needs_its_tmpfs() {
    let rule = "mounts/root-filesystem-writable";
    let text = service("image: nginx:1.28\nports: [\"80:80\"]");
    let found = findings(&[("compose.yaml", &text)]);
    let finding = found.iter().find(|finding| finding.rule == rule).expect("it is found");
    let edits: String =
        finding.fixes.iter().flat_map(|fix| fix.edits.iter().map(|edit| edit.replacement.clone())).collect();
    assert!(edits.is_empty() || edits.contains("tmpfs"), "{finding:?}");
}

#[test]
fn t26_bitnami_tags_moved_away() {
    says("supply-chain/unmaintained-image", &[("compose.yaml", &service("image: bitnami/redis:7.2"))]);
    silent("supply-chain/unmaintained-image", &[("compose.yaml", &service("image: redis:8"))]);
}
