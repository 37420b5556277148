use crate::engine;
use crate::model::interpolate::Certainty;
use crate::project::{Context, DecidedBy, HealthSource, Privilege, Project, ServiceRef};
use crate::rules::RULES;
use crate::rules::testing::{TODAY, sources};
use crate::source::Sources;

const RUNNING: &str = include_str!("../../../tests/data/inventory/running.txt");
const PS: &str = include_str!("../../../tests/data/inventory/ps.ndjson");
const INSPECT: &str = include_str!("../../../tests/data/inventory/inspect.json");

fn find<'p, 'a>(project: &'p Project<'a>, name: &str) -> ServiceRef<'p, 'a> {
    project.running_services().find(|service| service.name == name).unwrap()
}

fn rules_of(files: &Sources) -> Vec<String> {
    let project = Project::new(files, TODAY);
    RULES
        .iter()
        .flat_map(|rule| engine::run(rule, &project).0)
        .map(|finding| format!("{} {}", finding.rule, finding.services.join(",")))
        .collect()
}

#[test]
fn one_view_for_each_project_and_one_for_the_rest() {
    let files = sources(&[("running.txt", RUNNING)]);
    let project = Project::new(&files, TODAY);
    let views: Vec<String> = project
        .views
        .iter()
        .map(|view| {
            format!(
                "{} {} {:?}",
                view.name,
                view.services.iter().map(|s| s.name.clone()).collect::<Vec<_>>().join(","),
                view.context
            )
        })
        .collect();
    // What is stopped runs nothing: `horizon` is left out.
    assert_eq!(views, ["running:larashop app,db,nginx Production", "running:unmanaged redis-debug Unknown"]);
    assert!(project.views.iter().all(|view| project.is_running(view)));
    assert_eq!(project.notices, [], "{:?}", project.notices);
}

#[test]
fn an_inspected_container_is_a_service_with_places_in_the_output() {
    let files = sources(&[("running.txt", RUNNING)]);
    let project = Project::new(&files, TODAY);
    let app = find(&project, "app");
    let at = |at| project.slice(at);
    assert_eq!(app.privileged.as_ref().map(|flag| (flag.value, at(flag.at))), Some((true, "true")));
    let caps: Vec<(&str, &str)> = app.cap_add.iter().map(|cap| (cap.text.as_str(), at(cap.at))).collect();
    assert_eq!(caps[0], ("SYS_ADMIN", "\"CAP_SYS_ADMIN\""));
    assert_eq!(
        app.namespaces.iter().map(|(key, text)| (*key, text.text.as_str())).collect::<Vec<_>>(),
        [("pid", "host")]
    );
    assert_eq!(app.main_command().words, ["docker-php-entrypoint", "php-fpm"]);
    assert_eq!(app.mounts[1].source.as_deref(), Some("/var/run/docker.sock"));
    assert!(at(app.mounts[1].at).contains("/var/run/docker.sock") && !app.mounts[1].read_only);
    assert_eq!(app.node.get("cpus").and_then(|node| node.text()), Some("1.5"));
    assert_eq!(app.restart.as_ref().unwrap().text, "unless-stopped");
    let mut names: Vec<&str> = app.network_names();
    names.sort_unstable();
    assert_eq!(names, ["backend", "default"], "networks have their names of the Compose file");
    assert!(app.view().network("backend").unwrap().internal);
    let host = app.variable("DB_HOST").unwrap();
    assert_eq!(host.value.as_ref().unwrap().text, "db");
    assert!(app.variable("DB_PASSWORD").unwrap().value.is_none() && app.variable("APP_KEY").unwrap().value.is_none());
    assert!(app.needs().iter().any(|need| need.to == "db"), "{:?}", app.needs());
    assert_eq!((app.role.name, find(&project, "db").role.name), ("php-fpm", "db"));
    let nginx = find(&project, "nginx");
    assert_eq!(nginx.ports.iter().map(|port| port.host_side()).collect::<Vec<_>>(), ["443", "80"]);
    assert!(at(nginx.ports[0].at).starts_with("\"443/tcp\""));
    assert_eq!(nginx.depends_on.len(), 2);
    assert!(nginx.only_internal_networks() || !nginx.ports.is_empty());
    assert_eq!(find(&project, "db").mounts[0].source.as_deref(), Some("larashop_dbdata"));
}

#[test]
fn users_and_health_checks_are_what_they_are() {
    let files = sources(&[("running.txt", RUNNING)]);
    let project = Project::new(&files, TODAY);
    let app = find(&project, "app").effective_user();
    // The image ends with www-data; this container runs as root all the same.
    assert!(matches!(app.privilege, Privilege::Root | Privilege::RootMaster), "{app:?}");
    assert_eq!((app.name.as_deref(), app.decided_by), (Some("root"), DecidedBy::Compose));
    assert_eq!(find(&project, "db").effective_user().privilege, Privilege::Drops);
    assert_eq!(find(&project, "app").health_source(), HealthSource::Probe);
    assert_eq!(find(&project, "nginx").health_source(), HealthSource::None);
    assert_eq!(find(&project, "redis-debug").health_source(), HealthSource::None, "`ps` would name it");
}

