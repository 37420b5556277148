//! Consoles for databases that let whoever opens them in without asking: phpMyAdmin, Adminer, mongo-express, Redis Commander, pgAdmin.

use super::ServiceRef;
use crate::facts::images;
use crate::model::compose::{EnvVar, Text};
use crate::source::Location;

/// How a console opens for everybody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OpenBy {
    /// A login that it holds itself.
    StoredLogin,
    /// It connects to any server that is asked for.
    AnyServer,
    /// Its own login is switched off.
    LoginOff,
    /// Its own login is the one of its documentation.
    DefaultLogin,
    /// It has no login unless one is set, and none is.
    NoLogin,
}

/// A console without a question.
#[derive(Clone, Debug)]
pub struct OpenConsole<'p> {
    /// The console.
    pub console: &'static str,
    /// How it is open.
    pub by: OpenBy,
    /// The variable that makes it so; `None` where one is missing.
    pub variable: Option<&'p EnvVar>,
    /// A second variable that belongs to it: the password beside the user.
    pub second: Option<&'p EnvVar>,
    /// Where the fault is.
    pub at: Location,
}

impl<'p> ServiceRef<'p, '_> {
    /// How the database console that it runs is open.
    #[must_use]
    pub fn open_console(self) -> Option<OpenConsole<'p>> {
        let image = self.image_use.reference.as_ref().filter(|_| !self.image_use.is_base && !self.is_partly_known())?;
        let name = images::name(image);
        match name.as_str() {
            "phpmyadmin" | "phpmyadmin/phpmyadmin" => self.phpmyadmin(),
            "adminer" => {
                let plugins = self.set("ADMINER_PLUGINS", |text| {
                    ["login-password-less", "autologin", "login-without"].iter().any(|part| text.contains(part))
                })?;
                self.by("Adminer", OpenBy::StoredLogin, Some(plugins), None)
            }
            "mongo-express" => self.mongo_express(),
            "rediscommander/redis-commander" | "ghcr.io/joeferner/redis-commander" => {
                let login = ["HTTP_USER", "HTTP_PASSWORD_HASH", "HTTP_PASSWORD_FILE", "HTTP_USER_FILE"];
                let hosts = ["REDIS_HOSTS", "REDIS_HOST", "REDIS_PASSWORD"];
                let opens = hosts.into_iter().find_map(|key| self.service().variable(key));
                let closed = login.into_iter().any(|key| self.variable(key).is_some());
                if closed { None } else { self.by("Redis Commander", OpenBy::NoLogin, None, opens) }
            }
            "dpage/pgadmin4" => {
                let off = self.set("PGADMIN_CONFIG_SERVER_MODE", |text| text.eq_ignore_ascii_case("false"))?;
                self.by("pgAdmin", OpenBy::LoginOff, Some(off), None)
            }
            "redis/redisinsight" | "redislabs/redisinsight" => {
                let stored =
                    ["RI_REDIS_HOST", "RI_REDIS_HOST1"].into_iter().find_map(|key| self.service().variable(key));
                self.by("Redis Insight", OpenBy::NoLogin, None, stored)
            }
            _ => None,
        }
    }

    fn phpmyadmin(self) -> Option<OpenConsole<'p>> {
        let filled = |text: &str| !text.is_empty();
        if let Some(user) = self.set("PMA_USER", filled) {
            let password =
                self.service().variable("PMA_PASSWORD").or_else(|| self.service().variable("PMA_PASSWORD_FILE"));
            if password.is_some() {
                return self.by("phpMyAdmin", OpenBy::StoredLogin, Some(user), password);
            }
        }
        let any = self.set("PMA_ARBITRARY", |text| matches!(text, "1" | "true"))?;
        self.by("phpMyAdmin", OpenBy::AnyServer, Some(any), None)
    }

    fn mongo_express(self) -> Option<OpenConsole<'p>> {
        let off = |text: &str| matches!(text.to_ascii_lowercase().as_str(), "false" | "0" | "");
        let name = "mongo-express";
        for key in ["ME_CONFIG_BASICAUTH", "ME_CONFIG_BASICAUTH_ENABLED"] {
            if let Some(variable) = self.set(key, off) {
                return self.by(name, OpenBy::LoginOff, Some(variable), None);
            }
        }
        let password = ["ME_CONFIG_BASICAUTH_PASSWORD", "ME_CONFIG_BASICAUTH_PASSWORD_FILE"];
        let own = password.into_iter().find_map(|key| self.service().variable(key));
        match own {
            None => self.by(name, OpenBy::DefaultLogin, None, None),
            Some(_) => {
                let default = self.set("ME_CONFIG_BASICAUTH_PASSWORD", |text| text == "pass")?;
                self.by(name, OpenBy::DefaultLogin, Some(default), None)
            }
        }
    }

    /// A variable whose value is known and fits.
    fn set(self, key: &str, fits: impl Fn(&str) -> bool) -> Option<&'p EnvVar> {
        let variable = self.service().variable(key)?;
        let known = |value: &&Text| value.is_known() || (value.variables.is_empty() && !value.text.is_empty());
        variable.value.as_ref().filter(known).filter(|value| fits(value.text.trim())).map(|_| variable)
    }

    fn by(
        self,
        console: &'static str,
        by: OpenBy,
        variable: Option<&'p EnvVar>,
        second: Option<&'p EnvVar>,
    ) -> Option<OpenConsole<'p>> {
        let at = variable.map(|variable| variable.key_at).or(self.image_use.at)?;
        Some(OpenConsole { console, by, variable, second, at })
    }
}

