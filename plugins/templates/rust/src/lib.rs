//! Images need a fixed version: `redis` and `redis:latest` are another image next week.

use plimsoll_plugin_sdk::prelude::*;
use serde::Deserialize;

const LATEST_TAG: &str = "latest-tag";

/// What a user may set, for Plimsoll: it refuses anything else before the plug-in is asked.
const SCHEMA: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "ignore": {
      "description": "Full names of images that are left alone, such as docker.io/library/redis",
      "type": "array",
      "items": { "type": "string", "minLength": 1 },
      "default": []
    }
  }
}"#;

/// The same for this program.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Options {
    ignore: Vec<String>,
}

/// The plug-in.
pub struct Rules;

impl Plugin for Rules {
    fn metadata() -> Metadata {
        plimsoll_plugin_sdk::metadata!()
            .rule(
                rule(
                    LATEST_TAG,
                    "Image has no fixed version",
                    Severity::Medium,
                    "Without a version the same file starts another program after the next pull.",
                )
                .help("Write the version that runs today.")
                .kinds(&["compose"])
                .tags(&["supply-chain"]),
            )
            .settings_schema(SCHEMA)
    }

    fn check(project: &Project, settings: Settings<'_>) -> Result<Vec<Finding>, Error> {
        let options: Options = settings.parse()?;
        let mut found = Vec::new();
        for service in project.services() {
            let Some(image) = service.image() else { continue };
            // Without a place there is nothing to show; without a name a variable has no value in the files.
            let (Some(at), Some(name)) = (image.origin(), image.repository()) else { continue };
            let fixed = image.digest().is_some() || image.tag().is_some_and(|tag| tag != "latest");
            if !fixed && !options.ignore.iter().any(|ignored| ignored == name) {
                let message = format!("`{}` has no fixed version", image.text());
                found.push(finding(LATEST_TAG, at, message).on(service));
            }
        }
        Ok(found)
    }
}

plimsoll_plugin_sdk::export!(Rules);
