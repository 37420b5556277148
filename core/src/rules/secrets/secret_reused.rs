//! `secrets/secret-reused`

use crate::declare_rule;
use crate::finding::Confidence;
use crate::project::{Context, Project, ReusedSecret};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// One value behind several credentials: the database's root password and that of its user, two data services, or
    /// production and a deployment for development or tests.
    ///
    /// # Why it matters
    /// A value that leaks from the weakest place then opens all the others. An application that knows its own password
    /// knows that of root as well, and the developer's laptop that of production.
    ///
    /// Two variables that take their value from the same one (`${DB_PASSWORD}`) share it, whatever it is. Server and
    /// client of one credential, and replicas, have the same by nature. Weak passwords and keys of frameworks are
    /// judged by other rules, and in development nothing is reported.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   db:
    ///     image: mysql:8.4.7
    ///     environment:
    ///       MYSQL_DATABASE: shop
    ///       MYSQL_USER: shop_app
    ///       MYSQL_PASSWORD: ${DB_PASSWORD}
    ///       MYSQL_ROOT_PASSWORD: ${DB_PASSWORD}
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   db:
    ///     image: mysql:8.4.7
    ///     environment:
    ///       MYSQL_DATABASE: shop
    ///       MYSQL_USER: shop_app
    ///       MYSQL_PASSWORD: ${DB_PASSWORD}
    ///       MYSQL_ROOT_PASSWORD: ${DB_ROOT_PASSWORD}
    /// ```
    ///
    /// # How to fix
    /// Make a value of its own for each credential and each deployment, with `openssl rand -base64 24`. MySQL needs no
    /// root password that anybody knows: `MYSQL_RANDOM_ROOT_PASSWORD` makes one.
    ///
    /// # References
    /// CWE-1392, CWE-798, OWASP Secrets Management Cheat Sheet.
    id: "secrets/secret-reused",
    title: "One secret opens several doors",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Described,
    why: "A value that leaks from the weakest place opens all the others.",
    help: "Make a random value of its own for each credential and each deployment.",
    references: ["CWE-1392", "CWE-798", "OWASP Secrets Management Cheat Sheet"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for view in &project.views {
        for reused in project.reused_secrets(view) {
            let service = project.service(view, &reused.second.1);
            let serving = |context| !matches!(context, Context::Development | Context::Ci);
            if let Some(service) = service.filter(|service| serving(service.context)) {
                out.report(same(&reused).on(service));
            }
        }
    }
    for shared in project.shared_secrets() {
        let (key, view) = (shorten(&shared.key, 60), shorten(&shared.other_view, 40));
        let message = format!("`{key}` has the same value here as in the deployment `{view}`");
        out.report(Draft::new(shared.at, message).because(shared.other_at, "the same value stands here"));
    }
}

fn same(reused: &ReusedSecret) -> Draft {
    let ((first_key, first), (key, service)) = (&reused.first, &reused.second);
    let (first_key, key) = (shorten(first_key, 60), shorten(key, 60));
    let other = if first == service { format!("`{first_key}`") } else { format!("`{first_key}` of `{first}`") };
    Draft::new(reused.at, format!("`{key}` of `{service}` has the same value as {other}"))
        .confidence(Confidence::High)
        .because(reused.first_at, "the same value is set here")
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "secrets/secret-reused";

    fn stack(root: &str, user: &str) -> String {
        format!(
            "services:\n  db:\n    image: mysql:8.4\n    environment: {{MYSQL_ROOT_PASSWORD: \"{root}\", MYSQL_PASSWORD: \"{user}\"}}\n"
        )
    }

    #[test]
    fn inside_of_a_stack() {
        let found = findings(RULE, &[("compose.yaml", &stack("Zq81kdWinter77", "Zq81kdWinter77"))]);
        assert_eq!((found.len(), found[0].severity.as_str()), (1, "medium"));
        assert!(!found[0].message.contains("Winter"));
        clean(RULE, &[("compose.yaml", &stack("Zq81kdWinter77", "Zq81kdWinter78"))]);
        clean(RULE, &[("compose.yaml", &stack("root", "root"))]);
        clean(RULE, &[("compose.dev.yaml", &stack("Zq81kdWinter77", "Zq81kdWinter77"))]);
    }

    #[test]
    fn a_client_has_the_password_of_its_server() {
        let text = format!(
            "{}  app:\n    image: registry.example.net/shop:1\n    environment: {{DB_PASSWORD: Zq81kdWinter78}}\n",
            stack("Zq81kdWinter77", "Zq81kdWinter78")
        );
        clean(RULE, &[("compose.yaml", &text)]);
    }

    #[test]
    fn two_deployments() {
        let app =
            |value: &str| format!("services:\n  app:\n    image: a:1\n    environment: {{MAIL_PASSWORD: {value}}}\n");
        let (one, two) = (app("Zq81kdWinter77"), app("Zq81kdWinter78"));
        assert_eq!(findings(RULE, &[("compose.prod.yaml", &one), ("compose.dev.yaml", &one)]).len(), 1);
        clean(RULE, &[("compose.prod.yaml", &one), ("compose.dev.yaml", &two)]);
    }
}
