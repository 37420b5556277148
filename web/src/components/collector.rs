//! The script that records what is running: to look at, to copy, to run elsewhere.

use super::icons::{Icon, icon};
use crate::browser;
use plimsoll_core::inventory::COLLECTOR;
use web_sys::{HtmlDialogElement, HtmlElement};
use yew::{Callback, Event, Html, Properties, component, html, use_effect_with, use_node_ref, use_state};

/// The button that opens it.
#[component]
pub(crate) fn Collector() -> Html {
    let open = use_state(|| false);
    let show = {
        let open = open.clone();
        Callback::from(move |_| open.set(true))
    };
    let close = {
        let open = open.clone();
        Callback::from(move |()| open.set(false))
    };
    html! {
        <>
            <button class="btn" type="button" aria-label="Record what is running" aria-haspopup="dialog" onclick={show}>
                { icon(Icon::Running) }
                <span class="btn__label">{ "Running" }</span>
            </button>
            if *open {
                <Script {close} />
            }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct Props {
    close: Callback<()>,
}

/// What came of copying.
#[derive(Clone, Copy, PartialEq)]
enum Copied {
    NotYet,
    Yes,
    /// The browser does not let a page write to the clipboard; the text is selected instead.
    Refused,
}

#[component]
fn Script(props: &Props) -> Html {
    let dialog = use_node_ref();
    let text = use_node_ref();
    let copied = use_state(|| Copied::NotYet);
    {
        let dialog = dialog.clone();
        use_effect_with((), move |()| {
            let dialog = dialog.cast::<HtmlDialogElement>();
            if let Some(dialog) = &dialog {
                // Fails only for a dialog that is open already or no longer in the page.
                let _ = dialog.show_modal();
            }
            browser::focus("#collector .btn--primary");
            move || {
                if let Some(dialog) = dialog.filter(HtmlDialogElement::open) {
                    dialog.close();
                }
            }
        });
    }
    let shut = {
        let (close, dialog) = (props.close.clone(), dialog.clone());
        Callback::from(move |()| {
            // First, so that the button that opened it takes the focus again.
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                dialog.close();
            }
            close.emit(());
        })
    };
    let onclick = shut.reform(|_| ());
    // Escape: the browser closes it, the state follows.
    let oncancel = shut.reform(|event: Event| event.prevent_default());
    let copy = {
        let (copied, text) = (copied.clone(), text.clone());
        Callback::from(move |_| {
            let (copied, text) = (copied.clone(), text.clone());
            wasm_bindgen_futures::spawn_local(async move {
                if browser::copy(COLLECTOR).await {
                    copied.set(Copied::Yes);
                } else {
                    if let Some(text) = text.cast::<HtmlElement>() {
                        browser::select(&text);
                    }
                    copied.set(Copied::Refused);
                }
            });
        })
    };
    let note = match *copied {
        Copied::NotYet => "It only reads, and leaves the values of environment variables out.",
        Copied::Yes => "Copied.",
        Copied::Refused => {
            "This browser does not let the page copy. The script is selected: copy it with the keyboard."
        }
    };
    html! {
        <dialog class="dialog" id="collector" aria-labelledby="collector-title" ref={dialog} {oncancel}>
            <div class="dialog__head">
                <div>
                    <h2 class="dialog__title" id="collector-title">{ "What is running?" }</h2>
                    <p class="dialog__text">
                        { "Save this script as " }<code>{ "collect.sh" }</code>{ " on the machine that runs the containers, run " }
                        <code>{ "sh collect.sh > running.txt" }</code>{ ", and drop " }<code>{ "running.txt" }</code>{ " here beside the other files." }
                    </p>
                </div>
                <button class="btn btn--quiet btn--icon" type="button" aria-label="Close" onclick={onclick.clone()}>{ icon(Icon::Cross) }</button>
            </div>
            <div class="dialog__body">
                <pre class="script" tabindex="0" role="region" aria-label="The script" ref={text}>{ COLLECTOR }</pre>
            </div>
            <div class="dialog__foot">
                <p class="dialog__note" role="status">{ note }</p>
                <button class="btn" type="button" {onclick}>{ "Close" }</button>
                <button class="btn btn--primary" type="button" onclick={copy}>{ "Copy the script" }</button>
            </div>
        </dialog>
    }
}
