//! Which plug-ins run, by whose word, and what holds them to it: configuration, pins, lock file, signatures, settings.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what went wrong by panicking")]

use minisign::KeyPair;
use plimsoll_tests::guests::{Guest, fix, rule};
use plimsoll_tests::{Run, plimsoll, project, run};
use serde_json::Value;
use std::fs;
use std::io::Cursor;
use std::path::Path;
use tempfile::TempDir;

const STACK: &[u8] = b"FROM php:8.4.24-fpm-alpine3.24\nUSER www-data\n";

/// A plug-in that finds one thing in every project.
fn guest(name: &str) -> Vec<u8> {
    Guest::new(name).component()
}

/// A plug-in with a schema for its settings.
fn picky(name: &str) -> Vec<u8> {
    let schema = r#"{"type": "object", "additionalProperties": false, "required": ["owner"],
        "properties": {"owner": {"type": "string"}, "allowed": {"type": "array", "items": {"type": "string"}}}}"#;
    Guest::new(name).being(|metadata| metadata.settings_schema = Some(schema.to_owned())).component()
}

/// A stack below `stack`, and what belongs to its user beside it.
fn world(files: &[(&str, &[u8])]) -> TempDir {
    project(&[&[("stack/Dockerfile", STACK)], files].concat())
}

fn check(folder: &Path, args: &[&str]) -> Run {
    run(folder, &[&["check", "stack", "--today", "2026-11-24", "--fail-on", "never", "-f", "json"], args].concat())
}

/// The findings that are no built-in rule's: rule and severity.
fn found(run: &Run) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let report = run.json();
    let all = report["findings"].as_array().unwrap();
    let own = all.iter().filter(|one| one["message"].as_str().unwrap().ends_with(" was here"));
    let mut own: Vec<(String, String)> = own.map(|one| (text(&one["rule"]), text(&one["severity"]))).collect();
    own.sort();
    own
}

fn rules(run: &Run) -> Vec<String> {
    found(run).into_iter().map(|(rule, _)| rule).collect()
}

fn notices(run: &Run, code: &str) -> Vec<Value> {
    let report = run.json();
    report["notices"].as_array().unwrap().iter().filter(|notice| notice["code"] == code).cloned().collect()
}

fn digest(bytes: &[u8]) -> String {
    plimsoll::plugin::source::digest(bytes)
}

#[test]
fn what_is_checked_loads_nothing_by_itself() {
    let policy = b"[[plugin]]\nsource = \"rules/own.wasm\"\n";
    let folder = world(&[("stack/plimsoll.toml", policy), ("stack/rules/own.wasm", &guest("own"))]);
    let quiet = check(folder.path(), &[]);
    assert_eq!((quiet.code, rules(&quiet)), (0, vec![]), "{}", quiet.err);
    let told = notices(&quiet, "plugin/not-loaded");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["help"], "pass `--config stack/plimsoll.toml` to load them");
    // Above what is checked, it is as little trusted.
    let above = project(&[
        ("stack/Dockerfile", STACK),
        ("plimsoll.toml", b"[[plugin]]\nsource = \"own.wasm\"\n"),
        ("own.wasm", &guest("own")),
        (".git/HEAD", b""),
    ]);
    let quiet = check(above.path(), &[]);
    assert_eq!((rules(&quiet), notices(&quiet, "plugin/not-loaded").len()), (vec![], 1));
    // Named, it counts: sources are relative to it, and nothing is left to be told.
    let loud = check(folder.path(), &["--config", "stack/plimsoll.toml"]);
    assert_eq!((loud.code, rules(&loud)), (0, vec!["own/own".to_owned()]), "{}", loud.err);
    assert!(notices(&loud, "plugin/not-loaded").is_empty());
    let report = loud.json();
    assert_eq!(report["plugins"][0]["name"], "own");
    assert_eq!(report["plugins"][0]["digest"], digest(&guest("own")));
}

