use super::*;

#[test]
fn patterns_compile() {
    let groups = [
        tables::secrets::KEY_PATTERNS,
        tables::secrets::KEY_WEAK,
        tables::secrets::KEY_NOT_SECRET,
        tables::secrets::PLACEHOLDER_PATTERNS,
    ];
    for pattern in groups.into_iter().flatten() {
        assert!(Regex::new(pattern).is_ok(), "{pattern}");
    }
}

#[test]
fn key_names() {
    use KeyStrength::{Dsn, Exact, Pattern, Weak};
    for (key, want) in [
        ("MYSQL_ROOT_PASSWORD", Some(Exact)),
        ("APP_KEY", Some(Exact)),
        ("DATABASE_URL", Some(Dsn)),
        ("DB_PASSWORD", Some(Pattern)),
        ("db_pass", Some(Pattern)),
        ("ACME_API_KEY", Some(Pattern)),
        ("JWT_SECRET_KEY", Some(Pattern)),
        ("mailchimp.token", Some(Pattern)),
        ("LICENCE_KEY", Some(Weak)),
        // Section 8.2, trap 13: these are published on purpose.
        ("PUSHER_APP_KEY", None),
        ("REVERB_APP_KEY", None),
        ("STRIPE_KEY", None),
        ("VITE_API_KEY", None),
        ("NEXT_PUBLIC_API_TOKEN", None),
        ("MYSQL_PASSWORD_FILE", None),
        ("GPG_KEYS", None),
        ("PHP_SHA256", None),
        ("MYSQL_ALLOW_EMPTY_PASSWORD", None),
        ("COMPOSER_HOME", None),
        ("PASSWORD_TTL", None),
        ("TOKEN_LIFETIME", None),
        ("JWT_PUBLIC_KEY", None),
        ("SSH_AUTH_SOCK", None),
        ("APP_ENV", None),
        ("PATH", None),
        ("", None),
    ] {
        assert_eq!(key_is_secret(key), want, "{key}");
    }
}

#[test]
fn placeholders() {
    for value in [
        "",
        "''",
        "changeme",
        "!ChangeMe!",
        "\"ChangeMe\"",
        "${DB_PASSWORD}",
        "${DB_PASSWORD:?set it}",
        "$DB_PASSWORD",
        "%env(DB_PASSWORD)%",
        "{{ db_password }}",
        "${{ secrets.TOKEN }}",
        "<password>",
        "/run/secrets/db",
        "xxxxxxx",
        "AAAAAAAAAA",
        "your-api-key",
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "put your unique phrase here",
        "%kernel.project_dir%/config/jwt/private.pem",
        "00000000",
    ] {
        assert!(is_placeholder("K", value), "{value}");
    }
    assert!(is_placeholder("DB_PASSWORD", "db_password"));
    for value in
        ["Winter2023!", "s3cr3t-Zq81kd", "hunter2", "aab", "base64:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="]
    {
        assert!(!is_placeholder("K", value), "{value}");
    }
}

#[test]
fn weak_passwords() {
    for weak in ["", "root", "Password", "'secret'", "!ChangeMe!", "MASTERKEY", "minioadmin"] {
        assert!(is_weak(weak), "{weak}");
    }
    assert!(!is_weak("Winter2023!") && !is_weak("correct horse battery"));
    assert!(default_pairs().iter().any(|pair| pair.user == "guest" && pair.product == "rabbitmq"));
}

#[test]
fn entropy_and_redaction() {
    assert!(entropy("").abs() < 1e-9 && entropy("aaaa").abs() < 1e-9);
    assert!((entropy("abcd") - 2.0).abs() < 1e-9);
    assert!(entropy("q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ") > 4.0);
    assert_eq!(redact("short"), "••••");
    assert_eq!(redact("12345678"), "••••");
    assert_eq!(redact("ghp_0123456789"), "ghp_…89");
    assert_eq!(redact("äöüßäöüßä"), "äöüß…ßä");
}

#[test]
fn files_by_name() {
    use Level::{Critical, High, Medium};
    for (path, want) in [
        (".env", Some(High)),
        ("./app/.env", Some(High)),
        (".env.example", None),
        (".env.dist", None),
        ("auth.json", Some(Critical)),
        ("config/jwt/private.pem", Some(Critical)),
        ("certs/server.pem", Some(High)),
        ("vendor/acme/test.pem", None),
        ("tests/fixtures/key.pem", None),
        (".git/config", Some(High)),
        ("deploy_key", Some(Critical)),
        ("docker/id_rsa", Some(Critical)),
        ("id_rsa.pub", None),
        ("config/secrets/prod/prod.decrypt.private.php", Some(Critical)),
        ("config/secrets/prod/prod.encrypt.public.php", None),
        ("secrets/db_password.txt", Some(High)),
        ("dump.sql", Some(Medium)),
        ("composer.json", None),
        ("", None),
    ] {
        assert_eq!(secret_file(path).map(|row| row.level), want, "{path}");
    }
    assert!(is_guarded_path("docs/readme.md") && !is_guarded_path("compose.yaml"));
    assert_eq!(dockerignore_baseline().first(), Some(&".git"));
    let position = |line: &str| dockerignore_baseline().iter().position(|other| *other == line);
    assert!(position(".env.*") < position("!.env.example"), "a negation must follow what it lifts");
}

#[test]
fn passwords_in_connection_strings() {
    for (dsn, want) in [
        ("mysql://app:Winter2023!@db/app", Some("Winter2023!")),
        ("mysql://app:!ChangeMe!@127.0.0.1:3306/app?serverVersion=8.0", Some("!ChangeMe!")),
        ("redis://:hunter2@redis:6379/0", Some("hunter2")),
        ("redis://redis:6379", None),
        ("redis://redis", None),
        ("amqp://guest:p@ss@mq:5672/%2f", Some("p@ss")),
        ("postgres://${U:-app}:${P:-!ChangeMe!}@db:5432/x", Some("${P:-!ChangeMe!}")),
        ("tcp://redis:6379?auth=hunter2&db=1", Some("hunter2")),
        ("tcp://redis:6379/1?db=1&password=hunter2", Some("hunter2")),
        ("mysql://app:@db/app", None),
        ("mysql://app@db/app", None),
        ("sqlite:///%kernel.project_dir%/var/data.db", None),
        ("://", None),
        ("plain", None),
        ("mysql://ä:ö@ü", Some("ö")),
    ] {
        assert_eq!(dsn_password(dsn).map(|range| &dsn[range]), want, "{dsn}");
    }
}
