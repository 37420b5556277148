//! Laravel Sail: Laravel's environment for a developer's machine.

use super::{Context, LineTarget, Project, ServiceRef, View};
use crate::model::docker_cli::{Action, ComposeVerb};
use crate::source::{Location, file_name};

/// What tells that a service is Sail's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sail {
    /// What tells.
    pub what: &'static str,
    /// Where it is written.
    pub at: Location,
}

impl ServiceRef<'_, '_> {
    /// What tells that it is the application of Laravel Sail.
    #[must_use]
    pub fn sail(self) -> Option<Sail> {
        let of = |what, at| Some(Sail { what, at });
        if let Some(build) = self.build.as_ref().filter(|build| build.context.contains("laravel/sail/runtimes")) {
            return of("it is built from Sail's runtimes", build.at);
        }
        let named = |text: &str| text.starts_with("sail-") && text.contains("/app");
        if let Some(image) = self.image.as_ref().filter(|image| named(&image.text)) {
            return of("it runs Sail's image", image.at);
        }
        if self.name == "laravel.test" {
            return of("it has the name of Sail's service", self.at);
        }
        let on = |text: &str| matches!(text, "1" | "true");
        let variable = self
            .variable("LARAVEL_SAIL")
            .filter(|variable| variable.value.as_ref().is_some_and(|value| value.is_known() && on(&value.text)))?;
        of("it switches LARAVEL_SAIL on", variable.key_at)
    }
}

impl Project<'_> {
    /// The line that starts a view's files on a server, and why it is one: `sail up`, or `docker compose up` without other files.
    #[must_use]
    pub fn deployed_by(&self, view: &View) -> Option<(Location, &'static str)> {
        let of_compose = self.docker_lines().iter().find_map(|line| {
            let Action::Compose(compose) = &line.invocation.action else { return None };
            let LineTarget::Deployment(why) = self.line_target(line) else { return None };
            let here = line.folders.contains(&view.folder);
            let named = compose
                .files
                .iter()
                .any(|file| view.files.iter().any(|id| file_name(self.path(*id)) == file_name(&file.text)));
            let same = if compose.files.is_empty() { here && !compose.opaque } else { named };
            (matches!(compose.verb, ComposeVerb::Up(_)) && same).then_some((line.invocation.at, why))
        });
        of_compose.or_else(|| {
            self.shell_units().iter().find_map(|unit| {
                let LineTarget::Deployment(why) = self.unit_target(unit) else { return None };
                unit.commands().find_map(|(_, command)| {
                    let sail = command.program().is_some_and(|program| file_name(program) == "sail");
                    let up = command.program_args().first().is_some_and(|word| word.text == "up");
                    (sail && up).then_some((Location::new(unit.source, command.span), why))
                })
            })
        })
    }

    /// A view for a deployment that is not Sail's.
    #[must_use]
    pub fn has_deployment_beside_sail(&self) -> bool {
        self.views.iter().any(|view| {
            matches!(view.context, Context::Production | Context::Staging)
                && !self.is_running(view)
                && self.services_of(view).all(|service| service.sail().is_none())
        })
    }
}
