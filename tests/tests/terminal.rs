//! The command line as a user meets it, in a world without an environment.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what went wrong by panicking")]

use plimsoll_tests::{project, root, run, run_with_stdin};
use serde_json::Value;
use std::fs;

const DOCKERFILE: &[u8] = b"FROM php:8.4.24-fpm-alpine3.24\nRUN mv \"$PHP_INI_DIR/php.ini-production\" \"$PHP_INI_DIR/php.ini\"\nCOPY src/ /var/www/html/\nUSER www-data\nHEALTHCHECK CMD php-fpm -t\nCMD [\"php-fpm\"]\n";

const COMPOSE: &[u8] = b"services:
  app:
    build: .
    privileged: true
  redis:
    image: redis:8.2.9-alpine
    command: [redis-server, --aclfile, /run/secrets/acl]
    ports: [\"6379:6379\"]   # for a look inside
    healthcheck: {test: [CMD, redis-cli, ping]}
";

fn validate(schema: &str, document: &str) {
    let schema: Value = serde_json::from_str(&fs::read_to_string(root().join(schema)).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let document: Value = serde_json::from_str(document).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn a_report_for_people() {
    let folder = project(&[("Dockerfile", DOCKERFILE), ("compose.yaml", COMPOSE)]);
    let run = run(folder.path(), &["check", "--today", "2026-11-24"]);
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    insta::assert_snapshot!("human", run.out);
}

#[test]
fn exit_codes_tell_findings_from_failure() {
    let folder = project(&[("Dockerfile", DOCKERFILE), ("compose.yaml", COMPOSE)]);
    let code = |args: &[&str]| run(folder.path(), &[&["check", "--today", "2026-11-24"], args].concat()).code;
    assert_eq!(code(&[]), 1);
    assert_eq!(code(&["--fail-on", "critical"]), 1);
    assert_eq!(code(&["--fail-on", "never"]), 0);
    assert_eq!(code(&["Dockerfile"]), 0);
    assert_eq!(code(&["--fail-on", "terrible"]), 2);
    assert_eq!(code(&["-f", "yaml"]), 2);
    assert_eq!(code(&["no-such-folder"]), 4);
    let broken = project(&[("Dockerfile", b"FROM a\0b")]);
    assert_eq!(run(broken.path(), &["check"]).code, 5);
}

#[test]
fn json_follows_its_schema() {
    let folder = project(&[("Dockerfile", DOCKERFILE), ("compose.yaml", COMPOSE)]);
    let run = run(folder.path(), &["check", "-f", "json"]);
    validate("core/schemas/report-v1.json", &run.out);
    let report = run.json();
    assert_eq!(report["findings"][0]["rule"], "isolation/privileged-container");
    assert_eq!(report["coverage"]["instructions_analysed"], 6);
}

#[test]
fn sarif_follows_its_schema() {
    let folder = project(&[
        ("Dockerfile", DOCKERFILE),
        ("compose.yaml", COMPOSE),
        ("broken/compose.yaml", b"services:\n\ta: b\n"),
    ]);
    let run = run(folder.path(), &["check", "-f", "sarif"]);
    validate("tests/vendor/sarif-2.1.0.json", &run.out);
    let log = run.json();
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "isolation/privileged-container");
    assert_eq!(
        log["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize]["id"],
        result["ruleId"]
    );
}

/// Text that would steer a terminal, break a line-based reader or close a tag, in every place a stack file has for text.
#[test]
fn hostile_text_stays_text() {
    let evil = "\u{1b}]0;owned\u{7}\u{202e}<script>alert(1)</script>\r\u{2028}";
    let compose = format!(
        "services:\n  \"a{evil}\":\n    image: \"redis:5\"\n    privileged: true # plimsoll: ignore[x] {evil}\n    ports: [\"6379:6379\"]\n    environment:\n      \"K{evil}\": \"{evil}\"\n"
    )
    .replace('\u{1b}', "\\e")
    .replace('\u{7}', "\\a")
    .replace("\r\u{2028}", "\\r\\L");
    let name = "a\u{1b}[31m/compose.yaml";
    let folder =
        project(&[(name, compose.as_bytes()), ("Dockerfile", format!("FROM \"{evil}\"\nRUNN {evil}\n").as_bytes())]);
    let human = run(folder.path(), &["check"]);
    for c in human.out.chars().chain(human.err.chars()) {
        assert!(
            c == '\n' || !c.is_control() && !('\u{202a}'..='\u{202e}').contains(&c),
            "{c:?} reaches the terminal:\n{}",
            human.out.escape_debug()
        );
    }
    let json = run(folder.path(), &["check", "-f", "json"]);
    validate("core/schemas/report-v1.json", &json.out);
    let sarif = run(folder.path(), &["check", "-f", "sarif"]);
    validate("tests/vendor/sarif-2.1.0.json", &sarif.out);
}

#[test]
fn secrets_do_not_reach_the_log() {
    let secrets = ["Winter2023!x", "s3cr3t-pass-of-app", "agency2019long", "hunter22hunter22"];
    let dockerfile = format!(
        "FROM php:8.4.24-fpm\nENV DB_PASSWORD={}\nRUN echo 'root:{}' | chpasswd\nCOPY . .\n",
        secrets[0], secrets[2]
    );
    let compose = format!(
        "services:\n  app:\n    build: .\n    environment:\n      DATABASE_URL: mysql://app:{}@db/app\n",
        secrets[1]
    );
    let env = format!("APP_SECRET={}\n", secrets[3]);
    let folder = project(&[
        ("Dockerfile", dockerfile.as_bytes()),
        ("compose.yaml", compose.as_bytes()),
        (".env", env.as_bytes()),
    ]);
    for format in ["human", "json", "sarif"] {
        let run = run(folder.path(), &["check", "-f", format]);
        assert!(
            run.out.contains("secrets/secret-in-dockerfile") && run.out.contains("secrets/literal-secret-in-compose")
        );
        for secret in secrets {
            assert!(!run.out.contains(secret), "{format} shows {secret}:\n{}", run.out);
        }
    }
}

#[test]
fn several_formats_at_once() {
    let folder = project(&[("Dockerfile", DOCKERFILE), ("compose.yaml", COMPOSE)]);
    let run = run(folder.path(), &["check", "-f", "sarif=out.sarif", "-f", "json=out.json", "-f", "human"]);
    assert!(run.out.contains("\nScore: "), "{}", run.out);
    validate("tests/vendor/sarif-2.1.0.json", &fs::read_to_string(folder.path().join("out.sarif")).unwrap());
    validate("core/schemas/report-v1.json", &fs::read_to_string(folder.path().join("out.json")).unwrap());
}

#[test]
fn standard_input_has_the_name_it_is_given() {
    let run = run_with_stdin(&["check", "-", "--stdin-name", "compose.yaml", "-f", "json"], COMPOSE);
    assert_eq!(run.code, 1);
    assert_eq!(run.json()["findings"][0]["location"]["path"], "compose.yaml");
    // Without a name the content tells.
    let run = run_with_stdin(&["check", "-", "-f", "json"], COMPOSE);
    assert_eq!(run.json()["findings"][0]["rule"], "isolation/privileged-container");
}

#[test]
fn a_stack_is_joined_across_files() {
    let folder = project(&[
        ("docker/Dockerfile", b"FROM php:8.4.24-fpm AS base\nFROM base AS prod\nCOPY . .\n"),
        ("compose.yaml", b"services:\n  app:\n    build: {context: ., dockerfile: docker/Dockerfile, target: prod}\n"),
        (".env", b"DB_PASSWORD=Winter2023!\n"),
        (".dockerignore", b"vendor\n"),
    ]);
    let report = run(folder.path(), &["check", "-f", "json"]).json();
    let finding = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["rule"] == "secrets/env-file-in-image")
        .expect("the finding");
    assert_eq!(finding["location"]["path"], "docker/Dockerfile");
    let places: Vec<&str> = finding["related"]
        .as_array()
        .unwrap()
        .iter()
        .map(|related| related["location"]["path"].as_str().unwrap())
        .collect();
    assert!(places.contains(&".env"), "{places:?}");
}

#[test]
fn ignored_files_that_tell_are_read_and_ignored_folders_are_not() {
    let folder = project(&[
        (".gitignore", b".env\n/vendor\n"),
        (".env", b"A=1\n"),
        ("vendor/x/Dockerfile", b"FROM php:latest\n"),
        ("Dockerfile", DOCKERFILE),
    ]);
    let report = run(folder.path(), &["check", "-f", "json"]).json();
    let files: Vec<&str> =
        report["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert!(files.contains(&".env") && !files.iter().any(|path| path.starts_with("vendor/")), "{files:?}");
}

#[test]
fn the_rules_explain_themselves() {
    let folder = project(&[]);
    let list = run(folder.path(), &["rules"]);
    assert!(list.out.lines().count() >= 23 && list.out.contains("isolation/privileged-container"));
    for line in list.out.lines() {
        let id = line.split_whitespace().next().unwrap();
        let manual = run(folder.path(), &["explain", id]);
        assert_eq!(manual.code, 0, "{id}");
        assert!(manual.out.contains("WHY IT MATTERS") && manual.out.contains("HOW TO FIX"), "{}", manual.out);
    }
    insta::assert_snapshot!("explain", run(folder.path(), &["explain", "privileged-container"]).out);
    let slip = run(folder.path(), &["explain", "isolation/privileged-contaner"]);
    assert_eq!(slip.code, 2);
    assert!(slip.err.contains("did you mean isolation/privileged-container"), "{}", slip.err);
}

#[test]
fn fixes_are_shown_and_applied() {
    let folder = project(&[("Dockerfile", DOCKERFILE), ("compose.yaml", COMPOSE)]);
    let diff = run(folder.path(), &["check", "--diff"]);
    assert_eq!(diff.code, 0);
    assert!(diff.out.contains("-    ports: [\"6379:6379\"]   # for a look inside"), "{}", diff.out);
    assert!(fs::read(folder.path().join("compose.yaml")).unwrap() == COMPOSE, "--diff changes nothing");
    assert_eq!(run(folder.path(), &["check", "--fix"]).code, 0);
    let after = fs::read_to_string(folder.path().join("compose.yaml")).unwrap();
    assert!(!after.contains("6379") && after.contains("privileged: true"), "{after}");
    assert_eq!(
        run(folder.path(), &["check", "--fix"]).err,
        "0 fixes applied in 0 files\n",
        "fixing again changes nothing"
    );
}

#[test]
fn comments_switch_findings_off_and_are_counted() {
    let compose = b"services:\n  app:\n    image: registry.example.net/app:1.2.3\n    # plimsoll: ignore[isolation/privileged-container] until=2099-01-01 owner=ops: needed until the new kernel\n    privileged: true\n    healthcheck: {test: [CMD, \"true\"]}\n";
    let folder = project(&[("compose.yaml", compose)]);
    let report = run(folder.path(), &["check", "-f", "json"]).json();
    assert_eq!(report["suppressed"][0]["reason"], "needed until the new kernel");
    assert!(
        report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .all(|finding| finding["rule"] != "isolation/privileged-container")
    );
}

#[test]
fn a_closed_pipe_is_no_failure() {
    use std::process::Stdio;
    let folder = project(&[("compose.yaml", COMPOSE)]);
    let mut child = plimsoll_tests::plimsoll()
        .current_dir(folder.path())
        .args(["rules"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn facts_of_ones_own() {
    let eol =
        br#"{"_meta": {"as_of": "2026-11-20"}, "rows": [{"product": "php", "cycle": "8.1", "eol": "2030-01-01"}]}"#;
    let images = br#"{"_meta": {"as_of": "2026-11-21"}, "rows": [
  {"pattern": "registry.example.net/base/*", "default_user": "root", "exec": "root", "role": "php-cli", "eol_product": "php"}]}"#;
    let list = br#"[{"cycle": "8.0", "releaseDate": "2020-11-26", "eol": false, "latest": "8.0.40", "latestReleaseDate": "2026-11-10"}]"#;
    let folder = project(&[
        ("Dockerfile", b"FROM php:8.1.34-cli-trixie\n"),
        ("old/Dockerfile", b"FROM php:8.0.30-cli-trixie\n"),
        (
            "own/Dockerfile",
            b"FROM registry.example.net/base/runtime:7.4.33\nCMD [\"php\", \"artisan\", \"queue:work\"]\n",
        ),
        ("facts/eol.json", eol),
        ("facts/images.json", images),
        ("php.json", list),
        (
            "bad/eol.json",
            b"{\"_meta\": {\"as_of\": \"2026-11-20\"}, \"rows\": [\n  {\"product\": \"php\", \"cycle\": \"8.1\"}]}",
        ),
        ("bad2/ports.json", b"{}"),
        ("empty/x.txt", b""),
    ]);
    let ended = |args: &[&str]| -> Vec<String> {
        let run = run(folder.path(), &[&["check", "--today", "2026-11-24", "-f", "json"], args].concat());
        let found = run.json()["findings"].clone();
        let found = found.as_array().unwrap().iter().filter(|one| one["rule"] == "supply-chain/end-of-life-image");
        let mut said: Vec<String> = found
            .map(|one| format!("{} {}", one["location"]["path"], one["based_on"][0]["as_of"]).replace('"', ""))
            .collect();
        said.sort();
        said
    };
    assert_eq!(ended(&[]), ["Dockerfile 2026-08-22", "old/Dockerfile 2026-08-22"]);
    assert_eq!(ended(&["--eol-file", "facts/eol.json"]), ["old/Dockerfile 2026-11-20"]);
    assert_eq!(ended(&["--eol-file", "php.json"]), ["Dockerfile 2026-11-10"]);
    assert_eq!(ended(&["--facts", "facts"]), ["old/Dockerfile 2026-11-20", "own/Dockerfile 2026-11-20"]);
    assert_eq!(ended(&["--facts", "facts", "--eol-file", "php.json"]), ["own/Dockerfile 2026-11-10"]);
    let refused = |args: &[&str], want: &str| {
        let run = run(folder.path(), &[&["check"], args].concat());
        assert_eq!(run.code, 2, "{}", run.err);
        assert!(run.err.contains(want), "{}", run.err);
    };
    refused(&["--facts", "bad"], "error: bad/eol.json:2:3: `eol` is missing");
    refused(&["--facts", "bad2"], "bad2/ports.json:1:1: this table cannot be changed");
    refused(&["--facts", "empty"], "empty holds no eol.json");
    refused(&["--eol-file", "nothing.json"], "the facts nothing.json could not be read");
}

#[test]
fn a_score_for_people_and_machines() {
    let folder = project(&[("Dockerfile", DOCKERFILE), ("compose.yaml", COMPOSE)]);
    let human = run(folder.path(), &["score", "--today", "2026-11-24"]);
    assert_eq!((human.code, human.err.as_str()), (0, ""));
    insta::assert_snapshot!("score", human.out);
    let json = run(folder.path(), &["score", "-f", "json", "--today", "2026-11-24"]).json();
    let total = json["total"].as_u64().unwrap();
    assert!(total <= 69, "a critical finding caps it: {json}");
    assert!(json["pillars"].as_array().unwrap().iter().any(|pillar| pillar["score"].is_null()), "{json}");
    let code = |minimum: &str| run(folder.path(), &["score", "--minimum", minimum, "--today", "2026-11-24"]).code;
    assert_eq!((code("0"), code("100"), code("101")), (0, 1, 2));
}

#[test]
fn a_policy_decides_what_fails() {
    let policy = |text: &str| {
        let folder =
            project(&[("Dockerfile", DOCKERFILE), ("compose.yaml", COMPOSE), ("plimsoll.toml", text.as_bytes())]);
        run(folder.path(), &["check", "--today", "2026-11-24"])
    };
    assert_eq!(policy("[thresholds]\nfail-on = \"critical\"\n").code, 1);
    let off = "[thresholds]\nfail-on = \"critical\"\n[rules]\nignore = [\"isolation/privileged-container\", \"datastores/redis-published\"]\n";
    assert_eq!(policy(off).code, 0);
    assert_eq!(policy(&format!("{off}[policy]\nnot-suppressible = [\"isolation/privileged-container\"]\n")).code, 1);
    assert_eq!(policy(&off.replace("[rules]", "minimum-score = 99\n[rules]")).code, 1);
    let slip = policy("[policy]\nrequire-digests = true\n");
    assert!(slip.out.contains("plimsoll.toml:2:1") && slip.out.contains("`require-digests` is no key"), "{}", slip.out);
}

#[test]
fn the_policy_of_the_repository_counts_in_its_folders() {
    let folder = project(&[
        ("plimsoll.toml", b"[rules]\nignore = [\"isolation/privileged-container\"]\n"),
        ("shop/compose.yaml", COMPOSE),
    ]);
    let rules = |at: &std::path::Path| {
        let report = run(at, &["check", "-f", "json", "--today", "2026-11-24"]).json();
        report["findings"].as_array().unwrap().iter().any(|one| one["rule"] == "isolation/privileged-container")
    };
    let shop = folder.path().join("shop");
    assert!(!rules(&shop), "the policy above counts");
    fs::create_dir(shop.join(".git")).unwrap();
    assert!(rules(&shop), "another repository's policy does not");
}
