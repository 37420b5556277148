//! Who watches a service: its health check, by Compose, by the Dockerfile stage or by the image.

use super::ServiceRef;
use crate::model::compose::Healthcheck;
use crate::source::{Location, file_name};
use crate::syntax::dockerfile;

/// Where a service's health check comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HealthSource {
    /// A probe runs.
    Probe,
    /// It is switched off.
    Off(Location),
    /// There is none.
    None,
    /// The image may have one.
    Unknown,
}

impl ServiceRef<'_, '_> {
    /// Its health check: Compose's, else the stage's, else the image's.
    #[must_use]
    pub fn health_source(self) -> HealthSource {
        if let Some(known) = self.running_health() {
            return known;
        }
        match &self.healthcheck {
            Some(Healthcheck::Disabled(at)) => return HealthSource::Off(*at),
            Some(Healthcheck::Probe(_)) => return HealthSource::Probe,
            None => {}
        }
        if let Some(used) = &self.build_use {
            let Some((source, file)) = used.dockerfile.and_then(|id| Some((id, self.project.dockerfile(id)?))) else {
                return HealthSource::Unknown;
            };
            let instruction = used
                .stage
                .and_then(|stage| used.model.healthcheck(stage))
                .and_then(|(index, _)| file.instructions.get(index))
                .map(|instruction| instruction.effective());
            match instruction.and_then(|instruction| Some((instruction, instruction.healthcheck?))) {
                Some((instruction, dockerfile::Healthcheck::None { .. })) => {
                    return HealthSource::Off(Location::new(source, instruction.header_span));
                }
                Some((_, dockerfile::Healthcheck::Cmd)) => return HealthSource::Probe,
                None => {}
            }
        }
        match self.image_use.row() {
            Some(row) if row.ships_healthcheck => HealthSource::Probe,
            // Families of images differ among themselves.
            Some(row) if row.role == "other" || row.pattern.contains('*') => HealthSource::Unknown,
            Some(_) => HealthSource::None,
            None => HealthSource::Unknown,
        }
    }

    /// Whether it runs jobs at set times: between them nothing answers a probe.
    #[must_use]
    pub fn runs_cron(self) -> bool {
        const TOOLS: [&str; 5] = ["cron", "crond", "supercronic", "ofelia", "go-crond"];
        let words = self.main_command().words;
        let mut parts = words.iter().flat_map(|word| word.split([' ', ';', '&', '|']));
        parts.any(|part| TOOLS.contains(&file_name(part)) || part.starts_with("schedule:"))
    }
}
