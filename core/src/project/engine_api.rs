//! Where the API of a container engine is offered over TCP, and where somebody uses it so.

use super::network::MAX_COMPARED;
use super::{Parsed, Project, ServiceRef};
use crate::detect::Kind;
use crate::fix::{Fix, Safety};
use crate::source::{Location, file_name};
use crate::span::Span;
use crate::syntax::shell::{self, Command};

/// An address on which an engine listens without asking for a certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EngineListener {
    /// The address as written: `tcp://0.0.0.0:2375`.
    pub address: String,
    /// Where it is written.
    pub at: Location,
    /// Whether only this machine reaches it.
    pub loopback: bool,
}

/// An engine that is used over TCP without TLS.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EngineUse {
    /// The address as written: `tcp://build.example.org:2375`.
    pub address: String,
    /// The host in it.
    pub host: String,
    /// Where it is written.
    pub at: Location,
}

impl EngineUse {
    /// Reads `tcp://host:port`; `None` for sockets, `ssh://`, addresses with TLS on port 2376, and where a variable
    /// decides.
    #[must_use]
    pub fn read(text: &str, at: Location) -> Option<Self> {
        Self::of(text, at).filter(|found| !found.address.trim_end_matches('/').ends_with(":2376"))
    }

    fn of(text: &str, at: Location) -> Option<Self> {
        let rest = text.strip_prefix("tcp://")?.trim_end_matches('/');
        let (host, port) = rest.rsplit_once(':').unwrap_or((rest, "2375"));
        let known = !rest.contains('$') && port.bytes().all(|byte| byte.is_ascii_digit());
        known.then(|| Self { address: text.to_owned(), host: host.trim_matches(['[', ']']).to_owned(), at })
    }

    /// Whether it is this machine, or a container beside the one that uses it: a name without a dot.
    #[must_use]
    pub fn is_near(&self) -> bool {
        is_loopback(&self.host) || !self.host.contains(['.', ':'])
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "::1" || host.starts_with("127.")
}

/// The listener that a word such as `tcp://0.0.0.0:2375` asks for.
fn listener(text: &str, at: Location) -> Option<EngineListener> {
    let rest = text.strip_prefix("tcp://").filter(|rest| !rest.contains('$'))?;
    let host = rest.rsplit_once(':').map_or(rest, |(host, _)| host).trim_matches(['[', ']']);
    Some(EngineListener { address: text.to_owned(), at, loopback: is_loopback(host) })
}

/// The listeners of a command line of `dockerd`, as pairs of a text and its place in the words; none where it asks for
/// certificates.
fn asked_for(command: &Command) -> Vec<(&str, Span)> {
    let daemon = match command.program() {
        Some("dockerd") => true,
        Some("docker") => command.program_args().first().is_some_and(|word| word.text == "daemon"),
        _ => false,
    };
    if !daemon || command.has_flag("--tlsverify") {
        return Vec::new();
    }
    let words = command.program_args();
    let glued = words.iter().filter_map(|word| {
        let text = word.text.strip_prefix("--host=").or_else(|| word.text.strip_prefix("-H="))?;
        Some((text, word.span))
    });
    let apart = words.windows(2).filter_map(|pair| match pair {
        [flag, value] if matches!(flag.text.as_str(), "-H" | "--host") => Some((value.text.as_str(), value.span)),
        _ => None,
    });
    glued.chain(apart).collect()
}

impl Project<'_> {
    /// Every address on which an engine listens without asking for a certificate: in `daemon.json`, in scripts, in
    /// units of systemd.
    #[must_use]
    pub fn engine_listeners(&self) -> Vec<EngineListener> {
        let mut found = Vec::new();
        for file in &self.files {
            match &file.parsed {
                Parsed::Json(json) if file.kind == Kind::DaemonJson => {
                    let Some(root) = json.root() else { continue };
                    if root.get("tlsverify").and_then(crate::syntax::json::Value::bool) == Some(true) {
                        continue;
                    }
                    let hosts = root.get("hosts").map(|hosts| hosts.items()).unwrap_or_default();
                    found.extend(
                        hosts.iter().filter_map(|host| listener(host.str()?, Location::new(file.source, host.span))),
                    );
                }
                Parsed::Nothing if file_name(self.path(file.source)).ends_with(".service") => {
                    found.extend(self.listeners_of_unit(file.source));
                }
                _ => {}
            }
        }
        for unit in self.shell_units() {
            let words = unit.commands().flat_map(|(_, command)| asked_for(command));
            found.extend(words.filter_map(|(text, span)| listener(text, Location::new(unit.source, span))));
        }
        found
    }

    /// Listeners of the `ExecStart` lines of a unit.
    fn listeners_of_unit(&self, source: crate::source::SourceId) -> Vec<EngineListener> {
        let mut found = Vec::new();
        let mut start = 0;
        for line in self.text(source).split_inclusive('\n') {
            if let Some(rest) = line.strip_prefix("ExecStart=") {
                let offset = start + line.len() - rest.len();
                let script = shell::parse(rest);
                for (text, span) in script.commands.iter().flat_map(asked_for) {
                    let (from, to) = (span.start as usize, span.end as usize);
                    found.extend(listener(text, Location::new(source, Span::new(offset + from, offset + to))));
                }
            }
            start += line.len();
        }
        found
    }

