//! One finding.

use super::icons::{Icon, severity, with_class};
use super::manual::Manual;
use super::text::{place, sentence};
use crate::app::Dispatch;
use crate::listing::Item;
use crate::state::Action;
use crate::words::capital;
use plimsoll_core::report::json::{BasisV1, FixV1};
use std::rc::Rc;
use yew::{Callback, Html, Properties, component, html, use_state};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) item: Item,
    /// Whether it starts unfolded.
    pub(crate) open: bool,
    pub(crate) dispatch: Dispatch,
}

#[component]
pub(crate) fn Finding(props: &Props) -> Html {
    let open = use_state(|| props.open);
    let toggle = {
        let open = open.clone();
        Callback::from(move |_| open.set(!*open))
    };
    let finding = &props.item.finding;
    let level = props.item.level();
    let id = format!("finding-{}", props.item.key);
    html! {
        <li class={if props.item.stale { "finding finding--stale" } else { "finding" }}>
            <h4>
                <button class="finding__toggle" type="button" aria-expanded={open.to_string()} aria-controls={id.clone()} onclick={toggle}>
                    <span class={format!("sev sev--{}", finding.severity)}>{ severity(level) }{ capital(&finding.severity) }</span>
                    <span class="finding__message">{ sentence(&finding.message) }</span>
                    { with_class(Icon::Caret, "finding__chevron") }
                </button>
            </h4>
            <div class="finding__meta">
                <div class="finding__line">
                    <code class="rule">{ finding.rule.clone() }</code>
                    <span class="confidence">{ format!("{} confidence", capital(&finding.confidence)) }</span>
                    if props.item.stale { <span class="finding__stale">{ "Of the text before; checking again" }</span> }
                </div>
                <div class="finding__line">
                    { place(&finding.location, &props.dispatch) }
                    if !finding.services.is_empty() {
                        <ul class="services" aria-label="Affected services">
                            for service in &finding.services {
                                <li class="service">{ service.clone() }</li>
                            }
                        </ul>
                    }
                </div>
            </div>
            <div class="finding__body" {id} hidden={!*open}>
                // Its content is most of what would have to be drawn; few findings are ever unfolded.
                if *open {
                    { body(&props.item, &props.dispatch) }
                }
            </div>
        </li>
    }
}

fn body(item: &Item, dispatch: &Dispatch) -> Html {
    let (finding, key) = (&item.finding, &item.key);
    html! {
        <>
            <div class="finding__part"><h5>{ "Why it matters" }</h5><p>{ sentence(&finding.why) }</p></div>
            <div class="finding__part"><h5>{ "How to fix it" }</h5><p>{ sentence(&finding.help) }</p></div>
            if !finding.related.is_empty() {
                <div class="finding__part">
                    <h5>{ "Evidence" }</h5>
                    <ol class="evidence">
                        for related in &finding.related {
                            <li class="evidence__step">
                                <span class="evidence__label">{ sentence(&related.label) }</span>
                                { place(&related.location, dispatch) }
                            </li>
                        }
                    </ol>
                </div>
            }
            if !finding.based_on.is_empty() {
                <div class="finding__part"><h5>{ "Data it leans on" }</h5><p>{ sentence(&data(&finding.based_on)) }</p></div>
            }
            // A plug-in's rule keeps its manual to itself.
            if plimsoll_core::rules::find(&finding.rule).is_some() {
                <Manual rule={finding.rule.clone()} />
            }
            // A fix for another text would cut into this one.
            if !finding.fixes.is_empty() && !item.stale {
                <div class="finding__actions">
                    for (index, fix) in finding.fixes.iter().enumerate() {
                        { apply(fix, index, key, dispatch) }
                    }
                </div>
            }
        </>
    }
}

/// `ends of life of 2026-08-22, images of 2026-08-23`.
fn data(tables: &[BasisV1]) -> String {
    let one = |basis: &BasisV1| format!("{} of {}", plimsoll_core::facts::title(&basis.table), basis.as_of);
    tables.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn apply(fix: &FixV1, index: usize, key: &Rc<str>, dispatch: &Dispatch) -> Html {
    let onclick = {
        let (dispatch, key) = (dispatch.clone(), Rc::clone(key));
        Callback::from(move |_| dispatch.dispatch(Action::Preview { key: Rc::clone(&key), fix: index }))
    };
    let kind = if fix.safety == "safe" { "safe, only tightens" } else { "suggested, needs a look" };
    html! {
        <>
            <button class={if index == 0 { "btn btn--primary" } else { "btn" }} type="button" {onclick}>{ "Apply fix…" }</button>
            <span class="fix-kind">{ sentence(&fix.title) }{ format!(": {kind}") }</span>
        </>
    }
}