#[test]
fn the_named_file_is_the_policy_wherever_it_lies() {
    let inner = b"[rules]\nignore = [\"own/own\"]\n";
    let outer = b"[[plugin]]\nsource = \"own.wasm\"\n[rules.severity]\n\"own/own\" = \"critical\"\n";
    let folder =
        world(&[("stack/plimsoll.toml", inner), ("org/any-name.toml", outer), ("org/own.wasm", &guest("own"))]);
    let run = check(folder.path(), &["--config", "org/any-name.toml"]);
    assert_eq!(found(&run), [("own/own".to_owned(), "critical".to_owned())], "{}", run.err);
    let with_both = check(folder.path(), &["--plugin", "org/own.wasm"]);
    assert!(rules(&with_both).is_empty(), "the policy of the tree holds for a plug-in that is named by itself");
}

fn as_user(folder: &Path, variable: &str, home: &str, args: &[&str]) -> Run {
    let base = ["check", "--today", "2026-11-24", "--fail-on", "never", "-f", "json"];
    let output =
        plimsoll().current_dir(folder).env(variable, folder.join(home)).args([&base, args].concat()).output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn the_users_own_file_counts_outside_of_what_is_checked() {
    let own = b"[[plugin]]\nsource = \"own.wasm\"\n";
    let folder = world(&[
        ("home/.config/plimsoll/plimsoll.toml", own),
        ("home/.config/plimsoll/own.wasm", &guest("own")),
        ("conf/plimsoll/plimsoll.toml", own),
        ("conf/plimsoll/own.wasm", &guest("other")),
        ("named.toml", b""),
    ]);
    let path = folder.path();
    assert_eq!(rules(&as_user(path, "HOME", "home", &["stack"])), ["own/own"]);
    assert_eq!(rules(&as_user(path, "XDG_CONFIG_HOME", "conf", &["stack"])), ["other/other"]);
    let named = as_user(path, "HOME", "home", &["stack", "--config", "named.toml"]);
    assert!(rules(&named).is_empty(), "a file that is named takes its place");
    // A home in a checked tree belongs to whoever made the tree.
    let within = as_user(path, "HOME", "home", &["."]);
    assert!(rules(&within).is_empty());
    assert!(within.err.starts_with("note: ") && within.err.contains("is part of what is checked"), "{}", within.err);
    let relative =
        plimsoll().current_dir(path).env("HOME", "home").args(["check", "stack", "-f", "json"]).output().unwrap();
    assert!(!String::from_utf8_lossy(&relative.stdout).contains("was here"));
}

#[test]
fn a_mistake_ends_the_run_and_has_its_place() {
    for (text, said) in [
        ("[[plugin]]\nsourc = \"own.wasm\"\n", "plimsoll.toml:2:1: `sourc` is no key of this table"),
        (
            "[[plugin]]\nsource = \"https://example.net/a.wasm\"\n",
            "plimsoll.toml:2:10: `https://` is no source of plug-ins",
        ),
        ("[plugins]\ntrusted-keys = [\"RWQ\"]\n", "plimsoll.toml:2:17: this is no minisign public key"),
        ("[plugins.limits]\nfuels = 1\n", "plimsoll.toml:2:1: `fuels` is no key of this table"),
        ("[plugin]\nsource = \"a\"\n", "plimsoll.toml:1:1: a list of plug-ins is expected here"),
        ("[[plugin]]\nsource = \"oci://registry.invalid/a:1\"\n", "no digest says which file it has to be"),
        ("[[plugin\n", "plimsoll.toml:1:"),
    ] {
        let folder = world(&[("plimsoll.toml", text.as_bytes())]);
        let run = check(folder.path(), &["--config", "plimsoll.toml"]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{text}");
        assert!(run.err.contains(said), "{text}: {}", run.err);
    }
    let folder = world(&[]);
    let run = check(folder.path(), &["--config", "no-such.toml"]);
    assert!(run.code == 2 && run.err.contains("no-such.toml: it could not be read"), "{}", run.err);
}

#[test]
fn a_pin_holds_one_file() {
    let plugin = guest("own");
    let text = format!("[[plugin]]\nsource = \"own.wasm\"\nsha256 = \"{}\"\n", digest(&plugin));
    let folder = world(&[("plimsoll.toml", text.as_bytes()), ("own.wasm", &plugin)]);
    assert_eq!(rules(&check(folder.path(), &["--config", "plimsoll.toml"])), ["own/own"]);
    fs::write(folder.path().join("own.wasm"), guest("another")).unwrap();
    let run = check(folder.path(), &["--config", "plimsoll.toml"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.contains("plimsoll.toml:3:10: ") && run.err.contains("not the file that is pinned"), "{}", run.err);
}

#[test]
fn settings_are_held_against_the_schema_before_anything_runs() {
    let text = "[[plugin]]\nsource = \"picky.wasm\"\n[plugin.settings]\nowner = \"web\"\nallowed = [\"a\", 1]\nalowed = []\n\
                [[plugin]]\nsource = \"own.wasm\"\n";
    let folder = world(&[
        ("stack/plimsoll.toml", text.as_bytes()),
        ("stack/picky.wasm", &picky("picky")),
        ("stack/own.wasm", &guest("own")),
    ]);
    let run = check(folder.path(), &["--config", "stack/plimsoll.toml"]);
    assert_eq!((run.code, rules(&run)), (3, vec!["own/own".to_owned()]), "{}", run.err);
    assert!(run.err.contains("stack/plimsoll.toml:5:17: allowed[1]: expected a string"), "{}", run.err);
    assert!(
        run.err.contains("stack/plimsoll.toml:6:1: `alowed` is not a setting; there are `allowed`, `owner`"),
        "{}",
        run.err
    );
    let failed = notices(&run, "plugin/failed");
    let lines: Vec<&Value> = failed.iter().map(|notice| &notice["location"]["line"]).collect();
    assert_eq!(lines, [5, 6], "{failed:#?}");
    assert!(failed.iter().all(|notice| notice["path"] == "plimsoll.toml"), "{failed:#?}");
    // Settings on the command line have no line, but a name.
    let flags = check(folder.path(), &["--plugin", "stack/picky.wasm", "--plugin-settings", "{\"owner\": 1}"]);
    assert_eq!(flags.code, 3);
    assert!(flags.err.contains("picky.wasm: ") && flags.err.contains("owner: expected a string"), "{}", flags.err);
    let none = check(folder.path(), &["--plugin", "stack/picky.wasm"]);
    assert!(none.code == 3 && none.err.contains("`owner` is missing"), "{}", none.err);
    let right = check(folder.path(), &["--plugin", "stack/picky.wasm", "--plugin-settings", "{\"owner\": \"web\"}"]);
    assert_eq!((right.code, rules(&right)), (0, vec!["picky/picky".to_owned()]), "{}", right.err);
}

#[test]
fn rules_are_switched_off_and_weighed() {
    for (rules_line, expected) in [
        ("", vec![("own/own".to_owned(), "high".to_owned())]),
        ("rules = { own = \"low\" }\n", vec![("own/own".to_owned(), "low".to_owned())]),
        ("rules = { own = \"off\" }\n", vec![]),
    ] {
        let text = format!("[[plugin]]\nsource = \"own.wasm\"\n{rules_line}");
        let folder = world(&[("plimsoll.toml", text.as_bytes()), ("own.wasm", &guest("own"))]);
        let run = check(folder.path(), &["--config", "plimsoll.toml"]);
        assert_eq!((run.code, found(&run)), (0, expected), "{}", run.err);
    }
    let folder = world(&[
        ("plimsoll.toml", b"[[plugin]]\nsource = \"own.wasm\"\nrules = { mine = \"off\" }\n"),
        ("own.wasm", &guest("own")),
    ]);
    let run = check(folder.path(), &["--config", "plimsoll.toml"]);
    assert_eq!(run.code, 3);
    assert!(run.err.contains("plimsoll.toml:3:11: `mine` is no rule of own; there are `own`"), "{}", run.err);
}

#[test]
fn limits_are_those_of_the_configuration() {
    let with = |limits: &str| {
        let text = format!(
            "[plugins.limits]\n{limits}\n[[plugin]]\nsource = \"own.wasm\"\n[[plugin]]\nsource = \"two.wasm\"\n"
        );
        let folder =
            world(&[("plimsoll.toml", text.as_bytes()), ("own.wasm", &guest("own")), ("two.wasm", &guest("two"))]);
        check(folder.path(), &["--config", "plimsoll.toml"])
    };
    assert_eq!(rules(&with("fuel = 5000000")), ["own/own", "two/two"]);
    let small = with("file-bytes = 10");
    assert_eq!((small.code, notices(&small, "plugin/failed").len()), (3, 2));
    assert!(small.err.contains("the limit is 10"), "{}", small.err);
    let tired = with("fuel = 1\nfuel-per-byte = 1\nfuel-cap = 1");
    assert!(tired.code == 3 && tired.err.contains("it used up its fuel"), "{}", tired.err);
    let many = with("plugins = 1");
    assert!(many.code == 2 && many.err.contains("2 plug-ins are named; one run takes at most 1"), "{}", many.err);
}

#[test]
fn one_that_fails_costs_the_others_nothing() {
    let text = b"[[plugin]]\nsource = \"gone.wasm\"\n[[plugin]]\nsource = \"own.wasm\"\n[[plugin]]\nsource = \"junk.wasm\"\n[[plugin]]\nsource = \"two.wasm\"\n";
    let folder = world(&[
        ("plimsoll.toml", text),
        ("own.wasm", &guest("own")),
        ("junk.wasm", b"junk"),
        ("two.wasm", &guest("two")),
        ("more.wasm", &guest("own")),
    ]);
    let run = check(folder.path(), &["--config", "plimsoll.toml", "--plugin", "more.wasm"]);
    assert_eq!((run.code, rules(&run)), (3, vec!["own/own".to_owned(), "two/two".to_owned()]), "{}", run.err);
    assert_eq!(run.err.lines().count(), 3, "{}", run.err);
    assert!(run.err.contains("plimsoll.toml:2:10: it could not be read"), "{}", run.err);
    assert!(run.err.contains("its name `own` is that of another plug-in of this run"), "{}", run.err);
    let again = check(folder.path(), &["--config", "plimsoll.toml", "--plugin", "more.wasm"]);
    assert_eq!((run.out, run.err), (again.out, again.err), "every run says the same");
}

fn sign(pair: &KeyPair, file: &[u8]) -> Vec<u8> {
    minisign::sign(Some(&pair.pk), &pair.sk, Cursor::new(file), None, None).unwrap().into_string().into_bytes()
}

#[test]
fn with_trusted_keys_every_plug_in_is_signed() {
    let (ours, other) =
        (KeyPair::generate_unencrypted_keypair().unwrap(), KeyPair::generate_unencrypted_keypair().unwrap());
    let plugin = guest("own");
    let text = format!("[plugins]\ntrusted-keys = [\"{}\"]\n[[plugin]]\nsource = \"own.wasm\"\n", ours.pk.to_base64());
    let folder = world(&[("plimsoll.toml", text.as_bytes()), ("own.wasm", &plugin), ("flag.wasm", &guest("flag"))]);
    let signature = folder.path().join("own.wasm.minisig");
    let refused = |said: &str| {
        let run = check(folder.path(), &["--config", "plimsoll.toml"]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{said}");
        assert!(run.err.contains(said), "{said}: {}", run.err);
    };
    refused("plimsoll.toml:4:10: it is not signed");
    fs::write(&signature, sign(&other, &plugin)).unwrap();
    refused("it is signed with a key that is not trusted");
    fs::write(&signature, sign(&ours, &guest("another"))).unwrap();
    refused("its signature cannot be used: it does not belong to this file");
    fs::write(&signature, "no signature").unwrap();
    refused("it is no signature of minisign");
    fs::write(&signature, sign(&ours, &plugin)).unwrap();
    assert_eq!(rules(&check(folder.path(), &["--config", "plimsoll.toml"])), ["own/own"]);
    // One that is named by itself is no exception.
    let flag = check(folder.path(), &["--config", "plimsoll.toml", "--plugin", "flag.wasm"]);
    assert!(flag.code == 2 && flag.err.contains("flag.wasm: it is not signed"), "{}", flag.err);
}

#[test]
fn a_lock_file_holds_the_plug_ins_until_they_are_updated() {
    let config = b"# ours\n[thresholds]\nfail-on = \"high\"\n";
    let folder =
        world(&[("plimsoll.toml", config), ("rules/own.wasm", &guest("own")), ("rules/two.wasm", &picky("two"))]);
    let path = folder.path();
    let plugin = |args: &[&str]| run(path, &[&["plugin"], args, &["--config", "plimsoll.toml"]].concat());
    let locked = || check(path, &["--config", "plimsoll.toml", "--locked"]);

    let missing = locked();
    assert!(missing.code == 2 && missing.err.contains("plimsoll.lock is missing"), "{}", missing.err);
    let added = plugin(&["add", "rules/own.wasm"]);
    assert_eq!(added.code, 0, "{}", added.err);
    assert!(
        added.out.starts_with("added own 1.0.0 (rules/own.wasm, sha256 ") && added.out.contains("rule own/own (high)"),
        "{}",
        added.out
    );
    let text = fs::read_to_string(path.join("plimsoll.toml")).unwrap();
    assert_eq!(text, format!("{}\n[[plugin]]\nsource = \"rules/own.wasm\"\n", String::from_utf8_lossy(config)));
    let lock = fs::read_to_string(path.join("plimsoll.lock")).unwrap();
    assert!(lock.contains(&format!("sha256 = \"{}\"", digest(&guest("own")))), "{lock}");
    assert!(lock.contains("interface = \"plimsoll:plugin/rules@0.1.0\""), "{lock}");
    assert_eq!(rules(&locked()), ["own/own"]);
    let twice = plugin(&["add", "rules/own.wasm"]);
    assert!(twice.code == 2 && twice.err.contains("already"), "{}", twice.err);
    let needy = plugin(&["add", "rules/two.wasm"]);
    assert!(
        needy.code == 0 && needy.out.contains("it needs `settings` before it runs: `owner` is missing"),
        "{}{}",
        needy.out,
        needy.err
    );
    let with = fs::read_to_string(path.join("plimsoll.toml")).unwrap() + "settings = { owner = \"web\" }\n";
    fs::write(path.join("plimsoll.toml"), with).unwrap();
    assert_eq!(rules(&locked()), ["own/own", "two/two"]);
    let fine = plugin(&["verify"]);
    assert_eq!((fine.code, fine.out.lines().last()), (0, Some("2 plug-ins as written down")), "{}", fine.err);

    // The file changes under the same name: other rules, another version.
    let changed = Guest::new("own").being(|metadata| {
        metadata.version = "1.1.0".to_owned();
        metadata.rules.push(rule("more"));
    });
    fs::write(path.join("rules/own.wasm"), changed.component()).unwrap();
    let drift = locked();
    assert_eq!((drift.code, drift.out.as_str()), (2, ""));
    for line in [
        "own (rules/own.wasm)",
        "version 1.0.0 → 1.1.0",
        "+ rule more (high)",
        "plimsoll plugin update --config plimsoll.toml",
    ] {
        assert!(drift.err.contains(line), "{line}: {}", drift.err);
    }
    assert!(!drift.err.contains("two"), "what did not change is not listed: {}", drift.err);
    assert_eq!(check(path, &["--config", "plimsoll.toml"]).code, 0, "without --locked it runs");
    let wrong = plugin(&["verify"]);
    assert!(wrong.code == 2 && wrong.out.contains("+ rule more (high)"), "{}{}", wrong.out, wrong.err);
    let other = plugin(&["update", "two"]);
    assert!(other.code == 0 && other.out.contains("two (rules/two.wasm): unchanged"), "{}{}", other.out, other.err);
    assert_eq!(locked().code, 2);
    let updated = plugin(&["update", "own"]);
    assert!(updated.code == 0 && updated.out.contains("+ rule more (high)"), "{}{}", updated.out, updated.err);
    assert_eq!(locked().code, 0);
    let unknown = plugin(&["update", "three"]);
    assert!(unknown.code == 2 && unknown.err.contains("no plug-in `three`; it has own, two"), "{}", unknown.err);

    // One that is no plug-in any more, one that is gone from the configuration, and one that was never written down.
    fs::write(path.join("rules/own.wasm"), "junk").unwrap();
    assert!(locked().err.contains("and it cannot be loaded"));
    fs::write(path.join("rules/third.wasm"), guest("third")).unwrap();
    fs::write(path.join("plimsoll.toml"), "[[plugin]]\nsource = \"rules/third.wasm\"\n").unwrap();
    let both = locked();
    assert_eq!(both.code, 2);
    assert!(
        both.err.contains("is not written down") && both.err.contains("no longer in the configuration"),
        "{}",
        both.err
    );
    fs::write(path.join("plimsoll.lock"), "version = 9\n").unwrap();
    assert!(locked().err.contains("plimsoll.lock: this is no lock file of this tool"));
}

#[test]
fn locked_needs_something_to_hold_to() {
    let folder = world(&[("own.wasm", &guest("own"))]);
    let bare = check(folder.path(), &["--locked"]);
    assert!(bare.code == 2 && bare.err.contains("pass --config FILE"), "{}", bare.err);
    assert_eq!(check(folder.path(), &["--locked", "--plugin", "own.wasm"]).code, 2);
}

#[test]
fn an_update_moves_the_pin_and_nothing_else() {
    let text = format!("[[plugin]] # ours\nsource = \"own.wasm\"\nsha256 = \"{}\" # reviewed\n", digest(&guest("own")));
    let folder = world(&[("plimsoll.toml", text.as_bytes()), ("own.wasm", &guest("own"))]);
    let update = || run(folder.path(), &["plugin", "update", "--config", "plimsoll.toml"]);
    assert_eq!(update().code, 0);
    let read = || fs::read_to_string(folder.path().join("plimsoll.toml")).unwrap();
    assert_eq!(read(), text);
    let new = Guest::new("own").being(|metadata| metadata.version = "2.0.0".to_owned()).component();
    fs::write(folder.path().join("own.wasm"), &new).unwrap();
    assert_eq!(check(folder.path(), &["--config", "plimsoll.toml"]).code, 2);
    let updated = update();
    assert!(updated.code == 0 && updated.out.contains("version 1.0.0 → 2.0.0"), "{}{}", updated.out, updated.err);
    assert_eq!(read(), text.replace(&digest(&guest("own")), &digest(&new)));
    assert_eq!(check(folder.path(), &["--config", "plimsoll.toml", "--locked"]).code, 0);
    // What cannot be used changes nothing.
    fs::write(folder.path().join("own.wasm"), "junk").unwrap();
    let (config, lock) = (read(), fs::read(folder.path().join("plimsoll.lock")).unwrap());
    assert_eq!(update().code, 2);
    assert_eq!((read(), fs::read(folder.path().join("plimsoll.lock")).unwrap()), (config, lock));
}

#[test]
fn fixes_of_plug_ins_are_suggestions() {
    let plugin = Guest::new("own").saying(|finding| finding.fixes = vec![fix(&[(0, 4, "FROM ")])]).component();
    let config = b"[[plugin]]\nsource = \"own.wasm\"\n";
    let folder = world(&[("own.wasm", &plugin), ("org.toml", config)]);
    let mend = |args: &[&str]| run(folder.path(), &[&["check", "stack", "--today", "2026-11-24"], args].concat());
    let plain = mend(&["--diff", "--plugin", "own.wasm"]);
    assert!(plain.code == 2 && plain.err.contains("add --suggested"), "{}", plain.err);
    assert!(!mend(&["--diff", "--config", "org.toml"]).out.contains("+FROM  php"));
    for asked in [["--plugin", "own.wasm"], ["--config", "org.toml"]] {
        let diff = mend(&[&["--diff", "--suggested"], &asked[..]].concat());
        assert!(diff.code == 0 && diff.out.contains("+FROM  php:8.4.24"), "{}{}", diff.out, diff.err);
    }
    // With a policy above the stack it is the first document, and no fix touches it.
    fs::write(folder.path().join("plimsoll.toml"), config).unwrap();
    let policy = mend(&["--diff", "--suggested", "--config", "plimsoll.toml"]);
    assert!(policy.code == 0 && !policy.out.contains("plimsoll.toml"), "{}{}", policy.out, policy.err);
    fs::remove_file(folder.path().join("plimsoll.toml")).unwrap();
    let fixed = mend(&["--fix", "--suggested", "--plugin", "own.wasm"]);
    assert_eq!(fixed.code, 0, "{}", fixed.err);
    assert!(fs::read_to_string(folder.path().join("stack/Dockerfile")).unwrap().starts_with("FROM  php:"));
}
