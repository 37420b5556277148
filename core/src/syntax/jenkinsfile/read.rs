//! Steps, images and credentials in a row of tokens.

use super::tokens::Token;
use super::{Credential, Image, ImageUse, Jenkinsfile, MAX_ERRORS, Stage, Step, Text, Variable};
use crate::span::Span;
use crate::syntax::SyntaxError;
use crate::syntax::shell;

/// How far the arguments of one call are looked at.
const MAX_ARGUMENTS: usize = 400;

/// A pair of braces that is open.
struct Block {
    /// The word in front: `stage`, `agent`, `docker`, `environment`.
    name: String,
    open: Span,
    /// What to go back to when it closes.
    stage: Option<usize>,
    inside: Option<usize>,
}

/// What stands in front of the brace that comes next.
#[derive(Default)]
struct Head {
    name: String,
    stage: Option<usize>,
    inside: Option<usize>,
}

pub(super) fn read(tokens: &[Token], out: &mut Jenkinsfile) {
    let mut reader =
        Reader { tokens, out, at: 0, blocks: Vec::new(), head: Head::default(), stage: None, inside: None };
    reader.run();
}

struct Reader<'t, 'o> {
    tokens: &'t [Token],
    out: &'o mut Jenkinsfile,
    at: usize,
    blocks: Vec<Block>,
    head: Head,
    stage: Option<usize>,
    inside: Option<usize>,
}

