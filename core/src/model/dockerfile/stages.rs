//! Questions about the graph of stages.

use std::collections::BTreeSet;

use super::{Base, BuildModel, EffectiveUser, Expanded, LinkSource, Located, Step};
use crate::span::Span;
use crate::syntax::dockerfile::{Dockerfile, Instruction};
use crate::syntax::shell::is_shell;

impl BuildModel {
    /// The stage a build target names: by name in any case, or by number. `None` is the last stage.
    #[must_use]
    pub fn stage(&self, target: Option<&str>) -> Option<usize> {
        let Some(target) = target else { return self.stages.len().checked_sub(1) };
        let named = self.stages.iter().rposition(|stage| {
            let alias = stage.alias.as_ref();
            alias.is_some_and(|(name, _)| name.eq_ignore_ascii_case(target))
        });
        named.or_else(|| target.parse().ok().filter(|&number: &usize| number < self.stages.len()))
    }

    /// A stage, the stage it is based on, and so on.
    #[must_use]
    pub fn chain(&self, stage: usize) -> Vec<usize> {
        self.ancestors(stage).collect()
    }

    fn ancestors(&self, stage: usize) -> impl Iterator<Item = usize> {
        let first = Some(stage).filter(|&stage| stage < self.stages.len());
        std::iter::successors(first, |&stage| match self.stages.get(stage)?.base {
            // Only an earlier stage can be a base, so this ends.
            Base::Stage(parent) if parent < stage => Some(parent),
            _ => None,
        })
    }

    /// Every stage whose result a target takes: those it is based on or copies or mounts from, and theirs. The target included.
    #[must_use]
    pub fn used_by(&self, target: usize) -> BTreeSet<usize> {
        let mut used = BTreeSet::new();
        let mut open = vec![target];
        while let Some(stage) = open.pop() {
            let Some(found) = self.stages.get(stage) else { continue };
            if !used.insert(stage) {
                continue;
            }
            if let Base::Stage(parent) = found.base {
                open.push(parent);
            }
            open.extend(found.links.iter().filter_map(|link| match link.source {
                LinkSource::Stage(source) => Some(source),
                LinkSource::Image(_) => None,
            }));
        }
        used
    }

    /// The image at the root of a stage's chain, and where it is written. `None` for one that begins with `scratch`.
    #[must_use]
    pub fn external_base(&self, stage: usize) -> Option<(&Expanded, Span)> {
        let root = self.stages.get(self.ancestors(stage).last()?)?;
        match &root.base {
            Base::Image(image) => Some((image, root.base_span)),
            Base::Stage(_) | Base::Scratch => None,
        }
    }

    /// The last USER along the chain. `None`: the base image decides.
    #[must_use]
    pub fn user(&self, stage: usize) -> Option<EffectiveUser> {
        self.ancestors(stage).find_map(|stage| {
            let user = self.stages.get(stage)?.user.clone()?;
            Some(EffectiveUser { value: user.value, span: user.span, stage })
        })
    }

    /// The ENTRYPOINT in force: index of the instruction, and its stage.
    #[must_use]
    pub fn entrypoint(&self, stage: usize) -> Option<(usize, usize)> {
        self.nearest(stage, |stage| stage.entrypoint)
    }

    /// The CMD in force: index of the instruction, and its stage. A stage that sets ENTRYPOINT drops a CMD it inherits.
    #[must_use]
    pub fn cmd(&self, stage: usize) -> Option<(usize, usize)> {
        for number in self.ancestors(stage) {
            let stage = self.stages.get(number)?;
            if let Some(cmd) = stage.cmd {
                return Some((cmd, number));
            }
            if stage.entrypoint.is_some() {
                return None;
            }
        }
        None
    }

    /// The SHELL in force at the end of a stage: index of the instruction, and its stage.
    #[must_use]
    pub fn shell(&self, stage: usize) -> Option<(usize, usize)> {
        self.nearest(stage, |stage| stage.shells.last().copied())
    }

