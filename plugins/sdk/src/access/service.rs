//! Services.

use super::model::kinds;
use super::{Config, EntityRef, Image, Mount, Network, Port, Secret, Stage};
use crate::abi::Location;
use serde::{Deserialize, Serialize};
use std::ops::Deref;

kinds! {
    /// A service of a view, after merge and interpolation.
    Service
}

/// What kind of deployment a service is part of. Usable in settings as `"production"`, `"development"` and so on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Context {
    /// Serves users.
    Production,
    /// Like production, for a rehearsal.
    Staging,
    /// Nothing tells; judge it like production.
    Unknown,
    /// A pipeline's own containers.
    Ci,
    /// A developer's machine.
    Development,
}

impl Context {
    /// Reads a name; one that is not known is `Unknown`.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        match name {
            "production" => Self::Production,
            "staging" => Self::Staging,
            "ci" => Self::Ci,
            "development" => Self::Development,
            _ => Self::Unknown,
        }
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Staging => "staging",
            Self::Unknown => "unknown",
            Self::Ci => "ci",
            Self::Development => "development",
        }
    }

    /// Where a rule should hold when nobody says otherwise: everywhere but on a developer's machine and in a pipeline.
    #[must_use]
    pub fn deployed() -> Vec<Self> {
        vec![Self::Production, Self::Staging, Self::Unknown]
    }
}

/// A name with a value: a variable of an environment, a label, an option.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Variable<'p> {
    /// Its name.
    pub name: &'p str,
    /// Its value; none when it is not known.
    pub value: Option<&'p str>,
    /// Where the value is written, or the name when there is none.
    pub origin: Option<Location>,
}

impl<'p> Variable<'p> {
    pub(super) fn of(text: &'p str, origin: Option<Location>) -> Self {
        match text.split_once('=') {
            Some((name, value)) => Self { name, value: Some(value), origin },
            None => Self { name: text, value: None, origin },
        }
    }

    /// The value, when all of it is known: a `$` may stand for a variable of a Dockerfile.
    #[must_use]
    pub fn known(self) -> Option<&'p str> {
        self.value.filter(|value| !value.contains('$'))
    }
}

impl<'p> Service<'p> {
    /// Whether it is written in files, and not only seen running.
    #[must_use]
    pub fn declared(self) -> bool {
        self.in_view().is_none_or(|view| !view.running())
    }

    /// What kind of deployment it is part of.
    #[must_use]
    pub fn context(self) -> Context {
        Context::parse(self.property("context").unwrap_or(""))
    }

    /// What it is for, such as `php-fpm`, `web`, `db`; `unknown` when nothing tells.
    #[must_use]
    pub fn role(self) -> &'p str {
        self.property("role").unwrap_or("unknown")
    }

    /// `edge`, `app`, `data`, `operations` or `unknown`.
    #[must_use]
    pub fn group(self) -> &'p str {
        self.property("group").unwrap_or("unknown")
    }

    /// The image it runs; none when it is built.
    #[must_use]
    pub fn image(self) -> Option<Image<'p>> {
        self.0.targets("runs").find(|entity| entity.kind() == "image").map(Image::of)
    }

    /// The stage it runs; none when it is not built, or its Dockerfile is not among the files.
    #[must_use]
    pub fn stage(self) -> Option<Stage<'p>> {
        self.0.targets("builds-from").find(|entity| entity.kind() == "stage").map(Stage::of)
    }

    /// The user its first process runs as, where it is known.
    #[must_use]
    pub fn user(self) -> Option<&'p str> {
        self.property("user")
    }

    /// Its environment: `environment` over the files of `env_file`.
    pub fn environment(self) -> impl Iterator<Item = Variable<'p>> {
        self.0.variables("environment")
    }

    /// A variable of its environment.
    #[must_use]
    pub fn variable(self, name: &str) -> Option<Variable<'p>> {
        self.environment().find(|variable| variable.name == name)
    }

    /// Its labels.
    pub fn labels(self) -> impl Iterator<Item = Variable<'p>> {
        self.0.variables("label")
    }

    /// A label.
    #[must_use]
    pub fn label(self, name: &str) -> Option<Variable<'p>> {
        self.labels().find(|label| label.name == name)
    }

    /// The networks it is in.
    pub fn networks(self) -> impl Iterator<Item = Network<'p>> {
        self.0.targets("uses-network").map(Network::of)
    }

    /// What is mounted into it.
    pub fn mounts(self) -> impl Iterator<Item = Mount<'p>> {
        self.0.targets("mounts").map(Mount::of)
    }

    /// The ports it publishes.
    pub fn ports(self) -> impl Iterator<Item = Port<'p>> {
        self.0.targets("publishes").map(Port::of)
    }

    /// The secrets it is given.
    pub fn secrets(self) -> impl Iterator<Item = Secret<'p>> {
        self.0.targets("reads-secret").map(Secret::of)
    }

    /// The configs it is given.
    pub fn configs(self) -> impl Iterator<Item = Config<'p>> {
        self.0.targets("reads-config").map(Config::of)
    }

    /// The services it has to reach.
    pub fn needs(self) -> impl Iterator<Item = Service<'p>> {
        self.0.targets("needs").map(Service::of)
    }

    /// The services it can reach, where the model says so.
    pub fn reaches(self) -> impl Iterator<Item = Service<'p>> {
        self.0.targets("can-reach").filter(|entity| entity.kind() == "service").map(Service::of)
    }
}
