//! The bar at the top.

use super::collector::Collector;
use super::icons::{Icon, brand, icon};
use super::menu::Gallery;
use crate::app::Dispatch;
use crate::state::{Action, Theme};
use crate::{files, words};
use wasm_bindgen::JsCast as _;
use web_sys::HtmlInputElement;
use yew::{Callback, Event, Html, Properties, component, html, use_node_ref};

/// What the bar shows.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) theme: Theme,
    pub(crate) dispatch: Dispatch,
}

#[component]
pub(crate) fn Header(props: &Props) -> Html {
    let next = props.theme.next();
    let theme_label = format!("Theme: {}. Switch to {}", props.theme.name(), next.name());
    let on_theme = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_| dispatch.dispatch(Action::Theme(next)))
    };
    html! {
        <header class="topbar">
            <a class="brand" href="./">{ brand() }<h1 class="brand__name">{ "Plimsoll" }</h1></a>
            <p class="privacy">{ icon(Icon::Lock) }<span>{ "Nothing leaves this page" }</span></p>
            <div class="topbar__actions">
                <Gallery dispatch={props.dispatch.clone()} />
                <OpenFiles dispatch={props.dispatch.clone()} label="Open files" framed={false} primary={false} />
                <Collector />
                <button class="btn btn--icon" type="button" aria-label={theme_label} title={words::capital(props.theme.name()) + " theme"} onclick={on_theme}>
                    { icon(Icon::Theme) }
                </button>
            </div>
        </header>
    }
}

/// Which kind of button it is.
#[derive(Properties, PartialEq)]
pub(crate) struct OpenProps {
    pub(crate) dispatch: Dispatch,
    pub(crate) label: &'static str,
    pub(crate) framed: bool,
    pub(crate) primary: bool,
}

/// A button that lets files be chosen.
#[component]
pub(crate) fn OpenFiles(props: &OpenProps) -> Html {
    let input = use_node_ref();
    let onclick = {
        let input = input.clone();
        Callback::from(move |_| {
            if let Some(input) = input.cast::<HtmlInputElement>() {
                input.click();
            }
        })
    };
    let onchange = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |event: Event| {
            let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else {
                return;
            };
            if let Some(list) = input.files() {
                let dispatch = dispatch.clone();
                wasm_bindgen_futures::spawn_local(async move {
                    super::drop::take(files::read_list(list).await, &dispatch);
                    // The same file may be chosen again.
                    input.set_value("");
                });
            }
        })
    };
    let class = if props.primary { "btn btn--primary" } else { "btn" };
    html! {
        <>
            <button {class} type="button" aria-label={props.label} {onclick}>
                if !props.framed { { icon(Icon::Folder) } }
                <span class={if props.framed { "" } else { "btn__label" }}>{ props.label }</span>
            </button>
            <input type="file" multiple=true hidden=true ref={input} {onchange} aria-label={props.label} />
        </>
    }
}