    /// Every engine that scripts and pipelines use over TCP without TLS: `DOCKER_HOST`, `docker -H`.
    #[must_use]
    pub fn engine_uses(&self) -> Vec<EngineUse> {
        let mut found: Vec<EngineUse> = Vec::new();
        for unit in self.shell_units() {
            for (_, command) in unit.commands() {
                let words = command.assignments.iter().chain(&command.words).filter_map(|word| {
                    let text = word.text.strip_prefix("DOCKER_HOST=")?;
                    EngineUse::read(text, Location::new(unit.source, word.span))
                });
                found.extend(words);
                if matches!(command.program(), Some("docker" | "docker-compose")) {
                    let flag = command.flag_value("-H").or_else(|| command.flag_value("--host"));
                    found.extend(
                        flag.and_then(|(text, word)| EngineUse::read(text, Location::new(unit.source, word.span))),
                    );
                }
            }
        }
        for pipeline in self.pipelines() {
            let jobs = pipeline.jobs.iter().flat_map(|job| &job.variables);
            let hosts = pipeline.variables.iter().chain(jobs).filter(|variable| variable.name == "DOCKER_HOST");
            let values = hosts.filter_map(|variable| variable.value.as_ref().filter(|value| value.is_known()));
            found.extend(values.filter_map(|value| EngineUse::read(&value.text, value.at)));
        }
        found
    }

    /// Removes an address from the `hosts` of `daemon.json`, when another one stays.
    #[must_use]
    pub fn remove_listener(&self, listener: &EngineListener) -> Option<Fix> {
        let Parsed::Json(json) = &self.file(listener.at.source).parsed else { return None };
        let hosts = json.root()?.get("hosts")?.items();
        let index = hosts.iter().position(|host| host.span == listener.at.span)?;
        let span = match index.checked_sub(1) {
            Some(before) => Span { start: hosts.get(before)?.span.end, end: listener.at.span.end },
            None => Span { start: listener.at.span.start, end: hosts.get(index + 1)?.span.start },
        };
        Some(Fix::new(Safety::Suggested, "Listen on the local socket only").replace(listener.at.source, span, ""))
    }
}

impl<'p, 'a> ServiceRef<'p, 'a> {
    /// The service of its view that a host name stands for.
    #[must_use]
    pub fn beside(self, host: &str) -> Option<ServiceRef<'p, 'a>> {
        self.others().take(MAX_COMPARED).find(|other| other.hostnames().contains(&host))
    }

    /// The engine it uses over TCP without TLS, as its `DOCKER_HOST` says. On port 2376 an empty `DOCKER_TLS_VERIFY`
    /// says so.
    #[must_use]
    pub fn engine_use(self) -> Option<EngineUse> {
        let value = |key: &str| self.variable(key)?.value.as_ref().filter(|value| value.is_known());
        let host = value("DOCKER_HOST")?;
        let off = value("DOCKER_TLS_VERIFY").is_some_and(|value| value.text.is_empty());
        if off { EngineUse::of(&host.text, host.at) } else { EngineUse::read(&host.text, host.at) }
    }
}

#[cfg(test)]
mod tests {
    use crate::project::Project;
    use crate::rules::testing::{TODAY, sources};

    fn listeners(name: &str, text: &str) -> Vec<(String, bool)> {
        let sources = sources(&[(name, text)]);
        let found = Project::new(&sources, TODAY).engine_listeners();
        found.into_iter().map(|found| (found.address, found.loopback)).collect()
    }

    #[test]
    fn the_daemons_own_file() {
        let text = "{\"hosts\": [\"unix:///var/run/docker.sock\", \"tcp://0.0.0.0:2375\"]}";
        assert_eq!(listeners("daemon.json", text), [("tcp://0.0.0.0:2375".to_owned(), false)]);
        let verified = "{\"hosts\": [\"tcp://0.0.0.0:2376\"], \"tlsverify\": true, \"tlscacert\": \"/ca.pem\"}";
        assert!(listeners("daemon.json", verified).is_empty());
        assert_eq!(listeners("daemon.json", "{\"hosts\": [\"tcp://127.0.0.1:2375\"]}").len(), 1);
    }

    #[test]
    fn scripts_and_units() {
        assert_eq!(
            listeners("setup.sh", "#!/bin/sh\ndockerd -H unix:///var/run/docker.sock -H tcp://0.0.0.0:2375 &\n").len(),
            1
        );
        assert!(listeners("setup.sh", "#!/bin/sh\ndockerd --tlsverify -H tcp://0.0.0.0:2376\n").is_empty());
        let unit = "[Service]\nExecStart=/usr/bin/dockerd -H fd:// -H tcp://0.0.0.0:2375\n";
        assert_eq!(listeners("docker.service", unit).len(), 1);
    }

    #[test]
    fn uses_of_scripts() {
        let uses = |text: &str| {
            let sources = sources(&[("deploy.sh", text)]);
            Project::new(&sources, TODAY).engine_uses().len()
        };
        assert_eq!(uses("#!/bin/sh\nexport DOCKER_HOST=tcp://10.0.0.5:2375\ndocker ps\n"), 1);
        assert_eq!(uses("#!/bin/sh\ndocker -H tcp://10.0.0.5:2375 ps\n"), 1);
        assert_eq!(uses("#!/bin/sh\nDOCKER_HOST=ssh://deploy@prod docker ps\ndocker -H tcp://10.0.0.5:2376 ps\n"), 0);
    }
}
