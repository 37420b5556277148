use super::*;
use crate::{Date, Options, Sources, check};

/// Put together at run time, so that no scanner takes this file for a leak.
fn github() -> String {
    ["ghp_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].concat()
}

fn stripe() -> String {
    ["sk_", "live_", "a1B2c3D4e5F6g7H8i9J0"].concat()
}

#[test]
fn values_by_key_and_shape() {
    let token = github();
    for (key, value, want) in [
        ("DB_PASSWORD", "Winter2023!", Some((SecretKind::Database, Severity::High))),
        ("APP_TOKEN", token.as_str(), Some((SecretKind::Token("GitHub"), Severity::Critical))),
        ("ANYTHING", token.as_str(), Some((SecretKind::Token("GitHub"), Severity::Critical))),
        ("DATABASE_URL", "mysql://root:Winter2023!@db.example.net/app", Some((SecretKind::Database, Severity::High))),
        (
            "COMPOSER_AUTH",
            r#"{"http-basic":{"repo.example.net":{"username":"deploy","password":"h7Kq2mVx9L"}}}"#,
            Some((SecretKind::Named, Severity::High)),
        ),
        ("COMPOSER_AUTH", r#"{"github-oauth":{"github.com":"${GITHUB_TOKEN}"}}"#, None),
        ("ACME_API_KEY", "q83vEjRWeJCrze8SNFZ4kKvN", Some((SecretKind::Named, Severity::High))),
        ("LICENCE_KEY", "q83vEjRWeJCrze8SNFZ4kKvN", Some((SecretKind::Named, Severity::High))),
        // Guards.
        ("LICENCE_KEY", "standard-edition", None),
        ("DB_PASSWORD", "${DB_PASSWORD}", None),
        ("DB_PASSWORD", "changeme", None),
        ("APP_KEY", "base64:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", None),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None),
        ("DB_PASSWORD_FILE", "/run/secrets/db_password", None),
        ("JWT_SECRET_KEY", "/srv/keys/jwt/private", None),
        ("API_TOKEN", "op://vault/item/field", None),
        ("API_TOKEN", "3600", None),
        ("PROXY_PASS", "php:9000", None),
        ("PROXY_PASS", "http://backend", None),
        ("PUSHER_APP_KEY", "a1b2c3d4e5f6a7b8c9d0", None),
        ("MAILER_DSN", "smtp://mailpit:1025", None),
        ("DATABASE_URL", "mysql://app:${DB_PASSWORD}@db/app", None),
        ("IMAGE", "docker://php:8.4-fpm@sha256:1", None),
        ("APP_ENV", "Winter2023!", None),
    ] {
        assert_eq!(secret_in(key, value).map(|secret| (secret.kind, secret.severity)), want, "{key}={value}");
    }
    assert!(secret_in("MYSQL_ROOT_PASSWORD", "root").is_some_and(|secret| secret.weak));
    assert!(secret_in("DATABASE_URL", "amqp://invoices:invoices@mq/x").is_some_and(|secret| secret.weak));
    assert!(secret_in("DB_PASSWORD", "Winter2023!").is_some_and(|secret| !secret.weak));
}

#[test]
fn commands() {
    let token = github();
    let token = token.as_str();
    for (script, count) in [
        ("curl -u bob:hunter22 https://repo.test/x", 1),
        ("curl -fsSLu bob:hunter22 https://repo.test/x", 1),
        ("curl -H 'Authorization: Bearer hunter2hunter2' https://repo.test", 1),
        ("curl --header 'PRIVATE-TOKEN: hunter2hunter2' https://repo.test", 1),
        (&format!("git clone https://oauth2:{token}@github.com/a/b"), 1),
        ("git clone https://bob:hunter22@git.test/a/b", 1),
        ("composer config -g http-basic.repo.test deploy hunter22", 1),
        (&format!("composer config -g github-oauth.github.com {token}"), 1),
        ("npm config set //registry.test/:_authToken hunter22hunter22", 1),
        ("npm config set //registry.test/:_authToken=hunter22hunter22", 1),
        ("mysql -uroot -phunter22 app", 1),
        ("mysqldump --password=hunter22 app", 1),
        ("sshpass -p hunter22 ssh x", 1),
        ("echo 'root:agency2019' | chpasswd", 1),
        ("chpasswd <<< 'root:agency2019'", 1),
        ("echo 'machine repo.test login bob password hunter22' > /root/.netrc", 1),
        ("echo '//registry.test/:_authToken=hunter22hunter22' >> ~/.npmrc", 1),
        ("echo '{\"http-basic\":{\"repo.test\":{\"username\":\"a\",\"password\":\"hunter22\"}}}' > auth.json", 1),
        ("printf '%s' 'https://bob:hunter22@git.test' | tee /root/.git-credentials", 1),
        ("DB_PASSWORD=Winter2023! php artisan migrate", 1),
        ("export API_TOKEN=Winter2023abc", 1),
        ("sudo env DB_PASSWORD=Winter2023! php artisan migrate", 1),
        ("redis-server --requirepass Winter2023!", 1),
        ("wp core install --admin_password=Winter2023!", 1),
        ("docker login -u ci -p hunter22 registry.test", 1),
        // Guards.
        ("curl -u bob:$PASS https://repo.test", 0),
        ("curl -u \"bob:${PASS}\" -H \"Authorization: Bearer $TOKEN\" https://repo.test", 0),
        ("composer config -g github-oauth.github.com $GITHUB_TOKEN", 0),
        ("composer config -g process-timeout 2000", 0),
        ("git clone https://$TOKEN@github.com/a/b", 0),
        ("git clone git@github.com:a/b", 0),
        ("mysql -uroot -p\"$MYSQL_ROOT_PASSWORD\" app", 0),
        ("mysql -P 3306 -p app", 0),
        ("mkdir -p /var/www", 0),
        ("mysqld --port=3306", 0),
        ("DATABASE_URL=mysql://root:root@127.0.0.1/db php bin/console cache:warmup", 0),
        ("APP_SECRET=dummy php bin/console cache:warmup", 0),
        ("echo \"machine x login y password $TOKEN\" > ~/.netrc", 0),
        ("echo \"root:$(cat /run/secrets/root)\" | chpasswd", 0),
        ("docker build --secret=id=npmrc,src=.npmrc .", 0),
        ("redis-server --requirepass \"$REDIS_PASSWORD\"", 0),
        ("apt-get install -y curl", 0),
        ("", 0),
    ] {
        let found = secrets_in_script(&shell::parse(script));
        assert_eq!(found.len(), count, "{script}: {found:?}");
    }
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(secrets_in_command_line(&words("redis-server --requirepass Winter2023!")).len(), 1);
    assert_eq!(secrets_in_command_line(&["sh".into(), "-c".into(), "redis-cli -a Winter2023! ping".into()]).len(), 1);
    assert!(secrets_in_command_line(&[]).is_empty());
}

#[test]
fn written_out_or_put_in_by_a_variable() {
    let secret = secret_in("DB_PASSWORD", "Winter2023!").unwrap();
    assert!(secret.is_written_in("DB_PASSWORD=Winter2023!") && !secret.is_written_in("${DB_PASSWORD:-Winter2023!}"));
    assert!(!format!("{secret:?}").contains("Winter2023!"));
}

#[test]
fn no_report_shows_a_secret() {
    let (token, live) = (github(), stripe());
    let app_key = "base64:q3Zr0vXb1mJ8sTn5uKcYwEo7dHfL2gPiA4xNzRtV6Bk=";
    let key = [
        "-----BEGIN OPENSSH PRIV",
        "ATE KEY-----\n",
        "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAABFwAAAAdzc2gtcn\n",
    ]
    .concat();
    let mut sources = Sources::new();
    sources.add(
        "Dockerfile",
        format!(
            "FROM php:8.4-fpm AS base\nARG API_TOKEN=Zq81kdWinter\nENV DB_PASSWORD=Winter2023! APP_KEY={app_key}\nENV GITHUB={token}\nLABEL net.acme.secret=Label8kd2Zq\n\
             COPY . .\nCOPY deploy_key /root/.ssh/id_rsa\nCOPY .env /app/.env\nRUN composer config -g github-oauth.github.com {token} && rm /root/.ssh/id_rsa\n\
             RUN curl -u bob:hunter22x https://repo.test && echo 'root:agency2019' | chpasswd\n\
             RUN <<EOF\nmysql -uroot -pRootPw77x app\nEOF\nCMD [\"redis-server\", \"--requirepass\", \"CmdPw99xy\"]\n"
        ),
    );
    sources.add("composer.json", "{}");
    sources.add(".env", format!("STRIPE_SECRET={live}\nDB_PASSWORD=EnvPw2024xx\n"));
    sources.add("deploy_key", key);
    sources.add(
        "compose.yaml",
        format!(
            "services:\n  app:\n    build: .\n    environment:\n      DB_PASSWORD: Compose88xy\n      DATABASE_URL: mysql://app:Dsn77xyzw@db/app\n      STRIPE_SECRET: {live}\n\
             \x20   labels:\n      net.acme.token: Label99xyzq\n    command: [redis-server, --requirepass, Redis55wxyz]\n\
             \x20   healthcheck: {{test: [CMD, redis-cli, -a, Health44wxyz, ping]}}\n    env_file: .env\n\
             \x20 db:\n    image: mysql:8.4\n    environment: [MYSQL_PASSWORD=ListPw33xyz]\n"
        ),
    );
    let report = check(&sources, &Options::new(Date::new(2026, 11, 24)));
    for rule in [
        "secrets/secret-in-dockerfile",
        "secrets/env-file-in-image",
        "secrets/sensitive-files-in-build-context",
        "secrets/literal-secret-in-compose",
    ] {
        assert!(report.findings.iter().any(|finding| finding.rule == rule), "{rule}");
    }
    let json = crate::report::json::render(&report, &sources);
    for value in [
        "Zq81kdWinter",
        "Winter2023!",
        app_key,
        token.as_str(),
        "Label8kd2Zq",
        "hunter22x",
        "agency2019",
        "RootPw77x",
        "CmdPw99xy",
        live.as_str(),
        "EnvPw2024xx",
        "b3BlbnNzaC1rZXktdjEA",
        "Compose88xy",
        "Dsn77xyzw",
        "Label99xyzq",
        "Redis55wxyz",
        "Health44wxyz",
        "ListPw33xyz",
    ] {
        assert!(!json.contains(value), "the report shows {}", secrets::redact(value));
    }
}
