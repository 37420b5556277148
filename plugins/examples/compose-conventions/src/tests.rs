#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing test may panic")]

use crate::ComposeConventions;
use plimsoll_plugin_sdk::testing::{Outcome, check};

const APP: &str = "services:\n  app:\n    image: php:8.4-fpm\n";

fn run(files: &[(&str, &str)], settings: &str) -> Outcome {
    check::<ComposeConventions>(files, settings).unwrap_or_else(|error| panic!("{error}"))
}

fn lines(text: &str, settings: &str) -> Vec<String> {
    let strip = |line: String| line.replace("compose-conventions/", "").replace("compose.yaml:", "");
    run(&[("compose.yaml", text)], settings).lines().into_iter().map(strip).collect()
}

#[test]
fn names_follow_their_patterns() {
    let text = "services:\n  My_App:\n    image: redis:7\nnetworks:\n  Back: {}\n  default: {}\nvolumes:\n  dbData: {}\n  outside:\n    external: true\n";
    let settings = r#"{ "network_names": "^[a-z]+$", "volume_names": "^[a-z]+$" }"#;
    assert_eq!(
        lines(text, settings),
        [
            "2 service-name: The service `My_App` does not match `^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`",
            "5 network-name: The network `Back` does not match `^[a-z]+$`",
            "8 volume-name: The volume `dbData` does not match `^[a-z]+$`",
        ]
    );
    assert_eq!(lines(text, r#"{ "service_names": "" }"#), Vec::<String>::new());
    assert_eq!(lines(text, r#"{ "exempt": ["My_*"] }"#), Vec::<String>::new());
}

#[test]
fn variables_of_own_services_follow_theirs() {
    let text = format!(
        "{APP}    environment:\n      - appEnv=prod\n      - \"app.debug=0\"\n      - http_proxy=x\n      - APP_KEY\n  search:\n    image: elasticsearch:8.15.0\n    environment:\n      discovery.type: single-node\n  other:\n    image: php:8.4-fpm\n    env_file: [./other.env]\n"
    );
    let outcome = run(&[("compose.yaml", &text), ("other.env", "lower=1\nUPPER=2\n")], "{}");
    assert_eq!(
        outcome.lines(),
        [
            "compose.yaml:5 compose-conventions/variable-name: The variable `appEnv` does not match `^[A-Z][A-Z0-9_]*$`",
            "compose.yaml:6 compose-conventions/variable-name: The variable `app.debug` does not match `^[A-Z][A-Z0-9_]*$`",
            "other.env:1 compose-conventions/variable-name: The variable `lower` does not match `^[A-Z][A-Z0-9_]*$`",
        ]
    );
    assert_eq!(lines(&text, r#"{ "variable_names": "" }"#), Vec::<String>::new());
    assert_eq!(lines(&text, r#"{ "variable_groups": [] }"#), Vec::<String>::new());
}

#[test]
fn some_variables_must_be_there() {
    let settings = r#"{ "required_variables": { "php-fpm": ["APP_ENV", "APP_KEY"] } }"#;
    assert_eq!(
        lines(APP, settings),
        ["2 variable-missing: `app` has no variable `APP_ENV` and `APP_KEY`, which php-fpm services must have"]
    );
    for more in [
        "    environment: {APP_ENV: prod, APP_KEY_FILE: /run/secrets/key}\n",
        "    environment: [APP_ENV, APP_KEY]\n",
        "    env_file: ./not-here.env\n",
    ] {
        assert_eq!(lines(&format!("{APP}{more}"), settings), Vec::<String>::new(), "{more}");
    }
    assert_eq!(lines("services:\n  cache:\n    image: redis:7\n", settings), Vec::<String>::new());
    let built = [
        ("Dockerfile", "FROM php:8.4-fpm AS base\nENV APP_ENV=prod\nFROM base\nENV APP_KEY x\n"),
        ("compose.yaml", "services:\n  app:\n    build: .\n"),
    ];
    assert_eq!(run(&built, settings).lines(), Vec::<String>::new());
    let views = [
        ("compose.yaml", APP),
        ("compose.prod.yaml", "services:\n  app:\n    environment: {APP_ENV: prod, APP_KEY: x}\n"),
    ];
    assert_eq!(run(&views, settings).lines(), Vec::<String>::new());
    let file = format!("{APP}    env_file: app.env\n");
    assert_eq!(run(&[("compose.yaml", &file), ("app.env", "APP_ENV=prod\n")], settings).findings.len(), 1);
}

#[test]
fn container_names_go_where_nobody_uses_them() {
    let text = "services:\n  app:\n    container_name: shop_app  # why\n    image: php:8.4-fpm\n";
    let outcome = run(&[("compose.yaml", text)], "{}");
    assert_eq!(
        outcome.lines(),
        ["compose.yaml:3 compose-conventions/container-name: All containers of `app` would be called `shop_app`"]
    );
    assert_eq!(outcome.fixed(0).unwrap()["compose.yaml"], "services:\n  app:\n    image: php:8.4-fpm\n");
    let fixes = |files: &[(&str, &str)]| run(files, "{}").findings[0].fixes.len();
    assert_eq!(fixes(&[("compose.yaml", text), ("deploy.sh", "#!/bin/sh\ndocker exec shop_app true\n")]), 0);
    assert_eq!(fixes(&[("compose.yaml", text), ("deploy.sh", "#!/bin/sh\necho my_shop_app\n")]), 1);
    let own = text.replace("shop_app", "app");
    assert_eq!(fixes(&[("compose.yaml", &own)]), 1);
    assert_eq!(fixes(&[("compose.yaml", &own), ("deploy.sh", "#!/bin/sh\ndocker exec app true\n")]), 0);
    let shared = format!("{own}  side:\n    image: php:8.4-cli\n    network_mode: container:app\n");
    assert_eq!(fixes(&[("compose.yaml", &shared)]), 0);
    assert_eq!(lines(text, r#"{ "container_name": true }"#), Vec::<String>::new());
}

#[test]
fn env_files_may_be_forbidden() {
    let text = format!("{APP}    env_file:\n      - ./app.env\n");
    let outcome = run(&[("compose.yaml", &text), ("app.env", "A=1\n")], r#"{ "env_file": false }"#);
    let found = outcome.lines();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("compose.yaml:5 compose-conventions/env-file: `app` takes its variables from"),
        "{found:?}"
    );
    assert!(run(&[("compose.yaml", &text), ("app.env", "A=1\n")], "{}").findings.is_empty());
}

#[test]
fn restart_policies_depend_on_the_context() {
    let settings = r#"{ "restart": { "unknown": ["unless-stopped", "always"], "development": ["no"] } }"#;
    let said = run(&[("compose.yaml", APP)], settings);
    assert_eq!(
        said.lines(),
        [
            "compose.yaml:2 compose-conventions/restart-policy: `app` has no restart policy; the context unknown allows `unless-stopped`, `always`"
        ]
    );
    assert_eq!(said.fixed(0).unwrap()["compose.yaml"], format!("{APP}    restart: unless-stopped\n"));
    let written = format!("{APP}    restart: on-failure:3 # often\n");
    let said = run(&[("compose.yaml", &written)], settings);
    assert_eq!(said.findings.len(), 1, "{:?}", said.lines());
    assert_eq!(said.fixed(0).unwrap()["compose.yaml"], format!("{APP}    restart: unless-stopped # often\n"));
    let development = run(&[("compose.dev.yaml", &format!("{APP}    restart: always\n"))], settings);
    assert_eq!(development.fixed(0).unwrap()["compose.dev.yaml"], format!("{APP}    restart: \"no\"\n"));
    assert!(run(&[("compose.dev.yaml", &format!("{APP}    restart: no\n"))], settings).findings.is_empty());
}

#[test]
fn what_does_not_run_on_needs_no_policy() {
    let settings = r#"{ "restart": { "unknown": ["always"] } }"#;
    for more in [
        "    restart: ${RESTART}\n",
        "    restart: always\n",
        "    profiles: [tools]\n",
        "    deploy:\n      restart_policy:\n        condition: any\n",
        "  next:\n    image: alpine:3.22\n    depends_on:\n      app:\n        condition: service_completed_successfully\n",
    ] {
        assert_eq!(lines(&format!("{APP}{more}"), settings), Vec::<String>::new(), "{more}");
    }
    assert_eq!(
        lines("services:\n  job:\n    image: php:8.4-cli\n    command: php artisan migrate\n", settings),
        Vec::<String>::new()
    );
}

#[test]
fn development_is_left_alone_unless_asked_for() {
    let files = [("compose.dev.yaml", "services:\n  My_App:\n    container_name: x\n    image: php:8.4-fpm\n")];
    assert!(run(&files, "{}").findings.is_empty());
    assert_eq!(run(&files, r#"{ "contexts": ["development"] }"#).findings.len(), 2);
}

#[test]
fn settings_are_held_to_their_shape() {
    let error = check::<ComposeConventions>(&[], r#"{ "service_names": "(" }"#).unwrap_err();
    assert!(error.starts_with("service_names: the pattern `(`: "), "{error}");
    let error = check::<ComposeConventions>(&[], r#"{ "restart": { "weekend": ["no"] } }"#).unwrap_err();
    assert!(error.contains("unknown variant `weekend`"), "{error}");
}
