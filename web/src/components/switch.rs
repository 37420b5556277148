//! The choice between editor and findings where only one of them fits.

use crate::app::Dispatch;
use crate::listing::Results;
use crate::state::{Action, Pane};
use plimsoll_core::Severity;
use std::rc::Rc;
use yew::{Callback, Html, Properties, component, html};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) pane: Pane,
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
    html! {
        <nav class="switch" aria-label="Show">
            <button class="switch__btn" type="button" aria-pressed={(props.pane == Pane::Editor).to_string()} onclick={show(Pane::Editor)}>
                { "Editor" }
            </button>
            <button class="switch__btn" type="button" aria-pressed={(props.pane == Pane::Findings).to_string()} onclick={show(Pane::Findings)}>
                { "Findings " }<span class={worst.unwrap_or_else(|| "count".to_owned())}>{ total }</span>
            </button>
        </nav>
    }
}
