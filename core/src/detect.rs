//! Which format a file has: by its name first, by its content second, because people paste text without a name.

mod recorded;
mod scripts;
mod web;

pub use recorded::sniff;

use crate::source::file_name;
use crate::syntax::json;

/// A format the analysis reads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// Dockerfile, Containerfile.
    Dockerfile,
    /// Compose file.
    Compose,
    /// `.env` and env_file targets.
    DotEnv,
    /// `.dockerignore`, `<Dockerfile>.dockerignore`.
    DockerIgnore,
    /// php.ini and conf.d drop-ins.
    PhpIni,
    /// php-fpm global and pool configuration.
    FpmPool,
    /// nginx configuration.
    Nginx,
    /// redis.conf, valkey.conf.
    RedisConf,
    /// Redis users: `users.acl`.
    RedisAcl,
    /// Apache httpd configuration.
    Apache,
    /// `.htaccess`.
    Htaccess,
    /// Caddyfile, also FrankenPHP's.
    Caddyfile,
    /// supervisord's programs.
    Supervisord,
    /// A crontab.
    Crontab,
    /// RoadRunner's `.rr.yaml`.
    RoadRunner,
    /// composer.json.
    ComposerJson,
    /// composer.lock.
    ComposerLock,
    /// PHP source that configures or starts an application: wp-config.php, artisan, bin/console, config/*.php.
    PhpSource,
    /// GitLab CI pipeline.
    GitlabCi,
    /// GitHub Actions workflow.
    GithubWorkflow,
    /// Jenkins pipeline.
    Jenkinsfile,
    /// Makefile.
    Makefile,
    /// Shell script.
    Script,
    /// The Docker daemon's daemon.json.
    DaemonJson,
    /// Output of `docker` commands: what is running.
    Inventory,
    /// Report of a vulnerability scan, or a bill of materials.
    ScanReport,
    /// What the organisation asks for: plimsoll.toml.
    Policy,
    /// Anything else: known by name, its content read only for secrets.
    Other,
}

impl Kind {
    /// Its name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dockerfile => "dockerfile",
            Self::Compose => "compose",
            Self::DotEnv => "env",
            Self::DockerIgnore => "dockerignore",
            Self::PhpIni => "php-ini",
            Self::FpmPool => "fpm-pool",
            Self::Nginx => "nginx",
            Self::RedisConf => "redis-conf",
            Self::RedisAcl => "redis-acl",
            Self::Apache => "apache",
            Self::Htaccess => "htaccess",
            Self::Caddyfile => "caddyfile",
            Self::Supervisord => "supervisord",
            Self::Crontab => "crontab",
            Self::RoadRunner => "roadrunner",
            Self::ComposerJson => "composer-json",
            Self::ComposerLock => "composer-lock",
            Self::PhpSource => "php",
            Self::GitlabCi => "gitlab-ci",
            Self::GithubWorkflow => "github-workflow",
            Self::Jenkinsfile => "jenkinsfile",
            Self::Makefile => "makefile",
            Self::Script => "script",
            Self::DaemonJson => "daemon-json",
            Self::Inventory => "inventory",
            Self::ScanReport => "scan-report",
            Self::Policy => "policy",
            Self::Other => "other",
        }
    }
}

impl Kind {
    /// Whether it is part of an application's code, not of what describes the stack.
    #[must_use]
    pub fn is_application(self) -> bool {
        matches!(self, Self::Other | Self::PhpSource | Self::ComposerJson | Self::ComposerLock | Self::Htaccess)
    }
}

/// The format of a file.
#[must_use]
pub fn kind(path: &str, text: &str) -> Kind {
    by_name(path).or_else(|| by_folder(path, text)).unwrap_or_else(|| match by_content(path, text) {
        Kind::Other => scripts::by_content(path, text),
        kind => kind,
    })
}

