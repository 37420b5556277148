use super::*;

fn facts(name: &str, text: &str) -> Result<Facts, String> {
    let mut facts = Facts::default();
    facts.read(name, text).map(|()| facts).map_err(|error| error.to_string())
}

fn eol(name: &str, text: &str) -> Result<Facts, String> {
    let mut facts = Facts::default();
    facts.read_eol(name, text).map(|()| facts).map_err(|error| error.to_string())
}

#[test]
fn cycles_are_added_and_replaced() {
    let text = r#"{"_meta": {"as_of": "2027-01-15"}, "rows": [
  {"product": "php", "cycle": "8.1", "eol": "2030-01-01", "latest": "8.1.99"},
  {"product": "php", "cycle": "9.0", "released": "2026-11-20", "eol": false, "eoas": "2028-11-20"},
  {"product": "unheard-of", "cycle": "1", "eol": true}]}"#;
    let facts = facts("data/eol.json", text).unwrap();
    let php = facts.product("php").unwrap();
    assert_eq!(php.basis(), Basis { table: "eol", as_of: Date::new(2027, 1, 15) });
    assert_eq!(php.cycle("8.1.2").unwrap().eol, End::On(Date::new(2030, 1, 1)));
    assert_eq!(php.cycle("8.1").unwrap().latest.as_deref(), Some("8.1.99"));
    assert_eq!(php.newest_supported(Date::new(2027, 1, 15)).map(|cycle| cycle.cycle.as_ref()), Some("9.0"));
    assert_eq!(php.cycle("8.4").unwrap(), eol::product("php").unwrap().cycle("8.4").unwrap(), "the rest stays");
    assert_eq!(facts.product("debian"), eol::product("debian"));
    assert!(facts.product("unheard-of").is_none());
    assert!(php.cycles.windows(2).all(|pair| compare_versions(&pair[0].cycle, &pair[1].cycle).is_gt()));
}

#[test]
fn lists_of_endoflife_date() {
    let old = r#"[{"cycle": "8.6", "releaseDate": "2026-11-19", "eol": "2030-12-31", "support": "2028-12-31", "latest": "8.6.1",
      "latestReleaseDate": "2026-12-17", "lts": false},
     {"cycle": "8.1", "releaseDate": "2021-11-25", "eol": true, "support": false, "extendedSupport": true}]"#;
    let facts = eol("php.json", old).unwrap();
    let php = facts.product("php").unwrap();
    assert_eq!(php.own, Some(Date::new(2026, 12, 17)));
    assert_eq!(php.cycle("8.6.0").unwrap().active_until, Some(End::On(Date::new(2028, 12, 31))));
    let ended = php.cycle("8.1").unwrap();
    assert_eq!((ended.eol, ended.active_until, ended.extended_until), (End::Ended, Some(End::Ended), None));

    let new = r#"{"schema_version": "1.2.0", "generated_at": "2027-02-01T00:00:00+00:00", "result": {"name": "redis", "releases": [
      {"name": "9.0", "releaseDate": "2027-01-01", "isEol": false, "eolFrom": null, "latest": {"name": "9.0.2", "date": "2027-01-20"}},
      {"name": "6.2", "releaseDate": "2021-02-22", "isEol": true, "eolFrom": "2026-12-31"}]}}"#;
    let facts = eol("anything.json", new).unwrap();
    let redis = facts.product("redis").unwrap();
    assert_eq!(redis.own, Some(Date::new(2027, 2, 1)));
    assert_eq!(
        (redis.cycle("9").unwrap().eol, redis.cycle("9").unwrap().latest.as_deref()),
        (End::NotAnnounced, Some("9.0.2"))
    );
    assert_eq!(redis.cycle("6.2").unwrap().eol, End::On(Date::new(2026, 12, 31)));
}

