//! What the list of findings says about plug-ins that failed: whoever reads the list must know that it is not all.

use super::shelf::{Plugin, Shelf};
use crate::app::Dispatch;
use crate::components::icons::{Icon, with_class};
use crate::components::text::sentence;
use crate::state::{Action, Pane};
use crate::words::capital;
use plimsoll_core::text::shorten;
use yew::{Callback, Html, Properties, component, html};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) shelf: Shelf,
    pub(crate) dispatch: Dispatch,
}

/// The plug-ins that are on and gave nothing, or not all.
#[component]
pub(crate) fn Troubles(props: &Props) -> Html {
    let troubled = props.shelf.troubled();
    if troubled.is_empty() {
        return html! {};
    }
    let onclick = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_| dispatch.dispatch(Action::Show(Pane::Plugins)))
    };
    html! {
        <div class="plugin-troubles">
            <ul class="plugin-troubles__list" aria-label="Plug-ins that failed">
                for plugin in troubled {
                    <li key={plugin.id}>{ trouble(&props.shelf, plugin, false) }</li>
                }
            </ul>
            <button class="btn" type="button" {onclick}>{ "Show the plug-ins" }</button>
        </div>
    }
}

/// Why findings of a plug-in are missing; nothing when none are. In full where its other details stand.
pub(super) fn trouble(shelf: &Shelf, plugin: &Plugin, in_full: bool) -> Html {
    let (what, texts) = match shelf.failure(plugin) {
        Some(failure) => {
            let failure = (*failure).clone().cleaned();
            // The terminal's help names its own ways.
            let help = if failure.code.starts_with("settings") { "Correct its settings" } else { &failure.help };
            ("gave no findings", vec![ended(&failure.message), ended(help)])
        }
        None if plugin.problems.is_empty() => return html! {},
        None => {
            let most = if in_full { 20 } else { 1 };
            let mut texts: Vec<String> =
                plugin.problems.iter().take(most).map(|text| ended(&shorten(text, 400))).collect();
            if plugin.problems.len() > most {
                texts.push(format!("And {} more.", plugin.problems.len() - most));
            }
            ("gave findings that cannot be used", texts)
        }
    };
    html! {
        <div class="notice notice--error" role="alert" id={in_full.then(|| format!("plugin-{}-trouble", plugin.id))}>
            { with_class(Icon::Alert, "notice__icon") }
            <div>
                <p class="notice__title">{ format!("{} {what}", shorten(&plugin.file, 100)) }</p>
                for text in texts.into_iter().filter(|text| !text.is_empty()) {
                    <p class="notice__text">{ sentence(&text) }</p>
                }
            </div>
        </div>
    }
}

/// A text as a sentence of its own.
fn ended(text: &str) -> String {
    let open = text.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '`' | ')'));
    format!("{}{}", capital(text), if open { "." } else { "" })
}
