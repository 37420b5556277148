//! What lies around on the machine: containers that ended, and images, volumes and networks that nothing uses.

use crate::model::compose;
use crate::model::inventory::{Container, Image, Network, State, Volume, short, with_tag};
use crate::project::{Deployment, Project, Standing, is_kept};
use crate::text::{count, shorten};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Something that nothing uses.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StaleRow {
    /// `container`, `image`, `volume`, `network`.
    pub kind: String,
    /// Its name; the beginning of its id where it has none.
    pub name: String,
    /// Why it is named here, as a clause: `stopped for 12 days`.
    pub why: String,
    /// For how many days, where that is known.
    pub days: Option<i64>,
    /// How many bytes it takes, where that is known.
    pub bytes: Option<u64>,
}

/// Containers first, then images, volumes and networks, each from the oldest or largest on.
pub(super) fn rows(project: &Project<'_>, deployments: &[Deployment<'_, '_>]) -> Vec<StaleRow> {
    let mut rows = containers(project, deployments);
    rows.extend(images(project));
    rows.extend(volumes(project));
    rows.extend(networks(project));
    rows
}

fn days(hours: i64) -> String {
    count(usize::try_from(hours / 24).unwrap_or(0), "day")
}

/// Stopped for more than a week, or paused for more than a day. What is meant to end is left out.
fn containers(project: &Project<'_>, deployments: &[Deployment<'_, '_>]) -> Vec<StaleRow> {
    let now = project.inventory_time();
    let since = |container: &Container| match container.state.as_ref()?.value {
        State::Paused => container.uptime_hours(now).filter(|hours| *hours > 24),
        State::Created | State::Exited | State::Dead => container.stopped_hours(now).filter(|hours| *hours > 7 * 24),
        State::Running | State::Restarting | State::Removing => None,
    };
    let is_meant = |deployment: &Deployment<'_, '_>| {
        let once = matches!(&deployment.standing, Standing::Declared(service) if service.is_one_shot());
        once || deployment.container.is_of_cluster() || is_kept(deployment.container.labels.as_deref())
    };
    let mut found: Vec<(i64, &Container)> = deployments
        .iter()
        .filter(|deployment| !is_meant(deployment))
        .filter_map(|deployment| Some((since(deployment.container)?, deployment.container)))
        .collect();
    found.sort_by_key(|(hours, _)| std::cmp::Reverse(*hours));
    let row = |(hours, container): (i64, &Container)| {
        let what = match container.state.as_ref().map(|state| state.value) {
            Some(State::Paused) => "paused",
            Some(State::Created) => "created and never started",
            Some(State::Dead) => "dead",
            _ => "stopped",
        };
        StaleRow {
            kind: "container".to_owned(),
            name: shorten(container.name(), 120),
            why: format!("{what} for {}", days(hours)),
            days: Some(hours / 24),
            bytes: container.layer_bytes.as_ref().map(|size| size.value),
        }
    };
    found.into_iter().map(row).collect()
}

/// Images that no container uses and no supplied file asks for: older than a month, or without a name for more than a day.
fn images(project: &Project<'_>) -> Vec<StaleRow> {
    let today = project.inventory_time().date();
    let wanted = project.declared_image_names();
    let is_wanted = |image: &Image| image.tags.iter().any(|tag| wanted.contains(&with_tag(&tag.value)));
    let mut found: Vec<(i64, &Image)> = project
        .unused_images()
        .into_iter()
        .filter(|image| !is_wanted(image) && !is_kept(image.labels.as_deref()))
        .filter_map(|image| Some((image.age_days(today)?, image)))
        .filter(|(days, image)| *days > if image.is_dangling() { 1 } else { 30 })
        .collect();
    found.sort_by_key(|(days, _)| std::cmp::Reverse(*days));
    let row = |(age, image): (i64, &Image)| {
        let what = if image.is_dangling() { "no name and no container" } else { "no container uses it" };
        let name = if image.is_dangling() { short(&image.id.value) } else { image.name() };
        StaleRow {
            kind: "image".to_owned(),
            name: shorten(name, 120),
            why: format!("{what}, built {} ago", days(age.saturating_mul(24))),
            days: Some(age),
            bytes: image.bytes.as_ref().map(|bytes| bytes.value),
        }
    };
    found.into_iter().map(row).collect()
}

