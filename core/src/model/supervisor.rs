//! supervisord's configuration: the programs it starts, whom they run as, and the doors it opens to itself.

use super::Spanned;
use crate::source::{Location, SourceId};
use crate::span::Span;
use crate::syntax::ini::{Entry, Ini, Section};

/// A configuration, or a part of one that is included.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Supervisor {
    /// The file.
    pub source: Option<SourceId>,
    /// `[supervisord] user`: whom the programs run as that name no user of their own.
    pub user: Option<Spanned<String>>,
    /// `[supervisord] nodaemon`.
    pub nodaemon: Option<Spanned<String>>,
    /// `[supervisord] environment`.
    pub environment: Vec<Variable>,
    /// `[program:…]`, `[eventlistener:…]`, `[fcgi-program:…]`.
    pub programs: Vec<Program>,
    /// `[unix_http_server]` and `[inet_http_server]`.
    pub servers: Vec<ControlServer>,
    /// `[include] files`: the patterns.
    pub includes: Vec<Spanned<String>>,
}

/// A program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Program {
    /// Its name.
    pub name: String,
    /// Where the name is written.
    pub at: Location,
    /// What kind of section it is: `program`, `eventlistener`, `fcgi-program`.
    pub kind: String,
    /// Its settings: name in lower case, value, place of the value.
    pub settings: Vec<(String, Spanned<String>)>,
    /// Variables that it sets.
    pub environment: Vec<Variable>,
}

/// `KEY="value"` of an `environment`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Variable {
    /// The name.
    pub key: String,
    /// The value, quotes removed.
    pub value: String,
    /// Where the whole list is written.
    pub at: Location,
}

/// A door through which supervisord is controlled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ControlServer {
    /// Whether it is a TCP port and no Unix socket.
    pub inet: bool,
    /// `port` or `file`.
    pub address: Option<Spanned<String>>,
    /// `username`.
    pub username: Option<Spanned<String>>,
    /// `password`.
    pub password: Option<Spanned<String>>,
    /// Where the section's name is written.
    pub at: Location,
}

impl ControlServer {
    /// Whether the address is not confined to the container itself: `*:9001`, `:9001`, `0.0.0.0:9001`, `9001`.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let Some(address) = self.address.as_ref().filter(|_| self.inet) else { return false };
        let host = address.value.rsplit_once(':').map_or("", |(host, _)| host);
        !matches!(host, "localhost" | "[::1]") && !host.starts_with("127.")
    }

    /// Whether nobody needs a password.
    #[must_use]
    pub fn is_unguarded(&self) -> bool {
        self.password.as_ref().is_none_or(|password| password.value.is_empty())
    }
}

impl Program {
    /// A setting.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Spanned<String>> {
        self.settings.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Its command line.
    #[must_use]
    pub fn command(&self) -> Option<&Spanned<String>> {
        self.get("command")
    }

    /// How many processes it starts; `None` when the number is computed.
    #[must_use]
    pub fn processes(&self) -> Option<u64> {
        self.get("numprocs").map_or(Some(1), |number| number.value.parse().ok())
    }

    /// Whether it is started when supervisord starts.
    #[must_use]
    pub fn starts_by_itself(&self) -> bool {
        self.get("autostart").is_none_or(|value| !is_false(&value.value))
    }
}

