use super::*;
use crate::rules::testing::{TODAY, sources};

/// `path` or, for a file that only stays in a build stage, `(path)`.
fn leaks(files: &[(&str, &str)]) -> Vec<String> {
    let sources = sources(files);
    let project = Project::new(&sources, TODAY);
    let service = project.services().next().unwrap();
    service.leaks().into_iter().map(|leak| if leak.in_image { leak.path } else { format!("({})", leak.path) }).collect()
}

fn with(dockerfile: &str, ignore: &str) -> Vec<String> {
    leaks(&[
        ("Dockerfile", dockerfile),
        (".dockerignore", ignore),
        (".env", "DB_PASSWORD=Winter2023!\n"),
        ("auth.json", "{\"bearer\":{\"repo.test\":\"hunter22x\"}}"),
        ("src/a.php", ""),
    ])
}

#[test]
fn the_ignore_file_decides_in_its_order() {
    let whole = "FROM php:8.4\nCOPY . .\n";
    assert_eq!(with(whole, ""), [".env", "auth.json"]);
    assert_eq!(with(whole, ".env\n"), ["auth.json"]);
    assert_eq!(with(whole, "**/.env\nauth.json\n"), Vec::<String>::new());
    assert_eq!(with(whole, ".env*\nauth.json\n!.env\n"), [".env"]);
    assert_eq!(with(whole, "*\n!src\n"), Vec::<String>::new());
    assert_eq!(with("FROM php:8.4\nCOPY --exclude=.env --exclude=auth.json . .\n", ""), Vec::<String>::new());
    assert_eq!(with("FROM php:8.4\nCOPY src/ /app/\n", ""), Vec::<String>::new());
    assert_eq!(
        with("FROM php:8.4\nRUN --mount=type=secret,id=auth.json,target=/app/auth.json composer install\n", ""),
        Vec::<String>::new()
    );
    assert_eq!(with("FROM php:8.4\nCOPY auth.json .\n", "auth.json\n"), Vec::<String>::new());
    let own = [
        ("Dockerfile", whole),
        ("Dockerfile.dockerignore", ".env\n"),
        (".dockerignore", ""),
        (".env", "DB_PASSWORD=Winter2023!\n"),
    ];
    assert_eq!(leaks(&own), Vec::<String>::new());
}

#[test]
fn stages_hand_on_what_is_copied_out_of_them() {
    for (rest, want) in [
        ("COPY --from=build /app /app\n", ".env"),
        ("COPY --from=build / /\n", ".env"),
        ("COPY --from=build /app/public /app/public\n", "(.env)"),
        ("COPY --from=build /application /app\n", "(.env)"),
    ] {
        let text = format!("FROM php:8.4 AS build\nWORKDIR /app\nCOPY . .\nFROM php:8.4-fpm\n{rest}");
        assert_eq!(with(&text, "auth.json\n"), [want], "{rest}");
    }
    let deleted =
        "FROM php:8.4 AS build\nWORKDIR /app\nCOPY . .\nRUN rm .env\nFROM php:8.4-fpm\nCOPY --from=build /app /app\n";
    assert_eq!(with(deleted, "auth.json\n"), ["(.env)"]);
    let derived = "FROM php:8.4 AS a\nCOPY . /x/\nFROM a AS b\nFROM php:8.4-fpm AS c\nCOPY --from=b /x/ y/\nFROM php:8.4-fpm\nCOPY --from=c /var/www/html /z\n";
    assert_eq!(with(derived, "auth.json\n"), [".env"]);
    let kept = "FROM php:8.4\nCOPY . .\nRUN rm .env\n";
    assert_eq!(with(kept, "auth.json\n"), [".env"]);
}