/// The format that a name alone tells.
#[must_use]
pub fn by_name(path: &str) -> Option<Kind> {
    let name = file_name(path).to_ascii_lowercase();
    let yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    if let Some(kind) = application(path, &name) {
        return Some(kind);
    }
    if name.ends_with(".conf.template") && path.split('/').any(|part| matches!(part, "nginx" | "templates")) {
        // The nginx image puts variables into these and reads them.
        return None;
    }
    // Templates become files of these formats; they are none.
    if [".template", ".tmpl", ".tpl", ".j2", ".erb", ".twig", ".php"].iter().any(|ending| name.ends_with(ending)) {
        return Some(Kind::Other);
    }
    if name.ends_with(".dockerignore") {
        return Some(Kind::DockerIgnore);
    }
    let docker = ["dockerfile", "containerfile"]
        .iter()
        .any(|word| name == *word || name.starts_with(&format!("{word}.")) || name.ends_with(&format!(".{word}")));
    if docker {
        return Some(Kind::Dockerfile);
    }
    if yaml && (name.starts_with("compose") || name.starts_with("docker-compose")) {
        return Some(Kind::Compose);
    }
    if name == ".env" || name.starts_with(".env.") || name.ends_with(".env") {
        return Some(Kind::DotEnv);
    }
    if name == ".user.ini" || name.starts_with("php") && name.ends_with(".ini") {
        return Some(Kind::PhpIni);
    }
    if name == "www.conf" || name == "php-fpm.conf" {
        return Some(Kind::FpmPool);
    }
    if name == "nginx.conf" {
        return Some(Kind::Nginx);
    }
    if name.ends_with(".conf") && ["redis", "valkey", "keydb"].iter().any(|product| name.starts_with(product)) {
        return Some(Kind::RedisConf);
    }
    if name.ends_with(".acl") {
        return Some(Kind::RedisAcl);
    }
    if name == "caddyfile" || name.starts_with("caddyfile.") || name.ends_with(".caddyfile") {
        return Some(Kind::Caddyfile);
    }
    if matches!(name.as_str(), "httpd.conf" | "apache2.conf" | "apache.conf") {
        return Some(Kind::Apache);
    }
    if name.starts_with("supervisor") && (name.ends_with(".conf") || name.ends_with(".ini")) {
        return Some(Kind::Supervisord);
    }
    let cron_folder = path.rsplit('/').nth(1).is_some_and(|folder| matches!(folder, "cron.d" | "crontabs"));
    if name == "crontab" || name.ends_with(".crontab") || name.ends_with(".cron") || cron_folder && !name.contains('.')
    {
        return Some(Kind::Crontab);
    }
    if name == crate::policy::FILE_NAME {
        return Some(Kind::Policy);
    }
    if name == "daemon.json" {
        return Some(Kind::DaemonJson);
    }
    pipeline(path, &name, yaml)
}

/// Files of a PHP application that say how it is built and run.
fn application(path: &str, name: &str) -> Option<Kind> {
    let below = |wanted: &str| path.rsplit('/').nth(1) == Some(wanted);
    match name {
        "composer.json" => Some(Kind::ComposerJson),
        "composer.lock" => Some(Kind::ComposerLock),
        "artisan" | "wp-config.php" | ".env.local.php" => Some(Kind::PhpSource),
        // Where Drupal, TYPO3, Magento, MediaWiki, Moodle and Joomla keep their settings, passwords included.
        "settings.php"
        | "env.php"
        | "localsettings.php"
        | "localconfiguration.php"
        | "config.php"
        | "configuration.php" => Some(Kind::PhpSource),
        // WordPress's image ships it as wp-config-docker.php; a backup is as telling as the file.
        _ if name.starts_with("wp-config") && name.ends_with(".php") => Some(Kind::PhpSource),
        // Nextcloud reads every file of this name beside its config.php.
        _ if name.ends_with(".config.php") => Some(Kind::PhpSource),
        "console" if below("bin") => Some(Kind::PhpSource),
        ".htaccess" => Some(Kind::Htaccess),
        _ if name.ends_with(".php") && below("config") => Some(Kind::PhpSource),
        _ if name.starts_with(".rr") && (name.ends_with(".yaml") || name.ends_with(".yml")) => Some(Kind::RoadRunner),
        _ => None,
    }
}

/// Pipelines and the scripts they run.
fn pipeline(path: &str, name: &str, yaml: bool) -> Option<Kind> {
    if yaml && (name.starts_with(".gitlab-ci") || name.ends_with(".gitlab-ci.yml") || name.ends_with(".gitlab-ci.yaml"))
    {
        return Some(Kind::GitlabCi);
    }
    if yaml && (path.starts_with(".github/workflows/") || path.contains("/.github/workflows/")) {
        return Some(Kind::GithubWorkflow);
    }
    if name == "jenkinsfile" || name.starts_with("jenkinsfile.") || name.ends_with(".jenkinsfile") {
        return Some(Kind::Jenkinsfile);
    }
    if matches!(name, "makefile" | "gnumakefile") || name.ends_with(".mk") {
        return Some(Kind::Makefile);
    }
    if name.ends_with(".sh") || name.ends_with(".bash") {
        return Some(Kind::Script);
    }
    None
}

