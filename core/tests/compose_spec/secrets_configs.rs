//! Secrets and configs.

use crate::{default, notices, service};
use plimsoll_core::model::compose::ResourceSource;

const TEXT: &str = r#"services:
  it:
    image: x
    secrets: [a, {source: b, target: /etc/b, uid: "33", gid: "33", mode: 0440}, {source: c, target: cc, mode: "0400"}]
    configs: [f, {source: g, target: /etc/g, mode: 0644}]
secrets:
  a: {file: ./a.txt}
  b: {environment: B}
  c: {external: true, name: real_c}
  d: {driver: vault}
configs:
  f: {content: "x ${Y:-z}"}
  g: {file: ./g}
  h: {environment: H}
"#;

#[test]
fn grants_by_name_and_in_full() {
    default(&[("compose.yaml", TEXT)], |_, view| {
        let it = service(view, "it");
        let secrets: Vec<(&str, &str, Option<u32>)> =
            it.secrets.iter().map(|grant| (grant.source.as_str(), grant.target.as_str(), grant.mode)).collect();
        assert_eq!(
            secrets,
            [("a", "/run/secrets/a", None), ("b", "/etc/b", Some(0o440)), ("c", "/run/secrets/cc", Some(0o400))]
        );
        assert_eq!(it.secrets[1].owner.0.as_ref().unwrap().text, "33");
        let configs: Vec<(&str, &str)> =
            it.configs.iter().map(|grant| (grant.source.as_str(), grant.target.as_str())).collect();
        assert_eq!(configs, [("f", "/f"), ("g", "/etc/g")]);
    });
}

#[test]
fn every_kind_of_source() {
    default(&[("compose.yaml", TEXT)], |_, view| {
        let of = |name: &str| view.secrets.iter().chain(&view.configs).find(|one| one.name == name).unwrap();
        assert!(matches!(of("a").sources().as_slice(), [ResourceSource::File(file)] if file.text == "./a.txt"));
        assert!(matches!(of("b").sources().as_slice(), [ResourceSource::Environment(name)] if name.text == "B"));
        assert!(matches!(of("c").sources().as_slice(), [ResourceSource::External]));
        assert_eq!(of("c").own_name.as_ref().unwrap().text, "real_c");
        assert!(matches!(of("d").sources().as_slice(), [ResourceSource::Driver(_)]));
        assert!(matches!(of("f").sources().as_slice(), [ResourceSource::Content(text)] if text.text == "x z"));
        assert!(matches!(of("h").sources().as_slice(), [ResourceSource::Environment(_)]));
    });
    assert!(notices(&[("compose.yaml", TEXT)], "compose/source").is_empty());
}

#[test]
fn exactly_one_source() {
    let text =
        "services: {it: {image: x}}\nsecrets:\n  none: {}\n  two: {file: a, environment: B}\nconfigs:\n  empty:\n";
    let found = notices(&[("compose.yaml", text)], "compose/source");
    assert_eq!(found.iter().map(|(_, at)| at.as_str()).collect::<Vec<_>>(), ["none", "two", "empty"]);
}
