//! The bar that says why there are no findings for the present text.

use crate::app::Dispatch;
use crate::state::{Action, Trouble};
use yew::{Callback, Html, Properties, component, html};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) trouble: Trouble,
    /// Whether findings of an earlier text are still shown.
    pub(crate) earlier: bool,
    pub(crate) dispatch: Dispatch,
}

#[component]
pub(crate) fn TroubleBar(props: &Props) -> Html {
    let on = |action: Action| {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_| dispatch.dispatch(action.clone()))
    };
    let text = match props.trouble {
        Trouble::Stopped => "Analysis stopped: it took longer than 2 seconds.",
        Trouble::Crashed => "The analysis crashed and was restarted.",
    };
    html! {
        <aside class="notice-bar" aria-label="Analysis" role="alert">
            <span>{ text }{ if props.earlier { " The findings are those of an earlier text." } else { "" } }</span>
            <button class="btn" type="button" onclick={on(Action::Retry)}>{ "Try again" }</button>
            <button class="btn btn--quiet" type="button" onclick={on(Action::DismissTrouble)}>{ "Dismiss" }</button>
        </aside>
    }
}