impl<'t> Reader<'t, '_> {
    fn run(&mut self) {
        while let Some(token) = self.tokens.get(self.at) {
            match token {
                Token::Sign('{', span) => self.open(*span),
                Token::Sign('}', span) => self.close(*span),
                Token::Word(word, span) => self.word(word, *span),
                _ => {}
            }
            self.at += 1;
        }
        if let Some(block) = self.blocks.first() {
            self.error(block.open, "this block is never closed", "add the closing brace");
        }
    }

    fn error(&mut self, span: Span, message: &str, help: &str) {
        if self.out.errors.len() < MAX_ERRORS {
            self.out.errors.push(SyntaxError::new(span, message).with_help(help));
        }
    }

    fn open(&mut self, open: Span) {
        let Head { name, stage, inside } = std::mem::take(&mut self.head);
        self.blocks.push(Block { name, open, stage: self.stage, inside: self.inside });
        self.stage = stage.or(self.stage);
        self.inside = inside.or(self.inside);
    }

    fn close(&mut self, span: Span) {
        self.head = Head::default();
        match self.blocks.pop() {
            Some(block) => {
                // An agent's image counts for the stage, or the pipeline, that the agent stands in.
                let agent = matches!(block.name.as_str(), "agent" | "docker" | "dockerfile");
                if !agent {
                    (self.stage, self.inside) = (block.stage, block.inside);
                }
            }
            None => self.error(span, "no block is open here", "remove this brace"),
        }
    }

    fn within(&self, name: &str) -> bool {
        self.blocks.last().is_some_and(|block| block.name == name)
    }

    fn next(&self, ahead: usize) -> Option<&'t Token> {
        self.tokens.get(self.at + ahead)
    }

    fn word(&mut self, word: &str, span: Span) {
        if self.within("environment") {
            return self.variable(word, span);
        }
        match word {
            "stage" => {
                self.head = Head { name: "stage".to_owned(), ..Head::default() };
                if let Some(name) = self.argument() {
                    self.out.stages.push(Stage { name: name.text.clone(), span: name.span });
                    self.head.stage = Some(self.out.stages.len() - 1);
                }
            }
            "sh" | "bat" | "powershell" | "pwsh" => self.step(word),
            "agent" => {
                self.head = Head { name: "agent".to_owned(), ..Head::default() };
                if let Some(Token::Word(kind, span)) = self.next(1)
                    && matches!(kind.as_str(), "any" | "none")
                {
                    let text = kind.clone();
                    let map = shell::SourceMap::verbatim(*span);
                    self.out.agents.push(Text { text, literal: true, span: *span, map });
                }
            }
            "label" if self.within("agent") || self.within("node") => {
                if let Some(label) = self.argument() {
                    self.out.agents.push(label.clone());
                }
            }
            "node" => {
                self.head = Head { name: "node".to_owned(), ..Head::default() };
                if let Some(label) = self.argument() {
                    self.out.agents.push(label.clone());
                }
            }
            "docker" | "dockerfile" if self.within("agent") => self.agent(word, span),
            "withCredentials" => self.head = Head { name: word.to_owned(), ..Head::default() },
            "withEnv" => self.with_env(),
            "credentials" => {
                if let Some(id) = self.argument() {
                    self.credential("credentials", id.clone(), Vec::new());
                }
            }
            "docker.image" | "docker.build" => self.expression(word, span),
            "docker.withRegistry" | "withDockerRegistry" | "docker.withServer" => {
                let id = self.argument_strings().into_iter().next_back().filter(|_| word != "docker.withServer");
                if let Some(id) = id.filter(|id| !id.text.contains("://")) {
                    self.credential("withRegistry", id, Vec::new());
                }
                self.head = Head { name: word.to_owned(), ..Head::default() };
            }
            _ if self.in_bindings(word) => self.binding(word),
            // The last word before a brace names the block.
            _ => self.head = Head { name: word.to_owned(), ..Head::default() },
        }
    }

    /// The one string behind a word, in parentheses or not.
    fn argument(&self) -> Option<&'t Text> {
        let ahead = if self.next(1)?.is('(') { 2 } else { 1 };
        match self.next(ahead)? {
            Token::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Tokens of the arguments in parentheses behind the token at `from`, and the index behind the closing one.
    fn arguments(&self, from: usize) -> Option<(&'t [Token], usize)> {
        if !self.tokens.get(from)?.is('(') {
            return None;
        }
        let mut depth = 0usize;
        for (index, token) in self.tokens.iter().enumerate().skip(from).take(MAX_ARGUMENTS) {
            match token {
                Token::Sign('(', _) => depth += 1,
                Token::Sign(')', _) => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Some((self.tokens.get(from + 1..index)?, index + 1));
                    }
                }
                _ => {}
            }
        }
        None
    }

    fn argument_strings(&self) -> Vec<Text> {
        let Some((tokens, _)) = self.arguments(self.at + 1) else { return Vec::new() };
        tokens
            .iter()
            .filter_map(|token| if let Token::Text(text) = token { Some(text.clone()) } else { None })
            .collect()
    }

    /// `sh '…'`, `sh("…")`, `sh(script: '…', returnStdout: true)`, `sh script: '…'`.
    fn step(&mut self, kind: &str) {
        let mut found = self.argument();
        if found.is_none() {
            let in_parentheses = self.arguments(self.at + 1).is_some();
            let from = if in_parentheses { self.at + 2 } else { self.at + 1 };
            let named = self.tokens.get(from..).unwrap_or(&[]).windows(3).take(40).take_while(|three| {
                in_parentheses || !matches!(three.first(), Some(Token::LineEnd | Token::Sign(')' | '{' | '}', _)))
            });
            found = named.into_iter().find_map(|three| match three {
                [Token::Word(name, _), Token::Sign(':', _), Token::Text(text)] if name == "script" => Some(text),
                _ => None,
            });
        }
        let Some(script) = found.cloned() else { return };
        let pieces = if kind == "sh" { shell::follow(&script.text, &script.map) } else { Vec::new() };
        let (stage, inside) = (self.stage, self.inside);
        self.out.steps.push(Step { kind: kind.to_owned(), script, pieces, stage, inside });
    }

    /// `agent { docker 'image' }`, `agent { docker { image '…' args '…' } }`, `agent { dockerfile true }`.
    fn agent(&mut self, word: &str, span: Span) {
        let built = word == "dockerfile";
        let kind = if built { ImageUse::AgentDockerfile } else { ImageUse::Agent };
        let (mut image, mut args) = (None, None);
        if let Some(text) = self.argument().filter(|_| !built) {
            image = Some(text.clone());
        } else if self.next(1).is_some_and(|token| token.is('{')) {
            let inner = self.tokens.get(self.at + 2..).unwrap_or(&[]).iter().take(MAX_ARGUMENTS);
            let inner: Vec<&Token> = inner.take_while(|token| !token.is('}')).collect();
            for pair in inner.windows(2) {
                let [Token::Word(name, _), Token::Text(text)] = pair else { continue };
                match name.as_str() {
                    "image" if !built => image = Some(text.clone()),
                    "filename" if built => image = Some(text.clone()),
                    "args" => args = Some(text.clone()),
                    "additionalBuildArgs" if built && args.is_none() => args = Some(text.clone()),
                    "registryCredentialsId" => self.credential("withRegistry", text.clone(), Vec::new()),
                    _ => {}
                }
            }
        }
        if image.is_none() && built {
            let map = shell::SourceMap::verbatim(span);
            image = Some(Text { text: "Dockerfile".to_owned(), literal: true, span, map });
        }
        if let Some(image) = image {
            let span = span.to(image.span);
            self.out.images.push(Image { kind, image, args, pushed: Vec::new(), stage: self.stage, span });
            self.inside = Some(self.out.images.len() - 1);
        }
        self.head = Head { name: word.to_owned(), ..Head::default() };
    }

    /// `docker.image('…').inside('…') {`, `docker.build('…', '…').push('…')`.
    fn expression(&mut self, word: &str, span: Span) {
        let Some((arguments, mut next)) = self.arguments(self.at + 1) else { return };
        let strings: Vec<&Text> = arguments
            .iter()
            .filter_map(|token| if let Token::Text(text) = token { Some(text) } else { None })
            .collect();
        let Some(image) = strings.first() else { return };
        let mut found = Image {
            kind: if word == "docker.build" { ImageUse::Build } else { ImageUse::Other },
            image: (*image).clone(),
            args: strings.get(1).filter(|_| word == "docker.build").map(|text| (*text).clone()),
            pushed: Vec::new(),
            stage: self.stage,
            span: span.to(image.span),
        };
        let mut enters = false;
        while let (Some(dot), Some(Token::Word(method, _))) = (self.tokens.get(next), self.tokens.get(next + 1)) {
            if !dot.is('.') {
                break;
            }
            let after = self.arguments(next + 2);
            let text = after.and_then(|(tokens, _)| match tokens.first() {
                Some(Token::Text(text)) => Some(text.clone()),
                _ => None,
            });
            match method.as_str() {
                "inside" => {
                    found.kind = if found.kind == ImageUse::Build { ImageUse::Build } else { ImageUse::Inside };
                    found.args = text.or(found.args);
                    enters = true;
                }
                "withRun" | "run" => {
                    found.kind = if found.kind == ImageUse::Build { ImageUse::Build } else { ImageUse::Run };
                    found.args = text.or(found.args);
                }
                "push" => found.pushed.extend(text),
                _ => {}
            }
            next = after.map_or(next + 2, |(_, end)| end);
        }
        self.out.images.push(found);
        let index = self.out.images.len() - 1;
        self.head = Head { name: word.to_owned(), stage: None, inside: enters.then_some(index) };
        self.at = next.saturating_sub(1).max(self.at);
    }

    /// Whether a word is one of `withCredentials`' bindings.
    fn in_bindings(&self, word: &str) -> bool {
        matches!(
            word,
            "string"
                | "usernamePassword"
                | "usernameColonPassword"
                | "file"
                | "sshUserPrivateKey"
                | "certificate"
                | "zip"
                | "dockerCert"
        ) && self.next(1).is_some_and(|token| token.is('('))
    }

    /// `usernamePassword(credentialsId: 'x', usernameVariable: 'U', passwordVariable: 'P')`.
    fn binding(&mut self, kind: &str) {
        let Some((arguments, _)) = self.arguments(self.at + 1) else { return };
        let mut id = None;
        let mut variables = Vec::new();
        for three in arguments.windows(3) {
            let [Token::Word(name, _), Token::Sign(':', _), Token::Text(text)] = three else { continue };
            match name.as_str() {
                "credentialsId" => id = Some(text.clone()),
                name if name.to_ascii_lowercase().ends_with("variable") => variables.push(text.text.clone()),
                _ => {}
            }
        }
        if let Some(id) = id {
            self.credential(kind, id, variables);
        }
    }

    fn credential(&mut self, kind: &str, id: Text, variables: Vec<String>) {
        self.out.credentials.push(Credential { id, kind: kind.to_owned(), variables, stage: self.stage });
    }

    /// `NAME = 'value'` in `environment { … }`.
    fn variable(&mut self, name: &str, span: Span) {
        if !self.next(1).is_some_and(|token| token.is('=')) {
            if name == "credentials"
                && let Some(id) = self.argument()
            {
                let variables = self.out.variables.last().map(|variable| variable.name.clone()).into_iter().collect();
                self.credential("credentials", id.clone(), variables);
            }
            return;
        }
        let value = match (self.next(2), self.next(3)) {
            // `'a' + b` is more than its first string.
            (Some(Token::Text(_)), Some(token)) if token.is('+') => None,
            (Some(Token::Text(text)), _) => Some(text.clone()),
            _ => None,
        };
        self.out.variables.push(Variable { name: name.to_owned(), name_span: span, value, stage: self.stage });
    }

    /// `withEnv(['A=b', "C=${d}"]) {`.
    fn with_env(&mut self) {
        for text in self.argument_strings() {
            let Some((name, value)) = text.text.split_once('=') else { continue };
            let end = name.len();
            self.out.variables.push(Variable {
                name: name.to_owned(),
                name_span: text.map.span(0..end),
                value: Some(Text {
                    text: value.to_owned(),
                    literal: text.literal,
                    span: text.map.span(end + 1..text.text.len()),
                    map: text.map.slice(end + 1..text.text.len()),
                }),
                stage: self.stage,
            });
        }
        self.head = Head { name: "withEnv".to_owned(), ..Head::default() };
    }
}
