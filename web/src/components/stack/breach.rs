//! Everything about one breach: how it goes, what it reaches, what it spares, what would cut it.

use super::parts::{evidence, names, note, table, text};
use super::{is_still, steps};
use crate::app::Dispatch;
use crate::components::text::{place, sentence};
use crate::stack::drawing::{end, steps as steps_of};
use crate::stack::{Act, Shared};
use crate::state::Action;
use crate::words::{capital, counted};
use plimsoll_core::report::stack::{BreachV1, CutV1, StepV1, ViewV1};
use std::rc::Rc;
use web_sys::HtmlSelectElement;
use yew::{Callback, Event, Html, Properties, TargetCast as _, component, html};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) view: Shared<ViewV1>,
    /// The service that falls.
    pub(crate) service: Option<Rc<str>>,
    pub(crate) waiting: bool,
    pub(crate) dispatch: Dispatch,
}

#[component]
pub(crate) fn Breach(props: &Props) -> Html {
    let view = &*props.view;
    let breach = view.breaches.iter().find(|breach| Some(breach.start.as_str()) == props.service.as_deref());
    html! {
        <div class="breach">
            { choice(props) }
            if let Some(breach) = breach {
                { verdict(breach) }
                { content(view, breach, &props.dispatch) }
            } else {
                { note(if props.waiting { "Working out what it leads to" } else { "What it leads to is not known" }) }
            }
        </div>
    }
}

fn choice(props: &Props) -> Html {
    let stays = props.view.services.iter().filter(|service| service.stays);
    let services: Vec<Rc<str>> = stays.map(|service| service.name.as_str().into()).collect();
    let onchange = {
        let (dispatch, services) = (props.dispatch.clone(), services.clone());
        Callback::from(move |event: Event| {
            let chosen = event.target_dyn_into::<HtmlSelectElement>();
            let index = chosen.and_then(|select| usize::try_from(select.selected_index()).ok());
            if let Some(service) = index.and_then(|index| services.get(index)).cloned() {
                dispatch.dispatch(Action::Stack(Act::Fall { service, still: is_still() }));
            }
        })
    };
    html! {
        <div class="stack__views">
            <label class="stack__label" for="breach-start">{ "The service that falls" }</label>
            <select class="field" id="breach-start" {onchange}>
                for service in &services {
                    <option selected={props.service.as_ref() == Some(service)}>
                        { service.to_string() }
                        { if props.view.starts.iter().any(|start| **start == **service) { " (a usual start)" } else { "" } }
                    </option>
                }
            </select>
        </div>
    }
}

fn verdict(breach: &BreachV1) -> Html {
    let code = match breach.level.as_str() {
        "root" => "as root",
        _ => "as an ordinary user",
    };
    let ways = match (breach.egress, breach.metadata) {
        (true, true) => "It may call out, and the cloud's metadata service answers it.",
        (true, false) => "It may call out to other machines.",
        (false, true) => "The cloud's metadata service answers it.",
        (false, false) => "It cannot call out.",
    };
    html! {
        <div class="breach__verdict">
            <p class="breach__score">
                <span class={format!("grade grade--{}", breach.grade.to_lowercase())}>{ breach.grade.clone() }</span>
                { format!(" Blast radius {} of 100", breach.blast) }
            </p>
            <p>{ format!("Code in {} runs {code}. Tier {}: {}. {ways}", breach.start, breach.tier, breach.tier_meaning) }</p>
        </div>
    }
}

fn content(view: &ViewV1, breach: &BreachV1, dispatch: &Dispatch) -> Html {
    let told: Vec<StepV1> = steps_of(breach).into_iter().cloned().collect();
    html! {
        <>
            if !view.cuts.is_empty() {
                { part("What would help most", cuts(&view.cuts, dispatch)) }
            }
            { part("How it goes on", if told.is_empty() { note("Nothing beyond the service itself can be taken over") } else { steps::list(&told, told.len(), dispatch) }) }
            if !breach.reached.is_empty() {
                { reached(breach) }
            }
            if !breach.secrets.is_empty() {
                { secrets(breach) }
            }
            if !breach.externals.is_empty() {
                { part("Systems outside that fall with it", names(&breach.externals.iter().map(|name| end(name)).collect::<Vec<_>>())) }
            }
            if !breach.escapes.is_empty() {
                { escapes(breach, dispatch) }
            }
            if !breach.spared.is_empty() {
                { spared(breach, dispatch) }
            }
            { items(breach) }
            if !breach.enumerated.is_empty() {
                { part("Names that are found there without asking", names(&breach.enumerated)) }
            }
        </>
    }
}

fn part(title: &'static str, content: Html) -> Html {
    html! { <section class="part"><h3 class="part__title">{ title }</h3>{ content }</section> }
}

fn cuts(list: &[CutV1], dispatch: &Dispatch) -> Html {
    html! {
        <ol class="cuts">
            for cut in list.iter().take(3) {
                <li class="cuts__item">
                    <p class="cuts__change">{ sentence(&cut.change) }</p>
                    <p class="cuts__effect">
                        { format!(
                            "Cuts {}; the stack's blast radius goes from {} to {}. ",
                            counted(cut.paths_cut, "path"),
                            cut.before,
                            cut.after,
                        ) }
                        { place(&cut.location, dispatch) }
                        if let Some(rule) = &cut.rule {
                            { " " }
                            <code class="rule">{ rule.clone() }</code>
                        }
                    </p>
                </li>
            }
        </ol>
    }
}

fn reached(breach: &BreachV1) -> Html {
    let row = |one: &plimsoll_core::report::stack::ReachedV1| {
        vec![text(one.service.clone()), text(capital(&one.hold)), text(one.level.clone()), sentence(&one.reason)]
    };
    table(text("What it reaches"), &["Service", "How", "Level", "Why"], breach.reached.iter().map(row).collect())
}

fn secrets(breach: &BreachV1) -> Html {
    let row = |one: &plimsoll_core::report::stack::ReadSecretV1| {
        let name = html! { <code>{ one.name.clone() }</code> };
        vec![name, text(one.class.replace('-', " ")), names(&one.services)]
    };
    table(text("Secrets it reads, by name"), &["Secret", "Kind", "Read in"], breach.secrets.iter().map(row).collect())
}

fn escapes(breach: &BreachV1, dispatch: &Dispatch) -> Html {
    let row = |one: &plimsoll_core::report::stack::EscapeV1| {
        vec![text(one.service.clone()), html! { <>{ sentence(&one.reason) }{ evidence(&one.evidence, dispatch) }</> }]
    };
    table(text("How near to the host it comes"), &["Service", "Why"], breach.escapes.iter().map(row).collect())
}

fn spared(breach: &BreachV1, dispatch: &Dispatch) -> Html {
    let row = |one: &plimsoll_core::report::stack::SparedV1| {
        vec![text(one.service.clone()), html! { <>{ sentence(&one.why) }{ evidence(&one.evidence, dispatch) }</> }]
    };
    table(text("What stays safe"), &["Service", "Why"], breach.spared.iter().map(row).collect())
}

fn items(breach: &BreachV1) -> Html {
    let row =
        |one: &plimsoll_core::report::stack::BlastItemV1| vec![sentence(&one.what), text(format!("{} %", one.weight))];
    table(text("What the blast radius is made of"), &["What", "Weight"], breach.items.iter().map(row).collect())
}
