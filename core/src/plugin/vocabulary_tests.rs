//! The table of the interface and what is really described: each holds the other.
#![allow(clippy::disallowed_methods, reason = "the gallery and the corpus are read from disk")]

use super::describe;
use crate::project::Project;
use crate::rules::testing::{TODAY, sources};
use crate::source::Sources;
use plimsoll_plugin_abi as abi;
use plimsoll_plugin_abi::vocabulary::{self, Count, Key};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Everything of the table that was met, and what was met that is not in it.
#[derive(Default)]
struct Seen {
    met: BTreeSet<String>,
    wrong: BTreeSet<String>,
}

impl Seen {
    fn project(&mut self, described: &abi::Project) {
        self.properties("project", vocabulary::PROJECT, &described.properties);
        for document in &described.documents {
            self.document(document);
        }
        for entity in &described.entities {
            let what = format!("entity {}", entity.kind);
            match vocabulary::entity(&entity.kind) {
                Some(declared) => self.properties(&what, declared.keys, &entity.properties),
                None => self.wrong(format!("{what} is not declared")),
            }
            self.met.insert(what);
        }
        for relation in &described.relations {
            self.relation(described, relation);
        }
    }

    fn document(&mut self, document: &abi::Document) {
        let what = format!("document {}", document.kind);
        self.met.insert(what.clone());
        self.properties("document", vocabulary::DOCUMENT, &document.properties);
        let Some(declared) = vocabulary::document(&document.kind) else {
            return self.wrong(format!("{what} is not declared"));
        };
        for node in document.nodes.iter().skip(1) {
            let node = node.kind;
            if !declared.nodes.iter().any(|declared| declared.kind == node) {
                self.wrong(format!("{what} has the node {node:?}"));
            }
            self.met.insert(format!("{what} {node:?}"));
        }
    }

    fn relation(&mut self, described: &abi::Project, relation: &abi::Relation) {
        let what = format!("relation {}", relation.kind);
        let kind = |index: u32| described.entities[index as usize].kind.as_str();
        let ends = (kind(relation.source), kind(relation.target));
        match vocabulary::relation(&relation.kind) {
            Some(declared) => {
                self.properties(&what, declared.keys, &relation.properties);
                if !declared.ends.contains(&ends) {
                    self.wrong(format!("{what} leads from {} to {}", ends.0, ends.1));
                }
            }
            None => self.wrong(format!("{what} is not declared")),
        }
        self.met.insert(format!("{what} {} {}", ends.0, ends.1));
    }

    fn properties(&mut self, what: &str, keys: &[Key], properties: &[abi::Property]) {
        for key in keys {
            let count = properties.iter().filter(|property| property.key == key.name).count();
            let fits = match key.count {
                Count::One => count == 1,
                Count::Optional => count <= 1,
                Count::Many => true,
            };
            if !fits {
                self.wrong(format!("{what} has {} {count} times", key.name));
            }
        }
        for property in properties {
            let Some(key) = keys.iter().find(|key| key.name == property.key) else {
                self.wrong(format!("{what} has the key {}", property.key));
                continue;
            };
            if !key.value.fits(&property.value) {
                self.wrong(format!("{what}: {} is `{}`", key.name, property.value));
            }
            self.met.insert(format!("{what}: {}", key.name));
        }
    }

    fn wrong(&mut self, what: String) {
        self.wrong.insert(what);
    }
}

/// What the table declares, named as [`Seen`] names it.
fn declared() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let keys = |what: &str, keys: &[Key]| keys.iter().map(|key| format!("{what}: {}", key.name)).collect::<Vec<_>>();
    all.extend(keys("project", vocabulary::PROJECT));
    all.extend(keys("document", vocabulary::DOCUMENT));
    for entity in vocabulary::ENTITIES {
        let what = format!("entity {}", entity.kind);
        all.extend(keys(&what, entity.keys));
        all.insert(what);
    }
    for relation in vocabulary::RELATIONS {
        let what = format!("relation {}", relation.kind);
        all.extend(keys(&what, relation.keys));
        all.extend(relation.ends.iter().map(|(from, to)| format!("{what} {from} {to}")));
    }
    for document in vocabulary::DOCUMENTS {
        let what = format!("document {}", document.kind);
        all.extend(document.nodes.iter().map(|node| format!("{what} {:?}", node.kind)));
        all.insert(what);
    }
    all
}

/// The folders directly below one.
fn folders(of: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    all.sort();
    all
}

fn read(root: &Path, folder: &Path, sources: &mut Sources) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(root, &path, sources);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap();
            sources.add_bytes(name, &std::fs::read(&path).unwrap());
        }
    }
}

fn stacks() -> Vec<Sources> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let gallery = folders(&root.join("web/gallery")).into_iter().flat_map(|stack| folders(&stack));
    gallery
        .chain(folders(&root.join("tests/corpus")))
        .map(|folder| {
            let mut sources = Sources::new();
            read(&folder, &folder, &mut sources);
            sources
        })
        .collect()
}