/// The format that a folder suggests, when the content does not say otherwise.
fn by_folder(path: &str, text: &str) -> Option<Kind> {
    let name = file_name(path).to_ascii_lowercase();
    let within = |names: &[&str]| path.split('/').rev().skip(1).any(|part| names.contains(&part));
    if name.ends_with(".ini") && within(&["conf.d", "php", "php.d"]) {
        return Some(Kind::PhpIni);
    }
    let code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with([';', '#']);
    let lines = || text.lines().filter(code).take(200);
    if name.ends_with(".conf")
        && within(&["php-fpm.d", "fpm", "pool.d"])
        && lines().next().is_some_and(|line| line.trim_start().starts_with('['))
    {
        return Some(Kind::FpmPool);
    }
    web::by_folder(path, &name, text)
}

/// The format that the content tells; only the first lines are looked at.
fn by_content(path: &str, text: &str) -> Kind {
    let name = file_name(path).to_ascii_lowercase();
    // A name with an ending of its own says that it is something else, whatever its first line looks like.
    let pasted = !name.contains('.') || name.ends_with(".txt");
    if (name.ends_with(".json") || pasted) && is_compose_json(text) {
        return Kind::Compose;
    }
    if let Some(kind) = recorded::kind(path, text) {
        return kind;
    }
    let head = || text.lines().take(200).map(str::trim_end).filter(|line| !line.trim().is_empty());
    if name.ends_with(".yml") || name.ends_with(".yaml") || pasted {
        let services = head().any(|line| line == "services:" || line.starts_with("services: "));
        // The service container of a framework has a key of that name, too; its services are classes.
        let classes = || {
            head().any(|line| {
                line.ends_with("\\:")
                    || ["resource", "autowire", "class"].contains(&line.trim().split(':').next().unwrap_or(""))
            })
        };
        // A file that others extend or include may have neither an image nor a build.
        const KEYS: [&str; 9] =
            ["image", "build", "extends", "environment", "env_file", "command", "restart", "depends_on", "cap_drop"];
        let flow = |line: &str| ["{image:", "{build:", "{ image:", "{ build:"].iter().any(|start| line.contains(start));
        let body =
            head().any(|line| line.trim().split(':').next().is_some_and(|key| KEYS.contains(&key)) || flow(line));
        // Other deployment formats list their services.
        let listed = || {
            let mut lines = head().skip_while(|line| !line.starts_with("services:")).skip(1);
            lines
                .find(|line| !line.trim_start().starts_with('#'))
                .is_some_and(|line| line.trim_start().starts_with('-'))
        };
        if services && body && !classes() && !listed() {
            return Kind::Compose;
        }
    }
    if name.ends_with(".conf") || name.ends_with(".ini") || pasted {
        // A section that only supervisord has.
        if head().any(|line| line == "[supervisord]" || line.starts_with("[program:")) {
            return Kind::Supervisord;
        }
    }
    if name.ends_with(".conf") || pasted {
        if head().any(|line| line.trim_start().starts_with("pm =") || line.trim_start().starts_with("pm.")) {
            return Kind::FpmPool;
        }
        let code = || head().map(str::trim).filter(|line| !line.starts_with('#'));
        let section = |line: &str| {
            let line = line.to_ascii_lowercase();
            ["<virtualhost", "<directory", "<location", "<filesmatch", "<files ", "<ifmodule"]
                .iter()
                .any(|tag| line.starts_with(tag))
        };
        let rewrites = |line: &str| {
            let word = line.split_whitespace().next().unwrap_or("");
            ["RewriteEngine", "RewriteRule", "RewriteCond"].iter().any(|name| word.eq_ignore_ascii_case(name))
        };
        if code().any(section) && !code().any(rewrites)
            || code().any(|line| line.to_ascii_lowercase().starts_with("<virtualhost"))
        {
            return Kind::Apache;
        }
        if code().any(rewrites) && !code().any(|line| line.ends_with(';')) {
            return if pasted { Kind::Htaccess } else { Kind::Apache };
        }
        if web::is_nginx(code()) {
            return Kind::Nginx;
        }
        if pasted && web::is_caddyfile(code()) {
            return Kind::Caddyfile;
        }
        if head().any(|line| {
            matches!(line.split(' ').next(), Some("requirepass" | "protected-mode" | "maxmemory-policy" | "aclfile"))
        }) {
            return Kind::RedisConf;
        }
    }
    if (name.ends_with(".ini") || pasted)
        && head().any(|line| {
            matches!(
                line.split(['=', ' ']).next(),
                Some(
                    "[PHP]"
                        | "display_errors"
                        | "expose_php"
                        | "memory_limit"
                        | "zend_extension"
                        | "extension"
                        | "error_reporting"
                        | "upload_max_filesize"
                        | "post_max_size"
                        | "max_execution_time"
                        | "date.timezone"
                )
            ) || ["opcache.", "xdebug.", "session."].iter().any(|prefix| line.starts_with(prefix) && line.contains('='))
        })
    {
        return Kind::PhpIni;
    }
    if pasted {
        let first = head().find(|line| !line.starts_with('#')).unwrap_or("");
        let word = first.split_whitespace().next().unwrap_or("");
        if (word.eq_ignore_ascii_case("from") || word.eq_ignore_ascii_case("arg"))
            && first.split_whitespace().count() > 1
        {
            return Kind::Dockerfile;
        }
    }
    Kind::Other
}

