//! Walks the instructions and builds the stages.

use std::collections::BTreeMap;

use super::{
    Argument, Base, Budget, BuildModel, EnvValue, Expanded, ExpandedInstruction, Link, LinkKind, LinkSource, Located,
    Stage, Triggered, Variable, expand,
};
use crate::syntax::dockerfile::{Dockerfile, Instruction, Keyword, Pair};

/// Arguments that every build may have without declaring them, with values that only the build knows.
const PREDEFINED: [&str; 20] = [
    "ALL_PROXY",
    "BUILDARCH",
    "BUILDOS",
    "BUILDPLATFORM",
    "BUILDVARIANT",
    "FTP_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "SOURCE_DATE_EPOCH",
    "TARGETARCH",
    "TARGETOS",
    "TARGETPLATFORM",
    "TARGETSTAGE",
    "TARGETVARIANT",
    "all_proxy",
    "ftp_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// How many variables stages may inherit in all. Only a hostile file, with thousands of stages each based on the one before, needs
/// more; beyond it a stage starts empty, and without triggers.
const MAX_INHERITED: usize = 200_000;

pub(super) fn build(
    file: &Dockerfile,
    build_args: &BTreeMap<String, String>,
    images: &dyn Fn(&Expanded) -> BTreeMap<String, String>,
) -> BuildModel {
    let mut builder = Builder {
        file,
        build_args,
        images,
        budget: Budget::default(),
        inheritable: MAX_INHERITED,
        names: BTreeMap::new(),
        image_env: Vec::new(),
        model: BuildModel {
            stages: Vec::new(),
            global_args: BTreeMap::new(),
            instructions: Vec::with_capacity(file.instructions.len()),
        },
    };
    for (index, instruction) in file.instructions.iter().enumerate() {
        builder.instruction(index, instruction);
    }
    builder.model
}

struct Builder<'f> {
    file: &'f Dockerfile,
    build_args: &'f BTreeMap<String, String>,
    images: &'f dyn Fn(&Expanded) -> BTreeMap<String, String>,
    budget: Budget,
    inheritable: usize,
    /// Lower-case stage names; the last stage of a name wins.
    names: BTreeMap<String, usize>,
    /// What is known of the environment of each stage's base image.
    image_env: Vec<BTreeMap<String, Expanded>>,
    model: BuildModel,
}

