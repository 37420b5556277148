//! What was there to be judged: a pillar without its input is not assessed.

use crate::detect::Kind;
use crate::project::{Group, Project};

/// Which pillars had something to judge.
#[derive(Clone, Copy, Debug)]
pub(super) struct Assessed {
    services: bool,
    deployed: bool,
    images: bool,
    datastores: bool,
    secrets: bool,
    php: bool,
    application: bool,
    web: bool,
    inventory: bool,
    drift: bool,
    pipelines: bool,
}

impl Assessed {
    pub(super) fn of(project: &Project<'_>) -> Self {
        let deployed = || project.services().filter(|service| !service.view().standalone);
        let has = |kind: Kind| project.files_of(kind).next().is_some();
        let dockerfiles = has(Kind::Dockerfile);
        let inventory = !project.inventory.is_empty();
        Self {
            services: project.services().next().is_some(),
            deployed: deployed().next().is_some(),
            images: dockerfiles || deployed().any(|service| service.image.is_some()),
            datastores: deployed().any(|service| service.role.group() == Group::Data),
            secrets: dockerfiles || deployed().next().is_some() || has(Kind::DotEnv),
            php: project.services().any(|service| service.role.is_php()),
            application: project.services().any(|service| service.role.is_php())
                || has(Kind::ComposerJson)
                || has(Kind::PhpSource),
            web: has(Kind::Nginx)
                || has(Kind::Apache)
                || has(Kind::Htaccess)
                || has(Kind::Caddyfile)
                || has(Kind::RoadRunner),
            inventory,
            drift: inventory || has(Kind::Script) || has(Kind::Makefile) || deployed().next().is_some(),
            pipelines: !project.pipelines().is_empty(),
        }
    }

    /// Whether a pillar was assessed.
    pub(super) fn pillar(&self, pillar: &str) -> bool {
        match pillar {
            "identity" => self.services,
            "isolation" | "mounts" | "control-plane" | "network" => self.deployed,
            "datastores" => self.datastores,
            "secrets" => self.secrets,
            "inventory" => self.inventory,
            "drift" => self.drift,
            "supply-chain" => self.images,
            "observability" => self.deployed,
            "php" => self.php,
            "web-server" => self.web,
            "application" => self.application,
            "ci" => self.pipelines,
            _ => false,
        }
    }
}

/// What to supply so that a pillar can be assessed.
pub(super) fn missing(pillar: &str) -> &'static str {
    match pillar {
        "identity" => "a Dockerfile or a Compose file",
        "datastores" => "a Compose file with a database, cache or queue",
        "secrets" => "a Dockerfile, a Compose file or a `.env`",
        "inventory" => "what is running: `plimsoll inventory --collector | sh > running.txt`",
        "drift" => "a Compose file, deployment scripts, or what is running",
        "supply-chain" => "a Dockerfile, or a Compose file with images",
        "php" | "application" => "a service that runs PHP",
        "web-server" => "the configuration of nginx, Apache or Caddy",
        "ci" => "the pipeline: `.gitlab-ci.yml`, `.github/workflows/*.yml` or a Jenkinsfile",
        _ => "a Compose file",
    }
}
