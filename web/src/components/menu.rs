//! The gallery's menu.

use super::icons::{Icon, icon, with_class};
use crate::app::Dispatch;
use crate::browser::{self, Listener};
use crate::gallery::STACKS;
use crate::state::Action;
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, KeyboardEvent, Node};
use yew::{Callback, Html, Properties, component, html, use_effect_with, use_node_ref, use_state};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) dispatch: Dispatch,
}

#[component]
pub(crate) fn Gallery(props: &Props) -> Html {
    let open = use_state(|| false);
    let menu = use_node_ref();

    // Opening gives the focus to the first entry; a press outside closes.
    {
        let open_now = open.clone();
        let menu = menu.clone();
        use_effect_with(*open, move |is_open| {
            let listener = is_open
                .then(|| {
                    focus_item(&menu, |_, _| 0);
                    let document = browser::document()?;
                    Some(Listener::new(&document, "pointerdown", true, move |event| {
                        let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
                        if !menu.get().is_some_and(|menu| menu.contains(target.as_ref())) {
                            open_now.set(false);
                        }
                    }))
                })
                .flatten();
            move || drop(listener)
        });
    }
    let toggle = {
        let open = open.clone();
        Callback::from(move |_| open.set(!*open))
    };
    let onkeydown = {
        let open = open.clone();
        let menu = menu.clone();
        Callback::from(move |event: KeyboardEvent| {
            if !*open {
                return;
            }
            match event.key().as_str() {
                "ArrowDown" => focus_item(&menu, |at, count| (at + 1) % count),
                "ArrowUp" => focus_item(&menu, |at, count| (at + count - 1) % count),
                "Home" => focus_item(&menu, |_, _| 0),
                "End" => focus_item(&menu, |_, count| count - 1),
                "Escape" => {
                    open.set(false);
                    browser::focus(".menu > .btn");
                }
                "Tab" => {
                    open.set(false);
                    return;
                }
                _ => return,
            }
            event.prevent_default();
        })
    };
    let item = |stack: &'static crate::gallery::Stack, hardened: bool| {
        let onclick = {
            let dispatch = props.dispatch.clone();
            let open = open.clone();
            Callback::from(move |_| {
                open.set(false);
                dispatch.dispatch(Action::Load {
                    files: stack.files(hardened),
                    example: true,
                    title: Some(stack.title(hardened)),
                });
                browser::focus(".menu > .btn");
            })
        };
        let about = if hardened { "The same stack after the work" } else { stack.about };
        html! {
            <button class="menu__item" role="menuitem" tabindex="-1" type="button" {onclick}>
                <span class="menu__name">{ stack.title(hardened) }</span>
                <span class="menu__about">{ about }</span>
            </button>
        }
    };
    html! {
        <div class="menu" ref={menu} {onkeydown}>
            <button
                class="btn"
                type="button"
                aria-label="Gallery"
                aria-haspopup="menu"
                aria-expanded={open.to_string()}
                aria-controls="gallery"
                onclick={toggle}
            >
                { icon(Icon::Gallery) }
                <span class="btn__label">{ "Gallery" }</span>
                { with_class(Icon::Caret, "icon--caret") }
            </button>
            <div class="menu__list" id="gallery" role="menu" aria-label="Gallery" hidden={!*open}>
                for stack in &STACKS {
                    <div role="group" aria-labelledby={format!("gallery-{}", stack.id)}>
                        <p class="menu__heading" id={format!("gallery-{}", stack.id)}>{ stack.heading }</p>
                        { item(stack, false) }
                        { item(stack, true) }
                    </div>
                }
            </div>
        </div>
    }
}

/// Moves the focus to the entry that `choose` picks from the present one's number and how many there are.
fn focus_item(menu: &yew::NodeRef, choose: impl FnOnce(usize, usize) -> usize) {
    let Some(items) = menu.cast::<web_sys::Element>().and_then(|menu| menu.query_selector_all("[role=menuitem]").ok())
    else {
        return;
    };
    let count = items.length() as usize;
    if count == 0 {
        return;
    }
    let focused = browser::focused();
    let is_focused = |index: usize| {
        let item = u32::try_from(index).ok().and_then(|index| items.get(index));
        item.is_some_and(|item| focused.as_ref().is_some_and(|focused| item.is_same_node(Some(focused))))
    };
    let at = (0..count).find(|&index| is_focused(index)).unwrap_or(count - 1);
    let chosen = u32::try_from(choose(at, count)).ok().and_then(|index| items.get(index));
    if let Some(item) = chosen.and_then(|item| item.dyn_into::<HtmlElement>().ok()) {
        let _ = item.focus();
    }
}
