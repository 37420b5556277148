//! Short messages.

use super::icons::{Icon, icon};
use crate::app::Dispatch;
use crate::browser::Timeout;
use crate::state::{Action, Toast};
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::Element;
use yew::{Callback, Html, NodeRef, Properties, component, html, use_effect_with, use_node_ref};

/// How long a message stays that nothing can be done about.
const STAYS: i32 = 6_000;

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) toasts: Vec<Toast>,
    pub(crate) dispatch: Dispatch,
}

#[component]
pub(crate) fn Toasts(props: &Props) -> Html {
    html! {
        <div class="toasts" role="status" aria-live="polite">
            for toast in &props.toasts {
                <One key={toast.id} toast={toast.clone()} dispatch={props.dispatch.clone()} />
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct OneProps {
    toast: Toast,
    dispatch: Dispatch,
}

#[component]
fn One(props: &OneProps) -> Html {
    let node = use_node_ref();
    let id = props.toast.id;
    {
        let (node, dispatch, stays) = (node.clone(), props.dispatch.clone(), props.toast.undo.is_some());
        use_effect_with((), move |()| {
            let timer = Rc::new(RefCell::new(None));
            if !stays {
                leave_later(&timer, node, dispatch, id);
            }
            move || drop(timer.take())
        });
    }
    let on = |action: Action| {
        let dispatch = props.dispatch.clone();
        Callback::from(move |_| dispatch.dispatch(action.clone()))
    };
    html! {
        <div class="toast" ref={node}>
            <span class="toast__text">{ props.toast.text.to_string() }</span>
            if props.toast.undo.is_some() {
                <button class="btn" type="button" onclick={on(Action::Undo { toast: id })}>{ "Undo" }</button>
            }
            <button class="btn btn--icon" type="button" aria-label="Dismiss" onclick={on(Action::Dismiss { toast: id })}>{ icon(Icon::Cross) }</button>
        </div>
    }
}

/// Takes the message away, unless someone is at it: then looks again later.
fn leave_later(timer: &Rc<RefCell<Option<Timeout>>>, node: NodeRef, dispatch: Dispatch, id: u32) {
    let again = Rc::downgrade(timer);
    let timeout = Timeout::new(STAYS, move || {
        let busy = node.cast::<Element>().is_some_and(|node| node.matches(":hover, :focus-within").unwrap_or(false));
        match again.upgrade().filter(|_| busy) {
            Some(timer) => leave_later(&timer, node, dispatch, id),
            None => dispatch.dispatch(Action::Dismiss { toast: id }),
        }
    });
    *timer.borrow_mut() = Some(timeout);
}
