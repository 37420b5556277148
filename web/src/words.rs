//! Words for people.

use plimsoll_core::detect::Kind;

/// A stretch of a sentence: plain, or code between backticks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Span<'a> {
    pub(crate) text: &'a str,
    pub(crate) code: bool,
}

/// A sentence cut at its backticks. A lone backtick stays what it is.
pub(crate) fn spans(sentence: &str) -> Vec<Span<'_>> {
    let mut found = Vec::new();
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('`') {
        let Some((code, next)) = after.split_once('`').filter(|(code, _)| !code.is_empty()) else { break };
        found.push(Span { text: before, code: false });
        found.push(Span { text: code, code: true });
        rest = next;
    }
    found.push(Span { text: rest, code: false });
    found.retain(|span| !span.text.is_empty());
    found
}

/// "1 finding", "2 findings".
pub(crate) fn counted(number: usize, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}

/// A format's name in the status bar.
pub(crate) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Dockerfile => "Dockerfile",
        Kind::Compose => "Compose file",
        Kind::DotEnv => "Environment file",
        Kind::DockerIgnore => "Ignore file",
        Kind::PhpIni => "PHP settings",
        Kind::FpmPool => "PHP-FPM pool",
        Kind::Nginx => "nginx configuration",
        Kind::RedisConf => "Redis configuration",
        Kind::RedisAcl => "Redis users",
        Kind::Apache => "Apache configuration",
        Kind::Htaccess => "Apache folder settings",
        Kind::Caddyfile => "Caddyfile",
        Kind::Supervisord => "supervisord programs",
        Kind::Crontab => "Crontab",
        Kind::RoadRunner => "RoadRunner configuration",
        Kind::ComposerJson => "composer.json",
        Kind::ComposerLock => "composer.lock",
        Kind::PhpSource => "PHP configuration",
        Kind::GitlabCi => "GitLab pipeline",
        Kind::GithubWorkflow => "GitHub workflow",
        Kind::Jenkinsfile => "Jenkins pipeline",
        Kind::Makefile => "Makefile",
        Kind::Script => "Shell script",
        Kind::DaemonJson => "Docker daemon settings",
        Kind::Inventory => "Docker inventory",
        Kind::ScanReport => "Scan report",
        Kind::Policy => "Policy",
        Kind::Other => "Other file",
    }
}

/// First letter large: a severity's or confidence's name at the start of a label.
pub(crate) fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_cut_at_backticks() {
        let show = |text| {
            spans(text)
                .iter()
                .map(|span| format!("{}{}", if span.code { "#" } else { "" }, span.text))
                .collect::<Vec<_>>()
                .join("|")
        };
        assert_eq!(show("`redis` runs `a b`"), "#redis| runs |#a b");
        assert_eq!(show("a lone ` stays"), "a lone ` stays");
        assert_eq!(show(""), "");
        assert_eq!(show("``"), "``");
    }

    #[test]
    fn words_fit_their_number() {
        assert_eq!(counted(1, "finding"), "1 finding");
        assert_eq!(counted(0, "finding"), "0 findings");
        assert_eq!(capital("critical"), "Critical");
    }
}
