//! A plug-in that uses everything of `plimsoll:plugin/rules@0.1.0`, and says what it sees.
//!
//! It counts only kinds that this version knew when it was published: a vocabulary that grows changes nothing here, one that loses
//! something does.

mod bindings {
    wit_bindgen::generate!({ path: "plimsoll-plugin.wit", world: "plugin" });
}

use bindings::exports::plimsoll::plugin::rules::{
    Confidence, Document, Edit, Entity, Error, ErrorKind, Finding, Fix, FixSafety, Guest, Location, Metadata, NodeKind, Project,
    Property, Related, Rule, Severity, Span,
};
use std::collections::BTreeSet;

const DOCUMENTS: [&str; 27] = [
    "apache", "caddyfile", "compose", "composer-json", "composer-lock", "crontab", "daemon-json", "dockerfile", "dockerignore", "env",
    "fpm-pool", "github-workflow", "gitlab-ci", "htaccess", "inventory", "jenkinsfile", "makefile", "nginx", "php", "php-ini", "policy",
    "redis-acl", "redis-conf", "roadrunner", "scan-report", "script", "supervisord",
];
const ENTITIES: [&str; 12] = [
    "config", "container", "image", "mount", "network", "package", "port", "secret", "service", "stage", "view", "volume",
];
const RELATIONS: [&str; 13] = [
    "builds-from", "can-reach", "contains", "copies-from", "depends-on", "mounts", "needs", "publishes", "reads-config", "reads-secret",
    "runs", "runs-as", "uses-network",
];
/// Keys whose values are shown, of each entity that has them.
const SHOWN: [&str; 14] = [
    "base", "context", "group", "internal", "privilege", "published", "reach", "read-only", "repository", "role", "tag", "type", "user",
    "version",
];

struct Witness;

impl Guest for Witness {
    fn describe() -> Metadata {
        Metadata {
            name: "witness".to_owned(),
            version: "0.1.0".to_owned(),
            description: "Says what it sees".to_owned(),
            license: "MIT OR Apache-2.0".to_owned(),
            rules: vec![
                rule("sees-documents", Severity::Info),
                rule("sees-entities", Severity::Low),
                rule("sees-relations", Severity::Medium),
                rule("sees-places", Severity::High),
                rule("answers", Severity::Critical),
            ],
            settings_schema: Some(
                r#"{"type": "object", "properties": {"fail": {"enum": ["settings", "input", "internal"]}}, "additionalProperties": false}"#
                    .to_owned(),
            ),
            properties: vec![property("x-note", "of a plug-in", None)],
        }
    }

    fn check(project: Project, settings: String) -> Result<Vec<Finding>, Error> {
        for (word, kind) in
            [("settings", ErrorKind::Settings), ("input", ErrorKind::Input), ("internal", ErrorKind::Internal)]
        {
            if settings.contains(&format!("\"{word}\"")) {
                return Err(Error { kind, message: format!("asked to fail: {word}") });
            }
        }
        let mut found = Vec::new();
        documents(&project, &mut found);
        model(&project, &mut found);
        places(&project, &mut found);
        answers(&project, &mut found);
        Ok(found)
    }
}

bindings::export!(Witness with_types_in bindings);

fn rule(id: &str, severity: Severity) -> Rule {
    Rule {
        id: id.to_owned(),
        title: format!("Rule {id}"),
        description: "It says what it sees.".to_owned(),
        severity,
        kinds: vec!["compose".to_owned(), "dockerfile".to_owned()],
        tags: vec!["witness".to_owned()],
        help_url: Some(format!("https://rules.example/{id}")),
        properties: vec![property("help", "Nothing is to be done.", None), property("x-note", "of a rule", None)],
    }
}

fn property(key: &str, value: &str, origin: Option<Location>) -> Property {
    Property { key: key.to_owned(), value: value.to_owned(), origin }
}

fn at(document: u32, start: u32, end: u32) -> Location {
    Location { document, span: Span { start, end } }
}

fn finding(rule: &str, location: Location, message: String) -> Finding {
    Finding {
        rule: rule.to_owned(),
        location,
        message,
        severity: None,
        confidence: None,
        related: Vec::new(),
        fixes: Vec::new(),
        properties: Vec::new(),
    }
}

/// How many documents of each kind there are, and which nodes their trees have.
fn documents(project: &Project, found: &mut Vec<Finding>) {
    let today = project.properties.iter().find(|property| property.key == "today");
    found.push(finding("sees-documents", at(0, 0, 0), format!("today: {}", today.map_or("none", |today| &today.value))));
    for kind in DOCUMENTS {
        let of_kind: Vec<&Document> = project.documents.iter().filter(|document| document.kind == kind).collect();
        let nodes: BTreeSet<&str> =
            of_kind.iter().flat_map(|document| &document.nodes).map(|node| node_kind(node.kind)).collect();
        let nodes: Vec<&str> = nodes.into_iter().collect();
        let bytes: usize = of_kind.iter().map(|document| document.text.len()).sum();
        let message = format!("{kind}: {} documents, {bytes} bytes, nodes: {}", of_kind.len(), nodes.join(" "));
        found.push(finding("sees-documents", at(0, 0, 0), message));
    }
}

