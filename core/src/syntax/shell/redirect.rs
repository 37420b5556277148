//! Redirections, and the bodies of here-documents.

use super::reader::{List, Reader};
use super::{HereDocument, Redirect};
use crate::span::Span;

/// Longest first, so that the first match is the operator.
const REDIRECTS: [&str; 12] = ["&>>", "<<<", "<<-", "&>", ">>", ">&", ">|", "<<", "<&", "<>", "<", ">"];

/// A here-document whose body is still to come.
pub(super) struct PendingHeredoc {
    marker: Span,
    name: String,
    strip_tabs: bool,
    expand: bool,
}

impl Reader<'_> {
    pub(super) fn redirect(&mut self, list: &mut List, descriptor: Option<usize>) {
        let start = descriptor.unwrap_or(self.at);
        let file_descriptor = descriptor.and_then(|from| self.since(from).parse().ok());
        let rest = self.text.get(self.at..).unwrap_or("");
        let Some(operator) = REDIRECTS.into_iter().find(|operator| rest.starts_with(operator)) else {
            return;
        };
        self.at += operator.len();
        self.skip_while(|byte| matches!(byte, b' ' | b'\t'));
        let target = self.word(list.depth);
        let span = Span::new(start, self.at.min(target.span.range().end.max(start + operator.len())));
        if matches!(operator, "<<" | "<<-") {
            list.heredocs.push(PendingHeredoc {
                marker: target.span,
                name: target.text.clone(),
                strip_tabs: operator == "<<-",
                expand: !target.quoted,
            });
        }
        let command = self.command(list, start);
        command.span = command.span.to(span);
        command.redirects.push(Redirect { operator: operator.to_owned(), file_descriptor, target, span });
    }

    pub(super) fn heredoc_body(&mut self, heredoc: PendingHeredoc) {
        let PendingHeredoc { marker, name, strip_tabs, expand } = heredoc;
        let start = self.at;
        let mut end = start;
        let mut terminated = false;
        while !terminated && self.at < self.text.len() {
            end = self.at;
            self.skip_while(|byte| byte != b'\n');
            let line = self.since(end).trim_end_matches('\r');
            let line = if strip_tabs { line.trim_start_matches('\t') } else { line };
            terminated = line == name;
            self.at = (self.at + 1).min(self.text.len());
        }
        if !terminated {
            end = self.at;
            self.unclosed(marker.range().start);
        }
        self.script.heredocs.push(HereDocument { marker, name, body: Span::new(start, end), expand });
    }
}
