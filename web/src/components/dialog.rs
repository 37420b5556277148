//! A look at a fix before it is applied.

use super::icons::{Icon, icon};
use super::text::sentence;
use crate::app::Dispatch;
use crate::browser;
use crate::editor::{self, Editor};
use crate::state::{Action, Preview};
use crate::words::counted;
use web_sys::HtmlDialogElement;
use yew::{Callback, Event, Html, Properties, component, html, use_effect_with, use_node_ref};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) preview: Preview,
    pub(crate) editor: Editor,
    pub(crate) dispatch: Dispatch,
}

fn view_id(index: usize) -> String {
    format!("diff-{index}")
}

#[component]
pub(crate) fn FixDialog(props: &Props) -> Html {
    let dialog = use_node_ref();
    {
        let (dialog, editor, preview) = (dialog.clone(), props.editor.clone(), props.preview.clone());
        use_effect_with((), move |()| {
            let before = browser::focused();
            let dialog = dialog.cast::<HtmlDialogElement>();
            if let Some(dialog) = &dialog {
                // Fails only for a dialog that is open already or no longer in the page.
                let _ = dialog.show_modal();
            }
            let diffs: Vec<_> = preview
                .changes
                .iter()
                .enumerate()
                .filter_map(|(index, change)| {
                    let place = browser::document()?.get_element_by_id(&view_id(index))?;
                    editor.show_diff(&place, change.before.as_deref().unwrap_or(""), &change.after, &change.path)
                })
                .collect();
            // The first thing that takes the focus must not be the diff.
            browser::focus("#fix .btn--primary");
            move || {
                diffs.iter().for_each(editor::call);
                // While it is open nothing behind it takes the focus. Closing gives it back to where it was.
                if let Some(dialog) = dialog.filter(HtmlDialogElement::open) {
                    dialog.close();
                    if !before.is_some_and(|before| before.is_connected()) {
                        browser::focus_editor();
                    }
                }
            }
        });
    }
    let close = {
        let dispatch = props.dispatch.clone();
        Callback::from(move |()| dispatch.dispatch(Action::ClosePreview))
    };
    let onclick = close.reform(|_| ());
    // Escape: the browser closes it, the state follows.
    let oncancel = close.reform(|event: Event| event.prevent_default());
    let apply = {
        let (dispatch, dialog) = (props.dispatch.clone(), dialog.clone());
        Callback::from(move |_| {
            // First, so that the editor can take the focus.
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                dialog.close();
            }
            dispatch.dispatch(Action::Apply);
        })
    };
    let preview = &props.preview;
    let note = if preview.safe {
        "Safe: only tightens. You can undo it in the editor."
    } else {
        "Suggested: it may change what the stack does. You can undo it in the editor."
    };
    html! {
        <dialog class="dialog" id="fix" aria-labelledby="fix-title" ref={dialog} {oncancel}>
            <div class="dialog__head">
                <div>
                    <h2 class="dialog__title" id="fix-title">{ sentence(&preview.title) }</h2>
                    <p class="dialog__text"><code>{ preview.rule.clone() }</code>{ format!(" changes {}", counted(preview.changes.len(), "file")) }</p>
                </div>
                <button class="btn btn--quiet btn--icon" type="button" aria-label="Close" onclick={onclick.clone()}>{ icon(Icon::Cross) }</button>
            </div>
            <div class="dialog__body">
                for (index, change) in preview.changes.iter().enumerate() {
                    <div class="diff">
                        <h3 class="diff__file">{ change.path.to_string() }{ if change.before.is_none() { " (new)" } else { "" } }</h3>
                        <div class="diff__view" id={view_id(index)} />
                    </div>
                }
            </div>
            <div class="dialog__foot">
                <p class="dialog__note">{ note }</p>
                <button class="btn" type="button" {onclick}>{ "Cancel" }</button>
                <button class="btn btn--primary" type="button" onclick={apply}>{ "Apply fix" }</button>
            </div>
        </dialog>
    }
}
