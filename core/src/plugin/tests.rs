use super::*;
use crate::finding::{Confidence, Severity};
use crate::fix::Safety;
use crate::project::Project;
use crate::rules::testing::{TODAY, sources};
use crate::source::Sources;
use plimsoll_plugin_abi as abi;

const STACK: [(&str, &str); 9] = [
    (
        "Dockerfile",
        "# syntax=docker/dockerfile:1\n# hällo\nARG V=8.4\nFROM composer:2 AS vendor\nFROM php:${V}-fpm AS base\nFROM base AS prod\n\
         COPY --from=vendor /app /app\nENV A=b\nONBUILD RUN x\nRUN <<EOF\necho\nEOF\nFROM node:20 AS unused\n",
    ),
    (
        "compose.yaml",
        "x-a: &a {k: v}\nservices:\n  app:\n    build: {context: ., target: prod}\n    networks: [back]\n    secrets: [pw]\n    \
         environment: {REDIS_HOST: cache}\n    x: *a\n  cache:\n    image: redis:7\n    ports: ['8080:6379']\n    volumes: ['data:/data']\n    \
         networks: {back: {aliases: [redis]}}\n  web:\n    image: registry.example.net/nginx@sha256:\
         0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\nnetworks:\n  back: {internal: true}\n\
         volumes: {data: {}}\nsecrets: {pw: {file: ./pw}}\n",
    ),
    (".env", "A=1 # c\nexport B='2'\n"),
    ("docker/php/php.ini", "[PHP]\nexpose_php = Off ; c\n"),
    ("docker/nginx/default.conf", "server {\n  listen 80;\n  location / { return 200 'x y'; }\n}\n"),
    ("docker/redis.conf", "port 0\nrequirepass \"x y\"\n"),
    (".dockerignore", "vendor\n!vendor/keep\n"),
    ("notes.md", "nothing"),
    ("broken.Dockerfile", "FROM\n\u{feff}RÜN \\\n"),
];

fn limits() -> abi::Limits {
    abi::Limits::default()
}

fn metadata() -> abi::Metadata {
    let rule = abi::Rule {
        id: "no-x".to_owned(),
        title: "No x".to_owned(),
        description: "x is bad".to_owned(),
        severity: abi::Severity::High,
        kinds: Vec::new(),
        tags: Vec::new(),
        help_url: None,
        properties: Vec::new(),
    };
    abi::Metadata {
        name: "acme".to_owned(),
        version: "1".to_owned(),
        description: String::new(),
        license: String::new(),
        rules: vec![rule],
        settings_schema: None,
        properties: Vec::new(),
    }
}

fn finding(document: u32, start: u32, end: u32) -> abi::Finding {
    abi::Finding {
        rule: "no-x".to_owned(),
        location: abi::Location { document, span: abi::Span { start, end } },
        message: "m".to_owned(),
        severity: None,
        confidence: None,
        related: Vec::new(),
        fixes: Vec::new(),
        properties: Vec::new(),
    }
}

fn of_kind<'d>(described: &'d abi::Project, kind: &str) -> Vec<&'d abi::Entity> {
    described.entities.iter().filter(|entity| entity.kind == kind).collect()
}

fn property<'e>(entity: &'e abi::Entity, key: &str) -> &'e str {
    entity.properties.iter().find(|property| property.key == key).map_or("-", |property| &property.value)
}

