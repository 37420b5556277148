//! Edits of a web server's configuration. Each is read again: when that finds a new error, there is no edit.

use super::Project;
use crate::detect::Kind;
use crate::fix::{Fix, Safety};
use crate::model::web::{Directive, Software, Value, WebConfig};
use crate::source::{Location, SourceId};
use crate::span::Span;
use crate::syntax::{apache, caddyfile, nginx};

impl Project<'_> {
    /// Replaces a piece of a web server's configuration; nothing when it is not a file of the project.
    #[must_use]
    pub fn replace_in_web(
        &self,
        safety: Safety,
        title: impl Into<String>,
        web: &WebConfig,
        at: Location,
        text: &str,
    ) -> Option<Fix> {
        self.web_fix(safety, title, web.software, at.source, at.span, text)
    }

    /// Removes a directive and its block, with the line when nothing else stands on it.
    #[must_use]
    pub fn remove_directive(
        &self,
        safety: Safety,
        title: impl Into<String>,
        web: &WebConfig,
        directive: &Directive,
    ) -> Option<Fix> {
        let (source, text) = (directive.whole.source, self.text(directive.whole.source));
        let (start, mut end) = (directive.whole.span.start as usize, directive.whole.span.end as usize);
        if web.software == Software::Nginx && text.get(end..)?.starts_with(';') {
            end += 1;
        }
        let line = text.get(..start)?.rfind('\n').map_or(0, |feed| feed + 1);
        let rest = text.get(end..)?;
        let next = rest.find('\n').map_or(text.len(), |feed| end + feed + 1);
        let alone = text.get(line..start)?.trim().is_empty() && text.get(end..next)?.trim().is_empty();
        let span = if alone { Span::new(line, next) } else { Span::new(start, end) };
        self.web_fix(safety, title, web.software, source, span, "")
    }

    /// Replaces a directive by lines, with its indentation. A tab in front of a line stands for one step of indentation more.
    #[must_use]
    pub fn replace_directive(
        &self,
        safety: Safety,
        title: impl Into<String>,
        web: &WebConfig,
        directive: &Directive,
        lines: &[&str],
    ) -> Option<Fix> {
        let text = self.text(directive.whole.source);
        let before = text.get(..directive.whole.span.start as usize)?;
        let line = before.get(before.rfind('\n').map_or(0, |feed| feed + 1)..)?;
        let indent: String = line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
        let step = if indent.contains('\t') { "\t" } else { "    " };
        let written = |line: &&str| match line.strip_prefix('\t') {
            Some(rest) => format!("{step}{rest}"),
            None => (*line).to_owned(),
        };
        let body = lines.iter().map(written).collect::<Vec<_>>().join(&format!("\n{indent}"));
        self.web_fix(safety, title, web.software, directive.whole.source, directive.whole.span, &body)
    }

    /// Adds lines to a block with its own indentation: in front of the first `location` of nginx, where an expression counts before
    /// all others; else behind the last directive. A tab in front of a line stands for one step of indentation more.
    #[must_use]
    pub fn insert_directive(
        &self,
        safety: Safety,
        title: impl Into<String>,
        web: &WebConfig,
        block: usize,
        lines: &[&str],
    ) -> Option<Fix> {
        let tree = &web.tree;
        let source = tree.node(block).at.source;
        let written = |child: &&Directive| child.whole.source == source && !child.of_image;
        let own = || tree.children(block).map(|(_, child)| child).filter(written);
        let text = self.text(source);
        let first = own().find(|child| web.software == Software::Nginx && child.name == "location");
        let anchor = first.or_else(|| own().max_by_key(|child| child.whole.span.end))?;
        let start = anchor.whole.span.start as usize;
        let line = text.get(..start)?.rfind('\n').map_or(0, |feed| feed + 1);
        let indent = text.get(line..start)?;
        let feed = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let step = if indent.contains('\t') || web.software == Software::Caddy { "\t" } else { "    " };
        let written = |line: &&str| match line.strip_prefix('\t') {
            Some(rest) => format!("{indent}{step}{rest}"),
            None => format!("{indent}{line}"),
        };
        let body = lines.iter().map(written).collect::<Vec<_>>().join(feed);
        let inline = || lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
        let nginx = web.software == Software::Nginx;
        if first.is_some() {
            if !indent.trim().is_empty() {
                return self.web_fix(safety, title, web.software, source, Span::at(start), &format!("{} ", inline()));
            }
            let at = above_comments(text, line)?;
            return self.web_fix(safety, title, web.software, source, Span::at(at), &format!("{body}{feed}"));
        }
        let mut end = anchor.whole.span.end as usize;
        if nginx && text.get(end..)?.starts_with(';') {
            end += 1;
        }
        let rest = text.get(end..)?;
        let tail = rest.find('\n').map_or(text.len(), |feed| end + feed);
        let behind = text.get(end..tail)?.trim();
        if !(behind.is_empty() || behind.starts_with('#')) || !indent.trim().is_empty() {
            let text = format!(" {}", inline());
            return nginx.then(|| self.web_fix(safety, title, web.software, source, Span::at(end), &text)).flatten();
        }
        let tail = if text.get(..tail)?.ends_with('\r') { tail - 1 } else { tail };
        self.web_fix(safety, title, web.software, source, Span::at(tail), &format!("{feed}{body}"))
    }

    /// Switches a listing of folders off at the directive that switches it on, one of [`WebConfig::listings`].
    #[must_use]
    pub fn switch_off_listing(&self, safety: Safety, web: &WebConfig, listing: &Directive) -> Option<Fix> {
        let title = "Switch the listing off";
        let written = |value: &&Value| self.slice(value.at).trim_matches('"') == value.text;
        let argument = |names: &[&str]| {
            listing.args.iter().filter(written).find(|value| names.contains(&value.text.to_ascii_lowercase().as_str()))
        };
        match web.software {
            Software::Nginx => self.replace_in_web(safety, title, web, argument(&["on"])?.at, "off"),
            // `Indexes` among other words is taken away, alone it needs a word in its place.
            Software::Apache => {
                let value = argument(&["indexes", "+indexes"])?;
                let relative = listing.args.iter().any(|value| value.text.starts_with(['+', '-']));
                let instead = if relative { "-Indexes" } else { "None" };
                if relative || listing.args.len() == 1 {
                    return self.replace_in_web(safety, title, web, value.at, instead);
                }
                self.remove_word(safety, title, web, value.at)
            }
            Software::Caddy => match argument(&["browse"]) {
                Some(value) => self.remove_word(safety, title, web, value.at),
                None => {
                    let children = || listing.children.iter().map(|child| web.tree.node(*child));
                    self.remove_directive(safety, title, web, children().find(|child| child.name == "browse")?)
                }
            },
        }
    }

    /// Removes a word and the blanks in front of it.
    fn remove_word(&self, safety: Safety, title: &str, web: &WebConfig, at: Location) -> Option<Fix> {
        let text = self.text(at.source);
        let start = text.get(..at.span.start as usize)?.trim_end_matches([' ', '\t']).len();
        let span = Span::new(start, at.span.end as usize);
        self.web_fix(safety, title, web.software, at.source, span, "")
    }

    fn web_fix(
        &self,
        safety: Safety,
        title: impl Into<String>,
        software: Software,
        source: SourceId,
        span: Span,
        replacement: &str,
    ) -> Option<Fix> {
        let file = matches!(
            self.file(source).kind,
            Kind::Nginx | Kind::Apache | Kind::Htaccess | Kind::Caddyfile | Kind::Other
        );
        let text = self.text(source);
        if !file || self.is_recorded(Location::new(source, span)) {
            return None;
        }
        self.may_try(2 * text.len())?;
        let mut after = text.to_owned();
        after.get(span.range())?;
        after.replace_range(span.range(), replacement);
        (errors(software, &after) <= errors(software, text))
            .then(|| Fix::new(safety, title).replace(source, span, replacement))
    }
}