impl Builder<'_> {
    /// Expands a text at the current end of the model: in the last stage, or among the global arguments.
    fn expand(&self, text: &str) -> Expanded {
        let stage = self.model.stages.last();
        expand(text, self.file.escape, &self.budget, &|name| match stage {
            Some(stage) => self.stage_variable(stage, name),
            None => argument(&self.model.global_args, name),
        })
    }

    /// ENV hides ARG, and both hide what the base image sets.
    fn stage_variable<'s>(&'s self, stage: &'s Stage, name: &str) -> Variable<'s> {
        if let Some(env) = stage.env.get(name) {
            return Variable::Value(&env.value);
        }
        match argument(&stage.args, name) {
            Variable::Value(value) => Variable::Value(value),
            other => self.image_env.get(stage.index).and_then(|env| env.get(name)).map_or(other, Variable::Value),
        }
    }

    fn instruction(&mut self, index: usize, instruction: &Instruction) {
        let mut expanded = match instruction.keyword {
            Keyword::From => self.from(index, instruction),
            _ => self.expanded(instruction),
        };
        expanded.stage = self.model.stages.len().checked_sub(1);
        if instruction.keyword == Keyword::Arg {
            self.arguments(&instruction.pairs);
            if let Some(stage) = self.model.stages.last_mut() {
                stage.instructions.end = index + 1;
            }
        } else if instruction.keyword != Keyword::From {
            self.in_stage(index, instruction, &expanded);
            if let Some(stage) = self.model.stages.last_mut() {
                stage.instructions.end = index + 1;
            }
        }
        self.model.instructions.push(expanded);
        if instruction.keyword == Keyword::From {
            self.triggers();
        }
    }

    /// Runs what the stage that the new one is based on has left for it.
    fn triggers(&mut self) {
        let file = self.file;
        let number = self.model.stages.len().saturating_sub(1);
        let Some(Base::Stage(parent)) = self.model.stages.last().map(|stage| &stage.base) else { return };
        let Some(left) = self.model.stages.get(*parent).map(|stage| stage.onbuild.clone()) else { return };
        let Some(rest) = self.inheritable.checked_sub(left.len()) else { return };
        self.inheritable = rest;
        for index in left {
            let Some(trigger) = file.instructions.get(index).and_then(|instruction| instruction.trigger.as_deref())
            else {
                continue;
            };
            if matches!(trigger.keyword, Keyword::From | Keyword::Onbuild | Keyword::Maintainer) {
                continue;
            }
            let mut expanded = self.expanded(trigger);
            expanded.stage = Some(number);
            if trigger.keyword == Keyword::Arg {
                self.arguments(&trigger.pairs);
            } else {
                self.in_stage(index, trigger, &expanded);
            }
            if let Some(stage) = self.model.stages.last_mut() {
                stage.triggered.push(Triggered { index, expanded });
            }
        }
    }

    fn expanded(&self, instruction: &Instruction) -> ExpandedInstruction {
        let expands_args = matches!(
            instruction.keyword,
            Keyword::Add
                | Keyword::Copy
                | Keyword::Expose
                | Keyword::Stopsignal
                | Keyword::User
                | Keyword::Volume
                | Keyword::Workdir
        );
        let args = instruction.args.iter().filter(|_| expands_args);
        let flags = instruction.flags.iter();
        ExpandedInstruction {
            stage: None,
            args: args.map(|arg| self.expand(&arg.text)).collect(),
            flags: flags.map(|flag| flag.value.as_deref().map(|value| self.expand(value))).collect(),
        }
    }

    fn from(&mut self, index: usize, instruction: &Instruction) -> ExpandedInstruction {
        // FROM sees the global arguments only, never those of the stage above it.
        let global =
            |text: &str| expand(text, self.file.escape, &self.budget, &|name| argument(&self.model.global_args, name));
        let args: Vec<Expanded> = instruction.args.iter().map(|arg| global(&arg.text)).collect();
        let flags: Vec<Option<Expanded>> =
            instruction.flags.iter().map(|flag| flag.value.as_deref().map(global)).collect();
        let platform = instruction.flags.iter().position(|flag| flag.name == "platform");
        let platform = platform.and_then(|at| flags.get(at).cloned().flatten());

        let image = args.first().cloned().unwrap_or_else(|| Expanded::unknown(""));
        let base = match self.names.get(&image.text.to_ascii_lowercase()) {
            Some(&stage) => Base::Stage(stage),
            None if image.text == "scratch" => Base::Scratch,
            None => Base::Image(image),
        };
        let named = instruction.args.get(1).is_some_and(|word| word.text.eq_ignore_ascii_case("AS"));
        let alias = instruction.args.get(2).filter(|_| named).map(|name| (name.text.clone(), name.span));

        let number = self.model.stages.len();
        if let Some((name, _)) = &alias {
            self.names.insert(name.to_ascii_lowercase(), number);
        }
        let mut stage = Stage {
            index: number,
            alias,
            base,
            base_span: instruction.args.first().map_or(instruction.header_span, |arg| arg.span),
            from: index,
            instructions: index + 1..index + 1,
            triggered: Vec::new(),
            onbuild: Vec::new(),
            platform,
            env: BTreeMap::new(),
            args: BTreeMap::new(),
            user: None,
            workdir: None,
            entrypoint: None,
            cmd: None,
            shells: Vec::new(),
            healthcheck: None,
            stopsignal: None,
            exposed: Vec::new(),
            volumes: Vec::new(),
            links: Vec::new(),
        };
        let image_env = self.inherit(&mut stage);
        self.image_env.push(image_env);
        self.model.stages.push(stage);
        ExpandedInstruction { stage: None, args, flags }
    }

    /// Gives a stage what its base leaves it, and returns the environment of the base image.
    fn inherit(&mut self, stage: &mut Stage) -> BTreeMap<String, Expanded> {
        match &stage.base {
            Base::Scratch => {
                stage.workdir = Some(Expanded::known("/"));
                BTreeMap::new()
            }
            Base::Image(image) => {
                (self.images)(image).into_iter().map(|(name, value)| (name, Expanded::known(value))).collect()
            }
            Base::Stage(parent) => {
                let Some(base) = self.model.stages.get(*parent) else { return BTreeMap::new() };
                stage.workdir.clone_from(&base.workdir);
                let image_env = self.image_env.get(*parent);
                let cost = base.env.len() + base.args.len() + image_env.map_or(0, BTreeMap::len);
                let Some(left) = self.inheritable.checked_sub(cost) else { return BTreeMap::new() };
                self.inheritable = left;
                stage.env.clone_from(&base.env);
                stage.args.clone_from(&base.args);
                image_env.cloned().unwrap_or_default()
            }
        }
    }

    /// ARG, in a stage or before the first.
    fn arguments(&mut self, pairs: &[Pair]) {
        for pair in pairs {
            let default = pair.raw_value.as_deref().map(|raw| self.expand(raw));
            let given = self.build_args.get(&pair.key).map(Expanded::known);
            let in_stage = !self.model.stages.is_empty();
            // Without a default of its own, a stage's argument takes that of the global argument of the same name.
            let global =
                || self.model.global_args.get(&pair.key).filter(|_| in_stage).and_then(|arg| arg.value.clone());
            let value = given.or(default).or_else(global);
            let argument = Argument { value, span: pair.span() };
            let scope = match self.model.stages.last_mut() {
                Some(stage) => &mut stage.args,
                None => &mut self.model.global_args,
            };
            scope.insert(pair.key.clone(), argument);
        }
    }

    fn in_stage(&mut self, index: usize, instruction: &Instruction, expanded: &ExpandedInstruction) {
        let env = match instruction.keyword {
            Keyword::Env => self.environment(&instruction.pairs),
            _ => Vec::new(),
        };
        let links = self.links(index, instruction, expanded);
        let Some(stage) = self.model.stages.last_mut() else { return };
        stage.links.extend(links);
        stage.env.extend(env);
        let located = || {
            let args = instruction.args.iter().zip(&expanded.args);
            args.map(|(arg, value)| Located { value: value.clone(), span: arg.span })
        };
        match instruction.keyword {
            Keyword::User => stage.user = located().next().or(stage.user.take()),
            Keyword::Workdir => {
                if let Some(path) = expanded.args.first() {
                    stage.workdir = Some(enter(stage.workdir.as_ref(), path));
                }
            }
            Keyword::Entrypoint => stage.entrypoint = Some(index),
            Keyword::Cmd => stage.cmd = Some(index),
            Keyword::Shell => stage.shells.push(index),
            Keyword::Healthcheck => stage.healthcheck = Some(index),
            Keyword::Stopsignal => stage.stopsignal = Some(index),
            Keyword::Expose => stage.exposed.extend(located().flat_map(ports)),
            Keyword::Volume => stage.volumes.extend(located()),
            Keyword::Onbuild => stage.onbuild.push(index),
            _ => {}
        }
    }

    /// All values of one ENV see the environment before it.
    fn environment(&self, pairs: &[Pair]) -> Vec<(String, EnvValue)> {
        let set = pairs.iter().filter_map(|pair| {
            let value = self.expand(pair.raw_value.as_deref()?);
            Some((pair.key.clone(), EnvValue { value, span: pair.span() }))
        });
        set.collect()
    }

    fn links(&self, index: usize, instruction: &Instruction, expanded: &ExpandedInstruction) -> Vec<Link> {
        let mut links = Vec::new();
        for (flag, value) in instruction.flags.iter().zip(&expanded.flags) {
            let Some(value) = value else { continue };
            let (kind, source) = match (instruction.keyword, flag.name.as_str()) {
                (Keyword::Copy, "from") => (LinkKind::Copy, Some(value.text.as_str())),
                (Keyword::Run, "mount") => {
                    let mut options = value.text.split(',');
                    (LinkKind::Mount, options.find_map(|option| option.trim().strip_prefix("from=")))
                }
                _ => continue,
            };
            if let Some(source) = source.filter(|source| !source.is_empty()) {
                let source = self.source(source, value.known);
                links.push(Link { source, kind, instruction: index, span: flag.span });
            }
        }
        links
    }

    /// An earlier stage by number or name, else an image.
    fn source(&self, text: &str, known: bool) -> LinkSource {
        let current = self.model.stages.len().saturating_sub(1);
        let numbered = text.parse::<usize>().ok().filter(|&stage| stage < current);
        let named = || self.names.get(&text.to_ascii_lowercase()).copied().filter(|&stage| stage < current);
        match numbered.or_else(named) {
            Some(stage) => LinkSource::Stage(stage),
            None => LinkSource::Image(Expanded { text: text.to_owned(), known }),
        }
    }
}

