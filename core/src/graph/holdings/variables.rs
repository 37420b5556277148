//! Secrets in the environment of a container.

use super::Held;
use super::classes::{is_connection, is_secret};
use crate::graph::doors::{cause, name_of};
use crate::graph::model::{Cause, Evidence};
use crate::model::compose::{EnvOrigin, EnvVar};
use crate::model::interpolate::Certainty;
use crate::project::{Exposed, Exposure, ServiceRef};
use crate::text::shorten;

/// Rule that reports secrets in the wrong hands.
pub(super) const EXPOSED: &str = "secrets/secret-over-exposed";

/// The secrets among the variables of a container.
pub(super) fn of_container(service: ServiceRef<'_, '_>, exposed: &[Exposure]) -> Vec<Held> {
    let announced: Vec<&str> = service.secret_variables().into_iter().map(|variable| variable.key.as_str()).collect();
    let variables = service.service().variables.iter();
    let secret = variables.filter(|variable| match &variable.value {
        Some(value) if value.certainty == Certainty::Known => is_secret(&variable.key, &value.text),
        _ => announced.contains(&variable.key.as_str()) || is_connection(&variable.key),
    });
    secret.map(|variable| of_variable(service, variable, exposed)).collect()
}

fn of_variable(service: ServiceRef<'_, '_>, variable: &EnvVar, exposed: &[Exposure]) -> Held {
    let name = shorten(&variable.key, 80);
    let label = match variable.origin {
        EnvOrigin::Compose => format!("{name} is set for {}", name_of(service)),
        EnvOrigin::EnvFile => format!("{} reads {name} from this file", name_of(service)),
    };
    let value = variable.value.as_ref().filter(|value| value.is_known()).map(|value| value.text.clone());
    Held {
        name,
        key: variable.key.clone(),
        value,
        root_only: false,
        granted: None,
        evidence: Evidence::new(variable.key_at, label),
        cause: exposed.iter().find_map(|exposure| of_exposure(service, &variable.key, exposure)),
    }
}

/// What the rule says of a variable that the service has no use for.
fn of_exposure(service: ServiceRef<'_, '_>, key: &str, exposure: &Exposure) -> Option<Cause> {
    let name = name_of(service);
    match &exposure.how {
        Exposed::SharedFile { with, keys } if keys.iter().any(|shared| shared == key) => {
            let change = format!("Do not read the environment file of {} in {name}", shorten(with, 60));
            Some(cause(EXPOSED, exposure.at, change))
        }
        Exposed::RootPassword(root) if root == key => {
            Some(cause(EXPOSED, exposure.at, format!("Take {} away from {name}", shorten(key, 60))))
        }
        _ => None,
    }
}