#[test]
fn trees_hold_together() {
    let sources = sources(&STACK);
    let described = describe(&Project::new(&sources, TODAY));
    assert_eq!(described.documents.len(), 8, "a file of no known format is no document");
    for document in &described.documents {
        assert_eq!(document.nodes[0].kind, abi::NodeKind::Root);
        for (index, node) in document.nodes.iter().enumerate().skip(1) {
            assert!((node.parent as usize) < index, "{}: {node:?}", document.path);
            for span in [node.span, node.value_span] {
                assert!(
                    document.text.get(span.start as usize..span.end as usize).is_some(),
                    "{}: {node:?}",
                    document.path
                );
            }
        }
    }
    let tree = |path: &str| {
        let document = described.documents.iter().find(|document| document.path == path).unwrap();
        let depth = |mut at: usize| {
            let mut depth = 0;
            while at != 0 {
                at = document.nodes[at].parent as usize;
                depth += 1;
            }
            depth
        };
        let line = |(at, node): (usize, &abi::Node)| {
            format!("{}{:?} {} = {}", " ".repeat(depth(at)), node.kind, node.key, node.value)
        };
        document.nodes.iter().enumerate().map(line).collect::<Vec<_>>()
    };
    let dockerfile = tree("Dockerfile");
    for want in [
        " Directive syntax = docker/dockerfile:1",
        " Comment  = # hällo",
        " Instruction FROM = php:${V}-fpm AS base",
        "  Flag from = vendor",
        "  Pair A = b",
        " Instruction ONBUILD = RUN x",
        "  Instruction RUN = x",
        "  Heredoc EOF = echo\n",
    ] {
        assert!(dockerfile.iter().any(|line| line == want), "{want} in {dockerfile:#?}");
    }
    let compose = tree("compose.yaml");
    for want in [
        "     Flag anchor = a",
        "      Pair target = prod",
        "      Scalar alias = a",
        "      Sequence  = ",
        "     Pair image = redis:7",
    ] {
        assert!(compose.iter().any(|line| line.trim() == want.trim()), "{want} in {compose:#?}");
    }
    assert_eq!(tree(".env"), ["Root  = ", " Pair A = 1", " Pair B = 2", " Comment  = # c"]);
    assert_eq!(
        tree("docker/php/php.ini"),
        ["Root  = ", " Section PHP = ", "  Pair expose_php = Off", " Comment  = ; c"]
    );
    assert_eq!(
        tree("docker/nginx/default.conf"),
        [
            "Root  = ",
            " Block server = ",
            "  Directive listen = 80",
            "   Argument  = 80",
            "  Block location = /",
            "   Argument  = /",
            "   Directive return = 200 'x y'",
            "    Argument  = 200",
            "    Argument  = x y"
        ]
    );
    assert_eq!(
        tree("docker/redis.conf"),
        ["Root  = ", " Directive port = 0", "  Argument  = 0", " Directive requirepass = \"x y\"", "  Argument  = x y"]
    );
    assert_eq!(tree(".dockerignore"), ["Root  = ", " Scalar  = vendor", " Scalar ! = vendor/keep"]);
}

#[test]
fn the_model_is_resolved() {
    let sources = sources(&STACK);
    let described = describe(&Project::new(&sources, TODAY));
    let stages: Vec<String> = of_kind(&described, "stage")
        .iter()
        .map(|stage| {
            format!(
                "{} {} {} {}",
                stage.name,
                property(stage, "base"),
                property(stage, "used"),
                property(stage, "deployed")
            )
        })
        .collect();
    assert!(
        stages.starts_with(&[
            "vendor composer:2 true false".to_owned(),
            "base php:8.4-fpm true true".to_owned(),
            "prod base true true".to_owned(),
            "unused node:20 false false".to_owned()
        ]),
        "{stages:?}"
    );
    let images: Vec<String> = of_kind(&described, "image")
        .iter()
        .map(|image| {
            format!("{} {} {}", property(image, "repository"), property(image, "tag"), property(image, "known"))
        })
        .collect();
    for want in [
        "docker.io/library/composer 2 true",
        "docker.io/library/php 8.4-fpm true",
        "docker.io/library/redis 7 true",
        "registry.example.net/nginx - true",
    ] {
        assert!(images.iter().any(|image| image == want), "{want} in {images:?}");
    }
    let relations: Vec<String> = described
        .relations
        .iter()
        .map(|relation| {
            let end = |index: u32| {
                format!("{}:{}", described.entities[index as usize].kind, described.entities[index as usize].name)
            };
            format!("{} {} {}", end(relation.source), relation.kind, end(relation.target))
        })
        .collect();
    for want in [
        "service:app builds-from stage:prod",
        "stage:prod builds-from stage:base",
        "stage:base builds-from image:php:8.4-fpm",
        "stage:prod copies-from stage:vendor",
        "service:cache runs image:redis:7",
        "service:app uses-network network:back",
        "service:web uses-network network:default",
        "service:cache publishes port:8080:6379/tcp",
        "service:cache mounts mount:/data",
        "mount:/data mounts volume:data",
        "service:app reads-secret secret:pw",
        "service:app needs service:cache",
    ] {
        assert!(relations.iter().any(|relation| relation == want), "{want} in {relations:#?}");
    }
    assert_eq!(described.properties[0].value, "2026-11-24");
}

#[test]
fn a_good_finding_is_taken() {
    let sources = sources(&STACK);
    let project = Project::new(&sources, TODAY);
    let mut said = finding(0, 0, 6);
    said.message = "a\u{1b}[31m".to_owned();
    said.fixes.push(abi::Fix {
        title: "t".to_owned(),
        safety: abi::FixSafety::Safe,
        edits: vec![abi::Edit { location: said.location, replacement: "x\n".to_owned() }],
    });
    said.properties.push(abi::Property { key: "service".to_owned(), value: "app".to_owned(), origin: None });
    let mut again = said.clone();
    again.properties[0].value = "web".to_owned();
    let accepted = accept(&project, &metadata(), vec![said, again], &limits()).unwrap();
    assert!(accepted.problems.is_empty(), "{:?}", accepted.problems);
    let [one] = accepted.findings.as_slice() else { panic!("the same fault is one finding") };
    assert_eq!((one.rule.as_ref(), one.severity, one.confidence), ("acme/no-x", Severity::High, Confidence::High));
    assert_eq!((one.message.as_str(), one.why.as_ref(), one.help.as_ref()), ("a\u{241b}[31m", "x is bad", "No x"));
    assert_eq!((one.fixes[0].safety, &one.services), (Safety::Suggested, &vec!["app".to_owned(), "web".to_owned()]));
}

