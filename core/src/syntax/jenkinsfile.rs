//! Jenkins pipelines, read at the level of their strings: which text is shell, which is an image, which names a credential.
//!
//! Groovy is not evaluated. A step counts by its name and by the shape of its arguments; the blocks around it (`stage('x') {`,
//! `withCredentials([…]) {`) are followed by their braces. In strings with double quotes `${…}` is kept as it is written, so that a
//! shell reads it as something it does not know.

mod read;
#[cfg(test)]
mod tests;
mod tokens;

use super::SyntaxError;
use super::shell::{Piece, SourceMap};
use crate::span::Span;

/// Larger files are not read.
const MAX_BYTES: usize = 2 << 20;
/// Further errors are not listed.
const MAX_ERRORS: usize = 16;

/// A file.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Jenkinsfile {
    /// `stage('…')`, in order.
    pub stages: Vec<Stage>,
    /// `sh`, `bat`, `powershell`, in order.
    pub steps: Vec<Step>,
    /// Images that are run or built: agents, `docker.image('…')`, `docker.build('…')`.
    pub images: Vec<Image>,
    /// Uses of stored credentials.
    pub credentials: Vec<Credential>,
    /// `environment { X = '…' }` and `withEnv(['X=…'])`.
    pub variables: Vec<Variable>,
    /// `agent any`, `agent { label 'x' }`, `node('x')`: labels, `any` and `none`.
    pub agents: Vec<Text>,
    /// `//` and `/* … */`.
    pub comments: Vec<Span>,
    /// What could not be read.
    pub errors: Vec<SyntaxError>,
}

/// A string.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Text {
    /// The text, `${…}` as written.
    pub text: String,
    /// Whether that is all there is to it: no `$` of Groovy takes part.
    pub literal: bool,
    /// Where it is written, quotes included.
    pub span: Span,
    /// Where each byte of the text is written.
    pub map: SourceMap,
}

/// A stage.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// Where the name is written, quotes included.
    pub span: Span,
}

/// A step that runs a script.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// `sh`, `bat`, `powershell` or `pwsh`.
    pub kind: String,
    /// The script.
    pub script: Text,
    /// The script as a shell reads it, with spans of the file; empty for what is no POSIX shell.
    pub pieces: Vec<Piece>,
    /// The stage it belongs to, as an index into [`Jenkinsfile::stages`].
    pub stage: Option<usize>,
    /// The image whose container it runs in, as an index into [`Jenkinsfile::images`].
    pub inside: Option<usize>,
}

/// What is done with an image.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImageUse {
    /// `agent { docker … }`: the steps run in it.
    Agent,
    /// `agent { dockerfile … }`: the same, built first. The image is the Dockerfile's name.
    AgentDockerfile,
    /// `docker.image('…').inside('…')`.
    Inside,
    /// `.withRun('…')`, `.run('…')`: beside the steps.
    Run,
    /// `docker.build('name', 'options')`.
    Build,
    /// `docker.image('…')`, `.pull()`, `.push()`.
    Other,
}

/// An image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Image {
    /// What is done with it.
    pub kind: ImageUse,
    /// Its name.
    pub image: Text,
    /// Options of `docker run` or `docker build`.
    pub args: Option<Text>,
    /// Where it is pushed with `.push('tag')`: the tags.
    pub pushed: Vec<Text>,
    /// The stage it belongs to.
    pub stage: Option<usize>,
    /// From the first word of the expression to the image's name.
    pub span: Span,
}

/// A use of a stored credential.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Credential {
    /// Its id.
    pub id: Text,
    /// `string`, `usernamePassword`, `file`, `credentials`, `withRegistry` …
    pub kind: String,
    /// The variables that hold it.
    pub variables: Vec<String>,
    /// The stage it belongs to.
    pub stage: Option<usize>,
}

/// An environment variable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Where the name is written.
    pub name_span: Span,
    /// Its value; `None` when it is no string, such as `credentials('id')`.
    pub value: Option<Text>,
    /// The stage it belongs to; `None` for the whole pipeline.
    pub stage: Option<usize>,
}

/// Reads a file; never fails.
#[must_use]
pub fn parse(text: &str) -> Jenkinsfile {
    let mut out = Jenkinsfile::default();
    if text.len() > MAX_BYTES {
        let message = format!("this file is larger than {MAX_BYTES} bytes and was not read");
        out.errors.push(SyntaxError::new(Span::at(0), message));
        return out;
    }
    let tokens = tokens::tokens(text, &mut out);
    read::read(&tokens, &mut out);
    out.errors.sort_by_key(|error| error.span);
    out.errors.truncate(MAX_ERRORS);
    out
}
