//! Text that is meant for somebody else than the reader.

use super::{
    Expect::{Partly, Refused, Taken},
    Group, attack,
};
use crate::guests::{Guest, fix, related};

/// Clears the screen, sets the title, makes a link.
const ESCAPES: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{1b}]8;;https://evil.example\u{1b}\\click\u{9b}31m\rover\u{8}";

/// What a browser would run.
const HTML: &str =
    "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>[a](javascript:alert(1))";

/// Turns what follows around.
const TURNED: &str = "safe \u{202e}dexob\u{202c} \u{2066}x\u{2069}\u{200b}\u{feff}";

pub(super) fn group() -> Group {
    Group {
        title: "Text that is meant for somebody else",
        promise: "Control characters and characters that turn the direction of writing are made visible, in the terminal, in JSON \
                  and SARIF, and in the page, which builds nothing from strings.",
        attacks: vec![
            attack("escapes", "has terminal escapes in every text", Taken(1), || everywhere("escapes", ESCAPES)),
            attack("html", "has HTML and a script in every text", Taken(1), || everywhere("html", HTML)),
            attack("turned", "has characters that turn the direction of writing", Taken(1), || {
                everywhere("turned", TURNED)
            }),
            attack("script-link", "has a link that is a script", Refused("refused"), || {
                Guest::new("script-link")
                    .being(|metadata| metadata.rules[0].help_url = Some("javascript:alert(1)".to_owned()))
                    .component()
            }),
            attack("escaping-edit", "has a fix that writes terminal escapes into a file", Partly(0), || {
                Guest::new("escaping-edit")
                    .saying(|finding| finding.fixes = vec![fix(&[(0, 1, "\u{1b}[2J")])])
                    .component()
            }),
            attack(
                "turning-edit",
                "has a fix that writes characters that turn the direction of writing",
                Partly(0),
                || {
                    Guest::new("turning-edit")
                        .saying(|finding| finding.fixes = vec![fix(&[(0, 1, "\u{202e}")])])
                        .component()
                },
            ),
        ],
    }
}

fn everywhere(name: &str, text: &str) -> Vec<u8> {
    Guest::new(name)
        .being(|metadata| {
            metadata.version = text.to_owned();
            metadata.description = text.to_owned();
            metadata.license = text.to_owned();
            let rule = &mut metadata.rules[0];
            rule.title = text.to_owned();
            rule.description = text.to_owned();
            rule.tags = vec![text.to_owned()];
            rule.properties = vec![crate::guests::property("help", text)];
        })
        .saying(|finding| {
            finding.message = format!("before {text} behind");
            finding.related = vec![related(text)];
            finding.fixes = vec![fix(&[(0, 1, "#")])];
            finding.fixes[0].title = text.to_owned();
        })
        .component()
}