#[test]
fn faults_have_a_place() {
    let rows = |row: &str| format!("{{\"_meta\": {{\"as_of\": \"2027-01-15\"}}, \"rows\": [\n  {row}]}}");
    for (text, want) in [
        (rows("{\"product\": \"php\", \"cycle\": \"8.1\", \"eol\": \"soon\"}"), "2:45: this is no day"),
        (rows("{\"product\": \"php\", \"cycle\": \"8.1\"}"), "2:3: `eol` is missing"),
        (rows("{\"product\": \"php\", \"eol\": true}"), "2:3: `cycle` is missing"),
        (rows("{\"product\": \"php\", \"cycle\": \"eight\", \"eol\": true}"), "2:31: a line of releases"),
        ("{\"rows\": []}".to_owned(), "1:1: the date is missing"),
        ("{\"_meta\": {\"as_of\": \"2027-02-30\"}, \"rows\": []}".to_owned(), "1:21: this is no day"),
        ("[".to_owned(), "1:"),
        ("7".to_owned(), "1:1: an object with `_meta`"),
        (String::new(), "1:1: this is not one JSON value"),
    ] {
        let said = eol("eol.json", &text).unwrap_err();
        assert!(said.starts_with(want), "{text}\n{said}");
    }
    assert!(eol("shop.json", "[]").unwrap_err().contains("no product here is called `shop`"));
    assert!(eol("php.json", "[]").unwrap_err().contains("`releaseDate`"));
    assert!(facts("ports.json", "{}").unwrap_err().contains("cannot be changed"));
    assert!(
        facts("nonsense.json", "{}")
            .unwrap_err()
            .contains("no table of this name; rows may be handed in as advisories.json")
    );
}

#[test]
fn images_of_ones_own() {
    let text = r#"{"_meta": {"as_of": "2026-11-20"}, "rows": [
  {"pattern": "registry.example.net/base/*", "default_user": "app", "exec": "nonroot", "role": "php-fpm", "ports": [9000], "eol_product": "php"},
  {"pattern": "redis", "tag": "*alpine*", "default_user": "redis", "exec": "nonroot", "role": "cache", "cap_add": ["cap_chown"]}]}"#;
    let facts = facts("images.json", text).unwrap();
    let of = |name: &str| facts.image(&ImageRef::parse(name).unwrap());
    let base = of("registry.example.net/base/runtime:8.1-fpm").unwrap();
    assert_eq!((base.role, base.exec, base.default_user.as_ref()), ("php-fpm", Exec::NonRoot, "app"));
    assert_eq!(base.basis(), Basis { table: "images", as_of: Date::new(2026, 11, 20) });
    assert_eq!(of("redis:8-alpine").unwrap().exec, Exec::NonRoot);
    assert_eq!(of("redis:8-alpine").unwrap().cap_add.as_ref(), ["CHOWN"]);
    assert_eq!(of("redis:8").unwrap().exec, Exec::Drops);
    let image = ImageRef::parse("registry.example.net/base/runtime:8.1-fpm").unwrap();
    let versions = facts.versions(&image);
    assert_eq!(versions.first().map(|version| (version.product, version.cycle_hint.as_str())), Some(("php", "8.1")));
    assert_eq!(facts.precision(&image), Precision::Minor);

    let wrong = |from: &str, to: &str| self::facts("images.json", &text.replace(from, to)).unwrap_err();
    assert!(
        wrong("\"nonroot\", \"role\": \"php-fpm\"", "\"rot\", \"role\": \"php-fpm\"")
            .starts_with("2:77: this is none of root,")
    );
    assert!(wrong("[9000]", "[90000]").contains("a number from 1 to 65535"));
    assert!(wrong("\"eol_product\": \"php\"", "\"eol_product\": \"phb\"").contains("no product here"));
    assert!(wrong("cap_chown", "cap_chwon").contains("no capability"));
}

#[test]
fn dates_of_everything() {
    let built_in = Facts::built_in().dates();
    assert!(built_in.iter().any(|basis| basis.table == "advisories"));
    let own = facts(
        "eol.json",
        r#"{"_meta": {"as_of": "2027-01-15"}, "rows": [{"product": "php", "cycle": "8.1", "eol": true}]}"#,
    )
    .unwrap();
    let eol: Vec<Date> = own.dates().iter().filter(|basis| basis.table == "eol").map(|basis| basis.as_of).collect();
    assert_eq!(eol, [eol::AS_OF, Date::new(2027, 1, 15)]);
}
