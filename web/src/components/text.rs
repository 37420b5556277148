//! Sentences and places.

use crate::app::Dispatch;
use crate::state::Action;
use crate::words::spans;
use plimsoll_core::report::json::LocationV1;
use yew::{Callback, Html, html};

/// A sentence, what stands between backticks as code.
pub(crate) fn sentence(text: &str) -> Html {
    spans(text)
        .into_iter()
        .map(|span| {
            if span.code {
                html! { <code>{ span.text.to_owned() }</code> }
            } else {
                html! { { span.text.to_owned() } }
            }
        })
        .collect()
}

/// A button that goes to a place.
pub(crate) fn place(location: &LocationV1, dispatch: &Dispatch) -> Html {
    let onclick = {
        let dispatch = dispatch.clone();
        let (path, from, to) = (location.path.clone(), location.start_utf16, location.end_utf16);
        Callback::from(move |_| dispatch.dispatch(Action::Reveal { path: path.as_str().into(), from, to }))
    };
    html! { <button class="place" type="button" {onclick}>{ format!("{}:{}", location.path, location.line) }</button> }
}
