//! How a Redis-family server is set up: its command line over its configuration file, as the server reads them.

use super::{Parsed, ServiceRef};
use crate::source::{Location, file_name, join};
use crate::syntax::{redis_acl, redis_conf};

/// What is known of a Redis server's set-up.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct RedisSettings {
    /// `port`; 6379 when unset, 0 for no TCP port.
    pub port: Option<u16>,
    /// A password is asked for: `requirepass`, or a `user` line with a password.
    pub password: bool,
    /// An ACL file is named.
    pub acl_file: Option<String>,
    /// `user default on nopass`, or an image switch that asks for no password.
    pub explicitly_open: Option<Location>,
    /// `protected-mode no`.
    pub protected_mode_off: Option<Location>,
    /// `tls-auth-clients` with TLS on: only clients with a certificate connect.
    pub requires_client_certificates: bool,
    /// A configuration file is named whose text was not supplied.
    pub unseen_file: Option<String>,
    /// The command holds a variable without a value, or is a script: it may set anything.
    pub unseen_command: bool,
    /// Every `bind` address is a loopback one: no other container connects.
    pub loopback_only: bool,
    /// `maxmemory` sets a bound. Without one nothing is ever evicted.
    pub bounded: bool,
    /// `maxmemory-policy`, and where it is set; Redis evicts nothing when unset.
    pub eviction: Option<(String, Location)>,
    /// Where the set-up is written: the command, the file, or the image.
    pub at: Option<Location>,
}

impl RedisSettings {
    /// Whether a client has to prove who it is, as far as the files tell.
    #[must_use]
    pub fn has_authentication(&self) -> bool {
        self.explicitly_open.is_none()
            && (self.password || self.acl_file.is_some() || self.requires_client_certificates)
    }

    /// Whether a text that was not supplied may ask for a password.
    #[must_use]
    pub fn is_unseen(&self) -> bool {
        self.explicitly_open.is_none()
            && !self.has_authentication()
            && (self.unseen_file.is_some() || self.unseen_command)
    }
}

impl ServiceRef<'_, '_> {
    /// Whether it is a server of the Redis family.
    #[must_use]
    pub fn is_redis(self) -> bool {
        let image = self.image_use.reference.as_ref().map(|image| image.path.as_str()).unwrap_or("");
        let family = ["redis", "valkey", "keydb", "dragonfly"].iter().any(|name| {
            let last = file_name(image);
            last == *name
                || last == format!("{name}-stack")
                || last == format!("{name}-stack-server")
                || last == format!("{name}-server")
                || last.starts_with(&format!("{name}-alpine"))
        });
        let words = self.main_command().words;
        let server = words
            .iter()
            .any(|word| matches!(file_name(word), "redis-server" | "valkey-server" | "keydb-server" | "dragonfly"));
        // The image also holds the client and the sentinel.
        let other = words
            .iter()
            .any(|word| ["redis-cli", "valkey-cli", "-sentinel", "-benchmark"].iter().any(|tool| word.contains(tool)));
        (family && self.role.name != "monitor" && !other) || server
    }

    /// Its set-up.
    #[must_use]
    pub fn redis_settings(self) -> RedisSettings {
        let mut settings = RedisSettings { at: self.image_use.at, ..RedisSettings::default() };
        let main = self.main_command();
        let after = main
            .words
            .iter()
            .position(|word| file_name(word).ends_with("-server") || file_name(word) == "dragonfly")
            .map_or(0, |at| at + 1);
        let words: Vec<String> =
            match main.words.iter().find(|word| word.contains("redis-server ") || word.contains("valkey-server ")) {
                // `sh -c "redis-server …"`
                Some(line) => line
                    .split_whitespace()
                    .skip_while(|word| !file_name(word).ends_with("-server"))
                    .skip(1)
                    .map(|word| word.trim_matches(['"', '\'']).to_owned())
                    .collect(),
                None => main.words.iter().skip(after).cloned().collect(),
            };
        let first =
            words.first().filter(|word| !word.starts_with('-') && (word.contains('/') || word.ends_with(".conf")));
        let is_script = first.is_some_and(|word| word.ends_with(".sh") || file_name(word).contains("entrypoint"));
        settings.unseen_command =
            is_script || [&self.command, &self.entrypoint].into_iter().flatten().any(|command| !command.known);
        if let Some(file) = first.filter(|_| !is_script) {
            self.redis_file(file, &mut settings);
        }
        for (name, args) in redis_conf::from_args(&words) {
            let at = main.at.unwrap_or(self.at);
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            settings.apply(&name, &args, at);
            settings.at = main.at.or(settings.at);
        }
        for (key, value) in
            self.variables.iter().filter_map(|variable| Some((variable.key.as_str(), variable.value.as_ref()?)))
        {
            match key {
                "REDIS_PASSWORD" | "REDIS_PASSWORD_FILE" | "VALKEY_PASSWORD" | "VALKEY_PASSWORD_FILE"
                    if self.is_bitnami() && !value.text.is_empty() =>
                {
                    settings.password = true
                }
                // redis-stack adds this to its command line.
                "REDIS_ARGS" => {
                    let args: Vec<String> = value.text.split_whitespace().map(str::to_owned).collect();
                    for (name, args) in redis_conf::from_args(&args) {
                        let args: Vec<&str> = args.iter().map(String::as_str).collect();
                        settings.apply(&name, &args, value.at);
                    }
                }
                "ALLOW_EMPTY_PASSWORD" if value.text.eq_ignore_ascii_case("yes") => {
                    settings.explicitly_open = Some(value.at)
                }
                _ => {}
            }
        }
        if let Some(at) = settings.acl_file.as_deref().and_then(|path| self.open_default_user(path)) {
            settings.explicitly_open = Some(at);
        }
        settings
    }

