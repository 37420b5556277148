//! What a plug-in may say of itself, and what of it reaches a report.

use super::*;
use crate::project::Project;
use crate::rules::testing::{TODAY, sources};
use plimsoll_plugin_abi as abi;
use plimsoll_plugin_abi::Limits;

fn property(key: &str, value: &str) -> abi::Property {
    abi::Property { key: key.to_owned(), value: value.to_owned(), origin: None }
}

fn metadata() -> abi::Metadata {
    let rule = abi::Rule {
        id: "no-x".to_owned(),
        title: "No x".to_owned(),
        description: "x is\n  bad".to_owned(),
        severity: abi::Severity::Low,
        kinds: vec!["compose".to_owned()],
        tags: vec!["registry".to_owned()],
        help_url: Some("https://rules.example/no-x".to_owned()),
        properties: vec![property("help", "Leave x out")],
    };
    abi::Metadata {
        name: "acme".to_owned(),
        version: "1.0.0".to_owned(),
        description: "Rules".to_owned(),
        license: "MIT".to_owned(),
        rules: vec![rule],
        settings_schema: Some("{\"type\": \"object\"}".to_owned()),
        properties: Vec::new(),
    }
}

fn refused(change: &dyn Fn(&mut abi::Metadata)) -> Refusal {
    let mut metadata = metadata();
    change(&mut metadata);
    judge(&metadata, &Limits::default()).unwrap_err()
}

fn finding() -> abi::Finding {
    let span = abi::Span { start: 0, end: 4 };
    abi::Finding {
        rule: "no-x".to_owned(),
        location: abi::Location { document: 0, span },
        message: "m".to_owned(),
        severity: None,
        confidence: None,
        related: Vec::new(),
        fixes: Vec::new(),
        properties: Vec::new(),
    }
}

#[test]
fn too_much_of_everything_is_refused() {
    assert_eq!(judge(&metadata(), &Limits::default()), Ok(()));
    let long = "x".repeat(4097);
    let much = |what| Refusal::TooMuch(what, 4096);
    assert_eq!(refused(&|said| said.version = long.clone()), much("a version"));
    assert_eq!(refused(&|said| said.description = long.clone()), much("a description"));
    assert_eq!(refused(&|said| said.license = long.clone()), much("a licence"));
    assert_eq!(refused(&|said| said.rules[0].title = long.clone()), much("a title"));
    assert_eq!(refused(&|said| said.rules[0].description = long.clone()), much("a description"));
    assert_eq!(refused(&|said| said.rules[0].tags = vec![long.clone()]), much("a tag"));
    assert_eq!(refused(&|said| said.rules[0].kinds = vec![long.clone()]), much("a tag"));
    assert_eq!(refused(&|said| said.rules[0].help_url = Some(format!("https://x/{long}"))), much("an address"));
    assert_eq!(refused(&|said| said.properties = vec![property(&long, "")]), much("a key"));
    assert_eq!(refused(&|said| said.rules[0].properties = vec![property("help", &long)]), much("a value"));
    let many = |what| Refusal::TooMuch(what, 100);
    assert_eq!(refused(&|said| said.rules[0].tags = vec![String::new(); 101]), many("tags"));
    assert_eq!(refused(&|said| said.rules[0].kinds = vec![String::new(); 101]), many("kinds"));
    assert_eq!(refused(&|said| said.properties = vec![property("x-a", ""); 101]), many("properties"));
    let rule = metadata().rules.remove(0);
    let rules: Vec<abi::Rule> = (0..1001).map(|nth| abi::Rule { id: format!("r{nth}"), ..rule.clone() }).collect();
    assert_eq!(refused(&|said| said.rules = rules.clone()), Refusal::RuleCount { count: 1001, limit: 1000 });
    let granted = Limits { rules: 1001, ..Limits::default() };
    assert_eq!(judge(&abi::Metadata { rules, ..metadata() }, &granted), Ok(()), "a user may grant more");
}

#[test]
fn an_address_leads_to_the_web_and_a_schema_is_one() {
    for url in ["javascript:alert(1)", "file:///etc/passwd", "http://", "https://a b", "\u{1b}https://x"] {
        let refusal = refused(&|said| said.rules[0].help_url = Some(url.to_owned()));
        assert_eq!(refusal, Refusal::HelpUrl("no-x".to_owned()), "{url}");
    }
    for schema in ["", "{", "[]", "true", "{} {}"] {
        assert_eq!(refused(&|said| said.settings_schema = Some(schema.to_owned())), Refusal::Schema, "{schema}");
    }
    let large = format!("{{\"a\": \"{}\"}}", "x".repeat(256 << 10));
    let refusal = refused(&|said| said.settings_schema = Some(large.clone()));
    assert_eq!(refusal, Refusal::TooMuch("a settings schema", 256 << 10));
    let deep = "[".repeat(100_000);
    assert_eq!(refused(&|said| said.settings_schema = Some(deep.clone())), Refusal::Schema);
}

#[test]
fn every_refusal_says_what_is_wrong() {
    let all = [
        Refusal::Name("a\u{1b}".to_owned()),
        Refusal::NameTaken("php".to_owned()),
        Refusal::RuleId("A".to_owned()),
        Refusal::RuleTwice("a".to_owned()),
        Refusal::RuleCount { count: 0, limit: 1 },
        Refusal::RuleCount { count: 2, limit: 1 },
        Refusal::FindingCount { count: 2, limit: 1 },
        Refusal::TooMuch("a title", 1),
        Refusal::HelpUrl("a".to_owned()),
        Refusal::Schema,
    ];
    let texts: std::collections::BTreeSet<String> = all.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), all.len());
    assert!(texts.iter().all(|text| !text.chars().any(char::is_control)), "{texts:?}");
}