fn is_false(value: &str) -> bool {
    ["false", "no", "off", "0"].iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// Reads a configuration.
#[must_use]
pub fn read(source: SourceId, ini: &Ini) -> Supervisor {
    let mut out = Supervisor { source: Some(source), ..Supervisor::default() };
    let place = |span: Span| Location::new(source, span);
    let value = |entry: &Entry| {
        let span = if entry.value_span.is_empty() { entry.key_span } else { entry.value_span };
        Spanned::new(entry.value.clone(), place(span))
    };
    let get = |section: &Section, key: &str| section.entries.iter().rev().find(|entry| entry.key == key).map(value);
    for section in &ini.sections {
        let Some((name, span)) = &section.name else { continue };
        match name.as_str() {
            "supervisord" => {
                out.user = get(section, "user").or(out.user);
                out.nodaemon = get(section, "nodaemon").or(out.nodaemon);
                out.environment.extend(get(section, "environment").iter().flat_map(variables));
            }
            "unix_http_server" | "inet_http_server" => out.servers.push(ControlServer {
                inet: name.starts_with("inet"),
                address: get(section, "port").or_else(|| get(section, "file")),
                username: get(section, "username"),
                password: get(section, "password"),
                at: place(*span),
            }),
            "include" => {
                if let Some(files) = get(section, "files") {
                    let words = files.value.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
                    out.includes.extend(words.into_iter().map(|word| Spanned::new(word, files.at)));
                }
            }
            other => {
                let Some((kind, name)) = other.split_once(':') else { continue };
                if !matches!(kind, "program" | "eventlistener" | "fcgi-program") {
                    continue;
                }
                out.programs.push(Program {
                    name: name.trim().to_owned(),
                    at: place(*span),
                    kind: kind.to_owned(),
                    settings: section.entries.iter().map(|entry| (entry.key.clone(), value(entry))).collect(),
                    environment: get(section, "environment").iter().flat_map(variables).collect(),
                });
            }
        }
    }
    out
}

/// `A="1",B='2',C=3`.
fn variables(list: &Spanned<String>) -> Vec<Variable> {
    let mut found = Vec::new();
    let mut rest = list.value.as_str();
    loop {
        rest = rest.trim_start_matches([',', ' ', '\t', '\n', '\r']);
        let Some((key, after)) = rest.split_once('=') else { return found };
        let after = after.trim_start();
        let (value, next) = match after.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let inside = after.get(1..).unwrap_or("");
                inside.split_once(quote).unwrap_or((inside, ""))
            }
            _ => {
                let end = after.find([',', '\n']).unwrap_or(after.len());
                after.split_at_checked(end).unwrap_or((after, ""))
            }
        };
        found.push(Variable { key: key.trim().to_owned(), value: value.trim_end().to_owned(), at: list.at });
        rest = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::ini::parse_supervisor;

    #[test]
    fn programs_and_doors() {
        let text = "[supervisord]\nuser=root\nnodaemon=true\n[inet_http_server]\nport=*:9001\n[unix_http_server]\nfile=/run/s.sock\n\
            [program:queue]\ncommand=php artisan queue:work\nuser=www-data\nnumprocs=4\nautostart=false\n\
            environment=A=\"x,y\",B='z', C=1\n[group:g]\nprograms=queue\n[include]\nfiles = a.conf conf.d/*.conf\n";
        let read = read(SourceId(0), &parse_supervisor(text));
        assert_eq!(read.user.as_ref().unwrap().value, "root");
        assert_eq!(read.programs.len(), 1);
        let queue = &read.programs[0];
        assert_eq!((queue.name.as_str(), queue.processes(), queue.starts_by_itself()), ("queue", Some(4), false));
        assert_eq!(queue.command().unwrap().at.span.slice(text), "php artisan queue:work");
        assert_eq!(queue.get("user").unwrap().value, "www-data");
        let variables: Vec<_> = queue.environment.iter().map(|one| (one.key.as_str(), one.value.as_str())).collect();
        assert_eq!(variables, [("A", "x,y"), ("B", "z"), ("C", "1")]);
        assert_eq!(read.includes.iter().map(|one| one.value.as_str()).collect::<Vec<_>>(), ["a.conf", "conf.d/*.conf"]);
        assert!(read.servers[0].is_open() && read.servers[0].is_unguarded() && !read.servers[1].is_open());
    }

    #[test]
    fn addresses() {
        for (address, open) in
            [("127.0.0.1:9001", false), ("localhost:1", false), (":9001", true), ("9001", true), ("0.0.0.0:1", true)]
        {
            let text = format!("[inet_http_server]\nport={address}\npassword=x\n");
            let read = read(SourceId(0), &parse_supervisor(&text));
            assert_eq!(read.servers[0].is_open(), open, "{address}");
            assert!(!read.servers[0].is_unguarded());
        }
    }
}
