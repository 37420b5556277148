//! Pieces that several tabs are made of.

use crate::app::Dispatch;
use crate::components::text::{place, sentence};
use crate::stack::Act;
use crate::stack::drawing::Fact;
use crate::state::Action;
use plimsoll_core::report::stack::EvidenceV1;
use yew::{Callback, Html, MouseEvent, html};

/// What a button of the section does.
pub(super) fn press(dispatch: &Dispatch, act: Act) -> Callback<MouseEvent> {
    let dispatch = dispatch.clone();
    Callback::from(move |_| dispatch.dispatch(Action::Stack(act.clone())))
}

/// A line instead of content.
pub(super) fn note(text: &'static str) -> Html {
    html! { <p class="stack__note" role="status">{ text }</p> }
}

/// What shows something: words, and the places they stand at.
pub(super) fn evidence(list: &[EvidenceV1], dispatch: &Dispatch) -> Html {
    if list.is_empty() {
        return Html::default();
    }
    html! {
        <ul class="proof">
            for one in list {
                <li class="proof__item">
                    <span class="proof__label">{ sentence(&one.label) }</span>
                    if let Some(location) = &one.location {
                        { " " }
                        { place(location, dispatch) }
                    }
                </li>
            }
        </ul>
    }
}

/// Facts, each with what shows it.
pub(super) fn facts(list: &[Fact], dispatch: &Dispatch) -> Html {
    html! {
        <ul class="facts">
            for fact in list {
                <li class="facts__item">{ sentence(&fact.text) }{ evidence(&fact.evidence, dispatch) }</li>
            }
        </ul>
    }
}

/// Names as small labels.
pub(super) fn names(list: &[String]) -> Html {
    html! {
        <ul class="services">
            for name in list {
                <li class="service">{ name.clone() }</li>
            }
        </ul>
    }
}

/// A table: its title, the heads of its columns, and rows of as many cells. The first cell of a row is its head.
pub(super) fn table<H: AsRef<str>>(caption: Html, heads: &[H], rows: Vec<Vec<Html>>) -> Html {
    let label = heads.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(", ");
    html! {
        <div class="table" role="group" tabindex="0" aria-label={label}>
            <table class="table__table">
                <caption class="table__caption">{ caption }</caption>
                <thead>
                    <tr>
                        for head in heads {
                            <th scope="col">{ head.as_ref().to_owned() }</th>
                        }
                    </tr>
                </thead>
                <tbody>
                    for row in rows {
                        <tr>{ for row.into_iter().enumerate().map(|(at, content)| cell(at, content)) }</tr>
                    }
                </tbody>
            </table>
        </div>
    }
}

fn cell(at: usize, content: Html) -> Html {
    if at == 0 {
        html! { <th scope="row">{ content }</th> }
    } else {
        html! { <td>{ content }</td> }
    }
}

/// A text as a node.
pub(super) fn text(text: impl Into<String>) -> Html {
    let text: String = text.into();
    html! { { text } }
}