/// Whether it is what `docker compose config --format json` prints: an object whose `services` have an image or are built.
fn is_compose_json(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    if !text.trim_start().starts_with('{') || !text.contains("\"services\"") {
        return false;
    }
    let read = json::parse(text);
    let services = read.root().and_then(|root| root.get("services")).map(json::Value::members).unwrap_or_default();
    services.iter().any(|service| ["image", "build"].iter().any(|key| service.value.get(key).is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_decide() {
        for (path, want) in [
            ("Dockerfile", Kind::Dockerfile),
            ("docker/php.Dockerfile", Kind::Dockerfile),
            ("Dockerfile.prod", Kind::Dockerfile),
            ("docker/Dockerfile.dockerignore", Kind::DockerIgnore),
            ("compose.prod.yaml", Kind::Compose),
            ("a/docker-compose.yml", Kind::Compose),
            (".env.example", Kind::DotEnv),
            ("backup.env", Kind::DotEnv),
            (".env.local.php", Kind::PhpSource),
            ("web/sites/default/settings.php", Kind::PhpSource),
            ("docker/cron.d/app", Kind::Crontab),
            ("config/database.php", Kind::PhpSource),
            ("src/Kernel.php", Kind::Other),
            ("wp/wp-config-docker.php", Kind::PhpSource),
            (".config/redis.config.php", Kind::PhpSource),
            ("public/.user.ini", Kind::PhpIni),
            ("app/bin/console", Kind::PhpSource),
            ("public/.htaccess", Kind::Htaccess),
            ("docker/Caddyfile", Kind::Caddyfile),
            ("docker/supervisord.conf", Kind::Supervisord),
            (".gitlab-ci.yml", Kind::GitlabCi),
            (".github/workflows/ci.yml", Kind::GithubWorkflow),
            ("deploy.sh", Kind::Script),
            ("docker/php/php.ini", Kind::PhpIni),
            ("Dockerfile.template", Kind::Other),
            ("fpm/web/nginx.conf", Kind::Nginx),
            ("docker/redis/redis.conf", Kind::RedisConf),
        ] {
            assert_eq!(by_name(path), Some(want), "{path}");
        }
    }

    #[test]
    fn folders_suggest_and_content_confirms() {
        assert_eq!(kind("docker/php/zz-app.ini", "x = 1\n"), Kind::PhpIni);
        assert_eq!(kind("docker/nginx/default.conf", "server { listen 80; }\n"), Kind::Nginx);
        assert_eq!(kind("docker/php-fpm.d/zz.conf", "; pool\n[www]\nlisten = 9000\n"), Kind::FpmPool);
        for (path, text, want) in [
            ("etc/apache2/sites-available/ssl.conf", "<VirtualHost *:443>\n</VirtualHost>\n", Kind::Apache),
            ("docker/apache2/conf-enabled/security.conf", "# x\nServerTokens Prod\nTraceEnable Off\n", Kind::Apache),
            ("docker/apache/vhost.conf", "DocumentRoot /srv\n", Kind::Apache),
            ("nginx/templates/default.conf.template", "server {\n  listen ${PORT};\n}\n", Kind::Nginx),
            ("docker/templates/mail.conf.template", "subject = x\n", Kind::Other),
            ("nginx/snippets/headers.conf", "add_header X-A b;\n", Kind::Nginx),
            ("nginx/sites/app.conf.example", "server {\n  listen 80;\n}\n", Kind::Nginx),
            ("etc/nginx/sites-available/default", "server {\n  listen 80;\n}\n", Kind::Nginx),
            ("docker/app.nginx", "server { listen 80; }\n", Kind::Nginx),
            ("docker/conf.d/app.conf", "location /x {\n  proxy_pass http://a;\n}\n", Kind::Nginx),
        ] {
            assert_eq!(kind(path, text), want, "{path}");
        }
    }

    #[test]
    fn pasted_text_is_recognised() {
        assert_eq!(kind("untitled", "# x\nFROM php:8.4-fpm\n"), Kind::Dockerfile);
        assert_eq!(kind("paste-1", "services:\n  a:\n    image: b\n"), Kind::Compose);
        assert_eq!(kind("stack.yml", "services:\n  a:\n    build: .\n"), Kind::Compose);
        assert_eq!(kind("common.yaml", "services:\n  base:\n    restart: always\n"), Kind::Compose);
        assert_eq!(kind("stack.yml", "services:\n  a: {image: b}\n"), Kind::Compose);
        assert_eq!(kind("app.yaml", "services:\n# x\n- name: web\n  image: y\n"), Kind::Other);
        assert_eq!(kind("services.yaml", "services:\n  App\\:\n    resource: x\n"), Kind::Other);
        assert_eq!(kind("stack.json", "{\"services\": {\"a\": {\"image\": \"b\"}}}"), Kind::Compose);
        assert_eq!(kind("paste-1", "{\n\t\"services\": {\"a\": {\"build\": {}}}}"), Kind::Compose);
        assert_eq!(kind("app.json", "{\"services\": [\"a\"], \"image\": \"x\"}"), Kind::Other);
        assert_eq!(kind("zz.conf", "[www]\npm = static\n"), Kind::FpmPool);
        assert_eq!(kind("worker/app.conf", "; queue\n[program:queue]\ncommand=php x\n"), Kind::Supervisord);
        assert_eq!(kind("tools/xdebug.ini", "xdebug.mode=off\n"), Kind::PhpIni);
        assert_eq!(kind("tools/other.ini", "[main]\nname=x\n"), Kind::Other);
        assert_eq!(kind("x.md", "FROM the start\n"), Kind::Other);
        assert_eq!(kind("paste-2", "docker run -d \\\n  redis\n"), Kind::Script);
        assert_eq!(kind("untitled", "stages: [a]\nb:\n  script:\n    - c\n"), Kind::GitlabCi);
        assert_eq!(kind("ci.yml", "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n"), Kind::GithubWorkflow);
        assert_eq!(kind("untitled", "pipeline {\n  stages {\n    stage('a') {\n"), Kind::Jenkinsfile);
        assert_eq!(kind("untitled", ".PHONY: up\nup:\n\tdocker compose up\n"), Kind::Makefile);
        assert_eq!(kind("untitled", "# x\n* * * * * php artisan schedule:run\n"), Kind::Crontab);
        assert_eq!(kind("untitled", "user default off\nuser app on >x ~* +@all\n"), Kind::RedisAcl);
    }

    #[test]
    fn scripts_without_an_ending() {
        assert_eq!(kind("docker/docker-entrypoint", "#!/bin/sh\nset -e\n"), Kind::Script);
        assert_eq!(kind("bin/deploy", "#!/usr/bin/env bash\n"), Kind::Script);
        assert_eq!(kind("bin/tool", "#!/usr/bin/env php\n<?php\n"), Kind::Other);
        assert_eq!(kind("notes.txt", "user guide\n* first\n"), Kind::Other);
        assert_eq!(kind("vhost.conf", "<VirtualHost *:80>\nRewriteEngine On\n</VirtualHost>\n"), Kind::Apache);
        assert_eq!(kind("paste", "<IfModule mod_rewrite.c>\nRewriteEngine On\n</IfModule>\n"), Kind::Htaccess);
        assert_eq!(kind("paste", "RewriteEngine On\nRewriteRule ^ index.php [L]\n"), Kind::Htaccess);
        assert_eq!(kind("paste", "example.com {\n\tphp_fastcgi app:9000\n\tfile_server\n}\n"), Kind::Caddyfile);
        assert_eq!(kind("paste", "server {\n    location / { }\n}\n"), Kind::Nginx);
        assert_eq!(kind("paste", "upstream php {\n    server app:9000;\n}\n"), Kind::Nginx);
    }
}
