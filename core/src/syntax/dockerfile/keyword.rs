//! The instructions there are.

/// An instruction's keyword.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Keyword {
    /// Begins a stage.
    From,
    /// Runs a command while building.
    Run,
    /// The default command, or the arguments of the entrypoint.
    Cmd,
    /// Adds metadata.
    Label,
    /// Names the author; deprecated.
    Maintainer,
    /// Says which ports are listened on.
    Expose,
    /// Sets environment variables.
    Env,
    /// Copies files, archives and downloads.
    Add,
    /// Copies files.
    Copy,
    /// The program of the container.
    Entrypoint,
    /// Makes a mount point.
    Volume,
    /// Sets the user.
    User,
    /// Sets the working directory.
    Workdir,
    /// Declares a build argument.
    Arg,
    /// Leaves an instruction for images built on this one.
    Onbuild,
    /// Sets the signal that stops the container.
    Stopsignal,
    /// Sets the health check.
    Healthcheck,
    /// Sets the shell of the shell form.
    Shell,
    /// No known instruction.
    Unknown,
}

impl Keyword {
    /// All known keywords.
    pub const ALL: [Keyword; 18] = [
        Keyword::From,
        Keyword::Run,
        Keyword::Cmd,
        Keyword::Label,
        Keyword::Maintainer,
        Keyword::Expose,
        Keyword::Env,
        Keyword::Add,
        Keyword::Copy,
        Keyword::Entrypoint,
        Keyword::Volume,
        Keyword::User,
        Keyword::Workdir,
        Keyword::Arg,
        Keyword::Onbuild,
        Keyword::Stopsignal,
        Keyword::Healthcheck,
        Keyword::Shell,
    ];

    /// The keyword in upper case; empty for [`Keyword::Unknown`].
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Keyword::From => "FROM",
            Keyword::Run => "RUN",
            Keyword::Cmd => "CMD",
            Keyword::Label => "LABEL",
            Keyword::Maintainer => "MAINTAINER",
            Keyword::Expose => "EXPOSE",
            Keyword::Env => "ENV",
            Keyword::Add => "ADD",
            Keyword::Copy => "COPY",
            Keyword::Entrypoint => "ENTRYPOINT",
            Keyword::Volume => "VOLUME",
            Keyword::User => "USER",
            Keyword::Workdir => "WORKDIR",
            Keyword::Arg => "ARG",
            Keyword::Onbuild => "ONBUILD",
            Keyword::Stopsignal => "STOPSIGNAL",
            Keyword::Healthcheck => "HEALTHCHECK",
            Keyword::Shell => "SHELL",
            Keyword::Unknown => "",
        }
    }

    /// Reads a keyword in any case.
    #[must_use]
    pub fn parse(word: &str) -> Keyword {
        let known = Keyword::ALL.into_iter().find(|keyword| keyword.as_str().eq_ignore_ascii_case(word));
        known.unwrap_or(Keyword::Unknown)
    }

    /// The known keyword that a misspelt one is nearest to, if any is near.
    #[must_use]
    pub fn nearest(word: &str) -> Option<Keyword> {
        // Longer words are no misspelling, and comparing them would cost their length.
        if !(2..=16).contains(&word.len()) {
            return None;
        }
        let word = word.to_ascii_uppercase();
        let alike = Keyword::ALL.into_iter().filter(|keyword| keyword.as_str().len().abs_diff(word.len()) <= 2);
        let near = alike.map(|keyword| (distance(&word, keyword.as_str()), keyword));
        let (steps, keyword) = near.min()?;
        // Half the letters of a short word may not change, or everything would resemble ADD.
        let allowed = if keyword.as_str().len() <= 4 { 1 } else { 2 };
        (steps <= allowed && steps < word.chars().count()).then_some(keyword)
    }
}

/// How many letters must be added, dropped, changed or swapped with their neighbour to turn one word into the other.
fn distance(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.chars().collect();
    let to: Vec<char> = to.chars().collect();
    let mut older: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&previous, j) + usize::from(a != b)).min(at(&previous, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && from.get(i - 1) == Some(b) && to.get(j - 1) == Some(a);
            if swapped {
                best = best.min(at(&older, j - 1) + 1);
            }
            row.push(best);
        }
        older = std::mem::replace(&mut previous, row);
    }
    previous.last().copied().unwrap_or(0)
}
