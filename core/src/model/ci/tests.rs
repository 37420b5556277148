use super::*;
use crate::source::Sources;
use crate::syntax::yaml;

fn source() -> SourceId {
    let mut sources = Sources::new();
    sources.add("ci.yml", "");
    sources.id("ci.yml").unwrap()
}

fn commands(job: &Job, text: &str) -> Vec<String> {
    let pieces = job.scripts.iter().flat_map(|script| &script.pieces);
    pieces.flat_map(|piece| &piece.script.commands).map(|command| command.span.slice(text).to_owned()).collect()
}

const GITLAB: &str = "stages: [build]\nvariables:\n  IMAGE: registry.example.net/shop\n  DOCKER_TLS_CERTDIR: \"\"\ninclude:\n  - local: /a.yml\n  - project: x/y\n    ref: main\n    file: b.yml\ndefault:\n  before_script:\n    - export TAG=1\n.docker: &docker\n  image: docker:29\n  services:\n    - name: docker:29-dind\n      alias: docker\n      command: [\"--mtu=1300\"]\n  variables: {A: b}\n.setup:\n  script:\n    - docker info\nbuild:\n  extends: .docker\n  stage: build\n  tags: [privileged]\n  script:\n    - !reference [.setup, script]\n    - |\n      docker build -t \"$IMAGE\" .\n      docker push $IMAGE\n    - >-\n      ssh root@shop\n      'docker ps'\n    - 'docker run -d ''x'''\n  rules:\n    - if: $CI_COMMIT_TAG\n  environment: {name: production}\n  allow_failure: true\ntest:\n  <<: *docker\n  script: php x\n";

#[test]
fn gitlab_jobs_templates_and_references() {
    let tree = yaml::parse(GITLAB, &yaml::Limits::default());
    assert_eq!(tree.errors, []);
    let pipeline = gitlab(&tree, GITLAB, source());
    assert_eq!(pipeline.jobs.iter().map(|job| job.name.as_str()).collect::<Vec<_>>(), ["build", "test"]);
    assert_eq!(pipeline.includes[1].reference.as_ref().unwrap().text, "main");
    let build = &pipeline.jobs[0];
    assert_eq!(build.image.as_ref().unwrap().image.at.span.slice(GITLAB), "docker:29");
    assert_eq!((build.services[0].name.as_str(), build.services[0].is_dind()), ("docker", true));
    assert_eq!(pipeline.variable(build, "DOCKER_TLS_CERTDIR").unwrap().value.as_ref().unwrap().text, "");
    assert!(pipeline.variable(build, "A").is_some() && build.may_fail.is_some());
    assert_eq!(build.environment.as_ref().unwrap().text, "production");
    assert_eq!(build.conditions[0].text, "${CI_COMMIT_TAG}");
    assert_eq!(
        commands(build, GITLAB),
        [
            "export TAG=1",
            "docker info",
            "docker build -t \"$IMAGE\" .",
            "docker push $IMAGE",
            "ssh root@shop\n      'docker ps'",
            "docker ps",
            "docker run -d ''x''",
        ]
    );
    assert_eq!(commands(&pipeline.jobs[1], GITLAB), ["export TAG=1", "php x"]);
    assert_eq!(pipeline.jobs[1].services.len(), 1);
}

const GITHUB: &str = "name: build\non:\n  pull_request_target:\n  push: {branches: [main]}\n  schedule:\n    - cron: '0 3 * * 1'\npermissions: write-all\nenv:\n  IMAGE: acme/app\njobs:\n  image:\n    runs-on: [self-hosted, linux]\n    permissions: {packages: write, contents: read}\n    container:\n      image: php:8.4\n      options: --privileged -v /a:/b\n      volumes:\n        - /var/run/docker.sock:/var/run/docker.sock\n    services:\n      redis: {image: redis:8, ports: ['6379:6379'], options: --health-cmd x}\n    steps:\n      - uses: actions/checkout@v4\n        with: {ref: \"${{ github.event.pull_request.head.sha }}\"}\n      - uses: docker/build-push-action@1234567890123456789012345678901234567890 # v6\n        with:\n          push: true\n          tags: ${{ env.IMAGE }}:${{ github.sha }}\n          build-args: |\n            A=${{ secrets.TOKEN }}\n      - name: say\n        run: |\n          echo \"${{ github.event.pull_request.title || 'none' }}\"\n          docker run -d \"$IMAGE\"\n        continue-on-error: true\n      - run: Write-Host x\n        shell: pwsh\n  call:\n    uses: acme/flows/.github/workflows/x.yml@main\n    secrets: inherit\n";