    /// The SHELL in force for an instruction: index of the SHELL instruction.
    #[must_use]
    pub fn shell_at(&self, instruction: usize) -> Option<usize> {
        let number = self.instructions.get(instruction)?.stage?;
        let stage = self.stages.get(number)?;
        let before = stage.shells.partition_point(|&shell| shell < instruction);
        if let Some(&shell) = before.checked_sub(1).and_then(|last| stage.shells.get(last)) {
            return Some(shell);
        }
        match stage.base {
            Base::Stage(parent) => self.shell(parent).map(|(shell, _)| shell),
            _ => None,
        }
    }

    /// Everything that runs in a stage after its FROM, in order: the triggers of the stage it is based on, then its own
    /// instructions. An ONBUILD of the stage itself is among them as ONBUILD: it does nothing here.
    pub fn steps<'m, 'd>(
        &'m self,
        file: &'d Dockerfile,
        stage: usize,
    ) -> impl Iterator<Item = Step<'m, 'd>> + use<'m, 'd> {
        let stage = self.stages.get(stage);
        let triggers = stage.map_or(&[][..], |stage| &stage.triggered).iter().filter_map(|triggered| {
            let instruction = file.instructions.get(triggered.index)?.effective();
            Some(Step { index: triggered.index, instruction, expanded: &triggered.expanded, triggered: true })
        });
        let own = stage.map_or(0..0, |stage| stage.instructions.clone()).filter_map(|index| {
            let (instruction, expanded) = (file.instructions.get(index)?, self.instructions.get(index)?);
            Some(Step { index, instruction, expanded, triggered: false })
        });
        triggers.chain(own)
    }

    /// Whether the shell form of an instruction is read by a POSIX-like shell: no SHELL is in force, or it names one.
    #[must_use]
    pub fn runs_posix_shell(&self, file: &Dockerfile, instruction: usize) -> bool {
        let shell =
            self.shell_at(instruction).and_then(|shell| file.instructions.get(shell)).map(Instruction::effective);
        shell.and_then(|shell| shell.args.first()).is_none_or(|program| is_shell(&program.text))
    }

    /// The HEALTHCHECK in force: index of the instruction, and its stage.
    #[must_use]
    pub fn healthcheck(&self, stage: usize) -> Option<(usize, usize)> {
        self.nearest(stage, |stage| stage.healthcheck)
    }

    /// The STOPSIGNAL in force: index of the instruction, and its stage.
    #[must_use]
    pub fn stopsignal(&self, stage: usize) -> Option<(usize, usize)> {
        self.nearest(stage, |stage| stage.stopsignal)
    }

    /// The working directory at the end of a stage. Unknown and empty where only the base image sets it.
    #[must_use]
    pub fn workdir(&self, stage: usize) -> Expanded {
        let workdir = self.stages.get(stage).and_then(|stage| stage.workdir.clone());
        workdir.unwrap_or_else(|| Expanded::unknown(""))
    }

    /// Ports exposed along the chain, those of the stage itself first.
    #[must_use]
    pub fn exposed(&self, stage: usize) -> Vec<&Located> {
        self.ancestors(stage).filter_map(|stage| self.stages.get(stage)).flat_map(|stage| &stage.exposed).collect()
    }

    /// Volumes declared along the chain, those of the stage itself first.
    #[must_use]
    pub fn volumes(&self, stage: usize) -> Vec<&Located> {
        self.ancestors(stage).filter_map(|stage| self.stages.get(stage)).flat_map(|stage| &stage.volumes).collect()
    }

    /// What the nearest stage along the chain says, and which stage that is.
    fn nearest(&self, stage: usize, says: impl Fn(&super::Stage) -> Option<usize>) -> Option<(usize, usize)> {
        self.ancestors(stage).find_map(|number| Some((says(self.stages.get(number)?)?, number)))
    }
}
