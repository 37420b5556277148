//! `network/unrestricted-egress`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::project::{Context, Project, View};
use crate::rule::{Draft, Findings};
use crate::text::list;

declare_rule! {
    /// # What it finds
    /// PHP that reaches every address of the internet, by a network that is not internal and without a proxy for
    /// outgoing requests, though nothing tells that it has to. A deployment has one finding.
    ///
    /// # Why it matters
    /// Code that broke in fetches its tools and sends data away by the same route. On a machine of a cloud the address
    /// `169.254.169.254` also hands out the credentials of the machine.
    ///
    /// Where variables tell of such a machine (a host such as `*.rds.amazonaws.com`, or a region of AWS without an
    /// access key), and no file deals with that address, the finding is *medium*, or stays *info* for an application
    /// that uses services outside. Without a hint of a cloud, an application with variables for mail, payment, objects
    /// or error reports is not reported. Networks with `egress` or `outbound` in their name are taken as meant,
    /// networks of other projects as unknown; development, pipelines and jobs that end are not asked.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: php:8.4-fpm
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: php:8.4-fpm
    ///     networks: [inside]
    ///     environment:
    ///       HTTPS_PROXY: http://squid:3128
    ///   squid:
    ///     image: ubuntu/squid:6.10-24.10_edge
    ///     networks: [inside, egress]
    /// networks:
    ///   inside: {internal: true}
    ///   egress: {}
    /// ```
    ///
    /// # How to fix
    /// Put PHP on internal networks, and a proxy with a list of allowed hosts (Squid, Envoy) between them and a network
    /// for the way out. On a machine of a cloud, drop `169.254.169.254` in the chain `DOCKER-USER`, or require IMDSv2
    /// with a hop limit of 1.
    ///
    /// # References
    /// CIS Docker Benchmark 5.9, NIST SP 800-190 3.4.2 and 4.4.2, CWE-923.
    id: "network/unrestricted-egress",
    title: "PHP may connect to any address of the internet",
    severity: Info,
    lowered_in_development: 2,
    fixes: Described,
    why: "Code that broke in fetches its tools and sends data away by the same route, and on a machine of a cloud it asks 169.254.169.254 for the machine's credentials.",
    help: "Put PHP on internal networks with a proxy that allows the hosts it needs, and block 169.254.169.254 on machines of a cloud.",
    references: ["CIS Docker Benchmark 5.9", "NIST SP 800-190 3.4.2", "NIST SP 800-190 4.4.2", "CWE-923"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for view in project.views.iter().filter(|view| !view.standalone) {
        if let Some(draft) = free(project, view) {
            out.report(draft);
        }
    }
}

/// The finding of one deployment, at the first of its services.
fn free(project: &Project<'_>, view: &View) -> Option<Draft> {
    let served = project.unrestricted_php(view);
    let served: Vec<_> =
        served.into_iter().filter(|one| !matches!(one.context, Context::Development | Context::Ci)).collect();
    let first = *served.first()?;
    let hint = served.iter().find_map(|service| service.cloud_hint()).filter(|_| !project.mentions_metadata());
    let calls_out = served.iter().any(|service| service.outside_service().is_some());
    if calls_out && hint.is_none() {
        return None;
    }
    let names: Vec<String> = served.iter().map(|service| format!("`{}`", service.name)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let cloud = if hint.is_some() { ", the metadata of the cloud included" } else { "" };
    let message = format!("{} may connect to any address of the internet{cloud}", list(&names));
    let severity = if hint.is_some() && !calls_out { Severity::Medium } else { Severity::Info };
    let draft = Draft::new(first.at, message).severity(severity).confidence(Confidence::Low).on(first);
    Some(draft.because_of(hint, "this tells of a machine of a cloud"))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "network/unrestricted-egress";

    fn severity(name: &str, body: &str) -> String {
        let text = format!(
            "services:\n  app:\n    image: php:8.4-fpm\n{body}networks:\n  inside: {{internal: true}}\n  egress: {{}}\n"
        );
        findings(RULE, &[(name, &text)]).first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    fn with(variables: &str) -> String {
        severity("compose.yaml", &format!("    environment: {{{variables}}}\n"))
    }

    #[test]
    fn one_finding_for_a_deployment() {
        let text = "services:\n  app:\n    image: php:8.4-fpm\n  worker:\n    image: php:8.4-cli\n    command: php artisan queue:work\n";
        let found = findings(RULE, &[("compose.yaml", text)]);
        assert_eq!(found.len(), 1);
        assert!(found[0].message.contains("`app` and `worker`"), "{}", found[0].message);
    }

    #[test]
    fn ways_that_are_closed_or_meant() {
        assert_eq!(severity("compose.yaml", ""), "info");
        assert_eq!(severity("compose.yaml", "    networks: [inside]\n"), "none");
        assert_eq!(severity("compose.yaml", "    networks: [inside, egress]\n"), "none");
        assert_eq!(with("HTTPS_PROXY: \"http://squid:3128\""), "none");
        assert_eq!(with("http_proxy: \"http://squid:3128\""), "none");
    }

    #[test]
    fn applications_that_use_services_outside() {
        assert_eq!(with("MAIL_HOST: smtp.example.net"), "none");
        assert_eq!(with("APP_URL: \"https://shop.example.net\""), "info");
    }

    #[test]
    fn machines_of_a_cloud() {
        assert_eq!(with("AWS_REGION: eu-west-1"), "medium");
        assert_eq!(with("AWS_REGION: eu-west-1, AWS_ACCESS_KEY_ID: AKIA"), "info");
        assert_eq!(with("AWS_REGION: eu-west-1, STRIPE_KEY: pk"), "info");
        let compose = "services:\n  app:\n    image: php:8.4-fpm\n    environment: {AWS_REGION: eu-west-1}\n";
        let script = "#!/bin/sh\niptables -I DOCKER-USER -d 169.254.169.254 -j DROP\n";
        let found = findings(RULE, &[("compose.yaml", compose), ("firewall.sh", script)]);
        assert_eq!(found[0].severity.to_string(), "info");
    }

    #[test]
    fn what_is_not_asked() {
        assert_eq!(severity("compose.dev.yaml", ""), "none");
        assert_eq!(severity("compose.yaml", "    env_file: [missing.env]\n"), "none");
        clean(RULE, &[("Dockerfile", "FROM php:8.4-fpm\n")]);
        clean(RULE, &[("compose.yaml", "services:\n  db:\n    image: mysql:8.4\n")]);
    }
}