#[test]
fn what_only_a_list_tells_is_not_presented_as_known() {
    let files = sources(&[("ps.ndjson", PS)]);
    let project = Project::new(&files, TODAY);
    let app = find(&project, "app");
    assert!(app.is_partly_known() && app.container().is_some());
    assert_eq!(app.effective_user().privilege, Privilege::Unknown);
    assert!(app.privileged.is_none());
    for key in ["read_only", "mem_limit", "pids_limit"] {
        let scalar = app.node.get(key).and_then(|node| node.scalar()).unwrap();
        assert_eq!(scalar.certainty, Certainty::Unknown, "{key}");
    }
    assert!(!app.cap_drop[0].is_known() && !app.restart.as_ref().unwrap().is_known());
    assert_eq!(app.health_source(), HealthSource::Probe);
    assert_eq!(app.main_command().words, ["docker-php-entrypoint", "php-fpm"]);
    // Only what is seen is said: open ports, missing checks, ends of life; nothing of users, rights and limits.
    let said = rules_of(&files);
    for rule in ["identity/", "isolation/", "php/", "secrets/"] {
        assert!(!said.iter().any(|finding| finding.starts_with(rule)), "{said:?}");
    }
    assert!(
        said.iter().any(|finding| finding.starts_with("datastores/redis-published") && finding.contains("redis-debug")),
        "{said:?}"
    );
    let commands: Vec<&str> = project.questions.iter().map(|question| question.answer.as_str()).collect();
    assert!(commands.contains(&"docker inspect $(docker ps -aq)"), "{commands:?}");
    let asked = engine::check(&files, &engine::Options::new(TODAY)).questions;
    assert!(
        asked
            .iter()
            .any(|question| question.answer.starts_with("docker inspect --format")
                && question.question.contains("`app`"))
    );
}

#[test]
fn rules_judge_what_runs_and_offer_no_edit() {
    let files = sources(&[("inspect.json", INSPECT)]);
    let report = engine::check(&files, &engine::Options::new(TODAY));
    let rules: Vec<&str> = report.findings.iter().map(|finding| finding.rule.as_ref()).collect();
    for rule in
        ["isolation/privileged-container", "control-plane/docker-socket-mounted", "isolation/dangerous-capability"]
    {
        assert!(rules.contains(&rule), "{rule}: {rules:?}");
    }
    assert!(!rules.contains(&"supply-chain/unpinned-image-tag"), "what runs is one image");
    assert!(report.findings.iter().all(|finding| finding.fixes.is_empty()));
    assert_eq!(report.coverage.services, 0, "containers are not counted as declared services");
}

#[test]
fn stopped_services_and_fragments_are_survived() {
    for text in [
        "{\"ID\":\"a1b2c3d4e5f6\",\"Names\":\"\",\"Image\":\"\",\"Status\":\"\"}",
        "[{\"Id\":\"a1b2\",\"State\":{},\"Config\":{}}]",
        "[{\"Id\":\"a1b2\",\"State\":null,\"Config\":null,\"HostConfig\":null}]",
        "[{\"Id\":\"a1b2c3d4e5f6\",\"State\":{\"Status\":\"running\"},\"HostConfig\":{\"NetworkMode\":\"container:a1b2c3d4e5f6\",\"CpuQuota\":1,\"CpuPeriod\":0}}]",
    ] {
        let files = sources(&[("x.json", text)]);
        let _ = engine::check(&files, &engine::Options::new(TODAY));
    }
    let step = RUNNING.len() / 29;
    for end in (0..RUNNING.len()).step_by(step).filter(|&end| RUNNING.is_char_boundary(end)) {
        let files = sources(&[("running.txt", &RUNNING[..end])]);
        let _ = engine::check(&files, &engine::Options::new(TODAY));
    }
}

#[test]
fn contexts_by_files_application_and_name() {
    let context = |labels: &str| {
        let text = format!(
            "{{\"ID\":\"a1b2c3d4e5f6\",\"Names\":\"x\",\"Image\":\"php\",\"Status\":\"Up 1 day\",\"Labels\":\"com.docker.compose.service=x,{labels}\"}}"
        );
        let files = sources(&[("ps.json", text.as_str())]);
        Project::new(&files, TODAY).views[0].context
    };
    for (labels, want) in [
        (
            "com.docker.compose.project=a,com.docker.compose.project.config_files=/s/compose.yaml,/s/compose.prod.yaml",
            Context::Production,
        ),
        (
            "com.docker.compose.project=a,com.docker.compose.project.config_files=/s/compose.yaml,/s/compose.override.yaml",
            Context::Development,
        ),
        ("com.docker.compose.project=shop-staging", Context::Staging),
        ("com.docker.compose.project=a", Context::Unknown),
    ] {
        assert_eq!(context(labels), want, "{labels}");
    }
}
