//! Files dropped on the window or pasted into it.

use super::icons::sea;
use crate::app::Dispatch;
use crate::browser::{self, Listener};
use crate::files::{self, Incoming};
use crate::intake::File;
use crate::plugins;
use crate::stack::Shared;
use crate::state::Action;
use wasm_bindgen::JsCast as _;
use web_sys::{ClipboardEvent, DragEvent, Element, Event};
use yew::{Html, Properties, component, html, use_effect_with, use_state};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) dispatch: Dispatch,
}

/// Hands on what came in.
pub(crate) fn take(incoming: Incoming, dispatch: &Dispatch) {
    let Incoming { files, plugins, left_out, folder } = incoming;
    let only_plugins = files.is_empty() && left_out == 0 && !plugins.is_empty();
    for (name, bytes) in plugins {
        let bytes = bytes.map(Shared::new);
        dispatch.dispatch(Action::Plugin(plugins::Act::Dropped { file: name.as_str().into(), bytes }));
    }
    if only_plugins {
        return;
    }
    match folder {
        // A folder is a project of its own; loose files join the one that is here.
        Some(folder) if files.iter().any(File::has_tab) => {
            dispatch.dispatch(Action::Load { files, example: false, title: Some(folder) });
            dispatch.dispatch(Action::Add { files: Vec::new(), left_out });
        }
        Some(folder) if left_out == 0 => {
            dispatch.dispatch(Action::Say(format!("There is nothing to read in {folder}").into()))
        }
        _ => dispatch.dispatch(Action::Add { files, left_out }),
    }
}

#[component]
pub(crate) fn DropZone(props: &Props) -> Html {
    let dragging = use_state(|| false);
    {
        let (dispatch, dragging) = (props.dispatch.clone(), dragging.setter());
        use_effect_with((), move |()| {
            let listeners = browser::window().map(|window| {
                let over = {
                    let dragging = dragging.clone();
                    move |event: Event| {
                        if has_files(&event) {
                            claim(&event);
                            dragging.set(true);
                        }
                    }
                };
                let leave = {
                    let dragging = dragging.clone();
                    move |event: Event| {
                        // Only when the pointer leaves the window is there nothing it goes to.
                        if event.dyn_ref::<DragEvent>().is_some_and(|event| event.related_target().is_none()) {
                            dragging.set(false);
                        }
                    }
                };
                let drop = {
                    let dispatch = dispatch.clone();
                    move |event: Event| {
                        dragging.set(false);
                        dropped(&event, &dispatch);
                    }
                };
                let paste = move |event: Event| pasted(&event, &dispatch);
                // Before the editor sees them: it would insert a dropped file's text.
                [
                    Listener::new(&window, "dragenter", true, over.clone()),
                    Listener::new(&window, "dragover", true, over),
                    Listener::new(&window, "dragleave", true, leave),
                    Listener::new(&window, "drop", true, drop),
                    Listener::new(&window, "paste", true, paste),
                ]
            });
            move || std::mem::drop(listeners)
        });
    }
    if !*dragging {
        return html! {};
    }
    html! {
        <div class="drop" role="status">
            <div class="drop__box">
                { sea(false) }
                <p class="empty__title">{ "Drop to load" }</p>
                <p class="empty__text">{ "Files and folders. They stay in this page." }</p>
            </div>
        </div>
    }
}

fn has_files(event: &Event) -> bool {
    let transfer = event.dyn_ref::<DragEvent>().and_then(DragEvent::data_transfer);
    transfer.is_some_and(|transfer| transfer.types().includes(&"Files".into(), 0))
}

fn claim(event: &Event) {
    event.prevent_default();
    event.stop_propagation();
}

fn dropped(event: &Event, dispatch: &Dispatch) {
    if !has_files(event) {
        return;
    }
    claim(event);
    let Some(transfer) = event.dyn_ref::<DragEvent>().and_then(DragEvent::data_transfer) else { return };
    let entries = files::entries(&transfer);
    let list = transfer.files();
    let dispatch = dispatch.clone();
    wasm_bindgen_futures::spawn_local(async move {
        let incoming = match list {
            // Where entries are not supported there are files at least.
            Some(list) if entries.is_empty() => files::read_list(list).await,
            _ => files::read_entries(entries).await,
        };
        take(incoming, &dispatch);
    });
}

fn pasted(event: &Event, dispatch: &Dispatch) {
    let Some(transfer) = event.dyn_ref::<ClipboardEvent>().and_then(ClipboardEvent::clipboard_data) else { return };
    if let Some(list) = transfer.files().filter(|list| list.length() > 0) {
        claim(event);
        let dispatch = dispatch.clone();
        wasm_bindgen_futures::spawn_local(async move { take(files::read_list(list).await, &dispatch) });
        return;
    }
    let typing = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    if typing.is_some_and(|element| element.closest("input, textarea, .cm-editor").ok().flatten().is_some()) {
        return;
    }
    let text = transfer.get_data("text/plain").unwrap_or_default();
    if !text.trim().is_empty() {
        claim(event);
        // Without an ending, the content decides what it is.
        let files = vec![File::text("pasted", &text)];
        dispatch.dispatch(Action::Add { files, left_out: 0 });
    }
}
