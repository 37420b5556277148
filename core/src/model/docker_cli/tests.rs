use super::*;
use crate::model::compose::{self, ServiceSpec};
use crate::model::interpolate::Certainty;
use crate::source::Sources;
use crate::span::Span;
use crate::syntax::shell::{self, SourceMap};

fn sources(text: &str) -> Sources {
    let mut sources = Sources::new();
    sources.add("run.sh", text);
    sources
}

fn lines(text: &str) -> Vec<Invocation> {
    let source = sources(text).id("run.sh").unwrap();
    let pieces = shell::follow(text, &SourceMap::verbatim(Span::new(0, text.len())));
    let scope = Scope::default().with(&pieces);
    let mut budget = 1 << 20;
    let commands = pieces.iter().flat_map(|piece| &piece.script.commands);
    commands.filter_map(|command| read(command, &scope, source, &mut budget)).collect()
}

fn run_of(text: &str) -> Run {
    match lines(text).pop().unwrap().action {
        Action::Run(run) => *run,
        other => panic!("{other:?}"),
    }
}

fn service(text: &str) -> ServiceSpec {
    compose::service(&service_entry("x", &run_of(text), &sources(text)))
}

#[test]
fn a_container_is_the_service_of_the_same_meaning() {
    let text = "docker run -itd --name shop -p 127.0.0.1:80:80 -p9000:9000 -eAPP_ENV=prod -e \"DB=mysql://x\" --env PASSED \\\n  -v /var/run/docker.sock:/var/run/docker.sock:ro --mount type=bind,source=/etc,target=/host,readonly \\\n  --privileged --cap-add=NET_ADMIN --cap-add SYS_ADMIN -u root --network web --network-alias app --pid=host --restart unless-stopped \\\n  --health-cmd 'curl -f x' --read-only=false -m 512m registry.example.net/shop:1.2 php-fpm -F\n";
    let spec = service(text);
    let at = |at: Location| at.span.slice(text);
    assert_eq!((spec.image.as_ref().unwrap().text.as_str(), at(spec.at)), ("registry.example.net/shop:1.2", "shop"));
    assert_eq!(spec.command.as_ref().unwrap().words, ["php-fpm", "-F"]);
    let ports: Vec<(&str, bool)> = spec.ports.iter().map(|port| (at(port.at), port.is_loopback())).collect();
    assert_eq!(ports, [("127.0.0.1:80:80", true), ("9000:9000", false)]);
    let environment: Vec<(&str, &str, Option<&str>)> = spec
        .environment
        .iter()
        .map(|variable| (variable.key.as_str(), at(variable.key_at), variable.value.as_ref().map(|text| at(text.at))))
        .collect();
    assert_eq!(
        environment,
        [("APP_ENV", "APP_ENV", Some("prod")), ("DB", "DB", Some("mysql://x")), ("PASSED", "PASSED", None)]
    );
    let mounts: Vec<(Option<&str>, &str, bool, &str)> =
        spec.mounts.iter().map(|m| (m.source.as_deref(), m.target.as_str(), m.read_only, at(m.at))).collect();
    assert_eq!(
        mounts,
        [
            (
                Some("/var/run/docker.sock"),
                "/var/run/docker.sock",
                true,
                "/var/run/docker.sock:/var/run/docker.sock:ro"
            ),
            (Some("/etc"), "/host", true, "type=bind,source=/etc,target=/host,readonly"),
        ]
    );
    assert_eq!(at(spec.privileged.as_ref().unwrap().at), "--privileged");
    assert_eq!(spec.cap_add.iter().map(|cap| at(cap.at)).collect::<Vec<_>>(), ["NET_ADMIN", "SYS_ADMIN"]);
    assert!(spec.user.as_ref().unwrap().is_root_user());
    assert_eq!((spec.networks[0].network.as_str(), spec.networks[0].aliases.join("")), ("web", "app".to_owned()));
    assert!(spec.network_mode.is_none());
    assert_eq!((spec.namespaces[0].0, at(spec.namespaces[0].1.at)), ("pid", "host"));
    assert!(matches!(&spec.healthcheck, Some(compose::Healthcheck::Probe(place)) if at(*place).contains("curl")));
    assert_eq!(spec.restart.as_ref().unwrap().text, "unless-stopped");
}

#[test]
fn without_a_network_it_is_on_docker_s_own_bridge() {
    let spec = service("docker run -d redis\n");
    assert_eq!(spec.network_mode.as_ref().unwrap().text, "bridge");
    assert_eq!(service("docker run -d --net host redis\n").network_mode.unwrap().text, "host");
    let unknown = service("docker run -d --network $NET redis\n").network_mode.unwrap();
    assert!(!unknown.is_known());
}

