use super::*;
use crate::engine::{Options, check};
use crate::model::docker_cli::Arg;
use crate::project::{BuiltBy, Project, Reach};
use crate::rules::testing::{TODAY, sources};

/// Rules and what they point at, for files that hold nothing but scripts.
fn findings(files: &[(&str, &str)]) -> Vec<String> {
    let sources = sources(files);
    let report = check(&sources, &Options::new(TODAY));
    report.findings.iter().map(|finding| format!("{} {}", finding.rule, sources.slice(finding.primary))).collect()
}

#[test]
fn a_line_is_a_service_at_its_place() {
    let text = "#!/bin/sh\nNET=data\ndocker network create --internal $NET\ndocker run -d --name cache --network $NET -p 6380:6379 redis:8.2.9\ndocker run -d -p 80:80 nginx:1.30.4\n";
    let sources = sources(&[("ops/start-prod.sh", text)]);
    let project = Project::new(&sources, TODAY);
    let view = &project.views[0];
    assert_eq!((view.name.as_str(), view.context, view.standalone), ("ops/start-prod.sh", Context::Production, false));
    assert!(project.is_scripted(view) && view.network("data").unwrap().internal);
    let cache = project.service(view, "cache").unwrap();
    assert_eq!(project.slice(cache.at), "cache");
    assert_eq!((cache.role.name, cache.network_names()), ("cache", vec!["data"]));
    let nginx = project.service(view, "nginx").unwrap();
    assert_eq!(nginx.reach(&nginx.ports[0]), Reach::Everyone);
    assert!(!nginx.shares_network(cache) && nginx.network_names().is_empty());
}

#[test]
fn what_rules_say_of_a_line() {
    let text = "docker run -d --name redis-debug -p 6380:6379 redis\ndocker run -d --privileged -v /var/run/docker.sock:/var/run/docker.sock -v /etc:/host jenkins/jenkins:2.541.1\n";
    let found = findings(&[("start.sh", text)]);
    for want in [
        "datastores/redis-published 6380:6379",
        "supply-chain/unpinned-image-tag redis",
        "isolation/privileged-container --privileged",
        "control-plane/docker-socket-mounted /var/run/docker.sock:/var/run/docker.sock",
        "mounts/sensitive-host-path-mounted /etc:/host",
    ] {
        assert!(found.iter().any(|line| line == want), "{want}: {found:#?}");
    }
    assert!(found.iter().all(|line| !line.starts_with("network/flat-network")));
}

#[test]
fn an_image_in_a_script_can_be_pinned() {
    let files = [("start.sh", "docker run -d --name cache redis:5-alpine\n")];
    let found = crate::rules::testing::findings("supply-chain/unpinned-image-tag", &files);
    let after = found[0].fixes[0].outcome(&sources(&files)).unwrap().remove("start.sh").unwrap();
    assert_eq!(after, "docker run -d --name cache redis:5.0.14-alpine\n");
}

#[test]
fn tools_of_a_developer_are_no_services() {
    for text in [
        "docker run --rm -v \"$PWD:/app\" composer install\n",
        "docker run --rm -it -u $(id -u):$(id -g) -v $(pwd):/app -w /app node npm ci\n",
        "docker run --rm --network shop_default mysql mysqldump -h db shop > dump.sql\n",
        "docker compose run --rm php vendor/bin/phpunit\n",
        "docker exec app php artisan migrate --force\n",
        "docker pull php\ndocker images\ndocker ps -a\ndocker logs -f app\n",
        "docker run -it --rm php:8.4-cli php -a\n",
        "docker build -t x . && docker push x\n",
        "composer install\nnpm ci\ngit pull\n",
        "docker run --rm -v $HOME/.composer:/tmp -e COMPOSER_HOME=/tmp composer:2 validate\n",
        "docker run --rm hadolint/hadolint < Dockerfile\n",
        "for v in 8.3 8.4; do docker run --rm -v \"$PWD\":/w php:$v-cli php -l x.php; done\n",
    ] {
        assert_eq!(findings(&[("tool.sh", text), ("Makefile", "x:\n\ttrue\n")]), Vec::<String>::new(), "{text}");
    }
    let make = "PHP = docker run --rm -v $(PWD):/app php\ntest:\n\t$(PHP) vendor/bin/phpunit\n";
    assert_eq!(findings(&[("Makefile", make)]), Vec::<String>::new());
}

