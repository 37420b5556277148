//! How near the containers of the gallery's stacks are to the host.

use super::escapes;
use crate::project::Project;
use crate::rules::testing::{TODAY, sources};

macro_rules! stack {
    ($folder:literal, $($file:literal),+) => {
        &[$(($file, include_str!(concat!("../../../../web/gallery/", $folder, "/", $file)))),+]
    };
}

/// The tier of each service of the stack's main view.
fn tiers(files: &[(&str, &str)]) -> Vec<String> {
    let files = sources(files);
    let project = Project::new(&files, TODAY);
    let view = project.views.iter().find(|view| view.name == "default").or(project.views.first()).unwrap();
    let nearest = |reasons: Vec<crate::graph::model::EscapeReason>| reasons.first().map(|reason| reason.tier.as_str());
    project
        .services_of(view)
        .map(|service| format!("{} {}", service.name, nearest(escapes(service)).unwrap()))
        .collect()
}

#[test]
fn vulnerable_stacks() {
    assert_eq!(
        tiers(stack!("larashop/vulnerable", "docker-compose.yml", "Dockerfile")),
        [
            "nginx T4",
            "app T4",
            "worker T0",
            "scheduler T0",
            "redis T4",
            "mysql T4",
            "phpmyadmin T4",
            "mailhog T4",
            "portainer T0",
        ]
    );
    assert_eq!(
        tiers(stack!("invoice-hub/vulnerable", "compose.yaml", "compose.prod.yaml", "Dockerfile")),
        [
            "php T3",
            "consumer T4",
            "database T4",
            "rabbitmq T4",
            "redis T4",
            "elasticsearch T4",
            "gotenberg T1",
            "mailpit T4",
            "cadvisor T0",
            "backup T0",
        ]
    );
    assert_eq!(
        tiers(stack!("agency-host/vulnerable", "docker-compose.yml")),
        [
            "proxy T0",
            "wordpress T4",
            "db T4",
            "redis T4",
            "phpmyadmin T4",
            "sftp T2",
            "cron T4",
            "backup T0",
            "watchtower T0",
        ]
    );
}

#[test]
fn hardened_stacks() {
    for files in [
        stack!("larashop/hardened", "compose.yaml", "Dockerfile") as &[(&str, &str)],
        stack!("invoice-hub/hardened", "compose.yaml"),
        stack!("agency-host/hardened", "compose.yaml"),
    ] {
        let found = tiers(files);
        assert!(!found.is_empty() && found.iter().all(|tier| tier.ends_with(" T5")), "{found:?}");
    }
}