const YAML: &str = "# c\nx: &a {k: v}\ny: *a\nz: !t [1, 2]\nlist: [*a]\n";
const INI: &str = "; c\n[one]\nkey = value\n";
const JSON: &str = r#"{"name": "a/b", "log-driver": "local", "list": ["x", {"k": null}], "require": {"php": "^8.4"}}"#;

/// Files in which everything stands that the stacks may not have.
fn hand_made() -> Sources {
    let mut files: Vec<(&str, &str)> = vec![
        ("compose.yaml", include_str!("testing/compose.yaml")),
        ("docker/app.Dockerfile", include_str!("testing/app.Dockerfile")),
        ("inventory/docker-inspect.json", include_str!("testing/docker-inspect.json")),
        ("composer.lock", include_str!("testing/composer.lock.json")),
        (".env", "COMPOSE_PROFILES=extra\n# c\n"),
        ("app.env", "A=b\n"),
        (".dockerignore", "# c\nvendor\n!vendor/keep\n"),
        ("docker/php/php.ini", INI),
        ("docker/supervisord.conf", "; c\n[supervisord]\nnodaemon=true\n[program:x]\ncommand=/bin/x\n"),
        ("docker/redis/users.acl", "# c\nuser default on nopass ~* +@all\n"),
        ("docker/redis/redis.conf", "# c\nport 0\n"),
        ("Caddyfile", "# c\nexample.org {\n\troot * /srv\n\tlog\n}\n"),
        ("crontab", "# c\nA=b\n* * * * * root /bin/x\n"),
        (".htaccess", "# c\nOptions -Indexes\n<IfModule mod_rewrite.c>\nRewriteEngine On\n</IfModule>\n"),
        ("composer.json", JSON),
        ("daemon.json", JSON),
        (".rr.yaml", YAML),
        (".gitlab-ci.yml", YAML),
        (".github/workflows/ci.yml", YAML),
        ("Jenkinsfile", "// c\npipeline { agent any\n stages { stage('a') { steps { sh 'make' } } } }\n"),
        ("Makefile", "# c\nA = b\nall: x\n\techo a\n"),
        ("deploy.sh", "#!/bin/sh\n# c\necho a\n"),
        ("wp-config.php", "<?php // c\ndefine('A', 'b');\n$x = ['k' => 1];\n"),
        ("plimsoll.toml", "# c\n"),
        ("broken.Dockerfile", "FROM\nRÜN \\\n"),
    ];
    files.sort_unstable();
    sources(&files)
}

#[test]
fn what_is_described_is_declared_and_the_other_way_round() {
    let mut seen = Seen::default();
    for sources in stacks().iter().chain([&hand_made()]) {
        seen.project(&describe(&Project::new(sources, TODAY)));
    }
    assert!(seen.wrong.is_empty(), "described, but not so declared: {:#?}", seen.wrong);
    let missing: Vec<String> = declared().into_iter().filter(|what| !seen.met.contains(what)).collect();
    assert!(missing.is_empty(), "declared, but never described: {missing:#?}");
}

#[test]
fn every_format_has_its_kind() {
    use crate::detect::Kind;
    let all = [
        Kind::Dockerfile,
        Kind::Compose,
        Kind::DotEnv,
        Kind::DockerIgnore,
        Kind::PhpIni,
        Kind::FpmPool,
        Kind::Nginx,
        Kind::RedisConf,
        Kind::RedisAcl,
        Kind::Apache,
        Kind::Htaccess,
        Kind::Caddyfile,
        Kind::Supervisord,
        Kind::Crontab,
        Kind::RoadRunner,
        Kind::ComposerJson,
        Kind::ComposerLock,
        Kind::PhpSource,
        Kind::GitlabCi,
        Kind::GithubWorkflow,
        Kind::Jenkinsfile,
        Kind::Makefile,
        Kind::Script,
        Kind::DaemonJson,
        Kind::Inventory,
        Kind::ScanReport,
        Kind::Policy,
    ];
    let described: BTreeSet<&str> = all.iter().map(|kind| kind.as_str()).collect();
    let declared: BTreeSet<&str> = vocabulary::DOCUMENTS.iter().map(|document| document.kind).collect();
    assert_eq!(described, declared);
    // Whoever adds a format is led here by the compiler.
    let _ = |kind: Kind| match kind {
        Kind::Dockerfile | Kind::Compose | Kind::DotEnv | Kind::DockerIgnore | Kind::PhpIni | Kind::FpmPool => {}
        Kind::Nginx | Kind::RedisConf | Kind::RedisAcl | Kind::Apache | Kind::Htaccess | Kind::Caddyfile => {}
        Kind::Supervisord | Kind::Crontab | Kind::RoadRunner | Kind::ComposerJson | Kind::ComposerLock => {}
        Kind::PhpSource | Kind::GitlabCi | Kind::GithubWorkflow | Kind::Jenkinsfile | Kind::Makefile => {}
        Kind::Script | Kind::DaemonJson | Kind::Inventory | Kind::ScanReport | Kind::Policy | Kind::Other => {}
    };
}