fn errors(software: Software, text: &str) -> usize {
    match software {
        Software::Nginx => nginx::parse(text).errors.len(),
        Software::Apache => apache::parse(text).errors.len(),
        Software::Caddy => caddyfile::parse(text).errors.len(),
    }
}

/// The start of the comment lines right above a line.
fn above_comments(text: &str, mut line: usize) -> Option<usize> {
    while line > 0 {
        let before = text.get(..line - 1)?.rfind('\n').map_or(0, |feed| feed + 1);
        if !text.get(before..line)?.trim_start().starts_with('#') {
            break;
        }
        line = before;
    }
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{TODAY, sources};

    fn edited(
        path: &str,
        image: &str,
        target: &str,
        text: &str,
        edit: impl Fn(&Project<'_>, &WebConfig) -> Option<Fix>,
    ) -> String {
        let compose = format!("services:\n  web:\n    image: {image}\n    volumes: [\"./{path}:{target}:ro\"]\n");
        let sources = sources(&[("compose.yaml", &compose), (path, text)]);
        let project = Project::new(&sources, TODAY);
        let service = project.services().next().unwrap();
        let fix = edit(&project, service.web_server().unwrap()).unwrap();
        fix.outcome(&sources).unwrap()[path].clone()
    }

    fn nginx(text: &str, edit: impl Fn(&Project<'_>, &WebConfig) -> Option<Fix>) -> String {
        edited("site.conf", "nginx:1.30.4", "/etc/nginx/conf.d/default.conf", text, edit)
    }

    #[test]
    fn in_front_of_the_first_location_and_its_comment() {
        let add = |project: &Project<'_>, web: &WebConfig| {
            project.insert_directive(
                Safety::Safe,
                "x",
                web,
                web.servers[0].node,
                &["location /x {", "\tdeny all;", "}"],
            )
        };
        assert_eq!(
            nginx("server {\n    root /a;\n    # all\n    location / { }\n}\n", add),
            "server {\n    root /a;\n    location /x {\n        deny all;\n    }\n    # all\n    location / { }\n}\n"
        );
        assert_eq!(
            nginx("server { root /a; location / { } }\n", add),
            "server { root /a; location /x { deny all; } location / { } }\n"
        );
        assert_eq!(
            nginx("server {\n  root /a; # here\n}\n", add),
            "server {\n  root /a; # here\n  location /x {\n      deny all;\n  }\n}\n"
        );
    }

    #[test]
    fn a_directive_goes_with_its_line() {
        let remove = |project: &Project<'_>, web: &WebConfig| {
            project.remove_directive(Safety::Safe, "x", web, web.all("autoindex").next()?)
        };
        assert_eq!(nginx("server {\n  autoindex on;\n  root /a;\n}\n", remove), "server {\n  root /a;\n}\n");
        assert_eq!(nginx("server { autoindex on; root /a; }\n", remove), "server {  root /a; }\n");
    }

    #[test]
    fn behind_the_last_directive_of_a_site() {
        let text = edited(
            "Caddyfile",
            "caddy:2.11.4",
            "/etc/caddy/Caddyfile",
            ":80 {\n\troot * /srv\n\tfile_server\n}\n",
            |project, web| project.insert_directive(Safety::Safe, "x", web, web.servers[0].node, &["respond /x 404"]),
        );
        assert_eq!(text, ":80 {\n\troot * /srv\n\tfile_server\n\trespond /x 404\n}\n");
    }
}
