//! Reads the result again: a patch is offered only when it says what the plan says.

use super::{changed, networks_of, same_view, shown};
use crate::detect::Kind;
use crate::finding::Notice;
use crate::fix::Fix;
use crate::graph::model::Graph;
use crate::graph::outcome::Plan;
use crate::project::{Project, ServiceRef, View};
use crate::source::Sources;

/// Whether the fix carries out the plan.
pub(super) fn check(project: &Project<'_>, view: &View, graph: &Graph, plan: &Plan, fix: &Fix) -> Result<(), String> {
    let by_hand = || "the files cannot be changed safely: write the networks of the plan by hand".to_owned();
    let sources = deployments(project, &changed(project, fix).ok_or_else(by_hand)?);
    let after = Project::with_facts(&sources, project.today, project.facts);
    let view = same_view(&after, view).ok_or_else(by_hand)?;
    for service in after.services_of(view) {
        let Some(id) = graph.service(&service.name) else { return Err(by_hand()) };
        if graph.services.get(id).is_none_or(|before| before.network_mode.is_some()) {
            continue;
        }
        compare(&after, service, &networks_of(plan, id))?;
    }
    let known = |notice: &Notice| {
        project.notices.iter().any(|before| (before.code, &before.message) == (notice.code, &notice.message))
    };
    if after.notices.iter().any(|notice| about_networks(notice.code) && !known(notice)) {
        return Err(by_hand());
    }
    for network in &plan.networks {
        let open =
            view.network(&network.name).is_none_or(|known| known.internal != network.internal && !known.external);
        if open {
            return Err(by_hand());
        }
    }
    Ok(())
}

/// The files that make deployments what they are. Images, code and configuration say nothing of networks, and reading them once more
/// would take as long as the first time.
fn deployments(project: &Project<'_>, all: &Sources) -> Sources {
    let mut sources = Sources::new();
    for (_, source) in all.iter() {
        let kind = project.sources.id(source.path()).map_or(Kind::Other, |id| project.file(id).kind);
        let matters = matches!(
            kind,
            Kind::Compose
                | Kind::DotEnv
                | Kind::GitlabCi
                | Kind::GithubWorkflow
                | Kind::Jenkinsfile
                | Kind::Makefile
                | Kind::Script
        );
        if matters {
            sources.add(source.path(), source.text());
        }
    }
    sources
}

/// Whether a notice may come from what the fix has written.
fn about_networks(code: &str) -> bool {
    matches!(
        code,
        "syntax/yaml"
            | "syntax/duplicate-key"
            | "compose/conflict"
            | "compose/merge"
            | "compose/no-effect"
            | "compose/repeated"
            | "compose/undefined"
            | "compose/value"
    )
}

/// Whether a service is on these networks, and what still puts it elsewhere.
fn compare(project: &Project<'_>, service: ServiceRef<'_, '_>, wanted: &[&str]) -> Result<(), String> {
    let name = shown(&service.name);
    if wanted.is_empty() {
        let none = service.network_mode.as_ref().is_some_and(|mode| mode.text == "none");
        let alone = none && service.service().spec.networks.is_empty();
        return if alone { Ok(()) } else { Err(format!("take {name} off its networks by hand")) };
    }
    if let Some(mode) = &service.network_mode {
        return Err(format!("{name} would get the network mode {} from a mapping that it merges", shown(&mode.text)));
    }
    let memberships = &service.service().spec.networks;
    if let Some(extra) = memberships.iter().find(|membership| !wanted.contains(&membership.network.as_str())) {
        return Err(format!(
            "{name} would stay on {}, as {} says: take it off there first",
            shown(&extra.network),
            shown(project.path(extra.at.source))
        ));
    }
    let missing = wanted.iter().find(|network| !memberships.iter().any(|membership| membership.network == **network));
    missing.map_or(Ok(()), |network| Err(format!("put {name} on {} by hand", shown(network))))
}