#[test]
fn a_pipeline_starts_services_only_where_they_are_given_the_host() {
    // Rules about pipelines look at the pipeline itself.
    let findings = |files: &[(&str, &str)]| -> Vec<String> {
        findings(files).into_iter().filter(|found| !found.starts_with("ci/")).collect()
    };
    let quiet = "build:\n  image: docker:latest\n  services: [docker:dind]\n  script:\n    - docker run -d -p 6379:6379 redis\n    - docker run --rm composer install\n";
    assert_eq!(findings(&[(".gitlab-ci.yml", quiet)]), Vec::<String>::new());
    let loud = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    container:\n      image: php:8.4.24-cli\n      options: --privileged\n      volumes:\n        - /var/run/docker.sock:/var/run/docker.sock\n    steps: [{run: 'true'}]\n";
    let found = findings(&[(".github/workflows/a.yml", loud)]);
    assert_eq!(
        found,
        [
            "isolation/privileged-container --privileged",
            "control-plane/docker-socket-mounted /var/run/docker.sock:/var/run/docker.sock"
        ]
    );
    let jenkins = "pipeline {\n  agent { docker { image 'php:8.4.24-cli'; args '-v /var/run/docker.sock:/var/run/docker.sock' } }\n}\n";
    let found = findings(&[("Jenkinsfile", jenkins)]);
    assert_eq!(found, ["control-plane/docker-socket-mounted /var/run/docker.sock:/var/run/docker.sock"]);
}

#[test]
fn changes_to_containers_that_run() {
    let text = "docker exec -u root app apt-get install -y vim\ndocker exec app sh -c 'chmod -R 777 x && php artisan migrate'\ndocker cp a.php app:/var/www/\ndocker cp app:/x .\ndocker commit app shop:hotfix\ndocker compose exec php composer update\nssh root@shop 'docker exec app git pull'\ndocker exec -i app bash <<EOF\nsed -i s/a/b/ x\nEOF\ndocker exec --privileged app ps\ndocker exec db mysqldump shop\n";
    let sources = sources(&[("fix.sh", text)]);
    let project = Project::new(&sources, TODAY);
    let found: Vec<(Change, &str, &str)> = project
        .manual_changes()
        .iter()
        .map(|change| (change.change, change.container.map_or("", |text| text.text.as_str()), project.slice(change.at)))
        .collect();
    assert_eq!(
        found,
        [
            (Change::Packages, "app", "docker exec -u root app apt-get install -y vim"),
            (Change::Permissions, "app", "chmod -R 777 x"),
            (Change::Copy, "app", "docker cp a.php app:/var/www/"),
            (Change::Commit, "app", "docker commit app shop:hotfix"),
            (Change::Code, "php", "docker compose exec php composer update"),
            (Change::Files, "app", "sed -i s/a/b/ x"),
            (Change::Elevated, "app", "docker exec --privileged app ps"),
            (Change::Code, "app", "docker exec app git pull"),
        ]
    );
    assert!(project.manual_changes()[0].as_root.is_some());
}

