//! Secrets that a Dockerfile itself writes into an image: its environment, its labels, its history, its commands.

use super::secrets::{CommandSecret, Secret, secret_in, secrets_in_command_line, secrets_in_script};
use super::{BuildUse, ServiceRef};
use crate::facts::secrets::{KeyStrength, key_is_secret, tokens_in};
use crate::source::{Location, SourceId};
use crate::span::Span;
use crate::syntax::dockerfile::{Dockerfile, Form, Instruction, Keyword, Pair};

/// How a secret gets into an image.
#[derive(Clone, PartialEq, Debug)]
pub enum BakedBy<'p> {
    /// `ENV`, `LABEL`, or the default of an `ARG`.
    Pair(&'p Pair, Secret),
    /// `ENV NAME=$ARGUMENT`: the build argument outlives the build.
    Argument(&'p Pair, String),
    /// A command that runs at build time or at start.
    Command(CommandSecret),
}

/// A secret in a Dockerfile.
#[derive(Clone, PartialEq, Debug)]
pub struct BakedSecret<'p> {
    /// The key, or the word of the command.
    pub at: Location,
    /// How it gets in.
    pub by: BakedBy<'p>,
    /// The instruction; behind `ONBUILD`, the one that is triggered.
    pub instruction: &'p Instruction,
    /// Whether the instruction may be edited on its own: it is not behind `ONBUILD`.
    pub editable: bool,
    /// Whether its layer and configuration are part of the image; else they are in the history and cache of a build stage.
    pub in_image: bool,
}

impl<'p> ServiceRef<'p, '_> {
    /// Every secret that the Dockerfile it is built from writes out, in file order.
    #[must_use]
    pub fn baked_secrets(self) -> Vec<BakedSecret<'p>> {
        let Some(used) = &self.service.build_use else { return Vec::new() };
        let Some((id, file)) = used.dockerfile.and_then(|id| Some((id, self.project.dockerfile(id)?))) else {
            return Vec::new();
        };
        let text = self.project.text(id);
        let mut found = Vec::new();
        for (written, expanded) in file.instructions.iter().zip(&used.model.instructions) {
            // Build arguments before the first FROM belong to no stage; a stage that is not built gives nothing away.
            let stage = expanded.stage;
            if stage.is_some_and(|stage| !used.stages_used.contains(&stage)) {
                continue;
            }
            let instruction = written.trigger.as_deref().unwrap_or(written);
            let in_image = stage.is_some_and(|stage| used.is_final(stage));
            let mut add = |span: Span, by: BakedBy<'p>| {
                let editable = written.trigger.is_none();
                found.push(BakedSecret { at: Location::new(id, span), by, instruction, editable, in_image });
            };
            for pair in &instruction.pairs {
                if let Some(argument) = copied_argument(used, stage, instruction.keyword, pair) {
                    add(pair.key_span, BakedBy::Argument(pair, argument));
                } else if let Some(secret) = pair.value.as_deref().and_then(|value| secret_in(&pair.key, value)) {
                    add(pair.key_span, BakedBy::Pair(pair, secret));
                }
            }
            if instruction.pairs.is_empty() {
                for secret in in_commands(instruction, text) {
                    add(secret.at, BakedBy::Command(secret));
                }
            }
        }
        found
    }

    /// Where a stage's `ARG` is declared.
    #[must_use]
    pub fn argument_at(self, name: &str) -> Option<Location> {
        let used = self.service.build_use.as_ref()?;
        let (id, file) = used.dockerfile.and_then(|id| Some((id, self.project.dockerfile(id)?)))?;
        declared(id, file, name)
    }
}

fn declared(id: SourceId, file: &Dockerfile, name: &str) -> Option<Location> {
    let mut arguments = file
        .instructions
        .iter()
        .filter(|instruction| instruction.keyword == Keyword::Arg)
        .flat_map(|instruction| &instruction.pairs);
    arguments.rfind(|pair| pair.key == name).map(|pair| Location::new(id, pair.key_span))
}

/// The secret-like build argument that an `ENV` pair copies.
fn copied_argument(used: &BuildUse, stage: Option<usize>, keyword: Keyword, pair: &Pair) -> Option<String> {
    let raw = pair.raw_value.as_deref().filter(|_| keyword == Keyword::Env)?.trim_matches('"');
    let inner = raw.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).or_else(|| raw.strip_prefix('$'))?;
    let name = inner
        .split([':', '-'])
        .next()
        .filter(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))?;
    let secret = |key: &str| key_is_secret(key).is_some_and(|strength| strength >= KeyStrength::Pattern);
    let declared = used.model.stages.get(stage?)?.args.contains_key(name);
    (declared && (secret(name) || secret(&pair.key))).then(|| name.to_owned())
}

/// Credentials in what an instruction runs or writes, and tokens anywhere in its text.
fn in_commands(instruction: &Instruction, text: &str) -> Vec<CommandSecret> {
    let mut found: Vec<CommandSecret> = Vec::new();
    if matches!(instruction.keyword, Keyword::Run | Keyword::Cmd | Keyword::Entrypoint | Keyword::Healthcheck) {
        let scripts = instruction.scripts(text);
        found.extend(scripts.iter().flat_map(|script| secrets_in_script(&script.script)));
        if scripts.is_empty() && instruction.form == Form::Json {
            let skipped = usize::from(instruction.keyword == Keyword::Healthcheck);
            let words: Vec<String> = instruction.args.iter().skip(skipped).map(|arg| arg.text.clone()).collect();
            found.extend(
                secrets_in_command_line(&words)
                    .into_iter()
                    .map(|secret| CommandSecret { at: instruction.header_span, ..secret }),
            );
        }
    }
    for hit in tokens_in(instruction.span.slice(text)).into_iter().filter(|hit| !hit.format.generic) {
        let start = instruction.span.start as usize;
        let span = Span::new(start + hit.range.start, start + hit.range.end);
        if found.iter().any(|known| known.at.contains(span)) {
            continue;
        }
        if let Some(secret) = secret_in("", span.slice(text)) {
            found.push(CommandSecret { what: format!("it holds {}", secret.describe()), secret, at: span });
        }
    }
    found
}