#[test]
fn what_is_shown_steers_nothing() {
    let mut said = metadata();
    let evil = "a\u{1b}[31m\u{202e}\u{7}\nb";
    said.version = evil.to_owned();
    said.description = evil.to_owned();
    said.license = evil.to_owned();
    said.properties = vec![property(evil, evil)];
    said.rules[0].title = evil.to_owned();
    said.rules[0].description = evil.to_owned();
    said.rules[0].tags = vec![evil.to_owned()];
    said.rules[0].kinds = vec![evil.to_owned()];
    said.rules[0].help_url = Some("javascript:x".to_owned());
    said.rules[0].properties = vec![property("help", evil)];
    let clean = shown(&said);
    let text = format!("{clean:?}");
    assert!(!text.chars().any(|c| c.is_control() || c == '\u{202e}') && !text.contains("\\u{1b}"), "{text}");
    assert_eq!(clean.rules[0].help_url, None);
    assert_eq!(clean.settings_schema, said.settings_schema);
    let info = PluginInfo::new(&said, "ab12");
    assert_eq!((info.name.as_str(), info.digest.as_str(), info.rules[0].id.as_str()), ("acme", "ab12", "acme/no-x"));
    assert_eq!(info.version, "a\u{241b}[31m\u{fffd}\u{2407} b");
    assert_eq!(info.rules[0].help.as_deref(), Some("a\u{241b}[31m\u{fffd}\u{2407} b"));
    said.rules[0].title = " ".to_owned();
    assert_eq!(shown(&said).rules[0].title, "no-x", "a rule without a title is called by its id");
}

#[test]
fn a_finding_names_what_the_project_has() {
    let sources = sources(&[("compose.yaml", "services:\n  app:\n    image: php:8.4\n")]);
    let project = Project::new(&sources, TODAY);
    let mut said = finding();
    for (key, value) in [
        ("service", "app"),
        ("service", "ghost"),
        ("service", "app"),
        ("view", "production"),
        ("view", "default"),
        ("x-own", "1"),
        ("help", "Do\nthis"),
    ] {
        said.properties.push(property(key, value));
    }
    let accepted = accept(&project, &metadata(), vec![said, finding()], &Limits::default()).unwrap();
    let [one] = accepted.findings.as_slice() else { panic!("the same place and message are one finding") };
    assert_eq!((&one.services, &one.views), (&vec!["app".to_owned()], &vec!["default".to_owned()]));
    assert_eq!(one.help, "Do this");
    let plain = accept(&project, &metadata(), vec![finding()], &Limits::default()).unwrap();
    assert_eq!((plain.findings[0].help.as_ref(), plain.findings[0].why.as_ref()), ("Leave x out", "x is bad"));
    let mut without = metadata();
    without.rules[0].properties.clear();
    let plain = accept(&project, &without, vec![finding()], &Limits::default()).unwrap();
    assert_eq!(plain.findings[0].help, "See https://rules.example/no-x");
}

#[test]
fn fixes_change_real_files_only() {
    let inspect = include_str!("testing/docker-inspect.json");
    let sources = sources(&[("Dockerfile", "FROM a\n"), ("inventory/docker-inspect.json", inspect)]);
    let project = Project::new(&sources, TODAY);
    let documents = describe(&project).documents;
    let recorded = documents.iter().position(|document| document.kind == "inventory").unwrap();
    let at = |document: usize| abi::Location {
        document: u32::try_from(document).unwrap(),
        span: abi::Span { start: 0, end: 1 },
    };
    let fix = |edits: Vec<abi::Edit>| abi::Fix { title: "t".to_owned(), safety: abi::FixSafety::Safe, edits };
    let edit = |document, text: &str| abi::Edit { location: at(document), replacement: text.to_owned() };
    let mut said = finding();
    said.location = at(0);
    said.fixes = vec![
        fix(vec![edit(0, "X")]),
        fix(vec![edit(0, "X"), edit(recorded, "X")]),
        fix(Vec::new()),
        fix(vec![edit(0, "F")]),
    ];
    let mut about = said.clone();
    about.location = at(recorded);
    let accepted = accept(&project, &metadata(), vec![said, about], &Limits::default()).unwrap();
    assert!(accepted.problems.is_empty(), "{:?}", accepted.problems);
    assert_eq!(
        accepted.findings[0].fixes.len(),
        1,
        "what commands recorded is not edited, and nothing is changed into itself"
    );
    assert_eq!(accepted.findings[1].fixes.len(), 0);
    let outcome = accepted.findings[0].fixes[0].outcome(&sources).unwrap();
    assert_eq!(outcome["Dockerfile"], "XROM a\n");
    let mut turned = finding();
    turned.fixes = vec![fix(vec![edit(0, "a\u{202e}b")])];
    let accepted = accept(&project, &metadata(), vec![turned], &Limits::default()).unwrap();
    assert_eq!(accepted.problems, [Problem::Control("t".to_owned())]);
}

#[test]
fn problems_are_few_however_many_there_are() {
    let sources = sources(&[("Dockerfile", "FROM a\n")]);
    let project = Project::new(&sources, TODAY);
    let wrong = |nth: u32| {
        let mut said = finding();
        said.location.document = nth + 1;
        said
    };
    let said: Vec<abi::Finding> = (0..1000).map(wrong).collect();
    let accepted = accept(&project, &metadata(), said, &Limits::default()).unwrap();
    assert_eq!((accepted.findings.len(), accepted.problems.len()), (0, 100));
    let few = Limits { findings: 1, ..Limits::default() };
    let refusal = accept(&project, &metadata(), vec![finding(), finding()], &few).unwrap_err();
    assert_eq!(refusal, Refusal::FindingCount { count: 2, limit: 1 });
}