#[test]
fn github_jobs_actions_and_expressions() {
    let tree = yaml::parse(GITHUB, &yaml::Limits::default());
    assert_eq!(tree.errors, []);
    let pipeline = github(&tree, GITHUB, source());
    assert_eq!(
        pipeline.triggers.iter().map(|trigger| trigger.name.as_str()).collect::<Vec<_>>(),
        ["pull_request_target", "push", "schedule"]
    );
    assert_eq!(pipeline.triggers[2].crons[0].text, "0 3 * * 1");
    let job = &pipeline.jobs[0];
    assert!(pipeline.permissions.as_ref().unwrap().writes("contents").is_some());
    assert_eq!(pipeline.permissions_of(job).unwrap().writes("packages").unwrap().span.slice(GITHUB), "write");
    assert!(pipeline.permissions_of(job).unwrap().writes("contents").is_none());
    assert_eq!(job.runner[0].text, "self-hosted");
    let container = job.image.as_ref().unwrap();
    assert_eq!(container.options.as_ref().unwrap().text, "--privileged -v /a:/b");
    assert_eq!((container.volumes.len(), job.services[0].ports.len()), (1, 1));
    let kinds: Vec<RefKind> = pipeline.jobs.iter().flat_map(|job| &job.uses).map(|used| used.kind).collect();
    assert_eq!(kinds, [RefKind::Tag, RefKind::Commit, RefKind::Branch]);
    let checkout = job.uses[0].input("ref").unwrap();
    assert_eq!(checkout.variables, ["github.event.pull_request.head.sha"]);
    let tags = job.uses[1].input("tags").unwrap();
    assert_eq!((tags.text.as_str(), tags.is_known()), ("acme/app:${github.sha}", false));
    let run = &job.scripts[0];
    assert_eq!(run.expressions[0].names, ["github.event.pull_request.title"]);
    assert_eq!(run.expressions[0].at.span.slice(GITHUB), "${{ github.event.pull_request.title || 'none' }}");
    assert_eq!(commands(job, GITHUB)[1], "docker run -d \"$IMAGE\"");
    assert!(run.may_fail.is_some() && job.scripts[1].pieces.is_empty());
    assert!(pipeline.jobs[1].uses[0].is_workflow && pipeline.jobs[1].secrets[0].text == "inherit");
}

#[test]
fn jenkins_stages_are_jobs() {
    let text = "pipeline {\n  agent { docker { image 'php:8.4' args '-v /var/run/docker.sock:/var/run/docker.sock' } }\n  environment { R = 'r.example.net' }\n  stages {\n    stage('Build') { steps { sh \"docker build -t ${R}/x .\" } }\n  }\n}\n";
    let pipeline = jenkins(&crate::syntax::jenkinsfile::parse(text), source());
    assert_eq!(pipeline.jobs.iter().map(|job| job.name.as_str()).collect::<Vec<_>>(), ["pipeline", "Build"]);
    assert!(pipeline.jobs[0].image.as_ref().unwrap().options.as_ref().unwrap().text.contains("docker.sock"));
    assert_eq!(commands(&pipeline.jobs[1], text), ["docker build -t ${R}/x ."]);
    assert_eq!(pipeline.scope(&pipeline.jobs[1]).get("R").unwrap().0, "r.example.net");
}

#[test]
fn hostile_pipelines() {
    let loops = "a:\n  extends: b\n  script: [x]\nb:\n  extends: a\n.c:\n  script:\n    - !reference [.c, script]\nd:\n  extends: .c\n";
    let many = format!(
        ".t:\n  script:\n    - {}\n{}",
        "x ".repeat(20_000),
        (0..3000).map(|n| format!("j{n}: {{extends: .t}}\n")).collect::<String>()
    );
    let bomb: String = (0..60)
        .map(|n| {
            format!(
                ".r{n}:\n  script:\n    - !reference [.r{m}, script]\n    - !reference [.r{m}, script]\n",
                m = n + 1
            )
        })
        .collect::<String>()
        + "j: {extends: .r0}\n";
    for text in [loops.to_owned(), many, bomb, "- - -".to_owned(), String::new(), "jobs: 1\non: {}".to_owned()] {
        let tree = yaml::parse(&text, &yaml::Limits::default());
        let _ = gitlab(&tree, &text, source());
        let _ = github(&tree, &text, source());
    }
    for text in [GITLAB, GITHUB] {
        for (at, _) in text.char_indices().step_by(7) {
            let tree = yaml::parse(&text[..at], &yaml::Limits::default());
            let _ = gitlab(&tree, &text[..at], source());
            let _ = github(&tree, &text[..at], source());
        }
    }
}
