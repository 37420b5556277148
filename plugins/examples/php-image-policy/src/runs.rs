//! What the RUNs of a deployed image leave in it.

use crate::installs::{Effect, Install, What, effect};
use crate::settings::Policy;
use crate::{EXTENSION, PACKAGE};
use plimsoll_plugin_sdk::prelude::*;
use plimsoll_plugin_sdk::shell::{self, Command};
use std::collections::BTreeSet;

/// Judges every RUN of a stage and of those it is built on.
pub(crate) fn judge(policy: &Policy, stage: Stage<'_>) -> Vec<Finding> {
    // The order of the build: the stage at the bottom first.
    let mut stages: Vec<Stage<'_>> = stage.chain().collect();
    stages.reverse();
    let steps: Vec<Step<'_>> = stages
        .iter()
        .flat_map(|stage| stage.instructions("RUN"))
        .flat_map(|run| shell::commands(run).into_iter().map(move |command| Step::of(run, command)))
        .collect();
    let (mut found, mut said) = (Vec::new(), BTreeSet::new());
    for (index, step) in steps.iter().enumerate().filter(|(_, step)| !step.command.conditional) {
        let later = steps.get(index + 1..).unwrap_or_default();
        for install in step.effect.installs.iter().filter(|install| is_forbidden(policy, install)) {
            // A package that brings an extension is both; the extension says more. What is installed and then enabled is one fault.
            let stays = is_worst(policy, step, install) && !is_removed(&step.effect, install, later);
            if stays && said.insert((install.what, install.name.as_str())) {
                found.extend(step.finding(policy, install));
            }
        }
    }
    found
}

/// One command with what it does.
struct Step<'p> {
    run: NodeRef<'p>,
    command: Command,
    effect: Effect,
}

fn is_forbidden(policy: &Policy, install: &Install) -> bool {
    match install.what {
        What::Package => policy.forbids_package(&install.name),
        What::Extension => policy.forbids_extension(&install.name),
    }
}

/// Whether no other reason against the same word is stronger.
fn is_worst(policy: &Policy, step: &Step<'_>, install: &Install) -> bool {
    let stronger =
        |other: &&Install| other.word == install.word && other.what > install.what && is_forbidden(policy, other);
    !step.effect.installs.iter().any(|other| stronger(&other))
}

/// Whether a later command takes it out, or may: by its own name, or by that of its group.
fn is_removed(effect: &Effect, install: &Install, later: &[Step<'_>]) -> bool {
    let package = effect.installs.iter().find(|other| other.word == install.word && other.what == What::Package);
    let names = [Some(&install.name), effect.group.as_ref(), package.map(|package| &package.name)];
    later.iter().any(|step| {
        let named = |name: &String| step.effect.removes.contains(name);
        let switched_off = install.what == What::Extension && deletes_file_of(&step.command, &install.name);
        step.effect.removes_unknown || switched_off || names.into_iter().flatten().any(named)
    })
}

/// `rm …/conf.d/docker-php-ext-NAME.ini`: the extension is there, and nobody loads it.
fn deletes_file_of(command: &Command, extension: &str) -> bool {
    matches!(command.program(), Some("rm" | "mv"))
        && command.arguments().iter().any(|word| word.text.contains(extension))
}

impl<'p> Step<'p> {
    fn of(run: NodeRef<'p>, command: Command) -> Self {
        let effect = effect(&command);
        Self { run, command, effect }
    }

    fn finding(&self, policy: &Policy, install: &Install) -> Option<Finding> {
        let word = self.command.words.get(install.word)?;
        let program = self.command.program().unwrap_or("a command");
        let (rule, what) = match install.what {
            What::Package => (PACKAGE, "package"),
            What::Extension => (EXTENSION, "PHP extension"),
        };
        let message = format!("`{program}` puts the {what} `{}` into an image that is deployed", install.name);
        Some(finding(rule, word.at, message).fix(self.without(policy, install)))
    }

    /// Takes the word out of the command, when something else is left for it to install.
    fn without(&self, policy: &Policy, install: &Install) -> Option<Fix> {
        let kept = |other: &&Install| other.word != install.word && !is_forbidden(policy, other);
        self.effect.installs.iter().find(kept)?;
        let word = self.command.words.get(install.word)?;
        let previous = self.command.words.get(install.word.checked_sub(1)?)?;
        let span = Span { start: previous.at.span.end, end: word.at.span.end };
        let between = Span { start: previous.at.span.end, end: word.at.span.start };
        let text = self.run.document_text().get(between.start as usize..between.end as usize)?;
        // Only blanks and continued lines; a comment or a redirection between them is somebody's own.
        let plain = text.chars().all(|c| c.is_whitespace() || c == '\\');
        let at = Location { span, ..word.at };
        plain.then(|| fix(format!("Do not install {}", word.text)).replace(at, ""))
    }
}