fn volumes(project: &Project<'_>) -> Vec<StaleRow> {
    let now = project.inventory_time();
    let unused = project.unused_volumes().into_iter();
    let mut found: Vec<&Volume> =
        unused.map(|(volume, _)| volume).filter(|volume| !is_kept(volume.labels.as_deref())).collect();
    let bytes = |volume: &Volume| volume.bytes.as_ref().map(|bytes| bytes.value);
    found.sort_by_key(|volume| (volume.is_anonymous(), std::cmp::Reverse(bytes(volume))));
    let row = |volume: &Volume| {
        let name = volume.name.value.as_str();
        let anonymous = volume.is_anonymous();
        StaleRow {
            kind: "volume".to_owned(),
            name: shorten(if anonymous { short(name) } else { name }, 120),
            why: if anonymous { "no name and no container" } else { "no container uses it" }.to_owned(),
            days: volume.created.as_ref().map(|made| made.value.hours_until(now) / 24),
            bytes: bytes(volume),
        }
    };
    found.into_iter().map(row).collect()
}

/// Networks without a container, unless a stack that is down, or one made for several stacks, wants them.
fn networks(project: &Project<'_>) -> Vec<StaleRow> {
    let now = project.inventory_time();
    let up = project.projects_with_containers();
    let down: BTreeSet<String> =
        project.declared_projects().into_keys().filter(|name| !up.contains(name.as_str())).collect();
    let name = |network: &compose::Network| {
        network.own_name.as_ref().map_or_else(|| network.name.clone(), |name| name.text.clone())
    };
    let declared = project.views.iter().filter(|view| !project.is_running(view)).flat_map(|view| &view.networks);
    let shared: BTreeSet<String> = declared.filter(|network| network.external).map(name).collect();
    let is_meant = |network: &Network| {
        let is_new = network.created.as_ref().is_some_and(|made| made.value.hours_until(now) < 24);
        let owner = network.label("com.docker.compose.project");
        is_new
            || owner.is_some_and(|owner| down.contains(&owner.value))
            || shared.contains(&network.name.value)
            || is_kept(network.labels.as_deref())
    };
    let row = |network: &Network| StaleRow {
        kind: "network".to_owned(),
        name: shorten(&network.name.value, 120),
        why: "no container is on it".to_owned(),
        days: network.created.as_ref().map(|made| made.value.hours_until(now) / 24),
        bytes: None,
    };
    project.unused_networks().into_iter().filter(|network| !is_meant(network)).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::super::answer;
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    const RUNNING: &str = include_str!("../../../tests/data/inventory/running.txt");

    #[test]
    fn what_lies_around() {
        let files = sources(&[("running.txt", RUNNING)]);
        let answers = answer(&Project::new(&files, TODAY));
        let first = answers.stale.first().unwrap_or_else(|| panic!("nothing is stale"));
        assert_eq!((first.kind.as_str(), first.name.as_str()), ("container", "larashop-horizon-1"));
        assert!(first.why.starts_with("stopped for ") && first.days.is_some_and(|days| days > 7));
        let kinds: Vec<&str> = answers.stale.iter().map(|row| row.kind.as_str()).collect();
        let order = ["container", "image", "volume", "network"];
        assert!(kinds.is_sorted_by_key(|kind| order.iter().position(|one| one == kind)), "{kinds:?}");
    }

    #[test]
    fn without_an_inventory_nothing_is_stale() {
        let files = sources(&[("compose.yaml", "services:\n  a:\n    image: php:8.4-fpm\n")]);
        let answers = answer(&Project::new(&files, TODAY));
        assert!(answers.stale.is_empty() && answers.drift.is_empty() && answers.rebuild.is_empty());
    }
}
