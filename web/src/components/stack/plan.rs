//! A plan of networks: what it joins, what it is good for, and its patch.

use super::parts::{evidence, names, note, press, table, text};
use crate::app::Dispatch;
use crate::components::text::sentence;
use crate::stack::{Act, Shared};
use crate::state::Action;
use crate::words::{capital, counted};
use plimsoll_core::report::stack::{PlanV1, PlannedNetworkV1, ViewV1};
use std::rc::Rc;
use yew::{Callback, Html, Properties, component, html};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) view: Shared<ViewV1>,
    pub(crate) preset: Rc<str>,
    pub(crate) waiting: bool,
    pub(crate) dispatch: Dispatch,
}

#[component]
pub(crate) fn Plans(props: &Props) -> Html {
    let plans = &props.view.plans;
    if plans.is_empty() {
        return note(if props.waiting { "Working out the plans" } else { "There is nothing to plan here" });
    }
    let shown = plans.iter().find(|plan| *plan.preset == *props.preset).or_else(|| plans.first());
    html! {
        <div class="plan">
            <fieldset class="plan__presets">
                <legend class="stack__label">{ "Preset" }</legend>
                for plan in plans {
                    { preset(plan, shown.is_some_and(|shown| shown.preset == plan.preset), &props.dispatch) }
                }
            </fieldset>
            if let Some(plan) = shown {
                { content(plan, &props.dispatch) }
            }
        </div>
    }
}

fn preset(plan: &PlanV1, chosen: bool, dispatch: &Dispatch) -> Html {
    let onchange = {
        let (dispatch, preset) = (dispatch.clone(), Rc::<str>::from(plan.preset.as_str()));
        Callback::from(move |_| dispatch.dispatch(Action::Stack(Act::Preset(Rc::clone(&preset)))))
    };
    let about = match plan.preset.as_str() {
        "strict" => "no connection too many, however many networks it takes",
        "balanced" => "fewer networks, at the price of harmless connections",
        "tiered" => "edge, app, data and operations",
        _ => "",
    };
    html! {
        <label class="plan__preset" key={plan.preset.clone()}>
            <input type="radio" name="preset" value={plan.preset.clone()} checked={chosen} {onchange} />
            <span><b>{ capital(&plan.preset) }</b>{ format!(": {about}") }</span>
        </label>
    }
}

fn content(plan: &PlanV1, dispatch: &Dispatch) -> Html {
    html! {
        <>
            { numbers(plan) }
            { patch(plan, dispatch) }
            { networks(plan) }
            if !plan.alone.is_empty() {
                <section class="part">
                    <h3 class="part__title">{ "Services that need nobody" }</h3>
                    { names(&plan.alone) }
                </section>
            }
            if !plan.unpublished.is_empty() {
                <section class="part">
                    <h3 class="part__title">{ "Ports that are no longer published" }</h3>
                    { evidence(&plan.unpublished, dispatch) }
                </section>
            }
            if !plan.excess.is_empty() {
                <section class="part">
                    <h3 class="part__title">{ "Unneeded connections that stay" }</h3>
                    <ul class="facts">
                        for (a, b) in &plan.excess {
                            <li class="facts__item">{ format!("{a} and {b}") }</li>
                        }
                    </ul>
                </section>
            }
            if !plan.remarks.is_empty() {
                <section class="part">
                    <h3 class="part__title">{ "To know" }</h3>
                    <ul class="facts">
                        for remark in &plan.remarks {
                            <li class="facts__item">{ sentence(remark) }</li>
                        }
                    </ul>
                </section>
            }
        </>
    }
}

fn numbers(plan: &PlanV1) -> Html {
    let blast = plan.blast_after.map_or_else(|| "not known".to_owned(), |after| after.to_string());
    let rows = vec![
        vec![
            text("Segmentation index, of 100"),
            text(plan.index_before.to_string()),
            text(plan.index_after.to_string()),
        ],
        vec![text("Blast radius, of 100"), text(plan.blast_before.to_string()), text(blast)],
    ];
    let exact =
        if plan.exact { "no better one exists by its measure" } else { "found step by step; a better one may exist" };
    let title = format!("{}, {exact}", counted(plan.networks.len(), "network"));
    table(text(title), &["Measure", "Now", "With the plan"], rows)
}

fn patch(plan: &PlanV1, dispatch: &Dispatch) -> Html {
    if plan.fix.is_none() {
        let why = plan.refused.clone().unwrap_or_else(|| "it changes nothing".to_owned());
        return html! { <p class="stack__note">{ "There is no patch: " }{ sentence(&why) }</p> };
    }
    let onclick = {
        let (dispatch, preset) = (dispatch.clone(), Rc::<str>::from(plan.preset.as_str()));
        Callback::from(move |_| dispatch.dispatch(Action::PreviewPlan(Rc::clone(&preset))))
    };
    html! {
        <div class="plan__patch">
            <button class="btn btn--primary" type="button" id="plan-apply" {onclick}>{ "Apply plan…" }</button>
            <span class="fix-kind">{ "Shows the patch first" }</span>
            <button class="btn" type="button" onclick={press(dispatch, Act::Tab(crate::stack::Tab::Map))}>{ "Map" }</button>
        </div>
    }
}

fn networks(plan: &PlanV1) -> Html {
    let row = |one: &PlannedNetworkV1| {
        let kind = if one.internal { "internal" } else { "with a way out" };
        vec![html! { <code>{ one.name.clone() }</code> }, text(kind), names(&one.members), sentence(&one.why)]
    };
    table(text("Networks"), &["Network", "Kind", "Members", "Why"], plan.networks.iter().map(row).collect())
}