#[test]
fn variables_that_are_set_once_are_known() {
    let text = "IMAGE=php:8.4\nTAG=${TAG:-1.2}\nOPTS=\"-d --name web\"\ndocker run $OPTS -v \"$(pwd)/src:/app\" -u $(id -u) $IMAGE php -S 0.0.0.0:80\n";
    let run = run_of(text);
    let image = run.image.as_ref().unwrap();
    assert_eq!(
        (image.text.as_str(), image.certainty, image.at.span.slice(text)),
        ("php:8.4", Certainty::Known, "$IMAGE")
    );
    assert_eq!((run.name().unwrap().text.as_str(), run.is_detached()), ("web", true));
    assert_eq!(run.flags.value("volume").unwrap().text, "${PWD}/src:/app");
    assert_eq!(run.flags.value("user").unwrap().text, "${id}");
    let defaulted = run_of("TAG=${1:-1.2}\ndocker run shop:$TAG\n").image.unwrap();
    assert_eq!((defaulted.text.as_str(), defaulted.certainty), ("shop:1.2", Certainty::Defaulted));
    let later = run_of("V=\"\"\nf() {\n  T=\"x:$V\"\n  docker run $T\n}\nV=$1\nf\n").image.unwrap();
    assert_eq!((later.text.as_str(), later.is_known()), ("${T}", false));
    assert_eq!(run_of("R=${R:-\"acme/x\"}\ndocker run $R\n").image.unwrap().text, "acme/x");
    let twice = run_of("A=x\nA=y\ndocker run --rm \"$A\"\n").image.unwrap();
    assert_eq!((twice.text.as_str(), twice.certainty), ("${A}", Certainty::Unknown));
}

#[test]
fn what_may_be_options_is_not_taken_for_an_image() {
    let run = run_of("docker run $DOCKER_OPTS --rm redis redis-cli\n");
    assert!(run.flags.opaque);
    assert_eq!(run.image.unwrap().text, "redis");
    assert!(run_of("docker run \"$@\"\n").image.is_none());
    assert_eq!(run_of("docker run --rm $IMAGE php -v\n").image.unwrap().text, "${IMAGE}");
}

#[test]
fn tools_that_are_thrown_away() {
    for line in [
        "docker run --rm -v $PWD:/app -w /app composer install",
        "docker run -it --rm -p 8000:8000 php:8.4 php -S 0.0.0.0:8000",
        "docker run --rm -u \"$(id -u):$(id -g)\" -v \"$HOME/.composer:/tmp\" -e A=b node:24 npm ci",
    ] {
        assert!(run_of(line).is_throwaway(), "{line}");
    }
    for line in [
        "docker run -d --rm redis",
        "docker run redis",
        "docker run --rm -v /var/run/docker.sock:/var/run/docker.sock aquasec/trivy image x",
        "docker run --rm --privileged alpine",
        "docker run --rm --net=host alpine",
        "docker run --rm --mount type=bind,src=/etc,dst=/x alpine",
    ] {
        assert!(!run_of(line).is_throwaway(), "{line}");
    }
}

#[test]
fn builds() {
    let text = "docker buildx build --push -t r/x:1 -t r/x:latest --target=prod -f docker/Dockerfile --build-arg A=b --build-arg C --secret id=npm . --no-cache\n";
    let Action::Build(build) = lines(text).remove(0).action else { panic!() };
    assert_eq!(build.context.as_ref().unwrap().text, ".");
    assert_eq!(build.file.as_ref().unwrap().text, "docker/Dockerfile");
    assert_eq!(build.target.as_ref().unwrap().at.span.slice(text), "prod");
    assert_eq!(build.tags.iter().map(|tag| tag.text.as_str()).collect::<Vec<_>>(), ["r/x:1", "r/x:latest"]);
    assert_eq!(build.args[0].0, "A");
    assert!(build.args[1].1.is_none() && build.push.is_some() && build.secrets.len() == 1);
    let Action::Build(kaniko) =
        lines("/kaniko/executor --context \"${CI_PROJECT_DIR}\" --dockerfile docker/Dockerfile --destination r/x:1\n")
            .remove(0)
            .action
    else {
        panic!()
    };
    assert_eq!(
        (kaniko.context.unwrap().text, kaniko.tags[0].text.clone()),
        ("${CI_PROJECT_DIR}".into(), "r/x:1".into())
    );
    assert!(matches!(lines("podman build .\n")[0].action, Action::Build(_)));
    assert!(
        matches!(lines("docker build - < Dockerfile\n")[0].action, Action::Build(ref build) if build.context.is_none())
    );
}

