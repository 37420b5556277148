//! Which environments share the machine that was recorded: production, rehearsals, development, pipelines.

use super::{Context, Project, ServiceRef};
use crate::model::inventory::Container;
use std::collections::BTreeSet;

/// Images of runners, which execute what a repository tells them.
const RUNNERS: [&str; 7] =
    ["gitlab-runner", "github-runner", "actions-runner", "act_runner", "jenkins", "drone-runner", "woodpecker-agent"];

/// What belongs together on a machine: a Compose project, a container that no orchestrator made, a runner of pipelines.
#[derive(Clone, Debug)]
pub struct HostEnvironment<'p, 'a> {
    /// The name of the project or the container.
    pub name: String,
    /// What it is for.
    pub context: Context,
    /// What runs of it.
    pub services: Vec<ServiceRef<'p, 'a>>,
}

impl<'a> Project<'a> {
    /// The environments that run on the machine, where a name, a file or `APP_ENV` tells what they are for. A project without
    /// such a word counts as production beside its namesake: `shop` beside `shop-staging`.
    #[must_use]
    pub fn host_environments(&self) -> Vec<HostEnvironment<'_, 'a>> {
        let mut found: Vec<HostEnvironment<'_, 'a>> = Vec::new();
        for view in self.views.iter().filter(|view| self.is_running(view)) {
            let (runners, others): (Vec<_>, Vec<_>) =
                self.services_of(view).filter(|service| !service.is_of_tool()).partition(|service| service.is_runner());
            found.extend(runners.into_iter().map(|service| of_container(service, Some(Context::Ci))));
            let (members, single): (Vec<_>, Vec<_>) = others
                .into_iter()
                .partition(|service| service.container().is_some_and(|container| container.project().is_some()));
            found.extend(single.into_iter().map(|service| of_container(service, None)));
            if let Some(name) = view.running_project().filter(|_| !members.is_empty()) {
                let context = told_by(name).unwrap_or(view.context);
                found.push(HostEnvironment { name: name.to_owned(), context, services: members });
            }
        }
        let rehearsed: BTreeSet<String> =
            found.iter().filter(|one| one.is_beside_production()).map(|one| base(&one.name)).collect();
        for one in found.iter_mut().filter(|one| one.context == Context::Unknown) {
            if rehearsed.contains(&base(&one.name)) {
                one.context = Context::Production;
            }
        }
        found.retain(|one| one.context != Context::Unknown);
        found
    }
}

impl HostEnvironment<'_, '_> {
    /// Whether it should not share a machine with production.
    #[must_use]
    pub fn is_beside_production(&self) -> bool {
        matches!(self.context, Context::Staging | Context::Development | Context::Ci)
    }

    /// What it is for, in a word.
    #[must_use]
    pub fn what(&self) -> &'static str {
        match self.context {
            Context::Ci => "a runner of pipelines",
            context => context.as_str(),
        }
    }
}

impl ServiceRef<'_, '_> {
    /// Whether it runs jobs of a pipeline, or is the engine that they use.
    fn is_runner(self) -> bool {
        let image = self.image_use.reference.as_ref().map_or("", |image| image.path.as_str());
        self.role.name == "dind" || RUNNERS.iter().any(|runner| image.contains(runner))
    }

    fn is_of_tool(self) -> bool {
        self.container().is_some_and(Container::is_of_tool)
    }
}

fn of_container<'p, 'a>(service: ServiceRef<'p, 'a>, context: Option<Context>) -> HostEnvironment<'p, 'a> {
    let container = service.container();
    let name = container.map_or(service.name.as_str(), Container::name).to_owned();
    let variable = || {
        let told = container?.details.as_ref()?.env("APP_ENV")?.told.as_deref()?;
        Context::of_word(told)
    };
    let context = context.or_else(|| told_by(&name)).or_else(variable).unwrap_or(Context::Unknown);
    HostEnvironment { name, context, services: vec![service] }
}

fn words(name: &str) -> impl Iterator<Item = String> {
    name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_ascii_lowercase)
}

/// The environment that a word of a name tells.
fn of_word(word: &str) -> Option<Context> {
    match word {
        "prod" | "production" | "live" => Some(Context::Production),
        "staging" | "stage" | "preview" | "preprod" | "qa" | "uat" => Some(Context::Staging),
        "dev" | "develop" | "development" | "test" | "testing" => Some(Context::Development),
        "ci" => Some(Context::Ci),
        _ => None,
    }
}

/// The environment that a name tells: `shop-staging`, `shop-pr-12`.
fn told_by(name: &str) -> Option<Context> {
    let words: Vec<String> = words(name).collect();
    let request = words.windows(2).any(|pair| {
        matches!(pair, [kind, number] if matches!(kind.as_str(), "pr" | "mr")
            && number.chars().all(|c| c.is_ascii_digit()))
    });
    words.iter().find_map(|word| of_word(word)).or(request.then_some(Context::Staging))
}

/// A name without the words that tell an environment.
fn base(name: &str) -> String {
    words(name).filter(|word| of_word(word).is_none()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    #[test]
    fn what_names_tell() {
        assert_eq!(told_by("shop-staging"), Some(Context::Staging));
        assert_eq!(told_by("shop_pr-12"), Some(Context::Staging));
        assert_eq!(told_by("shop-pr"), None);
        assert_eq!(told_by("latest-news"), None);
        assert_eq!(base("Shop-Staging"), "shop");
    }

    #[test]
    fn what_shares_a_machine() {
        let row = |nth: usize, name: &str, image: &str, project: &str| {
            let labels = format!("com.docker.compose.project={project},com.docker.compose.service={name}");
            let labels = if project.is_empty() { String::new() } else { labels };
            format!(
                "{{\"ID\":\"{nth:012x}\",\"Names\":\"{name}\",\"Image\":\"{image}\",\"State\":\"running\",\"Status\":\"Up 3 days\",\"Labels\":\"{labels}\"}}\n"
            )
        };
        let text = [
            row(1, "app", "shop:1", "shop"),
            row(2, "app", "shop:2", "shop-staging"),
            row(3, "blog-dev", "blog:1", ""),
            row(4, "wiki", "wiki:1", ""),
            row(5, "builds", "gitlab/gitlab-runner:v18.0.0", "tools"),
        ]
        .concat();
        let sources = sources(&[("ps.ndjson", text.as_str())]);
        let project = Project::new(&sources, TODAY);
        let mut found: Vec<(String, &str)> =
            project.host_environments().into_iter().map(|one| (one.name.clone(), one.context.as_str())).collect();
        found.sort();
        let want = [("blog-dev", "development"), ("builds", "ci"), ("shop", "production"), ("shop-staging", "staging")];
        assert_eq!(found, want.map(|(name, context)| (name.to_owned(), context)));
    }
}
