use super::*;

const TEXT: &str = r#"#!/usr/bin/env groovy
// builds it
pipeline {
  agent { docker { image 'php:8.4-cli'
                   args '-v /var/run/docker.sock:/var/run/docker.sock -u root' } }
  environment {
    REGISTRY = 'registry.example.net'
    TOKEN = credentials('gitlab-token')
    IMAGE = "shop:${env.BUILD_NUMBER}"
  }
  stages {
    stage('Build') { /* here */
      steps {
        sh 'docker build --target prod -t $REGISTRY/shop .'
        sh """
          docker push ${IMAGE}
          docker run -d \$X
        """
        sh(script: 'git log', returnStdout: true)
      }
    }
    stage("Deploy") {
      steps {
        withCredentials([usernamePassword(credentialsId: 'hub', usernameVariable: 'U', passwordVariable: 'P')]) {
          sh "docker login -u $U -p $P"
        }
        script {
          docker.image('mysql:8.4').withRun('-e MYSQL_ROOT_PASSWORD=x') { c -> sh 'true' }
          docker.withRegistry('https://r.example.net', 'reg') {
            def app = docker.build("shop:1", "-f docker/Dockerfile .")
            app.push('latest')
          }
          docker.image('node:24').inside('--network host') { sh 'npm ci' }
          sh 'after'
        }
      }
    }
  }
}
"#;

#[test]
fn a_declarative_pipeline() {
    let file = parse(TEXT);
    assert_eq!(file.errors, []);
    let comments: Vec<&str> = file.comments.iter().map(|span| span.slice(TEXT)).collect();
    assert_eq!(comments, ["#!/usr/bin/env groovy", "// builds it", "/* here */"]);
    let stages: Vec<&str> = file.stages.iter().map(|stage| stage.span.slice(TEXT)).collect();
    assert_eq!(stages, ["'Build'", "\"Deploy\""]);
    let agent = &file.images[0];
    assert_eq!((agent.kind, agent.image.text.as_str()), (ImageUse::Agent, "php:8.4-cli"));
    assert!(agent.args.as_ref().unwrap().text.contains("docker.sock"));
    let commands: Vec<(&str, Option<usize>, Option<usize>)> = file
        .steps
        .iter()
        .flat_map(|step| step.pieces.iter().map(move |piece| (step, piece)))
        .flat_map(|(step, piece)| piece.script.commands.iter().map(move |command| (step, command)))
        .map(|(step, command)| (command.span.slice(TEXT), step.stage, step.inside))
        .collect();
    assert_eq!(
        commands,
        [
            ("docker build --target prod -t $REGISTRY/shop .", Some(0), Some(0)),
            ("docker push ${IMAGE}", Some(0), Some(0)),
            ("docker run -d \\$X", Some(0), Some(0)),
            ("git log", Some(0), Some(0)),
            ("docker login -u $U -p $P", Some(1), Some(0)),
            ("true", Some(1), Some(0)),
            ("npm ci", Some(1), Some(3)),
            ("after", Some(1), Some(0)),
        ]
    );
}

#[test]
fn images_credentials_and_variables() {
    let file = parse(TEXT);
    let images: Vec<(ImageUse, &str, Option<&str>)> = file
        .images
        .iter()
        .map(|image| (image.kind, image.image.text.as_str(), image.args.as_ref().map(|args| args.text.as_str())))
        .collect();
    assert_eq!(
        images[1..],
        [
            (ImageUse::Run, "mysql:8.4", Some("-e MYSQL_ROOT_PASSWORD=x")),
            (ImageUse::Build, "shop:1", Some("-f docker/Dockerfile .")),
            (ImageUse::Inside, "node:24", Some("--network host")),
        ]
    );
    let credentials: Vec<(&str, &str, String)> =
        file.credentials.iter().map(|c| (c.kind.as_str(), c.id.text.as_str(), c.variables.join(" "))).collect();
    assert_eq!(
        credentials,
        [
            ("credentials", "gitlab-token", "TOKEN".to_owned()),
            ("usernamePassword", "hub", "U P".to_owned()),
            ("withRegistry", "reg", String::new()),
        ]
    );
    let variables: Vec<(&str, Option<(&str, bool)>)> = file
        .variables
        .iter()
        .map(|v| (v.name.as_str(), v.value.as_ref().map(|value| (value.text.as_str(), value.literal))))
        .collect();
    assert_eq!(
        variables,
        [
            ("REGISTRY", Some(("registry.example.net", true))),
            ("TOKEN", None),
            ("IMAGE", Some(("shop:${env.BUILD_NUMBER}", false))),
        ]
    );
}

#[test]
fn a_scripted_pipeline_and_other_strings() {
    let text = "node('docker') {\n  withEnv(['A=b']) {\n    sh '''\n      docker ps\n    '''\n  }\n  if (x ==~ /a'b/) { sh 'y' }\n  sh $/docker $x/$\n}\n";
    let file = parse(text);
    assert_eq!(file.errors, []);
    assert_eq!(file.agents[0].text, "docker");
    assert_eq!(
        (file.variables[0].name_span.slice(text), file.variables[0].value.as_ref().unwrap().span.slice(text)),
        ("A", "b")
    );
    let steps: Vec<&str> = file.steps.iter().map(|step| step.script.text.trim()).collect();
    assert_eq!(steps, ["docker ps", "y", "docker $x"]);
    assert_eq!(file.steps[0].pieces[0].script.commands[0].span.slice(text), "docker ps");
}

#[test]
fn errors_and_what_is_read_all_the_same() {
    let text = "node {\n  sh 'docker ps\n  sh 'docker info'\n}}\nnode {\n";
    let file = parse(text);
    let said: Vec<(&str, &str)> =
        file.errors.iter().map(|error| (error.span.slice(text), error.message.as_str())).collect();
    assert_eq!(
        said,
        [("'", "this string is never closed"), ("}", "no block is open here"), ("{", "this block is never closed")]
    );
    assert_eq!(file.steps[1].script.text, "docker info");
}

#[test]
fn line_ends_marks_prefixes_and_sizes() {
    let text = "\u{feff}// ä\r\nnode {\r\n  sh 'ü \\u00e4'\r\n}\r\n";
    let file = parse(text);
    assert_eq!((file.comments[0].slice(text), file.steps[0].script.text.as_str()), ("// ä", "ü ä"));
    assert_eq!(file.steps[0].pieces[0].script.commands[0].span.slice(text), "ü \\u00e4");
    for (at, _) in TEXT.char_indices() {
        let _ = parse(&TEXT[..at]);
        let mut gap = TEXT.to_owned();
        gap.remove(at);
        for step in parse(&gap).steps {
            for command in step.pieces.iter().flat_map(|piece| &piece.script.commands) {
                assert!(gap.get(command.span.range()).is_some());
            }
        }
    }
    for unit in
        ["/*", "'''", "\"", "$/", "sh(", "docker.image(", "(/", "{", "agent {docker{", "withEnv(", "sh 'a'\n", "sh x: "]
    {
        let _ = parse(&unit.repeat(300_000 / unit.len()));
    }
}