#[test]
fn everything_else() {
    let text = "docker -H tcp://shop:2375 --context prod exec -itu root app apt-get update\nDOCKER_HOST=ssh://x docker cp a.php app:/var/www/\ndocker commit app shop:hotfix\ndocker login -u ci -p \"$PW\" r.example.net\necho $PW | docker login --password-stdin\ndocker system prune -af --volumes\ndocker network create --internal -d bridge data\ntrivy image --exit-code 1 x:1\ndocker scout cves x\ncosign sign x\ncomposer audit --locked\ndocker container prune\ndocker image push x:1\n";
    let all = lines(text);
    let Action::Exec(exec) = &all[0].action else { panic!() };
    assert_eq!(
        (all[0].host.as_ref().unwrap().text.as_str(), all[0].context.as_ref().unwrap().text.as_str()),
        ("tcp://shop:2375", "prod")
    );
    assert_eq!(
        (exec.container.as_ref().unwrap().text.as_str(), exec.user.as_ref().unwrap().text.as_str()),
        ("app", "root")
    );
    assert_eq!(exec.command.iter().map(Arg::text).collect::<Vec<_>>(), ["apt-get", "update"]);
    assert_eq!(all[1].host.as_ref().unwrap().text, "ssh://x");
    assert!(
        matches!(&all[1].action, Action::Copy(Copy { from: CopyPlace::Host(_), to: CopyPlace::Container(name, path) }) if name.text == "app" && path == "/var/www/")
    );
    assert!(
        matches!(&all[2].action, Action::Commit { container: Some(_), image: Some(image) } if image.text == "shop:hotfix")
    );
    let Action::Login(login) = &all[3].action else { panic!() };
    assert_eq!((login.password.as_ref().unwrap().at.span.slice(text), login.by_stdin), ("\"$PW\"", false));
    assert!(matches!(&all[4].action, Action::Login(login) if login.by_stdin && login.password.is_none()));
    assert!(matches!(&all[5].action, Action::Prune(prune) if prune.all && prune.volumes));
    assert!(
        matches!(&all[6].action, Action::NetworkCreate(network) if network.internal && network.name.as_ref().unwrap().text == "data")
    );
    assert!(matches!(&all[7].action, Action::Scan(scan) if scan.fails == Some(true)));
    assert!(
        matches!(&all[8].action, Action::Scan(scan) if scan.scanner == "docker scout" && scan.fails == Some(false))
    );
    assert!(matches!(all[9].action, Action::Sign(_)) && matches!(all[10].action, Action::Scan(_)));
    assert!(matches!(&all[11].action, Action::Prune(prune) if prune.what == "container" && !prune.volumes));
    assert!(matches!(&all[12].action, Action::Push(images) if images[0].text == "x:1"));
    assert_eq!(all[12].verb_at.span.slice(text), "docker image push");
}

#[test]
fn compose_lines() {
    let text = "docker compose -f compose.yaml -f compose.prod.yaml --profile web --env-file .env.prod -p shop up -d --build app\nDC=\"docker-compose -f a.yml\"\n$DC exec -T -u root php sh\ndocker compose run --rm php composer install\n";
    let all = lines(text);
    let Action::Compose(up) = &all[0].action else { panic!() };
    assert_eq!(
        up.files.iter().map(|file| file.text.as_str()).collect::<Vec<_>>(),
        ["compose.yaml", "compose.prod.yaml"]
    );
    assert_eq!((up.profiles[0].text.as_str(), up.project.as_ref().unwrap().text.as_str()), ("web", "shop"));
    let ComposeVerb::Up(flags) = &up.verb else { panic!() };
    assert!(flags.on("build").is_some() && flags.operands[0].text() == "app");
    let Action::Compose(exec) = &all[1].action else { panic!() };
    assert_eq!(exec.files[0].text, "a.yml");
    assert!(
        matches!(&exec.verb, ComposeVerb::Exec(exec) if exec.user.as_ref().unwrap().text == "root" && exec.is_service)
    );
    let Action::Compose(run) = &all[2].action else { panic!() };
    assert!(
        matches!(&run.verb, ComposeVerb::Run { service: Some(service), command, .. } if service.text == "php" && command.len() == 2)
    );
}

#[test]
fn hostile_lines_cost_no_more_than_their_length() {
    for text in [
        format!("docker run {}\n", "-".repeat(300_000)),
        format!("docker run {}\n", "-v ".repeat(100_000)),
        format!("docker run {}\n", "$A ".repeat(100_000)),
        format!("A={}\ndocker run {}\n", "x".repeat(1000), "$A ".repeat(100_000)),
        "A=$A$A\n".repeat(20_000),
        (1..20_000).map(|n: u32| format!("A{n}=x$A{}$A{}\n", n - 1, n - 1)).collect(),
        "docker run ${A:-${B:-".repeat(20_000),
        "docker exec a sh -c '".repeat(10_000),
    ] {
        let _ = lines(&text);
    }
}