#[cfg(test)]
mod tests {
    use super::OpenBy;
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn open(image: &str, environment: &str) -> Option<OpenBy> {
        let compose = format!("services:\n  a:\n    image: {image}\n    environment: {{{environment}}}\n");
        let files = sources(&[("compose.yaml", &compose)]);
        let project = Project::new(&files, TODAY);
        let service = project.services().next().unwrap();
        service.open_console().map(|console| console.by)
    }

    #[test]
    fn consoles() {
        for (image, environment, by) in [
            ("phpmyadmin:5", "PMA_USER: root, PMA_PASSWORD: x", Some(OpenBy::StoredLogin)),
            ("phpmyadmin/phpmyadmin", "PMA_ARBITRARY: 1", Some(OpenBy::AnyServer)),
            ("phpmyadmin:5", "PMA_HOST: db", None),
            ("phpmyadmin:5", "PMA_USER: root", None),
            ("adminer:5", "ADMINER_PLUGINS: login-password-less", Some(OpenBy::StoredLogin)),
            ("adminer:5", "ADMINER_DEFAULT_SERVER: db", None),
            ("mongo-express:1", "ME_CONFIG_BASICAUTH: \"false\"", Some(OpenBy::LoginOff)),
            ("mongo-express:1", "ME_CONFIG_MONGODB_URL: x", Some(OpenBy::DefaultLogin)),
            ("mongo-express:1", "ME_CONFIG_BASICAUTH_PASSWORD: pass", Some(OpenBy::DefaultLogin)),
            ("mongo-express:1", "ME_CONFIG_BASICAUTH_PASSWORD: \"${P}\"", None),
            ("rediscommander/redis-commander", "REDIS_HOSTS: local:redis:6379", Some(OpenBy::NoLogin)),
            ("rediscommander/redis-commander", "REDIS_HOSTS: x, HTTP_USER: a", None),
            ("dpage/pgadmin4:9", "PGADMIN_CONFIG_SERVER_MODE: \"False\"", Some(OpenBy::LoginOff)),
            ("dpage/pgadmin4:9", "PGADMIN_DEFAULT_EMAIL: a@b.c", None),
            ("mysql:8.4", "PMA_ARBITRARY: 1", None),
        ] {
            assert_eq!(open(image, environment), by, "{image} {environment}");
        }
    }
}
