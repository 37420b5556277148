//! The verdict and the filters above the list.

use super::icons::{gauge, severity};
use crate::app::Dispatch;
use crate::listing::{Filter, Grouping, Results};
use crate::state::Action;
use crate::words::{capital, counted};
use plimsoll_core::Severity;
use std::rc::Rc;
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::{Callback, Event, Html, InputEvent, Properties, component, html};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) results: Rc<Results>,
    pub(crate) filter: Filter,
    pub(crate) dispatch: Dispatch,
}

#[component]
pub(crate) fn Summary(props: &Props) -> Html {
    let counts = props.results.counts();
    let worst = counts.iter().position(|&count| count > 0);
    let title = match worst {
        Some(0 | 1) => "Below the line",
        Some(2) => "At the line",
        _ => "Above the line",
    };
    html! {
        <div class="summary">
            <div class="verdict">
                { gauge(worst) }
                <div class="verdict__text" role="status">
                    <h2 class="verdict__title">{ title }</h2>
                    <p class="verdict__detail">{ detail(&props.results) }</p>
                </div>
            </div>
            if worst.is_some() {
                <div class="filters">
                    <div class="chips" role="group" aria-label="Show severities">
                        for (index, one) in Severity::ALL.iter().enumerate() {
                            { chip(index, *one, counts[index], props) }
                        }
                    </div>
                    { row(props) }
                </div>
            }
        </div>
    }
}

fn detail(results: &Results) -> String {
    let (causes, services) = results.causes_and_services();
    match results.items.len() {
        0 => "No findings".to_owned(),
        findings if services == 0 => format!("{} from {}", counted(findings, "finding"), counted(causes, "root cause")),
        findings => format!(
            "{} from {} in {}",
            counted(findings, "finding"),
            counted(causes, "root cause"),
            counted(services, "service")
        ),
    }
}

fn chip(index: usize, one: Severity, count: usize, props: &Props) -> Html {
    let onclick = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_| dispatch.dispatch(Action::ToggleSeverity(index)))
    };
    html! {
        <button class={format!("chip chip--{one}")} type="button" aria-pressed={props.filter.shown[index].to_string()} {onclick}>
            { severity(index) }
            <span class="chip__label">{ capital(one.as_str()) }</span>
            <span class="chip__count">{ count }</span>
        </button>
    }
}

fn row(props: &Props) -> Html {
    let oninput = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(field) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) {
                dispatch.dispatch(Action::FilterText(field.value()));
            }
        })
    };
    let onchange = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |event: Event| {
            let chosen = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
            let index = chosen.and_then(|select| usize::try_from(select.selected_index()).ok());
            if let Some(grouping) = index.and_then(|index| Grouping::ALL.get(index)) {
                dispatch.dispatch(Action::GroupBy(*grouping));
            }
        })
    };
    html! {
        <div class="filters__row">
            <label class="visually-hidden" for="filter">{ "Filter findings" }</label>
            <input class="field" id="filter" type="search" placeholder="Filter findings" autocomplete="off" value={props.filter.text.clone()} {oninput} />
            <label class="visually-hidden" for="group-by">{ "Group by" }</label>
            <select class="field" id="group-by" {onchange}>
                for grouping in Grouping::ALL {
                    <option selected={props.filter.grouping == grouping}>{ grouping.label() }</option>
                }
            </select>
        </div>
    }
}
