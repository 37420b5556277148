//! The choice of what is shown: of everything where only one thing fits, of what stands beside the editor elsewhere.

use crate::app::Dispatch;
use crate::listing::Results;
use crate::state::{Action, Pane};
use plimsoll_core::Severity;
use std::rc::Rc;
use yew::{Callback, Html, Properties, component, html};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// Whether it stands beside the editor, which then is no choice.
    pub(crate) beside: bool,
    pub(crate) pane: Pane,
    /// What is shown beside the editor.
    pub(crate) side: &'static str,
    /// How many plug-ins there are.
    pub(crate) plugins: usize,
    pub(crate) results: Option<Rc<Results>>,
    pub(crate) dispatch: Dispatch,
}

#[component]
pub(crate) fn Switch(props: &Props) -> Html {
    let show = |pane| {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_| dispatch.dispatch(Action::Show(pane)))
    };
    let counts = props.results.as_ref().map(|results| results.counts()).unwrap_or_default();
    let total: usize = counts.iter().sum();
    let worst = counts
        .iter()
        .position(|&count| count > 0)
        .map(|level| format!("count count--{}", Severity::ALL[level].as_str()));
    let shown = match (props.beside, props.side) {
        (false, _) => props.pane,
        (true, "stack") => Pane::Stack,
        (true, "plugins") => Pane::Plugins,
        (true, _) => Pane::Findings,
    };
    let pressed = |pane: Pane| (shown == pane).to_string();
    html! {
        <nav class={if props.beside { "switch switch--beside" } else { "switch" }} aria-label="Show">
            if !props.beside {
                <button class="switch__btn" type="button" aria-pressed={pressed(Pane::Editor)} onclick={show(Pane::Editor)}>
                    { "Editor" }
                </button>
            }
            <button class="switch__btn" type="button" aria-pressed={pressed(Pane::Findings)} onclick={show(Pane::Findings)}>
                { "Findings " }<span class={worst.unwrap_or_else(|| "count".to_owned())}>{ total }</span>
            </button>
            <button class="switch__btn" type="button" aria-pressed={pressed(Pane::Stack)} onclick={show(Pane::Stack)}>
                { "Stack" }
            </button>
            <button class="switch__btn" type="button" aria-pressed={pressed(Pane::Plugins)} onclick={show(Pane::Plugins)}>
                { "Plug-ins" }
                if props.plugins > 0 { { " " }<span class="count">{ props.plugins }</span> }
            </button>
        </nav>
    }
}
