//! A rule's manual under a finding: fetched when it is opened, and not before.

use super::text::sentence;
use crate::browser;
use crate::manual::{Block, address, blocks};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use web_sys::HtmlDetailsElement;
use yew::{Callback, Event, Html, Properties, TargetCast as _, component, html, use_state};

thread_local! {
    /// Manuals that were read before, by rule.
    static READ: RefCell<BTreeMap<String, Rc<Vec<Block>>>> = RefCell::default();
}

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) rule: String,
}

#[derive(Clone, PartialEq)]
enum Shown {
    Closed,
    Coming,
    Here(Rc<Vec<Block>>),
    Missing,
}

#[component]
pub(crate) fn Manual(props: &Props) -> Html {
    let shown = use_state(|| Shown::Closed);
    let ontoggle = {
        let (shown, rule) = (shown.clone(), props.rule.clone());
        Callback::from(move |event: Event| {
            let open = event.target_dyn_into::<HtmlDetailsElement>().is_some_and(|element| element.open());
            if !open || matches!(*shown, Shown::Here(_) | Shown::Coming) {
                return;
            }
            if let Some(known) = READ.with_borrow(|read| read.get(&rule).cloned()) {
                shown.set(Shown::Here(known));
                return;
            }
            shown.set(Shown::Coming);
            let (shown, rule) = (shown.clone(), rule.clone());
            wasm_bindgen_futures::spawn_local(async move {
                let read = browser::fetch_text(&address(&rule)).await.map(|text| Rc::new(blocks(&text)));
                match read.filter(|blocks| !blocks.is_empty()) {
                    Some(blocks) => {
                        READ.with_borrow_mut(|read| read.insert(rule, Rc::clone(&blocks)));
                        shown.set(Shown::Here(blocks));
                    }
                    None => shown.set(Shown::Missing),
                }
            });
        })
    };
    let content = match &*shown {
        Shown::Closed => Html::default(),
        Shown::Coming => html! { <p>{ "Reading the manual" }</p> },
        Shown::Missing => {
            html! { <p>{ "The manual could not be read. Close and open it to try again; " }<code>{ format!("plimsoll explain {}", props.rule) }</code>{ " prints it too." }</p> }
        }
        Shown::Here(blocks) => blocks.iter().map(block).collect(),
    };
    html! {
        <details class="manual" {ontoggle}>
            <summary>{ "Manual of this rule" }</summary>
            { content }
        </details>
    }
}

fn block(block: &Block) -> Html {
    match block {
        Block::Heading(text) => html! { <h5>{ text.clone() }</h5> },
        Block::Paragraph(text) => html! { <p>{ sentence(text) }</p> },
        Block::List(items) => html! { <ul>{ for items.iter().map(|item| html! { <li>{ sentence(item) }</li> }) }</ul> },
        Block::Code { file, text } => html! {
            <figure class="manual__file">
                if let Some(file) = file {
                    <figcaption>{ file.clone() }</figcaption>
                }
                <pre class="snippet" tabindex="0">{ text.clone() }</pre>
            </figure>
        },
    }
}