#[test]
fn which_files_are_sensitive() {
    let key = ["-----BEGIN RSA PRIV", "ATE KEY-----\n", &"MIIEvQIBADANBgkqhkiG9w0BAQEFAASC".repeat(3), "\n"].concat();
    let rows = "INSERT INTO a VALUES (1);\n".repeat(30);
    for (path, text, sensitive) in [
        ("certs/server.pem", key.as_str(), true),
        ("config/odd-name", key.as_str(), true),
        ("certs/server.pem", "-----BEGIN CERTIFICATE-----\n", false),
        ("vendor/acme/key.pem", key.as_str(), false),
        ("tests/key.pem", key.as_str(), false),
        ("data.sql", rows.as_str(), true),
        ("migrations/001.sql", "CREATE TABLE a (id INT);\n", false),
        ("database/schema/mysql-schema.sql", "CREATE TABLE a (id INT);\n", false),
        ("auth.json", "{}", false),
        ("wp-config.php", "<?php define('DB_PASSWORD', getenv('DB_PASSWORD'));", false),
        ("wp-config.php", "<?php define('DB_PASSWORD', 'Winter2023!');", true),
        ("src/secrets/Vault.php", "<?php", false),
        ("secrets/db_password", "Winter2023!", true),
        ("secrets/db_password.example", "x", false),
        ("group_vars/secrets/all.yml", "$ANSIBLE_VAULT;1.1;AES256\n", false),
        (".npmrc", "legacy-peer-deps=true\n", false),
        (".env.example", "DB_PASSWORD=Winter2023!\n", false),
        (".env.test", "DB_PASSWORD=Winter2023!\n", false),
        (".env.local.php", "<?php return ['APP_SECRET' => '9f2c1b7a4de84b0c9a3e5d7f1b2c4e6a'];", true),
        ("backup.env", "RETENTION=7\n", false),
        ("backup.env", "DB_PASSWORD=Winter2023!\n", true),
        (".git/HEAD", "ref", true),
        ("composer.json", "{}", false),
    ] {
        let found = leaks(&[("Dockerfile", "FROM php:8.4\nCOPY . .\n"), (path, text)]);
        assert_eq!(!found.is_empty(), sensitive, "{path}: {found:?}");
    }
    assert_eq!(
        leaks(&[("Dockerfile", "FROM php:8.4\nCOPY dump.sql /\nCOPY key /root/.ssh/id_rsa\nCOPY .env.example .env\n")]),
        ["dump.sql", "key"]
    );
}

#[test]
fn a_file_that_is_also_named_is_told_once() {
    assert_eq!(
        leaks(&[("Dockerfile", "FROM php:8.4\nCOPY . .\nCOPY deploy_key /root/.ssh/id_rsa\n"), ("deploy_key", "x")]),
        ["deploy_key"]
    );
}

#[test]
fn lines_that_keep_files_out() {
    let text = |files: &[(&str, &str)], paths: &[&str]| {
        let sources = sources(files);
        let project = Project::new(&sources, TODAY);
        let fix = project.services().next().unwrap().ignoring(Safety::Safe, "x", paths);
        fix.and_then(|fix| fix.outcome(&sources)).and_then(|mut files| files.remove(".dockerignore"))
    };
    let dockerfile = ("Dockerfile", "FROM php:8.4\nCOPY . .\n");
    assert_eq!(text(&[dockerfile, (".dockerignore", "vendor")], &["dump.sql"]).as_deref(), Some("vendor\ndump.sql\n"));
    assert_eq!(
        text(&[dockerfile, (".dockerignore", "!.env\n")], &[".env"]).as_deref(),
        Some("!.env\n.env\n.env.*\n!.env.example\n")
    );
    let created = text(&[dockerfile, ("auth.json", "{}"), ("ca.pem", "-----BEGIN CERTIFICATE")], &[".env"]).unwrap();
    assert!(
        created.contains("\n.env\n.env.*\n!.env.example\n")
            && !created.contains("auth.json")
            && !created.contains("*.pem"),
        "{created}"
    );
    // A build that copies it by name would fail.
    assert_eq!(text(&[("Dockerfile", "FROM php:8.4\nCOPY . .\nCOPY auth.json /root/\n")], &["auth.json"]), None);
    // Symfony reads .env when it starts: only what is asked for is left out.
    assert_eq!(
        text(&[dockerfile, ("bin/console", ""), (".dockerignore", "")], &[".env.local"]).as_deref(),
        Some(".env.local\n")
    );
}
