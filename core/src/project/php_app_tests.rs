use super::*;
use crate::rules::testing::{TODAY, sources};

fn application(files: &[(&str, &str)]) -> Option<(Option<Framework>, Option<String>, String)> {
    let sources = sources(files);
    let app = Project::new(&sources, TODAY).php_application("app")?;
    Some((app.framework, app.version.or(app.constraint), app.docroot))
}

#[test]
fn frameworks() {
    let composer = |package: &str| format!("{{\"require\": {{\"{package}\": \"^1.0\", \"symfony/runtime\": \"^7\"}}}}");
    for (package, want, docroot) in [
        ("laravel/framework", Framework::Laravel, "app/public"),
        ("statamic/cms", Framework::Statamic, "app/public"),
        ("symfony/framework-bundle", Framework::Symfony, "app/public"),
        ("drupal/core-recommended", Framework::Drupal, "app/web"),
        ("magento/product-community-edition", Framework::Magento, "app/pub"),
        ("johnpbloch/wordpress", Framework::WordPress, "app"),
        ("shopware/core", Framework::Shopware, "app/public"),
        ("typo3/cms-core", Framework::Typo3, "app/public"),
        ("cakephp/cakephp", Framework::CakePhp, "app/webroot"),
    ] {
        let found = application(&[("app/composer.json", &composer(package))]);
        assert_eq!(found, Some((Some(want), Some("^1.0".to_owned()), docroot.to_owned())), "{package}");
    }
    let lock = "{\"packages\": [{\"name\": \"laravel/framework\", \"version\": \"v12.1.0\"}]}";
    let found = application(&[("app/composer.json", &composer("laravel/framework")), ("app/composer.lock", lock)]);
    assert_eq!(found.unwrap().1.as_deref(), Some("12.1.0"));
    for (file, text, want) in [
        ("app/wp-config.php", "<?php\n", Framework::WordPress),
        ("app/artisan", "<?php\ndefine('LARAVEL_START', 1);\n", Framework::Laravel),
        ("app/bin/console", "<?php\nuse Symfony\\X;\n", Framework::Symfony),
        ("app/bin/magento", "#!/usr/bin/env php\n", Framework::Magento),
        ("app/occ", "#!/usr/bin/env php\n", Framework::Nextcloud),
    ] {
        assert_eq!(application(&[(file, text)]).unwrap().0, Some(want), "{file}");
    }
    assert_eq!(application(&[("app/composer.json", "{\"require\": {\"php\": \"^8\"}}")]).unwrap().0, None);
    assert_eq!(application(&[("app/index.php", "<?php\n")]), None);
    let said = application(&[("app/composer.json", "{\"extra\": {\"public-dir\": \"htdocs\"}}")]);
    assert_eq!(said.unwrap().2, "app/htdocs");
}

#[test]
fn which_service_runs_it() {
    let files = [
        (
            "compose.yaml",
            "services:\n  app:\n    build: ./app\n  worker:\n    image: php:8.4-cli\n    volumes: [\"./app:/app\"]\n",
        ),
        ("app/Dockerfile", "FROM php:8.4-fpm\n"),
        ("app/composer.json", "{\"require\": {\"laravel/framework\": \"^12\"}}"),
    ];
    let sources = sources(&files);
    let project = Project::new(&sources, TODAY);
    for service in project.services() {
        assert_eq!(service.php_application().unwrap().framework, Some(Framework::Laravel), "{}", service.name);
    }
}

fn environment(files: &[(&str, &str)], keys: &[&str]) -> (Vec<String>, Vec<Option<String>>) {
    let sources = sources(files);
    let project = Project::new(&sources, TODAY);
    let read = project.application_environment("");
    let names = read.files.iter().map(|id| project.path(*id).to_owned()).collect();
    let value = |key: &&str| read.get(key).and_then(|variable| variable.value.clone());
    (names, keys.iter().map(value).collect())
}

fn known(values: &[&str]) -> Vec<Option<String>> {
    values.iter().map(|value| Some((*value).to_owned())).collect()
}

const SYMFONY: (&str, &str) = ("composer.json", "{\"require\": {\"symfony/framework-bundle\": \"^7\"}}");

#[test]
fn layers_of_symfony() {
    let files = [
        SYMFONY,
        (".env", "APP_ENV=prod\nA=1\nB=1\nC=1\nD=1\nURL=\"x:${A}\"\nSECRET=$(openssl)\n"),
        (".env.local", "B=2\nC=2\nD=2\n"),
        (".env.prod", "C=3\nD=3\n"),
        (".env.prod.local", "D=4\n"),
        (".env.dev", "A=9\n"),
        (".env.example", "A=8\n"),
    ];
    let (names, values) = environment(&files, &["A", "B", "C", "D", "URL"]);
    assert_eq!(names, [".env", ".env.local", ".env.prod", ".env.prod.local"]);
    assert_eq!(values, known(&["1", "2", "3", "4", "x:1"]));
    assert_eq!(environment(&files, &["SECRET"]).1, [None]);
    let sources = sources(&files);
    let project = Project::new(&sources, TODAY);
    let read = project.application_environment("");
    let variable = read.get("D").unwrap();
    assert_eq!((project.slice(variable.at), variable.overridden.len()), ("4", 3));
    assert_eq!(read.templates.len(), 1);
    let test = [SYMFONY, (".env", "APP_ENV=test\nA=1\n"), (".env.local", "A=2\n"), (".env.test", "A=3\n")];
    assert_eq!(environment(&test, &["A"]), (vec![".env".to_owned(), ".env.test".to_owned()], known(&["3"])));
    let dumped =
        [SYMFONY, (".env", "A=1\n"), (".env.local.php", "<?php return array('APP_ENV' => 'prod', 'A' => '5');\n")];
    assert_eq!(environment(&dumped, &["A", "APP_ENV"]), (vec![".env.local.php".to_owned()], known(&["5", "prod"])));
    let dist = [SYMFONY, (".env.dist", "A=7\n")];
    assert_eq!(environment(&dist, &["A"]).1, known(&["7"]));
}

#[test]
fn laravel_reads_one_file() {
    let laravel = ("composer.json", "{\"require\": {\"laravel/framework\": \"^12\"}}");
    let files = [
        laravel,
        (".env", "APP_ENV=local\nNAME=\"a b\"\nMAIL=\"${NAME}!\"\nP=a$b#c\nU=${NO}\n"),
        (".env.local", "NAME=x\n"),
    ];
    let (names, values) = environment(&files, &["NAME", "MAIL", "P"]);
    assert_eq!((names, values), (vec![".env".to_owned()], known(&["a b", "a b!", "a$b"])));
    assert_eq!(environment(&files, &["U"]).1, [None]);
}
