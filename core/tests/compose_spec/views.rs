//! One view for each deployment, its context, and what tells it.

use crate::{default, project, service, slice, view};
use plimsoll_core::project::{Context, Project};

const BASE: &str = "services:\n  it: {image: x}\n";
const EXTRA: &str = "services:\n  it: {user: u}\n";

fn evidence(project: &Project<'_>, name: &str) -> (Context, String) {
    let view = view(project, name);
    (view.context, view.context_evidence.as_ref().map(|evidence| evidence.what.clone()).unwrap_or_default())
}

#[test]
fn one_view_for_each_file() {
    let files = [
        ("compose.yaml", BASE),
        ("compose.override.yaml", EXTRA),
        ("compose.prod.yaml", EXTRA),
        ("compose.ci.yaml", EXTRA),
        ("compose.stage.yaml", EXTRA),
        ("compose.tools.yaml", EXTRA),
    ];
    project(&files, |project| {
        let views: Vec<(&str, Context)> = project.views.iter().map(|view| (view.name.as_str(), view.context)).collect();
        assert_eq!(
            views,
            [
                ("base", Context::Unknown),
                ("default", Context::Development),
                ("ci", Context::Ci),
                ("prod", Context::Production),
                ("stage", Context::Staging),
                ("tools", Context::Unknown),
            ]
        );
        assert!(project.views.iter().skip(1).all(|view| view.files.len() == 2));
        assert_eq!(evidence(project, "prod").1, "the file is called compose.prod.yaml");
        assert!(evidence(project, "default").1.contains("compose.override.yaml"));
        assert!(view(project, "base").context_evidence.is_none());
        let at = view(project, "prod").context_evidence.as_ref().unwrap().at.unwrap();
        assert_eq!(project.path(at.source), "compose.prod.yaml");
    });
}

#[test]
fn a_folder_tells_where_nothing_else_does() {
    let files = [(".devcontainer/docker-compose.yml", BASE)];
    project(&files, |project| {
        assert_eq!(
            evidence(project, "default"),
            (Context::Development, "it lies in the folder .devcontainer".to_owned())
        );
    });
}

#[test]
fn a_service_says_more_than_its_view() {
    let text = "services:\n  a: {image: x, profiles: [debug]}\n  b: {build: {context: ., target: app_dev}}\n  c: {image: x}\n  d: {image: x, profiles: [debug, extra]}\n";
    default(&[("compose.yaml", text)], |project, view| {
        let of = |name: &str| {
            let it = service(view, name);
            let evidence = it.context_evidence.as_ref();
            (it.context, evidence.and_then(|evidence| evidence.at).map(|at| slice(project, at)).unwrap_or_default())
        };
        assert_eq!(of("a"), (Context::Development, "debug".to_owned()));
        assert_eq!(of("b"), (Context::Development, "app_dev".to_owned()));
        assert_eq!(of("c"), (Context::Unknown, String::new()));
        assert_eq!(of("d"), (Context::Unknown, String::new()));
    });
}

#[test]
fn a_view_that_says_what_it_is_outranks_a_stage() {
    let files =
        [("compose.yaml", BASE), ("compose.prod.yaml", "services:\n  it: {build: {context: ., target: dev}}\n")];
    project(&files, |project| {
        let it = service(view(project, "prod"), "it");
        assert_eq!(it.context, Context::Production);
        assert_eq!(it.context_evidence.as_ref().unwrap().what, "the file is called compose.prod.yaml");
    });
}

#[test]
fn app_env_tells_nothing() {
    let text = "services:\n  it: {image: x, environment: {APP_ENV: local}}\n";
    default(&[("compose.yaml", text)], |_, view| assert_eq!(service(view, "it").context, Context::Unknown));
}

#[test]
fn roles_say_what_tells_them() {
    let text = "services:\n  db: {image: \"mysql:8.4\"}\n  app:\n    image: registry.example.net/x:1\n    command: php-fpm\n    environment: {QUEUE: \"redis://q:6379\"}\n  q: {image: \"registry.example.net/y:1\"}\n  u: {image: \"registry.example.net/z:1\"}\n";
    default(&[("compose.yaml", text)], |project, view| {
        let of = |name: &str| {
            let it = service(view, name);
            let evidence = it.role_evidence.as_ref();
            let at = evidence.and_then(|evidence| evidence.at).map(|at| slice(project, at)).unwrap_or_default();
            (it.role.name, evidence.map(|evidence| evidence.what.clone()).unwrap_or_default(), at)
        };
        assert_eq!(of("db"), ("db", "it runs mysql:8.4".into(), "\"mysql:8.4\"".into()));
        assert_eq!(of("app"), ("php-fpm", "it starts php-fpm".into(), "php-fpm".into()));
        assert_eq!(of("q"), ("cache", "`app` is told so".into(), "\"redis://q:6379\"".into()));
        assert_eq!(of("u"), ("unknown", String::new(), String::new()));
    });
}

#[test]
fn a_dockerfile_alone_is_a_view_with_its_context() {
    project(&[("Dockerfile.dev", "FROM php:8.4\n")], |project| {
        assert_eq!(
            evidence(project, "Dockerfile.dev"),
            (Context::Development, "the file is called Dockerfile.dev".to_owned())
        );
    });
}