#[test]
fn what_is_built_and_how() {
    let dockerfile = "FROM php:8.4.24-fpm AS base\nFROM base AS dev\nUSER root\nFROM base AS prod\nUSER www-data\nFROM base AS tools\n";
    let compose = "services:\n  app:\n    build: {context: ., dockerfile: docker/Dockerfile, target: dev}\n";
    let gitlab = "build:\n  script:\n    - docker build --target prod -f docker/Dockerfile -t r.example.net/x:$CI_COMMIT_SHA --build-arg A=b .\n";
    let github = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          file: docker/Dockerfile\n          target: prod\n          push: true\n          tags: |\n            a/b:latest\n            a/b:${{ github.sha }}\n          provenance: false\n";
    let jenkins = "node { docker.build('a/b', '-f docker/Dockerfile --target tools .').push('1') }\n";
    let sources = sources(&[
        ("docker/Dockerfile", dockerfile),
        ("compose.yaml", compose),
        (".gitlab-ci.yml", gitlab),
        (".github/workflows/a.yml", github),
        ("Jenkinsfile", jenkins),
    ]);
    let project = Project::new(&sources, TODAY);
    let builds = project.pipeline_builds();
    let said: Vec<(BuiltBy, Option<&str>, bool, bool, usize)> = builds
        .iter()
        .map(|built| {
            let target = built.target.as_ref().map(|target| target.text.as_str());
            (built.by, target, built.dockerfile.is_some(), built.push.is_some(), built.tags.len())
        })
        .collect();
    assert_eq!(
        said,
        [
            (BuiltBy::Action, Some("prod"), true, true, 2),
            (BuiltBy::CommandLine, Some("prod"), true, false, 1),
            (BuiltBy::Jenkins, Some("tools"), true, true, 1),
        ]
    );
    assert_eq!((builds[0].tags[1].text.as_str(), builds[0].tags[1].is_known()), ("a/b:${github.sha}", false));
    let names: Vec<(&str, Context)> = project.views.iter().map(|view| (view.name.as_str(), view.context)).collect();
    assert_eq!(
        names,
        [
            ("default", Context::Unknown),
            ("docker/Dockerfile (prod)", Context::Production),
            ("docker/Dockerfile (tools)", Context::Unknown)
        ]
    );
}

#[test]
fn a_script_that_runs_what_it_builds() {
    let dockerfile = "FROM php:8.4.24-apache AS x\nUSER www-data\n";
    let script = "docker build -t shop:test --target x .\ndocker build -t shop .\ndocker run -d -p 80:80 shop\n";
    let sources = sources(&[("Dockerfile", dockerfile), ("run.sh", script)]);
    let project = Project::new(&sources, TODAY);
    let service = project.service(&project.views[0], "shop").unwrap();
    assert_eq!(service.role.name, "php-apache");
    assert_eq!(service.effective_user().name.as_deref(), Some("www-data"));
    let found = findings(&[("Dockerfile", dockerfile), ("run.sh", script)]);
    assert!(found.iter().all(|line| !line.starts_with("supply-chain/unpinned-image-tag")), "{found:#?}");
}

#[test]
fn orders_of_compose_files() {
    let base = "services:\n  app:\n    image: x:1\n";
    let other = "services:\n  app:\n    privileged: true\n";
    let script = "cd \"$(dirname \"$0\")/..\"\ndocker compose -f compose.yaml -f compose.prod.yaml -f compose.monitor.yaml up -d\ndocker compose -f compose.yaml -f compose.prod.yaml up -d\n";
    let sources = sources(&[
        ("compose.yaml", base),
        ("compose.prod.yaml", other),
        ("compose.monitor.yaml", "services:\n  m:\n    image: y:1\n"),
        ("bin/deploy.sh", script),
    ]);
    let project = Project::new(&sources, TODAY);
    let names: Vec<&str> = project.views.iter().map(|view| view.name.as_str()).collect();
    assert_eq!(names, ["default", "monitor", "prod", "prod+monitor"]);
    assert_eq!(project.views[3].context, Context::Production);
    assert_eq!(project.views[3].services.len(), 2);
}

#[test]
fn the_words_of_a_line_reach_the_rules() {
    let text = "* * * * * root docker exec app php artisan schedule:run\n";
    let sources = sources(&[("docker/crontab", text)]);
    let project = Project::new(&sources, TODAY);
    let Action::Exec(exec) = &project.docker_lines()[0].invocation.action else { panic!() };
    assert_eq!(exec.command.iter().map(Arg::text).collect::<Vec<_>>(), ["php", "artisan", "schedule:run"]);
    assert!(project.manual_changes().is_empty());
}