    /// The line of a supplied ACL file that lets everybody in.
    fn open_default_user(self, path: &str) -> Option<Location> {
        let project = self.project();
        let id = self.file_in_container(path).and_then(|name| project.sources.id(&name))?;
        let acl = redis_acl::parse(project.text(id));
        let open = acl.user("default").filter(|user| user.enabled().is_some())?.without_password()?;
        Some(Location::new(id, open.span))
    }

    fn is_bitnami(self) -> bool {
        self.image_use.text.contains("bitnami")
    }

    /// Reads the configuration file at a path of the container: mounted, granted as a config, or copied into the image.
    fn redis_file(self, path: &str, settings: &mut RedisSettings) {
        let project = self.project();
        let Some(id) = self.file_in_container(path).and_then(|name| project.sources.id(&name)) else {
            settings.unseen_file = Some(path.to_owned());
            return;
        };
        let Parsed::RedisConf(conf) = &project.file(id).parsed else {
            settings.unseen_file = Some(path.to_owned());
            return;
        };
        settings.at =
            Some(Location::new(id, conf.directives.first().map_or(crate::span::Span::at(0), |first| first.span)));
        for directive in &conf.directives {
            let args: Vec<&str> = directive.args.iter().map(|(text, _)| text.as_str()).collect();
            settings.apply(&directive.name, &args, Location::new(id, directive.span));
        }
    }

    /// The project's file that stands at a path of the container, by bind mount, config, secret or `COPY`.
    #[must_use]
    pub fn file_in_container(self, path: &str) -> Option<String> {
        let folder = &self.view.folder;
        for mount in &self.mounts {
            if let Some(source) = mount.source.as_deref().filter(|source| source.starts_with('.')) {
                if mount.target == path {
                    return Some(join(folder, source));
                }
                if let Some(rest) =
                    path.strip_prefix(mount.target.trim_end_matches('/')).and_then(|rest| rest.strip_prefix('/'))
                {
                    return Some(join(folder, &format!("{source}/{rest}")));
                }
            }
        }
        for (grants, resources) in
            [(&self.service.spec.configs, &self.view.configs), (&self.service.spec.secrets, &self.view.secrets)]
        {
            if let Some(grant) = grants.iter().find(|grant| grant.target == path) {
                let file = resources.iter().find(|resource| resource.name == grant.source)?.file.as_ref()?;
                return Some(join(folder, &file.text));
            }
        }
        let used = self.build_use.as_ref()?;
        for copy in used.copies(self.project).into_iter().filter(|copy| used.is_final(copy.stage)) {
            for source in &copy.sources {
                let target = if copy.destination.ends_with('/') {
                    format!("{}{}", copy.destination, file_name(&source.path))
                } else {
                    copy.destination.clone()
                };
                if target == path {
                    return Some(join(used.context.as_deref()?, &source.path));
                }
            }
        }
        None
    }
}

impl RedisSettings {
    /// A `user` line of the configuration or of the command line.
    fn user(&mut self, args: &[&str], at: Location) {
        let acl = redis_acl::parse(&format!("user {}", args.join(" ")));
        match acl.user("default") {
            Some(user) if user.enabled().is_some() && user.without_password().is_some() => {
                self.explicitly_open = Some(at)
            }
            // Redis resets the default user before it reads its line: it is off, or has a password.
            Some(_) => self.password = true,
            None => self.password |= acl.users.iter().any(redis_acl::User::asks_for_password),
        }
    }

