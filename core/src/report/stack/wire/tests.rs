use super::*;
use crate::Date;
use crate::source::Sources;

const COMPOSE: &str = "\
services:
  web:
    image: nginx:1.29-alpine
    ports: ['80:80']
    depends_on: [app]
  app:
    image: php:8.4-fpm
    environment:
      DB_HOST: db
      DB_PASSWORD: hunter2-hunter2
  db:
    image: mariadb:11.8
    environment:
      MARIADB_ROOT_PASSWORD: hunter2-hunter2
";

fn sources(files: &[(&str, &str)]) -> Sources {
    let mut sources = Sources::new();
    for (name, text) in files {
        sources.add(name, *text);
    }
    sources
}

fn document(files: &[(&str, &str)], wanted: &Wanted) -> StackV1 {
    let sources = sources(files);
    wire(&Project::new(&sources, Date::parse("2026-11-24").unwrap()), wanted)
}

#[test]
fn a_document_names_services_and_no_secret() {
    let wanted = Wanted { breach: vec!["*".to_owned()], plan: true, boundaries: true, ..Wanted::default() };
    let document = document(&[("compose.yaml", COMPOSE), ("Dockerfile", "FROM php:8.4-cli\n")], &wanted);
    assert_eq!((document.version, document.views.len()), (1, 1), "a Dockerfile alone is no deployment here");
    let view = &document.views[0];
    let names: Vec<&str> = view.services.iter().map(|service| service.name.as_str()).collect();
    assert_eq!(names, ["web", "app", "db"]);
    assert_eq!(view.services[1].location.line, 6);
    assert!(view.needs.iter().any(|need| (need.from.as_str(), need.to.as_str(), need.needed) == ("app", "db", true)));
    assert!(view.links.iter().any(|link| (link.from.as_str(), link.to.as_str()) == ("internet", "web")));
    let (mut fell, mut starts): (Vec<&String>, Vec<&String>) =
        (view.breaches.iter().map(|breach| &breach.start).collect(), view.starts.iter().collect());
    fell.sort();
    starts.sort();
    assert_eq!(fell, starts);
    assert_eq!(view.boundaries.len(), 3);
    let json = serde_json::to_string(&document).unwrap();
    assert!(!json.contains("hunter2-hunter2"));
    assert_eq!(serde_json::from_str::<StackV1>(&json).unwrap(), document);
}

#[test]
fn only_what_is_wanted() {
    let document = document(&[("compose.yaml", COMPOSE)], &Wanted::default());
    let view = &document.views[0];
    assert!(view.breaches.is_empty() && view.plans.is_empty() && view.boundaries.is_empty());
    let one = Wanted { breach: vec!["db".to_owned()], ..Wanted::default() };
    let breaches = &super::tests::document(&[("compose.yaml", COMPOSE)], &one).views[0].breaches;
    assert_eq!(breaches.iter().map(|breach| breach.start.as_str()).collect::<Vec<_>>(), ["db"]);
}

#[test]
fn views_are_chosen_by_name() {
    let view = |name: &str| Wanted { view: Some(name.to_owned()), ..Wanted::default() };
    let files = [("compose.yaml", COMPOSE)];
    let name = document(&files, &Wanted::default()).views[0].name.clone();
    assert_eq!(document(&files, &view(&name)).views.len(), 1);
    assert!(document(&files, &view("no-such-view")).views.is_empty());
    assert_eq!(
        document(&[("Dockerfile", "FROM php:8.4-cli\n")], &Wanted::default()).views.len(),
        1,
        "better than nothing"
    );
}
