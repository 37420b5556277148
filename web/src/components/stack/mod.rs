//! The stack section: what talks to what, what falls with what, and how it could be kept apart.

mod boundaries;
mod breach;
mod drawing;
mod inventory;
mod map;
mod matrix;
mod parts;
mod plan;
mod steps;

use crate::app::Dispatch;
use crate::browser;
use crate::stack::{Act, Shared, Stack, Tab};
use crate::state::Action;
use plimsoll_core::report::stack::ViewV1;
use std::rc::Rc;
use web_sys::{HtmlElement, HtmlSelectElement};
use yew::{
    Callback, Event, Html, KeyboardEvent, Properties, TargetCast as _, component, html, use_effect_with, use_node_ref,
};

/// Whether the system asks for a page on which nothing moves.
fn is_still() -> bool {
    let query = "(prefers-reduced-motion: reduce)";
    let query = browser::window().and_then(|window| window.match_media(query).ok().flatten());
    query.is_some_and(|query| query.matches())
}

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) stack: Stack,
    /// The revision of the present texts.
    pub(crate) revision: u64,
    /// Whether there are no files.
    pub(crate) empty: bool,
    pub(crate) dispatch: Dispatch,
}

#[component]
pub(crate) fn StackPane(props: &Props) -> Html {
    let stack = &props.stack;
    let waiting = !props.empty && stack.is_waiting(props.revision);
    html! {
        <section class="pane pane--stack" id="stack" aria-label="Stack" tabindex="-1">
            <div class="stack__head">
                <h2 class="visually-hidden">{ "Stack" }</h2>
                if stack.views.len() > 1 {
                    <Views views={stack.views.clone()} shown={stack.view().cloned()} dispatch={props.dispatch.clone()} />
                }
                <Tabs tab={stack.tab} dispatch={props.dispatch.clone()} />
            </div>
            if stack.is_broken(props.revision) {
                <p class="stack__note stack__note--trouble" role="status">
                    { "This text could not be worked out as a stack. It is tried again with the next change." }
                </p>
            }
            <div
                class="stack__panel"
                id="stack-panel"
                role="tabpanel"
                aria-labelledby={stack.tab.id()}
                aria-busy={waiting.to_string()}
                tabindex="0"
            >
                { panel(props, waiting) }
            </div>
        </section>
    }
}

fn panel(props: &Props, waiting: bool) -> Html {
    let stack = &props.stack;
    let dispatch = || props.dispatch.clone();
    if stack.tab == Tab::Inventory {
        return html! { <inventory::Inventory answers={stack.answers.clone()} {waiting} dispatch={dispatch()} /> };
    }
    let Some(view) = stack.view().cloned().filter(|view| !view.services.is_empty()) else {
        return parts::note(if waiting {
            "Reading the files"
        } else {
            "No services here. A Compose file, or a recorded inventory, makes a map."
        });
    };
    let service: Option<Rc<str>> = stack.looked_at().map(Rc::from);
    let fallen: Option<Rc<str>> = stack.fallen().map(Rc::from);
    match stack.tab {
        Tab::Map => {
            let (walk, wide, name) = (stack.walk, stack.wide, view.name.clone());
            // Another deployment is another map: nothing of the one before is pointed at.
            html! { <map::Map key={name} {view} {fallen} {walk} {wide} {waiting} dispatch={dispatch()} /> }
        }
        Tab::Matrix => html! { <matrix::Matrix {view} /> },
        Tab::Breach => html! { <breach::Breach {view} {service} {waiting} dispatch={dispatch()} /> },
        Tab::Plan => {
            html! { <plan::Plans {view} preset={Rc::<str>::from(stack.preset())} {waiting} dispatch={dispatch()} /> }
        }
        Tab::Boundaries => html! { <boundaries::Boundaries {view} {waiting} dispatch={dispatch()} /> },
        Tab::Inventory => Html::default(),
    }
}

#[derive(Properties, PartialEq)]
struct ViewsProps {
    views: Vec<Shared<ViewV1>>,
    shown: Option<Shared<ViewV1>>,
    dispatch: Dispatch,
}

/// Which deployment is shown.
#[component]
fn Views(props: &ViewsProps) -> Html {
    let onchange = {
        let (dispatch, views) = (props.dispatch.clone(), props.views.clone());
        Callback::from(move |event: Event| {
            let chosen = event.target_dyn_into::<HtmlSelectElement>();
            let index = chosen.and_then(|select| usize::try_from(select.selected_index()).ok());
            if let Some(view) = index.and_then(|index| views.get(index)) {
                dispatch.dispatch(Action::Stack(Act::View(view.name.as_str().into())));
            }
        })
    };
    html! {
        <div class="stack__views">
            <label class="stack__label" for="stack-view">{ "Deployment" }</label>
            <select class="field" id="stack-view" {onchange}>
                for view in &props.views {
                    <option selected={props.shown.as_ref() == Some(view)}>{ view_title(view) }</option>
                }
            </select>
        </div>
    }
}

fn view_title(view: &ViewV1) -> String {
    if view.running { format!("{} (running)", view.name) } else { view.name.clone() }
}

#[derive(Properties, PartialEq)]
struct TabsProps {
    tab: Tab,
    dispatch: Dispatch,
}

/// What is shown of it.
#[component]
fn Tabs(props: &TabsProps) -> Html {
    let list = use_node_ref();
    // The shown tab has the focus when one of the tabs had it.
    {
        let list = list.clone();
        use_effect_with(props.tab, move |tab| {
            let list = list.cast::<HtmlElement>();
            if list.is_some_and(|list| browser::focused().is_some_and(|focused| list.contains(Some(&focused)))) {
                browser::focus(&format!("#{}", tab.id()));
            }
        });
    }
    let onkeydown = {
        let (dispatch, tab) = (props.dispatch.clone(), props.tab);
        Callback::from(move |event: KeyboardEvent| {
            if let Some(tab) = tab.moved(&event.key()) {
                event.prevent_default();
                dispatch.dispatch(Action::Stack(Act::Tab(tab)));
            }
        })
    };
    html! {
        <div class="stack__tabs" role="tablist" aria-label="About the stack" ref={list} {onkeydown}>
            for tab in Tab::ALL {
                { one_tab(tab, props) }
            }
        </div>
    }
}

fn one_tab(tab: Tab, props: &TabsProps) -> Html {
    let selected = tab == props.tab;
    let onclick = parts::press(&props.dispatch, Act::Tab(tab));
    html! {
        <button
            class="stack__tab"
            role="tab"
            id={tab.id()}
            type="button"
            aria-selected={selected.to_string()}
            aria-controls="stack-panel"
            tabindex={if selected { "0" } else { "-1" }}
            {onclick}
        >
            { tab.title() }
        </button>
    }
}