    fn apply(&mut self, name: &str, args: &[&str], at: Location) {
        let first = args.first().copied().unwrap_or("");
        match name {
            "port" => self.port = first.parse().ok().or(self.port),
            "bind" => {
                self.loopback_only = !args.is_empty()
                    && args.iter().all(|ip| matches!(ip.trim_start_matches('-'), "127.0.0.1" | "::1" | "localhost"))
            }
            "maxmemory" => self.bounded = !matches!(first, "" | "0"),
            "maxmemory-policy" => self.eviction = Some((first.to_ascii_lowercase(), at)),
            "requirepass" => self.password = !first.is_empty(),
            "aclfile" => self.acl_file = Some(first.to_owned()).filter(|file| !file.is_empty()),
            "protected-mode" if first.eq_ignore_ascii_case("no") => self.protected_mode_off = Some(at),
            "user" => self.user(args, at),
            "tls-port" if first != "0" && self.port == Some(0) => self.requires_client_certificates = true,
            "tls-auth-clients" if first == "no" || first == "optional" => self.requires_client_certificates = false,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn settings(body: &str, others: &[(&str, &str)]) -> RedisSettings {
        let text = format!("services:\n  redis:\n    image: redis:8.2.9\n{body}");
        let mut files = vec![("compose.yaml", text.as_str())];
        files.extend_from_slice(others);
        let sources = sources(&files);
        let project = Project::new(&sources, TODAY);
        project.services().next().unwrap().redis_settings()
    }

    #[test]
    fn authentication_by_every_way() {
        for body in [
            "    command: redis-server --requirepass x\n",
            "    command: redis-server --requirepass ${PASSWORD}\n",
            "    command: [redis-server, --aclfile, /run/secrets/acl]\n",
            "    command: [\"sh\", \"-c\", \"exec redis-server --requirepass $$PASSWORD\"]\n",
            "    environment: {REDIS_ARGS: \"--requirepass x\"}\n",
        ] {
            assert!(settings(body, &[]).has_authentication(), "{body}");
        }
        for body in [
            "",
            "    command: redis-server --protected-mode no\n",
            "    command: redis-server --requirepass \"\"\n",
            "    command: redis-server --appendonly yes\n",
        ] {
            let settings = settings(body, &[]);
            assert!(!settings.has_authentication() && !settings.is_unseen(), "{body}");
        }
    }

    #[test]
    fn users_of_the_configuration_file() {
        let body = "    command: redis-server /r.conf\n    volumes: [\"./redis.conf:/r.conf:ro\"]\n";
        let of = |conf: &str| settings(body, &[("redis.conf", conf)]);
        for closed in
            ["user default off\n", "user default on >x ~* +@all\n", "user default on nopass >x\n", "user app on #ab\n"]
        {
            assert!(of(closed).has_authentication(), "{closed}");
        }
        assert!(of("user default on >x nopass ~* +@all\n").explicitly_open.is_some(), "the last word counts");
        assert!(!of("user app >x\n").has_authentication(), "that user is off, and the default one is open");
    }

    #[test]
    fn what_was_not_supplied_stays_unknown() {
        for body in [
            "    command: redis-server /etc/redis/redis.conf\n",
            "    command: redis-server ${ARGS}\n",
            "    command: [/scripts/start.sh]\n",
        ] {
            assert!(settings(body, &[]).is_unseen(), "{body}");
        }
    }

    #[test]
    fn the_mounted_file_is_read() {
        let body = "    command: redis-server /etc/redis/redis.conf\n    volumes: [\"./redis.conf:/etc/redis/redis.conf:ro\"]\n";
        assert!(settings(body, &[("redis.conf", "requirepass x\n")]).has_authentication());
        let open = settings(body, &[("redis.conf", "bind 127.0.0.1 -::1\nport 7000\n")]);
        assert!(!open.has_authentication() && !open.is_unseen() && open.loopback_only);
        assert_eq!(open.port, Some(7000));
    }

    #[test]
    fn an_acl_file_that_lets_everybody_in() {
        let body = "    command: redis-server --aclfile /acl\n    volumes: [\"./users.acl:/acl:ro\"]\n";
        assert!(settings(body, &[("users.acl", "user default on nopass ~* &* +@all\n")]).explicitly_open.is_some());
        assert!(
            settings(body, &[("users.acl", "user default off\nuser app on >x ~* &* +@all\n")]).has_authentication()
        );
    }
}
