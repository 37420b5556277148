//! Which files are read: names, overrides, `COMPOSE_FILE`, the project's name.

use crate::{codes, default, project, service, slice, view};
use plimsoll_core::project::Context;

const ONE: &str = "services:\n  it: {image: one}\n";
const TWO: &str = "services:\n  it: {image: two}\n";

fn image(files: &[(&str, &str)]) -> String {
    default(files, |_, view| service(view, "it").image.as_ref().unwrap().text.clone())
}

#[test]
fn the_first_base_name_wins() {
    let names = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
    for (at, better) in names.iter().enumerate() {
        for worse in names.iter().skip(at + 1) {
            assert_eq!(image(&[(worse, TWO), (better, ONE)]), "one", "{better} before {worse}");
        }
    }
}

#[test]
fn an_override_is_merged_by_itself() {
    for name in
        ["compose.override.yaml", "compose.override.yml", "docker-compose.override.yml", "docker-compose.override.yaml"]
    {
        let files = [("compose.yaml", ONE), (name, TWO)];
        assert_eq!(image(&files), "two", "{name}");
        project(&files, |project| {
            assert_eq!(view(project, "base").files.len(), 1, "the base alone is deployed too");
            assert_eq!(view(project, "default").context, Context::Development);
        });
    }
}

#[test]
fn compose_file_of_the_env_file_makes_the_default_view() {
    let files = [
        (".env", "COMPOSE_FILE=compose.yaml:compose.prod.yaml\n"),
        ("compose.yaml", ONE),
        ("compose.override.yaml", "services:\n  it: {image: override}\n"),
        ("compose.prod.yaml", TWO),
    ];
    assert_eq!(image(&files), "two");
    project(&files, |project| {
        let default = view(project, "default");
        assert_eq!(default.context, Context::Production);
        let evidence = default.context_evidence.as_ref().unwrap();
        assert!(evidence.what.contains("COMPOSE_FILE"), "{}", evidence.what);
        assert_eq!(slice(project, evidence.at.unwrap()), "compose.yaml:compose.prod.yaml");
        assert!(project.views.iter().all(|view| view.name != "prod"), "the same files are one view");
        assert_eq!(view(project, "base").files.len(), 1);
        // Not merged by itself any more, it is an extra file like others.
        assert_eq!(service(view(project, "override"), "it").image.as_ref().unwrap().text, "override");
    });
}

#[test]
fn the_path_separator_can_be_set() {
    for list in ["COMPOSE_PATH_SEPARATOR=,\nCOMPOSE_FILE=a.yml,b.yml\n", "COMPOSE_FILE=a.yml;b.yml\n"] {
        assert_eq!(image(&[(".env", list), ("a.yml", ONE), ("b.yml", TWO)]), "two", "{list}");
    }
}

#[test]
fn a_listed_file_that_is_missing_is_noted() {
    let files = [(".env", "COMPOSE_FILE=compose.yaml:gone.yaml\n"), ("compose.yaml", ONE)];
    assert_eq!(codes(&files), ["compose/missing-file"]);
}

#[test]
fn paths_are_relative_to_the_first_file() {
    let files = [
        (".env", "COMPOSE_FILE=docker/a.yml:other/b.yml\n"),
        ("docker/a.yml", "services:\n  it: {image: x}\n"),
        ("other/b.yml", "services:\n  it: {env_file: x.env}\n"),
        ("docker/x.env", "A=1\n"),
        ("other/x.env", "A=2\n"),
    ];
    default(&files, |_, view| {
        assert_eq!(view.folder, "docker");
        assert_eq!(service(view, "it").variable("A").unwrap().value.as_ref().unwrap().text, "1");
    });
}

#[test]
fn version_is_obsolete() {
    let files = [("compose.yaml", "version: \"3.8\"\nservices:\n  it: {image: x}\n")];
    assert_eq!(codes(&files), ["compose/deprecated-key"]);
}

#[test]
fn the_projects_name() {
    let name =
        |files: &[(&str, &str)]| default(files, |_, view| view.project_name.as_ref().map(|name| name.text.clone()));
    let named = "name: shop\nservices:\n  it: {image: \"x/${COMPOSE_PROJECT_NAME}\"}\n";
    assert_eq!(name(&[("compose.yaml", named)]).as_deref(), Some("shop"));
    assert_eq!(name(&[("compose.yaml", named), (".env", "COMPOSE_PROJECT_NAME=other\n")]).as_deref(), Some("other"));
    assert_eq!(name(&[("compose.yaml", ONE)]), None);
    assert_eq!(image(&[("compose.yaml", named)]), "x/shop", "Compose sets the variable itself");
    let over = "name: later\nservices: {}\n";
    assert_eq!(name(&[("compose.yaml", named), ("compose.override.yaml", over)]).as_deref(), Some("later"));
}

#[test]
fn an_empty_file_is_said_to_be_empty() {
    assert!(codes(&[("compose.yaml", "\n")]).contains(&"file/empty"));
}