fn node_kind(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Root => "root",
        NodeKind::Mapping => "mapping",
        NodeKind::Sequence => "sequence",
        NodeKind::Pair => "pair",
        NodeKind::Scalar => "scalar",
        NodeKind::Instruction => "instruction",
        NodeKind::Flag => "flag",
        NodeKind::Argument => "argument",
        NodeKind::Section => "section",
        NodeKind::Directive => "directive",
        NodeKind::Block => "block",
        NodeKind::Heredoc => "heredoc",
        NodeKind::Comment => "comment",
    }
}

/// How many entities and relations of each kind there are, and what some keys say.
fn model(project: &Project, found: &mut Vec<Finding>) {
    for kind in ENTITIES {
        let count = project.entities.iter().filter(|entity| entity.kind == kind).count();
        found.push(finding("sees-entities", at(0, 0, 0), format!("{kind}: {count}")));
    }
    for entity in project.entities.iter().filter(|entity| ENTITIES.contains(&entity.kind.as_str())) {
        let shown = entity.properties.iter().filter(|property| SHOWN.contains(&property.key.as_str()));
        let mut shown: Vec<String> = shown.map(|property| format!("{}={}", property.key, property.value)).collect();
        shown.sort();
        let message = format!("{}: {}", name(entity), shown.join(", "));
        found.push(finding("sees-entities", entity.origin.unwrap_or(at(0, 0, 0)), message));
    }
    for kind in RELATIONS {
        let of_kind: Vec<_> = project.relations.iter().filter(|relation| relation.kind == kind).collect();
        found.push(finding("sees-relations", at(0, 0, 0), format!("{kind}: {}", of_kind.len())));
        for relation in of_kind {
            let end = |index: u32| project.entities.get(index as usize).map(name).unwrap_or_default();
            let message = format!("{} {kind} {}", end(relation.source), end(relation.target));
            found.push(finding("sees-relations", relation.origin.unwrap_or(at(0, 0, 0)), message));
        }
    }
}

fn name(entity: &Entity) -> String {
    format!("{} {}", entity.kind, entity.name)
}

/// Every node of the first Dockerfile, and where the value of an image is written.
fn places(project: &Project, found: &mut Vec<Finding>) {
    let dockerfile = project.documents.iter().zip(0u32..).find(|(document, _)| document.kind == "dockerfile");
    if let Some((document, index)) = dockerfile {
        for node in &document.nodes {
            let parent = document.nodes.get(node.parent as usize).map_or("none", |parent| node_kind(parent.kind));
            let written = document.text.get(node.value_span.start as usize..node.value_span.end as usize);
            let value = if node.kind == NodeKind::Root { None } else { written };
            let same = value == Some(node.value.as_str());
            let message = format!("{} `{}` in {parent}, as written: {same}", node_kind(node.kind), node.key);
            found.push(finding("sees-places", at(index, node.span.start, node.span.end), message));
        }
    }
    for entity in project.entities.iter().filter(|entity| entity.kind == "service") {
        let image = entity.properties.iter().find(|property| property.key == "image");
        if let Some((image, origin)) = image.and_then(|image| Some((image, image.origin?))) {
            found.push(finding("sees-places", origin, format!("{} runs {}", entity.name, image.value)));
        }
    }
}

/// Everything a finding can say.
fn answers(project: &Project, found: &mut Vec<Finding>) {
    let last = u32::try_from(project.documents.len()).unwrap_or(0).saturating_sub(1);
    for severity in [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical] {
        for confidence in [Confidence::Low, Confidence::Medium, Confidence::High] {
            let mut one = finding("answers", at(0, 0, 1), format!("{severity:?} with confidence {confidence:?}"));
            one.severity = Some(severity);
            one.confidence = Some(confidence);
            found.push(one);
        }
    }
    let mut one = finding("answers", at(0, 0, 2), "severity and confidence of the rule, with everything".to_owned());
    one.related = vec![
        Related { location: at(0, 0, 3), message: "the first document".to_owned() },
        Related { location: at(last, 0, 0), message: "the last document".to_owned() },
    ];
    one.fixes = vec![
        Fix {
            title: "Change three places".to_owned(),
            safety: FixSafety::Safe,
            edits: vec![
                Edit { location: at(0, 0, 0), replacement: "# before\n".to_owned() },
                Edit { location: at(0, 0, 1), replacement: "Ü".to_owned() },
                Edit { location: at(last, 0, 1), replacement: String::new() },
            ],
        },
        Fix {
            title: "Change one".to_owned(),
            safety: FixSafety::Suggested,
            edits: vec![Edit { location: at(0, 1, 2), replacement: "x".to_owned() }],
        },
    ];
    let service = project.entities.iter().find(|entity| entity.kind == "service");
    one.properties = vec![
        property("help", "Do this here.", None),
        property("service", service.map_or("", |service| &service.name), service.and_then(|service| service.origin)),
        property("service", "of no project", None),
        property("view", "default", None),
        property("x-note", "of a finding", Some(at(0, 0, 1))),
    ];
    found.push(one);
}
