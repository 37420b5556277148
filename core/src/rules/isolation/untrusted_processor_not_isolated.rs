//! `isolation/untrusted-processor-not-isolated`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::project::{Group, Project, ServiceRef, View};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A service that renders or converts files of strangers (Gotenberg, a headless browser, imgproxy, Thumbor) on a
    /// network with a data store that it has nothing to do with, and an application that reaches a data store and has
    /// ImageMagick, Ghostscript, LibreOffice, wkhtmltopdf, Chromium or FFmpeg in its own image.
    ///
    /// # Why it matters
    /// These programs parse formats that are a programming language each, written by whoever uploads. They are where a
    /// break-in takes its second step: one hole in a parser, and the code runs beside the database, or in the process
    /// that has its password.
    ///
    /// A service next to a data store is *medium*. A tool in the application's image is *low*: it is common, and a
    /// container of its own is work. A `policy.xml` in the image answers it for ImageMagick and Ghostscript. A service
    /// that is read-only, without capabilities and only on internal networks, is not reported.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: php:8.4.24-fpm-alpine3.24
    ///     environment:
    ///       DB_HOST: db
    ///       GOTENBERG_URL: http://pdf:3000
    ///   pdf:
    ///     image: gotenberg/gotenberg:8.36.0
    ///   db:
    ///     image: mysql:8.4.9
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   app:
    ///     image: php:8.4.24-fpm-alpine3.24
    ///     networks: [data, pdf]
    ///     environment:
    ///       DB_HOST: db
    ///       GOTENBERG_URL: http://pdf:3000
    ///   pdf:
    ///     image: gotenberg/gotenberg:8.36.0
    ///     networks: [pdf]
    ///     read_only: true
    ///     cap_drop: [ALL]
    ///   db:
    ///     image: mysql:8.4.9
    ///     networks: [data]
    /// networks:
    ///   data:
    ///     internal: true
    ///   pdf:
    ///     internal: true
    /// ```
    ///
    /// # How to fix
    /// Put the program into a service of its own, on an internal network with the one service that calls it, with
    /// `read_only: true`, `cap_drop: [ALL]` and limits of memory and processes. Switch JavaScript and `file://` off
    /// where documents do not need them.
    ///
    /// # References
    /// CIS Docker Benchmark 5.9, NIST SP 800-190 3.4.4, CWE-653.
    id: "isolation/untrusted-processor-not-isolated",
    title: "A program that parses strangers' files is not isolated",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Suggested,
    why: "Parsers of images, documents and web pages are where uploaded files turn into code; next to a database, one hole in them reaches the data.",
    help: "Give the program a service of its own on an internal network with the one service that calls it, read-only and without capabilities.",
    references: ["CIS Docker Benchmark 5.9", "NIST SP 800-190 3.4.4", "NIST SP 800-190 4.4.2", "CWE-653"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    let says = |view: &View| !project.is_running(view) || !project.needed_pairs(view).is_empty();
    for view in project.views.iter().filter(|view| view.is_comparable() && !view.standalone && says(view)) {
        for service in project.services_of(view).filter(|service| service.runs_here()) {
            let draft = if service.role.name == "processor" { beside_data(service) } else { inside(service) };
            if let Some(draft) = draft {
                out.report(draft.on(service));
            }
        }
    }
}

/// A processor that shares a network with data that it does not need.
fn beside_data(service: ServiceRef<'_, '_>) -> Option<Draft> {
    if service.is_locked_up() {
        return None;
    }
    let store = service.unneeded_neighbours().into_iter().find(|other| other.role.group() == Group::Data)?;
    let message =
        format!("`{}`, which parses strangers' files, reaches `{}` without any need", service.name, store.name);
    let mut draft = Draft::new(service.at, message)
        .confidence(Confidence::Medium)
        .because(store.at, "they share a network, and nothing says that they talk");
    if let Some(privileged) = service.privileged.filter(|privileged| privileged.value) {
        draft = draft.because(privileged.at, "and it is privileged");
    }
    let project = service.project();
    let plan = project.plan_networks(service.view());
    Some(draft.fix(plan.and_then(|plan| plan.fix.clone())))
}

/// An application with such a program in its own image.
fn inside(service: ServiceRef<'_, '_>) -> Option<Draft> {
    let view = service.view();
    let need = service.needs().iter().find(|need| {
        service.project().service(view, &need.to).is_some_and(|other| other.role.group() == Group::Data)
    })?;
    service.role.is_php().then_some(())?;
    let tool = service.parsers_in_image().into_iter().next()?;
    let name = shorten(&tool.name, 40);
    let message = format!("the image of `{}` has {name} in it, beside the access to `{}`", service.name, need.to);
    Some(
        Draft::new(tool.at, message)
            .severity(Severity::Low)
            .confidence(Confidence::Medium)
            .because(need.at, "this reaches the data"),
    )
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "isolation/untrusted-processor-not-isolated";

    fn stack(processor: &str, networks: &str) -> String {
        format!(
            "services:\n  app:\n    image: php:8.4-fpm\n    environment: {{DB_HOST: db, GOTENBERG_URL: \"http://pdf:3000\"}}\n    networks: [data, pdf]\n  pdf:\n    image: gotenberg/gotenberg:8.36.0\n    {processor}\n  db:\n    image: mysql:8.4\n    networks: [data]\nnetworks: {networks}\n"
        )
    }

    #[test]
    fn beside_a_data_store() {
        let text = stack("networks: [data]", "{data: {}, pdf: {}}");
        let found = findings(RULE, &[("compose.yaml", &text)]);
        assert_eq!((found.len(), found[0].severity.as_str(), found[0].confidence.as_str()), (1, "medium", "medium"));
    }

    #[test]
    fn isolated_processors() {
        clean(RULE, &[("compose.yaml", &stack("networks: [pdf]", "{data: {}, pdf: {internal: true}}"))]);
        let locked = "networks: [data]\n    read_only: true\n    cap_drop: [ALL]";
        clean(RULE, &[("compose.yaml", &stack(locked, "{data: {internal: true}, pdf: {}}"))]);
        assert_eq!(findings(RULE, &[("compose.yaml", &stack(locked, "{data: {}, pdf: {}}"))]).len(), 1);
        let none = "network_mode: none";
        clean(RULE, &[("compose.yaml", &stack(none, "{data: {}, pdf: {}}"))]);
    }

    const COMPOSE: &str =
        "services:\n  app:\n    build: .\n    environment: {DB_HOST: db}\n  db:\n    image: mysql:8.4\n";

    fn inside(lines: &str, compose: &str) -> Vec<String> {
        let text = format!("FROM php:8.4-fpm\n{lines}\n");
        findings(RULE, &[("Dockerfile", &text), ("compose.yaml", compose)])
            .into_iter()
            .map(|finding| finding.severity.to_string())
            .collect()
    }

    #[test]
    fn a_parser_in_the_image() {
        assert_eq!(inside("RUN apt-get install -y imagemagick ghostscript", COMPOSE), ["low"]);
        assert_eq!(inside("RUN apk add --no-cache ffmpeg", COMPOSE), ["low"]);
        assert!(inside("RUN apt-get install -y git unzip", COMPOSE).is_empty());
        let limited = "RUN apt-get install -y imagemagick\nCOPY policy.xml /etc/ImageMagick-6/policy.xml";
        assert!(inside(limited, COMPOSE).is_empty());
        assert!(inside("RUN apt-get install -y imagemagick", "services:\n  app:\n    build: .\n").is_empty());
    }
}