#[test]
fn a_bad_finding_is_left_out_alone() {
    let mut sources = Sources::new();
    sources.add("Dockerfile", "FROM ü\n");
    let project = Project::new(&sources, TODAY);
    let span = |start, end| Problem::Span { path: "Dockerfile".to_owned(), start, end };
    let with = |change: &dyn Fn(&mut abi::Finding)| {
        let mut said = finding(0, 0, 4);
        change(&mut said);
        said
    };
    let edit =
        |start, end, text: &str| abi::Edit { location: finding(0, start, end).location, replacement: text.to_owned() };
    let fix = |edits: Vec<abi::Edit>| abi::Fix { title: "f".to_owned(), safety: abi::FixSafety::Safe, edits };
    let cases: Vec<(abi::Finding, Problem)> = vec![
        (finding(1, 0, 0), Problem::Document(1)),
        (finding(u32::MAX, 0, 0), Problem::Document(u32::MAX)),
        (finding(0, 4, 2), span(4, 2)),
        (finding(0, 0, 99), span(0, 99)),
        (finding(0, 6, 7), span(6, 7)),
        (finding(0, u32::MAX, u32::MAX), span(u32::MAX, u32::MAX)),
        (with(&|said| said.rule = "other".to_owned()), Problem::UndeclaredRule("other".to_owned())),
        (with(&|said| said.message = " ".to_owned()), Problem::NoMessage),
        (with(&|said| said.message = "x".repeat(4097)), Problem::TooMuch("a message", 4096)),
        (
            with(&|said| {
                said.related = vec![abi::Related { location: finding(7, 0, 0).location, message: String::new() }]
            }),
            Problem::Document(7),
        ),
        (
            with(&|said| said.fixes = vec![fix(vec![edit(0, 4, "a"), edit(3, 5, "b")])]),
            Problem::Overlap("f".to_owned()),
        ),
        (with(&|said| said.fixes = vec![fix(vec![edit(0, 99, "a")])]), span(0, 99)),
        (with(&|said| said.fixes = vec![fix(vec![edit(0, 4, "\u{1b}")])]), Problem::Control("f".to_owned())),
        (
            with(&|said| said.fixes = vec![fix(vec![edit(0, 4, &"x".repeat(65537))])]),
            Problem::TooMuch("an edit", 65536),
        ),
        (with(&|said| said.fixes = vec![fix(Vec::new()); 101]), Problem::TooMuch("fixes", 100)),
    ];
    for (said, want) in cases {
        let accepted = accept(&project, &metadata(), vec![said, finding(0, 0, 4)], &limits()).unwrap();
        assert_eq!(accepted.problems, [want]);
        assert_eq!(accepted.findings.len(), 1, "the good one stands");
    }
    let touching = with(&|said| said.fixes = vec![fix(vec![edit(4, 5, "b"), edit(0, 4, "a")])]);
    assert!(accept(&project, &metadata(), vec![touching], &limits()).unwrap().problems.is_empty());
}

#[test]
fn a_plug_in_keeps_to_its_own_name() {
    let refused = |change: &dyn Fn(&mut abi::Metadata)| {
        let mut metadata = metadata();
        change(&mut metadata);
        judge(&metadata, &limits()).unwrap_err()
    };
    for name in ["", "Acme", "a_b", "a--b", "-a", "1a", "a/b", "\u{1b}"] {
        assert_eq!(refused(&|said| said.name = name.to_owned()), Refusal::Name(name.to_owned()));
    }
    for name in ["isolation", "secrets", "php", "plimsoll", "web"] {
        assert_eq!(refused(&|said| said.name = name.to_owned()), Refusal::NameTaken(name.to_owned()));
    }
    assert_eq!(refused(&|said| said.rules[0].id = "A".to_owned()), Refusal::RuleId("A".to_owned()));
    assert_eq!(refused(&|said| said.rules.push(said.rules[0].clone())), Refusal::RuleTwice("no-x".to_owned()));
    assert_eq!(refused(&|said| said.rules.clear()), Refusal::RuleCount { count: 0, limit: 1_000 });
    let sources = Sources::new();
    let many = vec![finding(0, 0, 0); 10_001];
    assert_eq!(
        accept(&Project::new(&sources, TODAY), &metadata(), many, &limits()).unwrap_err(),
        Refusal::FindingCount { count: 10_001, limit: 10_000 }
    );
}
