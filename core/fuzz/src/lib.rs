//! What each fuzz target does with its bytes. A target is a function here and a file of three lines in `targets/`, so that
//! `cargo test` can run every seed through the same code.
//!
//! What has to hold for any input: no panic; every span lies in its text and cuts no character; a fix that is offered applies, leaves
//! no new syntax error, and mends what it is offered for. That time stays linear is what `cargo bench --bench growth` measures.

mod project;
mod spans;

pub use project::{compose_project, fixes, suppress};

use plimsoll_core::image::ImageRef;
use plimsoll_core::model::compose;
use plimsoll_core::model::dockerfile::model;
use plimsoll_core::model::interpolate::interpolate as interpolated;
use plimsoll_core::model::merge::{finish, merge as merged};
use plimsoll_core::model::node::{NODE_BUDGET, Node, Resolver};
use plimsoll_core::model::{commands, commands::ShellOptions};
use plimsoll_core::source::Sources;
use plimsoll_core::syntax;
use spans::{check, check_span};
use std::collections::BTreeMap;

/// The bytes as text, as the doors make it.
pub(crate) fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

/// A target that parses and looks at every span of the result.
macro_rules! parsers {
    ($($(#[$doc:meta])* $name:ident)*) => {
        $(
            $(#[$doc])*
            pub fn $name(data: &[u8]) {
                let text = text(data);
                check(&text, &syntax::$name::parse(&text));
            }
        )*
    };
}

parsers! {
    /// Apache httpd.
    apache
    /// Caddyfiles.
    caddyfile
    /// Crontabs.
    crontab
    /// Environment files.
    dotenv
    /// php.ini, FPM pools, supervisord.
    ini
    /// Output of `docker` commands.
    inventory
    /// Jenkins pipelines.
    jenkinsfile
    /// JSON.
    json
    /// Makefiles.
    makefile
    /// nginx.
    nginx
    /// PHP source.
    php
    /// Redis users.
    redis_acl
    /// Redis configuration.
    redis_conf
    /// Shell scripts as files.
    script
}

/// Ignore files, and what they exclude.
pub fn dockerignore(data: &[u8]) {
    let text = text(data);
    let file = syntax::dockerignore::parse(&text);
    check(&text, &file);
    for path in ["a", ".env", "vendor/bin/x", "var/cache/é"] {
        let _ = file.excludes(path);
    }
}

/// Dockerfiles, their scripts, their flags, and the stages they make.
pub fn dockerfile(data: &[u8]) {
    let text = text(data);
    let file = syntax::dockerfile::parse(&text);
    check(&text, &file);
    for instruction in &file.instructions {
        for script in instruction.scripts(&text) {
            check(&text, &script);
        }
        check(&text, &instruction.mounts());
        check(&text, &instruction.copy_options());
        check(&text, &instruction.health_options());
    }
    let build = model(&file, &BTreeMap::new());
    check(&text, &build);
    assert_eq!(build.instructions.len(), file.instructions.len());
    for stage in 0..build.stages.len() {
        assert!(build.chain(stage).iter().all(|below| *below <= stage));
        let _ = (build.user(stage), build.cmd(stage), build.steps(&file, stage).count());
    }
}

/// Shell text, and what its commands do.
pub fn shell(data: &[u8]) {
    let text = text(data);
    let script = syntax::shell::parse(&text);
    check(&text, &script);
    for command in &script.commands {
        check(&text, &command.package_command());
        check(&text, &command.php_extensions());
        check(&text, &command.composer_command());
        check(&text, &command.node_install());
        check(&text, &command.new_account());
        check(&text, &command.git_clone());
        check(&text, &(command.chmod(), command.chown()));
        let _ = commands::removes_package_lists(command);
    }
    check(&text, &commands::fetches(&script.commands));
    assert_eq!(commands::options_of(&script, ShellOptions::default()).len(), script.commands.len());
}

/// YAML, and the way back from values to the text.
pub fn yaml(data: &[u8]) {
    let text = text(data);
    let tree = syntax::yaml::parse(&text, &syntax::yaml::Limits::default());
    check(&text, &tree);
    let _ = tree.duplicate_keys();
    for (index, node) in tree.nodes.iter().enumerate() {
        let id = syntax::yaml::Id(index as u32);
        let Some(value) = tree.str(id) else { continue };
        let map = tree.scalar_map(&text, id);
        let ends = value.char_indices().map(|(at, _)| at).chain([value.len()]);
        for at in ends {
            check_span(&text, map.span(0..at));
            check_span(&text, map.span(at..value.len()));
        }
        if let Some(source) = map.exact_map() {
            assert_eq!(source.len(), value.len(), "{value:?}");
            assert!(source.span(0..value.len()).range().start >= node.span.range().start);
        }
    }
}

/// Compose's `${…}`.
pub fn interpolate(data: &[u8]) {
    let text = text(data);
    let out = interpolated(&text, &|name| name.starts_with('S').then(|| format!("<{name}>")));
    assert_eq!(out.map.len(), out.text.len());
    for (at, _) in out.text.char_indices() {
        let span = out.map.span(0..at);
        assert!(span.range().end <= text.len());
    }
    if !text.contains('$') {
        assert_eq!(out.text, text);
    }
}

/// Two Compose files, one over the other: everything that is read of the result.
pub fn merge(data: &[u8]) {
    let text = text(data);
    let mut parts = text.splitn(2, "\n====\n");
    let mut sources = Sources::new();
    for name in ["compose.yaml", "compose.override.yaml"] {
        sources.add(name, parts.next().unwrap_or(""));
    }
    let mut root: Option<Node> = None;
    for (id, source) in sources.iter() {
        let tree = syntax::yaml::parse(source.text(), &syntax::yaml::Limits::default());
        let mut budget = NODE_BUDGET;
        let lookup = |_: &str| None;
        let mut resolver = Resolver::new(id, &tree, &lookup, &mut budget);
        for document in tree.documents.clone() {
            root = match (root, resolver.node(document)) {
                (Some(base), Some(over)) => Some(merged(base, over, &mut Vec::new(), &mut Vec::new())),
                (base, over) => over.or(base),
            };
        }
    }
    let Some(mut root) = root else { return };
    let _repeated = finish(&mut root);
    for entry in root.get("services").map(Node::entries).unwrap_or_default() {
        let service = compose::service(entry);
        let source = sources.get(service.at.source);
        check_span(source.text(), service.at.span);
        for port in &service.ports {
            check_span(sources.get(port.at.source).text(), port.at.span);
        }
        for mount in &service.mounts {
            check_span(sources.get(mount.at.source).text(), mount.at.span);
        }
    }
    let _ = (compose::networks(root.get("networks")), compose::resources(root.get("volumes")));
}

/// Image references: what can be read reads the same when it is written out.
pub fn image(data: &[u8]) {
    let text = text(data);
    if let Ok(image) = ImageRef::parse(&text) {
        let again = ImageRef::parse(&image.familiar());
        assert_eq!(again.map(|image| image.familiar()), Ok(image.familiar()), "{text:?}");
        let _ = (image.precision(), image.versions(), image.name());
    }
}
