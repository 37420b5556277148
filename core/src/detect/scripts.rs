//! What only the content of a script, a pipeline or a table of jobs tells.

use super::Kind;
use crate::source::file_name;

/// Scripts, pipelines, crontabs and ACL files that only their content tells.
pub(super) fn by_content(path: &str, text: &str) -> Kind {
    let name = file_name(path).to_ascii_lowercase();
    let bare = !name.contains('.');
    let pasted = bare || name.ends_with(".txt");
    let yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    // `docker-entrypoint`, `bin/deploy`: a script without an ending says in its first line what runs it.
    if bare && crate::syntax::script::shebang(text).is_some_and(|line| crate::syntax::shell::is_shell(&line.program)) {
        return Kind::Script;
    }
    if !(pasted || yaml) {
        return Kind::Other;
    }
    let lines = || text.lines().take(400).map(str::trim_end).filter(|line| !line.trim().is_empty());
    let code = || lines().filter(|line| !line.trim_start().starts_with('#'));
    let top = |key: &str| code().any(|line| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':')));
    let inside = |key: &str| code().any(|line| line.starts_with(' ') && line.trim_start().starts_with(key));
    // A workflow triggers on something; GitLab's jobs have scripts.
    if (top("on") || top("\"on\"")) && top("jobs") && (inside("runs-on:") || inside("uses:")) {
        return Kind::GithubWorkflow;
    }
    if inside("script:")
        && (top("stages") || top("image") || top("default") || top("before_script") || inside("stage:"))
    {
        return Kind::GitlabCi;
    }
    if !pasted {
        return Kind::Other;
    }
    let first = || code().next().unwrap_or("");
    if code().any(|line| line == "pipeline {" || line.starts_with("node {") || line.starts_with("node('"))
        && code().any(|line| line.contains("stage(") || line.contains("sh '") || line.contains("sh \""))
    {
        return Kind::Jenkinsfile;
    }
    let target =
        |line: &str| line.split_once(':').is_some_and(|(name, _)| !name.is_empty() && !name.contains([' ', '"', '{']));
    if code().any(|line| line.starts_with(".PHONY:"))
        || target(first()) && code().nth(1).is_some_and(|line| line.starts_with('\t'))
    {
        return Kind::Makefile;
    }
    if first().starts_with("user ")
        && code().all(|line| line.starts_with("user "))
        && first().contains([' ', '>', '+', '~'])
    {
        let word = first().split_whitespace().nth(2).unwrap_or("");
        if matches!(word, "on" | "off" | "nopass" | "reset") || word.starts_with(['>', '#', '~', '+', '-', '&']) {
            return Kind::RedisAcl;
        }
    }
    let schedule = |line: &str| {
        let mut fields = line.split_whitespace();
        let five = fields
            .by_ref()
            .take(5)
            .filter(|field| field.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'*' | b'/' | b',' | b'-')));
        five.count() == 5 && fields.next().is_some()
    };
    let named = |line: &str| {
        ["@daily ", "@hourly ", "@weekly ", "@monthly ", "@reboot "].iter().any(|name| line.starts_with(name))
    };
    if code().any(|line| schedule(line) || named(line))
        && code().all(|line| {
            schedule(line) || named(line) || line.split_once('=').is_some_and(|(name, _)| !name.trim().contains(' '))
        })
    {
        return Kind::Crontab;
    }
    let tool = |line: &str| {
        let words = line.trim_start_matches("sudo ").trim_start_matches("$ ");
        ["docker ", "docker-compose ", "podman "].iter().any(|tool| words.starts_with(tool))
    };
    if tool(first()) { Kind::Script } else { Kind::Other }
}
