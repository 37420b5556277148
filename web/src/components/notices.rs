//! What the analysis could not read, does not know, or was told to leave out.

use super::icons::{Icon, with_class};
use super::text::{place, sentence};
use crate::app::Dispatch;
use crate::listing::Results;
use plimsoll_core::report::json::{NoticeV1, QuestionV1, SuppressedV1};
use std::rc::Rc;
use yew::{Html, Properties, component, html};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) results: Rc<Results>,
    pub(crate) dispatch: Dispatch,
}

#[component]
pub(crate) fn Notices(props: &Props) -> Html {
    let report = &props.results.report;
    let count = report.notices.len() + report.questions.len() + report.suppressed.len();
    if count == 0 {
        return html! {};
    }
    html! {
        <section class="notices" aria-labelledby="notices-title">
            <h3 class="notices__title" id="notices-title">{ "Notices " }<span class="count">{ count }</span></h3>
            <ul class="notices__list">
                for one in report.notices.iter() { { notice(one, &props.dispatch) } }
                for one in report.questions.iter() { { question(one) } }
                for one in report.suppressed.iter() { { suppressed(one, &props.dispatch) } }
            </ul>
        </section>
    }
}

fn notice(one: &NoticeV1, dispatch: &Dispatch) -> Html {
    let (class, icon) = match one.level.as_str() {
        "incomplete" => ("notice notice--error", Icon::Alert),
        _ => ("notice", Icon::Alert),
    };
    html! {
        <li {class}>
            { with_class(icon, "notice__icon") }
            <div>
                <p class="notice__title">{ sentence(&one.message) }</p>
                if let Some(help) = &one.help { <p class="notice__text">{ sentence(help) }</p> }
                if let Some(location) = &one.location {
                    { place(location, dispatch) }
                } else if !one.path.is_empty() {
                    <p class="notice__text"><code>{ one.path.clone() }</code></p>
                }
            </div>
        </li>
    }
}

fn question(one: &QuestionV1) -> Html {
    html! {
        <li class="notice notice--question">
            { with_class(Icon::Question, "notice__icon") }
            <div>
                <p class="notice__title">{ sentence(&one.question) }</p>
                <p class="notice__text">{ sentence(&one.answer) }</p>
            </div>
        </li>
    }
}

fn suppressed(one: &SuppressedV1, dispatch: &Dispatch) -> Html {
    html! {
        <li class="notice">
            { with_class(Icon::Check, "notice__icon") }
            <div>
                <p class="notice__title">{ "Suppressed: " }{ sentence(&one.finding.message) }</p>
                if !one.reason.is_empty() { <p class="notice__text">{ one.reason.clone() }</p> }
                { place(&one.comment, dispatch) }
            </div>
        </li>
    }
}
