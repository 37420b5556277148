//! `datastores/redis-dangerous-commands`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::project::{Project, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A Redis server whose application may run the commands of administration: a user with `+@all` and no
    /// `-@dangerous` or `-@admin`, or one password for everything. Also `enable-debug-command`, `enable-module-command`
    /// and `enable-protected-configs` that are on.
    ///
    /// # Why it matters
    /// `CONFIG`, `MODULE`, `DEBUG` and `REPLICAOF` turn a stolen password into files written on the server, foreign
    /// code loaded into it, and a copy of all data; `FLUSHALL` deletes it for ransom. An application needs none of
    /// them.
    ///
    /// A switch that is on is *high*, a user who may do everything *medium*, and a server with one password for
    /// everything *low*: since version 7 Redis protects the worst settings by itself. Servers without a password have a
    /// rule of their own; users called `admin` or `root`, and servers with renamed commands, are not reported.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   redis:
    ///     image: redis:8.2.9-alpine
    ///     command: ["redis-server", "/etc/redis/redis.conf"]
    ///     volumes: ["./redis.conf:/etc/redis/redis.conf:ro"]
    /// ```
    /// ```conf file:redis.conf
    /// aclfile /run/secrets/users.acl
    /// enable-debug-command yes
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   redis:
    ///     image: redis:8.2.9-alpine
    ///     command: ["redis-server", "--aclfile", "/etc/redis/users.acl"]
    ///     volumes: ["./users.acl:/etc/redis/users.acl:ro"]
    /// ```
    /// ```text file:users.acl
    /// user default off
    /// user app on #2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b ~shop:* &* +@all -@dangerous +info
    /// ```
    ///
    /// # How to fix
    /// Give the application a user with `+@all -@admin -@dangerous +info`. Scripts (`EVAL`), which queues and locks
    /// need, stay allowed. Clearing a cache may need `+flushdb`, and old code `+keys`; add them one by one. Leave the
    /// `enable-…` switches at `no`.
    ///
    /// # References
    /// CWE-749, CWE-732, Redis documentation "ACL", "Command categories".
    id: "datastores/redis-dangerous-commands",
    title: "Redis lets its clients run commands of administration",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "CONFIG, MODULE and DEBUG turn a stolen Redis password into files on the server, foreign code and a copy of all data.",
    help: "Give the application a user with `+@all -@admin -@dangerous +info`, and leave the enable-… switches at no.",
    references: ["CWE-749", "CWE-732"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services().filter(|service| !service.view().standalone && service.is_redis()) {
        let commands = service.redis_commands();
        for switch in &commands.switches {
            let message = format!("`{}` sets {}, which Redis keeps off", service.name, switch.name);
            let draft = Draft::new(switch.at, message).severity(Severity::High).on(service);
            out.report(draft.aspect(switch.name.as_str()).fix(project.close_switch(switch)));
        }
        for user in &commands.users {
            let name = shorten(&user.name, 40);
            let message = format!("the user `{name}` of `{}` may run the commands of administration", service.name);
            out.report(
                Draft::new(user.at, message).confidence(Confidence::Medium).on(service).fix(project.limit_user(user)),
            );
        }
        if !commands.has_users && !commands.renames {
            one_password(service).into_iter().for_each(|draft| out.report(draft));
        }
    }
}

/// One password for everything; nothing is known of a server with an ACL file that was not supplied.
fn one_password(service: ServiceRef<'_, '_>) -> Option<Draft> {
    let settings = service.redis_settings();
    let only_password = settings.has_authentication() && settings.password && settings.acl_file.is_none();
    if !only_password || settings.unseen_file.is_some() || settings.loopback_only {
        return None;
    }
    let message = format!("`{}` has one password, and with it every command of administration", service.name);
    Some(
        Draft::new(settings.at.unwrap_or(service.at), message)
            .severity(Severity::Low)
            .confidence(Confidence::Medium)
            .on(service),
    )
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::findings;

    const RULE: &str = "datastores/redis-dangerous-commands";

    fn severity(body: &str, others: &[(&str, &str)]) -> String {
        let text = format!("services:\n  redis:\n    image: redis:8.2.9\n{body}");
        let mut files = vec![("compose.yaml", text.as_str())];
        files.extend_from_slice(others);
        findings(RULE, &files).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    const ACL: &str =
        "    command: redis-server --aclfile /r/users.acl\n    volumes: [\"./users.acl:/r/users.acl:ro\"]\n";
    const CONF: &str = "    command: redis-server /r/redis.conf\n    volumes: [\"./redis.conf:/r/redis.conf:ro\"]\n";

    #[test]
    fn switches() {
        assert_eq!(severity(CONF, &[("redis.conf", "enable-debug-command local\n")]), "high");
        assert_eq!(severity(CONF, &[("redis.conf", "enable-debug-command no\n")]), "none");
    }

    #[test]
    fn users() {
        assert_eq!(severity(ACL, &[("users.acl", "user app on >x ~* &* +@all\n")]), "medium");
        assert_eq!(severity(ACL, &[("users.acl", "user app on >x ~* &* +@all -@dangerous\n")]), "none");
        assert_eq!(severity(ACL, &[]), "none", "nobody has seen it");
    }

    #[test]
    fn one_password() {
        let body = "    command: redis-server --requirepass ${REDIS_PASSWORD}\n";
        assert_eq!(severity(body, &[]), "low");
        assert_eq!(severity("", &[]), "none", "that is another rule's");
        let renamed = "requirepass x\nrename-command CONFIG \"\"\n";
        assert_eq!(severity(CONF, &[("redis.conf", renamed)]), "none");
    }
}
