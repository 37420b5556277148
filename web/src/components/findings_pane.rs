//! The right half: verdict, filters, list, notices.

use super::filters::Summary;
use super::finding::Finding;
use super::icons::sea;
use super::notices::Notices;
use super::score::Score;
use crate::app::Dispatch;
use crate::listing::{Filter, Listing, Results};
use crate::plugins::Shelf;
use crate::plugins::notices::Troubles;
use crate::state::Action;
use crate::words::counted;
use plimsoll_core::rules::RULES;
use std::rc::Rc;
use yew::{Callback, Html, Properties, component, html};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// Whether there are no files.
    pub(crate) empty: bool,
    /// Whether an analysis is under way.
    pub(crate) waiting: bool,
    pub(crate) results: Option<Rc<Results>>,
    pub(crate) plugins: Shelf,
    pub(crate) listing: Rc<Listing>,
    pub(crate) filter: Filter,
    pub(crate) dispatch: Dispatch,
}

#[component]
pub(crate) fn FindingsPane(props: &Props) -> Html {
    let content = match &props.results {
        None if props.empty => html! {
            <div class="empty">
                <h2 class="empty__title">{ "No findings yet" }</h2>
                <p class="empty__text">{ "They appear here while you type." }</p>
            </div>
        },
        // A moment, usually not seen.
        None => {
            html! { <div class="empty"><p class="empty__text">{ if props.waiting { "Reading the files" } else { "No findings: the analysis did not finish" } }</p></div> }
        }
        Some(results) => html! {
            <>
                <Summary results={Rc::clone(results)} filter={props.filter.clone()} dispatch={props.dispatch.clone()} />
                <div class="results" id="results" role="region" tabindex="0" aria-label="List of findings">
                    <Score results={Rc::clone(results)} />
                    <Troubles shelf={props.plugins.clone()} dispatch={props.dispatch.clone()} />
                    { list(results, props) }
                    <Notices results={Rc::clone(results)} dispatch={props.dispatch.clone()} />
                </div>
            </>
        },
    };
    html! { <section class="pane pane--findings" id="findings" aria-label="Findings" tabindex="-1">{ content }</section> }
}

fn list(results: &Results, props: &Props) -> Html {
    let listing = &props.listing;
    let on = |action: Action| {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_| dispatch.dispatch(action.clone()))
    };
    if results.items.is_empty() {
        return clean(results);
    }
    if listing.matching == 0 {
        return html! {
            <div class="empty empty--inline">
                <p class="empty__title">{ "Nothing matches" }</p>
                <div class="empty__actions">
                    <button class="btn" type="button" onclick={on(Action::ClearFilter)}>{ "Clear the filter" }</button>
                </div>
            </div>
        };
    }
    let first = listing.groups.first().and_then(|group| group.items.first()).map(|item| Rc::clone(&item.key));
    html! {
        <>
            <ul class="groups">
                for group in &listing.groups {
                    <li class="group" key={&*group.key}>
                        <div class="group__head">
                            <h3 class="group__title">{ group.title.to_string() }</h3>
                            <span class="group__count">{ counted(group.count, "finding") }</span>
                        </div>
                        <ul class="group__list">
                            for item in &group.items {
                                <Finding
                                    key={&*item.key}
                                    item={item.clone()}
                                    open={Some(&item.key) == first.as_ref()}
                                    dispatch={props.dispatch.clone()}
                                />
                            }
                        </ul>
                    </li>
                }
            </ul>
            if listing.drawn < listing.matching {
                <p class="more">
                    <button class="btn" type="button" onclick={on(Action::ShowAll)}>{ format!("Show all {} findings", listing.matching) }</button>
                </p>
            }
        </>
    }
}

fn clean(results: &Results) -> Html {
    let coverage = &results.report.coverage;
    if coverage.files_analysed == 0 {
        return html! {
            <div class="empty empty--inline">
                <p class="empty__title">{ "Nothing to look at yet" }</p>
                <p class="empty__text">{ "None of these files is of a kind that Plimsoll reads. A name helps: compose.yaml, Dockerfile, nginx.conf, php.ini, .env." }</p>
            </div>
        };
    }
    html! {
        <div class="empty empty--inline">
            { sea(true) }
            <p class="empty__title">{ "She floats above the line" }</p>
            <p class="empty__text">
                { format!(
                    "{} looked at {} and found nothing to say. Change something and see what sinks her.",
                    counted(RULES.len(), "rule"),
                    counted(coverage.files_analysed, "file"),
                ) }
            </p>
        </div>
    }
}
