//! How Compose files are read, clause by clause: what `docker compose` does with each form is what the analysis takes it for.

#![allow(clippy::panic, clippy::unwrap_used, clippy::expect_used, reason = "tests say what went wrong by panicking")]

mod consistency;
mod environment;
mod files;
mod include_extends;
mod interpolation;
mod keys;
mod load_order;
mod merge;
mod mounts;
mod networks;
mod order_of_start;
mod ports;
mod privileges;
mod resolved;
mod resources;
mod secrets_configs;
mod services;
mod views;

use plimsoll_core::finding::Notice;
use plimsoll_core::model::node::{Node, Value};
use plimsoll_core::project::{Project, Service, ServiceRef, View};
use plimsoll_core::source::Location;
use plimsoll_core::{Date, Sources};

const TODAY: Date = Date::new(2026, 11, 24);

/// Asks something of a project made of files.
fn project<R>(files: &[(&str, &str)], ask: impl FnOnce(&Project<'_>) -> R) -> R {
    let mut sources = Sources::new();
    for (path, text) in files {
        sources.add(path, *text);
    }
    ask(&Project::new(&sources, TODAY))
}

/// Asks something of the view `default`.
fn default<R>(files: &[(&str, &str)], ask: impl FnOnce(&Project<'_>, &View) -> R) -> R {
    project(files, |project| ask(project, view(project, "default")))
}

/// Asks something of the service `it` whose body is given as flow or block keys, `services:` and its name put before it.
fn it<R>(body: &str, ask: impl FnOnce(ServiceRef<'_, '_>) -> R) -> R {
    let indented: String = body.lines().map(|line| format!("    {line}\n")).collect();
    let text = format!("services:\n  it:\n{indented}");
    default(&[("compose.yaml", &text)], |project, view| ask(project.service(view, "it").expect("the service")))
}

/// The merged text of `it` after `base` and `over`, as [`show`] writes it.
fn merged(base: &str, over: &str) -> String {
    let file = |body: &str| format!("services:\n  it: {{{body}}}\n");
    let files = [("compose.yaml", file(base)), ("compose.override.yaml", file(over))];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    default(&files, |project, view| show(&project.service(view, "it").expect("the service").spec.node))
}

fn view<'p>(project: &'p Project<'_>, name: &str) -> &'p View {
    project.views.iter().find(|view| view.name == name).unwrap_or_else(|| {
        let names: Vec<&str> = project.views.iter().map(|view| view.name.as_str()).collect();
        panic!("no view {name}, only {names:?}")
    })
}

fn service<'p>(view: &'p View, name: &str) -> &'p Service {
    view.services.iter().find(|service| service.name == name).unwrap_or_else(|| panic!("no service {name}"))
}

/// A tree in one line: `{key:value,list:[a,b]}`.
fn show(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".into(),
        Value::Scalar(scalar) => scalar.text.clone(),
        Value::Sequence(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(",")),
        Value::Mapping(entries) => {
            let shown: Vec<String> =
                entries.iter().map(|entry| format!("{}:{}", entry.key, show(&entry.node))).collect();
            format!("{{{}}}", shown.join(","))
        }
    }
}

/// The notices with a code: what they say, and the text they point at.
fn notices(files: &[(&str, &str)], code: &str) -> Vec<(String, String)> {
    project(files, |project| {
        let with_code = |notice: &&Notice| notice.code == code;
        project
            .notices
            .iter()
            .filter(with_code)
            .map(|notice| (notice.message.clone(), notice.at.map(|at| slice(project, at)).unwrap_or_default()))
            .collect()
    })
}

/// Every code of the notices, in order, each once.
fn codes(files: &[(&str, &str)]) -> Vec<&'static str> {
    project(files, |project| {
        let mut codes: Vec<&str> = project.notices.iter().map(|notice| notice.code).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    })
}

fn slice(project: &Project<'_>, at: Location) -> String {
    project.slice(at).to_owned()
}
