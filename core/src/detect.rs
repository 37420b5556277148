//! Which format a file has: by its name first, by its content second, because people paste text without a name.

use crate::source::file_name;

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
            Self::Other => "other",
        }
    }
}

/// The format of a file.
#[must_use]
pub fn kind(path: &str, text: &str) -> Kind {
    by_name(path).or_else(|| by_folder(path, text)).unwrap_or_else(|| by_content(path, text))
}

/// The format that a name alone tells.
#[must_use]
pub fn by_name(path: &str) -> Option<Kind> {
    let name = file_name(path).to_ascii_lowercase();
    let yaml = name.ends_with(".yml") || name.ends_with(".yaml");
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
    if name.starts_with("php") && name.ends_with(".ini") {
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
    let apache = || lines().any(|line| line.trim_start().starts_with('<'));
    if name.ends_with(".conf") && within(&["nginx", "sites-enabled", "sites-available"]) && !apache() {
        return Some(Kind::Nginx);
    }
    None
}

/// The format that the content tells; only the first lines are looked at.
fn by_content(path: &str, text: &str) -> Kind {
    let name = file_name(path).to_ascii_lowercase();
    // A name with an ending of its own says that it is something else, whatever its first line looks like.
    let pasted = !name.contains('.') || name.ends_with(".txt");
    let head = || text.lines().take(200).map(str::trim_end).filter(|line| !line.trim().is_empty());
    if name.ends_with(".yml") || name.ends_with(".yaml") || pasted {
        let services = head().any(|line| line == "services:" || line.starts_with("services: "));
        let body = head().any(|line| matches!(line.trim().split(':').next(), Some("image" | "build")));
        if services && body {
            return Kind::Compose;
        }
    }
    if name.ends_with(".conf") || pasted {
        if head().any(|line| line.trim_start().starts_with("pm =") || line.trim_start().starts_with("pm.")) {
            return Kind::FpmPool;
        }
        if head()
            .any(|line| line.trim_start().starts_with("server {") || line.trim_start().starts_with("fastcgi_pass "))
        {
            return Kind::Nginx;
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
                Some("[PHP]" | "display_errors" | "expose_php" | "memory_limit" | "opcache.enable")
            )
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
            (".env.local.php", Kind::Other),
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
        assert_eq!(kind("etc/apache2/sites-available/ssl.conf", "<VirtualHost *:443>\n</VirtualHost>\n"), Kind::Other);
    }

    #[test]
    fn pasted_text_is_recognised() {
        assert_eq!(kind("untitled", "# x\nFROM php:8.4-fpm\n"), Kind::Dockerfile);
        assert_eq!(kind("paste-1", "services:\n  a:\n    image: b\n"), Kind::Compose);
        assert_eq!(kind("stack.yml", "services:\n  a:\n    build: .\n"), Kind::Compose);
        assert_eq!(kind("services.yaml", "services:\n  App\\:\n    resource: x\n"), Kind::Other);
        assert_eq!(kind("zz.conf", "[www]\npm = static\n"), Kind::FpmPool);
        assert_eq!(kind("x.md", "FROM the start\n"), Kind::Other);
    }
}
