//! The left half: tabs, editor, status bar.

use super::header::OpenFiles;
use super::icons::sea;
use super::tabs::{Tabs, tab_id};
use crate::app::Dispatch;
use crate::browser;
use crate::editor::{Editor, Events};
use crate::gallery::STACKS;
use crate::intake::{Content, File};
use crate::state::{Action, State};
use crate::words;
use plimsoll_core::detect;
use std::rc::Rc;
use web_sys::{Element, FocusEvent, HtmlInputElement, KeyboardEvent};
use yew::{
    Callback, Html, Properties, component, html, use_callback, use_effect_with, use_mut_ref, use_node_ref, use_state,
};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: Rc<State>,
    pub(crate) dark: bool,
    pub(crate) editor: Editor,
    pub(crate) dispatch: Dispatch,
}

#[component]
pub(crate) fn FilesPane(props: &Props) -> Html {
    let state = &props.state;
    let place = use_node_ref();
    let cursor = use_state(|| (1, 1));
    let events = Events {
        changed: use_callback(props.dispatch.clone(), |(path, text): (String, String), dispatch| {
            dispatch.dispatch(Action::Edit { path: path.into(), text: text.into() });
        }),
        fix: use_callback(props.dispatch.clone(), |(key, fix): (String, u32), dispatch| {
            dispatch.dispatch(Action::Preview { key: key.into(), fix: fix as usize });
        }),
        cursor: use_callback(cursor.setter(), |position, cursor| cursor.set(position)),
    };
    {
        let (place, editor) = (place.clone(), props.editor.clone());
        use_effect_with((), move |()| {
            if let Some(place) = place.cast::<Element>() {
                editor.mount(&place, &events);
            }
            move || editor.unmount()
        });
    }
    {
        let editor = props.editor.clone();
        use_effect_with((Rc::clone(state), props.dark), move |(state, dark)| editor.follow(state, *dark));
    }
    let empty = state.is_empty();
    let shown = state.active.as_deref().and_then(|path| state.file(path));
    let tab = state.tabs().position(|file| Some(&file.path) == state.active.as_ref());
    html! {
        <section class="pane pane--files" aria-label="Files">
            if empty {
                <Nothing dispatch={props.dispatch.clone()} />
            } else {
                <Tabs files={Rc::clone(&state.files)} active={state.active.clone()} results={state.results.clone()} dispatch={props.dispatch.clone()} />
            }
            <div class="editor" id="editor" role="tabpanel" aria-labelledby={tab.map(tab_id)} hidden={empty} ref={place} />
            if let Some(file) = shown {
                <div class="statusbar">
                    if state.naming {
                        <NameField path={Rc::clone(&file.path)} dispatch={props.dispatch.clone()} />
                    } else {
                        <span class="statusbar__path">{ file.path.to_string() }</span>
                    }
                    <span class="statusbar__kind">{ kind(file) }</span>
                    <span class="statusbar__end"><kbd>{ "Esc" }</kbd>{ " then " }<kbd>{ "Tab" }</kbd>{ " leaves the editor" }</span>
                    <span class="statusbar__pos">{ format!("Line {}, column {}", cursor.0, cursor.1) }</span>
                </div>
            }
        </section>
    }
}

fn kind(file: &File) -> &'static str {
    match (file.shown(), &file.content) {
        (None, _) => "No text: known by name only",
        (Some(_), Content::Bytes(_)) => "Not UTF-8: some characters are replaced",
        (Some(text), _) => words::kind(detect::kind(&file.path, &text)),
    }
}

#[derive(Properties, PartialEq)]
struct NameProps {
    path: Rc<str>,
    dispatch: Dispatch,
}

/// The field for a file's new name. Leaving it keeps the name, Escape does not.
#[component]
fn NameField(props: &NameProps) -> Html {
    let field = use_node_ref();
    let done = use_mut_ref(|| false);
    {
        let field = field.clone();
        use_effect_with((), move |()| {
            if let Some(field) = field.cast::<HtmlInputElement>() {
                let _ = field.focus();
                field.select();
            }
        });
    }
    let finish = {
        let (dispatch, path, field) = (props.dispatch.clone(), Rc::clone(&props.path), field.clone());
        move |keep: bool| {
            // Taking the field away blurs it: that must not decide a second time.
            if !std::mem::replace(&mut *done.borrow_mut(), true) {
                let name = field.cast::<HtmlInputElement>().map(|field| field.value()).filter(|_| keep);
                dispatch
                    .dispatch(name.map_or(Action::Naming(false), |to| Action::Rename { from: Rc::clone(&path), to }));
            }
        }
    };
    let onkeydown = {
        let finish = finish.clone();
        Callback::from(move |event: KeyboardEvent| {
            let keep = match event.key().as_str() {
                "Enter" => true,
                "Escape" => false,
                _ => return,
            };
            event.prevent_default();
            finish(keep);
            browser::focus_editor();
        })
    };
    let onblur = Callback::from(move |_: FocusEvent| finish(true));
    html! {
        <input
            class="field"
            type="text"
            aria-label="New name"
            autocomplete="off"
            spellcheck="false"
            value={props.path.to_string()}
            ref={field}
            {onkeydown}
            {onblur}
        />
    }
}

#[derive(Properties, PartialEq)]
struct NothingProps {
    dispatch: Dispatch,
}

/// What stands here while there are no files.
#[component]
fn Nothing(props: &NothingProps) -> Html {
    let start = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_| {
            dispatch.dispatch(Action::Load { files: STACKS[0].files(false), example: true, title: None })
        })
    };
    let create = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_| dispatch.dispatch(Action::Create))
    };
    html! {
        <div class="empty">
            { sea(false) }
            <h2 class="empty__title">{ "Bring a stack aboard" }</h2>
            <p class="empty__text">
                { "Drop a Dockerfile, a compose file, nginx or PHP settings here, or a whole folder. Plimsoll reads them in this page and shows where the load is too heavy." }
            </p>
            <div class="empty__actions">
                <OpenFiles dispatch={props.dispatch.clone()} label="Open files" framed=true primary=true />
                <button class="btn" type="button" onclick={start}>{ format!("Start with {}", STACKS[0].name) }</button>
                <button class="btn" type="button" onclick={create}>{ "Empty compose.yaml" }</button>
            </div>
        </div>
    }
}
