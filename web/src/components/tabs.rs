//! The files' tabs and what can be done with the shown one.

use super::icons::{Icon, icon};
use crate::app::Dispatch;
use crate::browser;
use crate::intake::File;
use crate::listing::Results;
use crate::state::Action;
use plimsoll_core::source::file_name;
use std::rc::Rc;
use web_sys::{HtmlElement, KeyboardEvent, ScrollBehavior, ScrollIntoViewOptions, ScrollLogicalPosition};
use yew::{Callback, Html, Properties, component, html, use_effect_with, use_node_ref};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) files: Rc<Vec<File>>,
    pub(crate) active: Option<Rc<str>>,
    pub(crate) results: Option<Rc<Results>>,
    pub(crate) dispatch: Dispatch,
}

/// The id of a tab, which the panel refers to.
pub(crate) fn tab_id(index: usize) -> String {
    format!("tab-{index}")
}

#[component]
pub(crate) fn Tabs(props: &Props) -> Html {
    let list = use_node_ref();
    let paths: Vec<Rc<str>> =
        props.files.iter().filter(|file| file.has_tab()).map(|file| Rc::clone(&file.path)).collect();
    let at = paths.iter().position(|path| Some(path) == props.active.as_ref());

    // The shown tab is in sight, and has the focus when one of the tabs had it.
    {
        let list = list.clone();
        use_effect_with((props.active.clone(), at), move |_| {
            let Some(list) = list.cast::<HtmlElement>() else { return };
            let Ok(Some(tab)) = list.query_selector("[aria-selected=true]") else { return };
            let options = ScrollIntoViewOptions::new();
            options.set_behavior(ScrollBehavior::Instant);
            options.set_inline(ScrollLogicalPosition::Nearest);
            options.set_block(ScrollLogicalPosition::Nearest);
            tab.scroll_into_view_with_scroll_into_view_options(&options);
            if browser::focused().is_some_and(|focused| list.contains(Some(&focused))) {
                browser::focus("[role=tab][aria-selected=true]");
            }
        });
    }
    let onkeydown = {
        let dispatch = props.dispatch.clone();
        let paths = paths.clone();
        Callback::from(move |event: KeyboardEvent| {
            let (Some(at), count) = (at, paths.len()) else { return };
            let go = |index: usize| Action::Activate { path: Rc::clone(&paths[index]) };
            let action = match event.key().as_str() {
                "ArrowRight" => go((at + 1) % count),
                "ArrowLeft" => go((at + count - 1) % count),
                "Home" => go(0),
                "End" => go(count - 1),
                "Delete" => Action::Close { path: Rc::clone(&paths[at]) },
                "F2" => Action::Naming(true),
                _ => return,
            };
            event.prevent_default();
            dispatch.dispatch(action);
        })
    };
    let on = |action: Action| {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_| dispatch.dispatch(action.clone()))
    };
    html! {
        <div class="files">
            <div class="tabs" role="tablist" aria-label="Files" ref={list} {onkeydown}>
                for (index, path) in paths.iter().enumerate() {
                    <Tab
                        key={&**path}
                        path={Rc::clone(path)}
                        {index}
                        selected={Some(index) == at}
                        findings={props.results.as_ref().and_then(|results| results.of_file(path))}
                        dispatch={props.dispatch.clone()}
                    />
                }
            </div>
            <div class="files__tools">
                { tool("Add a file".to_owned(), "Add a file", Icon::Plus, on(Action::Create)) }
                if let Some(path) = &props.active {
                    { tool(format!("Rename {path}"), "Rename", Icon::Pencil, on(Action::Naming(true))) }
                    { tool(format!("Close {path}"), "Close", Icon::Cross, on(Action::Close { path: Rc::clone(path) })) }
                }
            </div>
        </div>
    }
}

fn tool(label: String, title: &'static str, drawing: Icon, onclick: Callback<yew::MouseEvent>) -> Html {
    html! { <button class="btn btn--quiet btn--icon" type="button" aria-label={label} {title} {onclick}>{ icon(drawing) }</button> }
}

#[derive(Properties, PartialEq)]
struct TabProps {
    path: Rc<str>,
    index: usize,
    selected: bool,
    findings: Option<(usize, &'static str)>,
    dispatch: Dispatch,
}

#[component]
fn Tab(props: &TabProps) -> Html {
    let onclick = {
        let (dispatch, path) = (props.dispatch.clone(), Rc::clone(&props.path));
        Callback::from(move |_| dispatch.dispatch(Action::Activate { path: Rc::clone(&path) }))
    };
    let ondblclick = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_| dispatch.dispatch(Action::Naming(true)))
    };
    let name = file_name(&props.path);
    let folder = &props.path[..props.path.len() - name.len()];
    html! {
        <button
            class="tab"
            role="tab"
            id={tab_id(props.index)}
            aria-selected={props.selected.to_string()}
            aria-controls="editor"
            tabindex={if props.selected { "0" } else { "-1" }}
            type="button"
            title={props.path.to_string()}
            {onclick}
            {ondblclick}
        >
            <span class="tab__name">
                if !folder.is_empty() { <span class="tab__dir">{ folder.to_owned() }</span> }
                { name.to_owned() }
            </span>
            if let Some((count, worst)) = props.findings {
                <span class={format!("count count--{worst}")} aria-hidden="true">{ count }</span>
                <span class="visually-hidden">{ format!(", {}", crate::words::counted(count, "finding")) }</span>
            }
        </button>
    }
}