/// A build argument's value. Predefined ones have a value that is not known here.
fn argument<'s>(args: &'s BTreeMap<String, Argument>, name: &str) -> Variable<'s> {
    match args.get(name).and_then(|argument| argument.value.as_ref()) {
        Some(value) => Variable::Value(value),
        None if PREDEFINED.contains(&name) => Variable::Unknown,
        None => Variable::Unset,
    }
}

/// `EXPOSE $PORTS` may stand for several ports.
fn ports(port: Located) -> Vec<Located> {
    if !port.value.known {
        return vec![port];
    }
    let ports = port.value.text.split_whitespace();
    ports.map(|text| Located { value: Expanded::known(text), span: port.span }).collect()
}

/// WORKDIR, seen from the working directory before it.
fn enter(current: Option<&Expanded>, path: &Expanded) -> Expanded {
    let windows = path.text.get(1..).is_some_and(|rest| rest.starts_with(':'));
    if path.text.starts_with('/') {
        return Expanded { text: clean(&path.text), known: path.known };
    }
    if windows || path.text.starts_with("${") {
        return path.clone();
    }
    match current {
        Some(current) => {
            let text = clean(&format!("{}/{}", current.text, path.text));
            Expanded { text, known: current.known && path.known }
        }
        None => Expanded::unknown(clean(&path.text)),
    }
}

/// Resolves `.`, `..` and doubled slashes.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let root = if path.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}
