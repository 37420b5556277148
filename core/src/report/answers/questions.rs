//! What is not known, and the one command that tells.

use crate::model::inventory::Container;
use crate::project::{Deployment, Project, ServiceRef, Standing};
use crate::text::{list, shorten};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many files are asked for.
const MAX_FILES: usize = 5;

/// What is not known.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OpenQuestion {
    /// The question.
    pub question: String,
    /// The command to run, or the file to supply.
    pub answer: String,
}

pub(super) fn rows<'p, 'a: 'p>(
    project: &'p Project<'a>,
    has_inventory: bool,
    deployments: &[Deployment<'_, '_>],
    services: impl Iterator<Item = ServiceRef<'p, 'a>>,
) -> Vec<OpenQuestion> {
    let mut open: Vec<OpenQuestion> = Vec::new();
    if !has_inventory {
        open.push(OpenQuestion {
            question: "What is running? No inventory was supplied; the answers speak of what is declared".to_owned(),
            answer:
                "plimsoll inventory --collector > collect.sh, then sh collect.sh > running.txt where the containers run"
                    .to_owned(),
        });
    }
    let asked = project.questions.iter().filter(|question| question.rule == "project/inventory");
    open.extend(
        asked.map(|question| OpenQuestion { question: question.question.clone(), answer: question.answer.clone() }),
    );
    open.extend(files(deployments));
    let unscanned: Vec<ServiceRef<'_, '_>> = services.filter(|service| !service.is_scanned()).collect();
    let image = |service: &ServiceRef<'_, '_>| {
        let container = service.container().and_then(Container::image_name).map(|image| image.value.clone());
        container.or_else(|| service.image.as_ref().filter(|image| image.is_known()).map(|image| image.text.clone()))
    };
    if let Some(image) = unscanned.iter().find_map(image) {
        let names: Vec<&str> = unscanned.iter().map(|service| service.name.as_str()).take(6).collect();
        open.push(OpenQuestion {
            question: format!("Which known vulnerabilities are in {}? No scan of them was supplied", list(&names)),
            answer: format!("trivy image --format json {}", shorten(&image, 100)),
        });
    }
    open
}

/// Files without which nobody can tell whether what runs is what is declared, and what it is built from.
fn files(deployments: &[Deployment<'_, '_>]) -> Vec<OpenQuestion> {
    let mut wanted: BTreeMap<String, String> = BTreeMap::new();
    for deployment in deployments.iter().filter(|deployment| deployment.container.is_active() != Some(false)) {
        let container = shorten(deployment.container.name(), 60);
        if matches!(deployment.standing, Standing::OtherProject | Standing::Declared(_)) {
            let missing = deployment.files_not_supplied();
            if let Some(file) = missing.first() {
                let question =
                    format!("Does {container} run as it is declared? Not all of its Compose files were supplied");
                wanted.entry(shorten(file, 120)).or_insert(question);
            }
        }
        let built = deployment.declared().map(|service| service.image_source().service());
        let unseen = built.and_then(|service| service.build_use.as_ref()).filter(|used| used.dockerfile.is_none());
        if let Some(path) = unseen.and_then(|used| used.dockerfile_path.as_ref()) {
            let question = format!("What is the image of {container} built from? Its Dockerfile was not supplied");
            wanted.entry(shorten(path, 120)).or_insert(question);
        }
    }
    let asked = wanted.into_iter().take(MAX_FILES);
    asked.map(|(file, question)| OpenQuestion { question, answer: format!("add {file}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::answer;
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    #[test]
    fn files_that_are_missing() {
        let ps = "{\"ID\":\"0123456789ab\",\"Names\":\"shop-app-1\",\"Image\":\"shop-app\",\"State\":\"running\",\"Labels\":\"com.docker.compose.project=shop,com.docker.compose.service=app,com.docker.compose.project.config_files=/srv/shop/compose.yaml\",\"Ports\":\"\"}\n";
        let answers = |files: &[(&str, &str)]| {
            let files = sources(files);
            let open = answer(&Project::new(&files, TODAY)).questions;
            open.into_iter().map(|open| open.answer).filter(|answer| answer.starts_with("add ")).collect::<Vec<_>>()
        };
        assert_eq!(answers(&[("docker-ps.ndjson", ps)]), ["add /srv/shop/compose.yaml"]);
        let compose = ("compose.yaml", "services:\n  app:\n    build: docker\n");
        assert_eq!(answers(&[("docker-ps.ndjson", ps), compose]), ["add docker/Dockerfile"]);
    }
}
