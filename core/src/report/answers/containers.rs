//! Which containers are active?

use crate::model::inventory::{Container, Moment, short};
use crate::project::{Deployment, Project, Standing};
use serde::{Deserialize, Serialize};

/// A container.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ContainerRow {
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: String,
    /// Its Compose project.
    pub project: Option<String>,
    /// `running`, `exited` and so on; `unknown`.
    pub state: String,
    /// What its health check says.
    pub health: Option<String>,
    /// For how many hours it has been up, or stopped.
    pub hours: Option<i64>,
    /// `declared`, `orphan`, `one-off`, `other project`, `unmanaged`, `unknown`.
    pub standing: String,
}

pub(super) fn rows(project: &Project<'_>, deployments: &[Deployment<'_, '_>]) -> Vec<ContainerRow> {
    let now = project.inventory_time();
    let mut rows: Vec<ContainerRow> = deployments
        .iter()
        .map(|deployment| {
            let container = deployment.container;
            ContainerRow {
                name: container.name().to_owned(),
                image: image_name(project, container),
                project: container.project().map(|label| label.value.clone()),
                state: container.state.as_ref().map_or("unknown", |state| state.value.as_str()).to_owned(),
                health: container.health.as_ref().map(|health| health.value.as_str().to_owned()),
                hours: hours(container, now),
                standing: standing(&deployment.standing).to_owned(),
            }
        })
        .collect();
    let active = |row: &ContainerRow| matches!(row.state.as_str(), "running" | "paused" | "restarting" | "unknown");
    rows.sort_by(|a, b| (!active(a), &a.project, &a.name).cmp(&(!active(b), &b.project, &b.name)));
    rows
}

fn standing(standing: &Standing<'_, '_>) -> &'static str {
    match standing {
        Standing::Declared(_) => "declared",
        Standing::Orphan { .. } => "orphan",
        Standing::OneOff => "one-off",
        Standing::OtherProject => "other project",
        Standing::Unmanaged => "unmanaged",
        Standing::Unknown => "unknown",
    }
}

fn hours(container: &Container, now: Moment) -> Option<i64> {
    container.uptime_hours(now).or_else(|| container.stopped_hours(now))
}

/// The name of the image a container runs; its id where nothing names it.
fn image_name(project: &Project<'_>, container: &Container) -> String {
    let image = container.image.as_ref().map_or("unknown", |image| image.value.as_str());
    let tagged = project.inventory.image_of(container).and_then(|image| image.tags.first());
    if container.image_name().is_none() {
        return tagged.map_or_else(|| short(image).to_owned(), |tag| tag.value.clone());
    }
    image.to_owned()
}
