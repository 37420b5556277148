//! The settings of a plug-in as a form, applied as each field is left. What was typed stays in its field, right or wrong.

use super::about::Fault;
use super::fields::{self, Editing};
use super::shelf::Act;
use crate::app::Dispatch;
use crate::state::Action;
use plimsoll_core::text::shorten;
use plimsoll_plugin_settings::form::{Field, Form};
use serde_json::Value;
use std::rc::Rc;
use web_sys::{HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};
use yew::{Callback, Event, Html, Properties, TargetCast as _, component, html, use_effect_with, use_memo, use_state};

#[derive(Properties, PartialEq)]
pub(super) struct Props {
    pub(super) id: u32,
    pub(super) schema: Option<Rc<str>>,
    /// What the plug-in is run with.
    pub(super) applied: Rc<str>,
    /// What its schema finds wrong with them.
    pub(super) faults: Vec<Fault>,
    /// Whether they are why it gave nothing.
    pub(super) doubted: bool,
    pub(super) dispatch: Dispatch,
}

#[component]
pub(super) fn Settings(props: &Props) -> Html {
    let form = use_memo(props.schema.clone(), |schema| schema.as_deref().and_then(Form::of));
    let none: &[Field] = &[];
    let listed = (*form).as_ref().map_or(none, |form| form.fields.as_slice());
    let others = fields::faults_at(&props.faults, listed, None);
    let title = format!("plugin-{}-settings-title", props.id);
    html! {
        <div class="plugin__part" role="group" aria-labelledby={title.clone()}>
            <h4 class="plugin__heading" id={title}>{ "Settings" }</h4>
            if !others.is_empty() {
                <div role="alert">
                    <ul class="plugin__faults">
                        for fault in others { <li>{ shorten(&fault, 300) }</li> }
                    </ul>
                </div>
            }
            for field in listed {
                <One
                    key={field.key.clone()}
                    id={props.id}
                    field={field.clone()}
                    applied={Rc::clone(&props.applied)}
                    faults={fields::faults_at(&props.faults, listed, Some(&field.key))}
                    dispatch={props.dispatch.clone()}
                />
            }
            if listed.is_empty() {
                <Whole id={props.id} applied={Rc::clone(&props.applied)} doubted={props.doubted} dispatch={props.dispatch.clone()} />
            } else {
                <details class="plugin__json">
                    <summary>{ "As JSON" }</summary>
                    <Whole id={props.id} applied={Rc::clone(&props.applied)} doubted={props.doubted} dispatch={props.dispatch.clone()} />
                </details>
            }
        </div>
    }
}

fn configure(dispatch: &Dispatch, id: u32, settings: &str) {
    dispatch.dispatch(Action::Plugin(Act::Configure { id, settings: settings.into() }));
}

#[derive(Properties, PartialEq)]
struct OneProps {
    id: u32,
    field: Field,
    applied: Rc<str>,
    faults: Vec<String>,
    dispatch: Dispatch,
}

/// One setting.
#[component]
fn One(props: &OneProps) -> Html {
    let field = &props.field;
    let settings = fields::parse(&props.applied);
    let value = settings.get(&field.key);
    let editing = fields::editing(field, value);
    // What was typed and could not be read, with the reason.
    let refused = use_state(|| None::<(String, String)>);
    {
        let refused = refused.setter();
        use_effect_with(value.cloned(), move |_| refused.set(None));
    }
    let take = {
        let (dispatch, id, applied, key) =
            (props.dispatch.clone(), props.id, Rc::clone(&props.applied), field.key.clone());
        let (editing, refused) = (editing.clone(), refused.setter());
        Callback::from(move |typed: String| match fields::read(&editing, &typed) {
            Ok(value) => {
                refused.set(None);
                configure(&dispatch, id, &fields::with(&applied, &key, value));
            }
            Err(why) => refused.set(Some((typed, why))),
        })
    };
    let shown = match &*refused {
        Some((typed, _)) => typed.clone(),
        None => fields::shown(&editing, value),
    };
    let mut faults = props.faults.clone();
    if let Some((_, why)) = &*refused {
        faults = vec![why.clone()];
    }
    let place = format!("plugin-{}-field-{}", props.id, id_of(&field.key));
    let (hint_id, fault_id) = (format!("{place}-hint"), format!("{place}-fault"));
    let hint = fields::hint(field, &editing);
    let about = shorten(&field.description, 400);
    let has_hint = !hint.is_empty() || !about.is_empty();
    let described: Vec<&str> =
        [(!faults.is_empty()).then_some(fault_id.as_str()), has_hint.then_some(hint_id.as_str())]
            .into_iter()
            .flatten()
            .collect();
    let described = (!described.is_empty()).then(|| described.join(" "));
    let invalid = (!faults.is_empty()).then_some("true");
    let label = format!("{}{}", shorten(&field.label, 100), if field.required { " (required)" } else { "" });
    let input = input(&editing, &place, shown, field, described, invalid, take);
    html! {
        <div class={if editing == Editing::Flag { "setting setting--flag" } else { "setting" }}>
            <label class="setting__label" for={place}>{ label }</label>
            { input }
            if has_hint {
                <p class="setting__hint" id={hint_id}>
                    { about.clone() }
                    if !about.is_empty() && !hint.is_empty() { <br /> }
                    { shorten(&hint, 300) }
                </p>
            }
            if !faults.is_empty() {
                <p class="setting__fault" id={fault_id} role="alert">
                    { faults.iter().map(|fault| shorten(fault, 300)).collect::<Vec<_>>().join(". ") }
                </p>
            }
        </div>
    }
}

fn input(
    editing: &Editing,
    id: &str,
    shown: String,
    field: &Field,
    described: Option<String>,
    invalid: Option<&'static str>,
    take: Callback<String>,
) -> Html {
    let id = id.to_owned();
    match editing {
        Editing::Line | Editing::Number { .. } => {
            let onchange = take.reform(|event: Event| event.target_unchecked_into::<HtmlInputElement>().value());
            let mode = if *editing == Editing::Line { "text" } else { "decimal" };
            html! {
                <input
                    class="field" type="text" inputmode={mode} autocomplete="off" spellcheck="false" {id} value={shown}
                    aria-invalid={invalid} aria-describedby={described} {onchange}
                />
            }
        }
        Editing::Flag => {
            let default = field.default.as_ref().and_then(Value::as_bool).unwrap_or_default();
            let checked = if shown.is_empty() { default } else { shown == "true" };
            let onchange =
                take.reform(|event: Event| event.target_unchecked_into::<HtmlInputElement>().checked().to_string());
            html! { <input type="checkbox" {id} {checked} aria-invalid={invalid} aria-describedby={described} {onchange} /> }
        }
        Editing::Choice(choices) => {
            let listed = choices.clone();
            let onchange = take.reform(move |event: Event| {
                let index = event.target_unchecked_into::<HtmlSelectElement>().selected_index();
                // The first is "not set".
                let index = usize::try_from(index).unwrap_or_default().checked_sub(1);
                index.and_then(|index| listed.get(index)).cloned().unwrap_or_default()
            });
            html! {
                <select class="field" {id} aria-invalid={invalid} aria-describedby={described} {onchange}>
                    <option selected={shown.is_empty()}>{ "Not set" }</option>
                    for choice in choices {
                        <option selected={*choice == shown}>{ shorten(choice, 100) }</option>
                    }
                </select>
            }
        }
        Editing::Lines | Editing::Pairs | Editing::Json => {
            let onchange = take.reform(|event: Event| event.target_unchecked_into::<HtmlTextAreaElement>().value());
            let rows = shown.lines().count().clamp(2, 10).to_string();
            html! {
                <textarea
                    class="field setting__text" {id} {rows} spellcheck="false" autocomplete="off" autocapitalize="off" value={shown}
                    aria-invalid={invalid} aria-describedby={described} {onchange}
                />
            }
        }
    }
}

/// A key as part of an id, which has no spaces; two keys never give the same.
fn id_of(key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let part = |c: char| if plain(c) { c.to_string() } else { format!("_{:x}_", u32::from(c)) };
    key.chars().take(64).map(part).collect()
}

#[derive(Properties, PartialEq)]
struct WholeProps {
    id: u32,
    applied: Rc<str>,
    doubted: bool,
    dispatch: Dispatch,
}

/// All settings as one JSON text.
#[component]
fn Whole(props: &WholeProps) -> Html {
    let refused = use_state(|| None::<(String, String)>);
    {
        let refused = refused.setter();
        use_effect_with(Rc::clone(&props.applied), move |_| refused.set(None));
    }
    let onchange = {
        let (dispatch, id, refused) = (props.dispatch.clone(), props.id, refused.setter());
        Callback::from(move |event: Event| {
            let typed = event.target_unchecked_into::<HtmlTextAreaElement>().value();
            match fields::parse_typed(&typed) {
                Ok(settings) => {
                    refused.set(None);
                    configure(&dispatch, id, &Value::Object(settings).to_string());
                }
                Err(why) => refused.set(Some((typed, why))),
            }
        })
    };
    let settings = fields::parse(&props.applied);
    let shown = match &*refused {
        Some((typed, _)) => typed.clone(),
        None if settings.is_empty() => String::new(),
        None => serde_json::to_string_pretty(&settings).unwrap_or_default(),
    };
    let rows = shown.lines().count().clamp(2, 16).to_string();
    let place = format!("plugin-{}-settings", props.id);
    let (hint_id, fault_id) = (format!("{place}-hint"), format!("{place}-fault"));
    let invalid = (refused.is_some() || props.doubted).then_some("true");
    let described = match (&*refused, props.doubted) {
        (Some(_), _) => format!("{fault_id} {hint_id}"),
        (None, true) => format!("plugin-{}-trouble {hint_id}", props.id),
        (None, false) => hint_id.clone(),
    };
    html! {
        <div class="setting">
            <label class="setting__label" for={place.clone()}>{ "All settings" }</label>
            <textarea
                class="field setting__text"
                id={place}
                {rows}
                placeholder="{}"
                spellcheck="false"
                autocomplete="off"
                autocapitalize="off"
                aria-invalid={invalid}
                aria-describedby={described}
                value={shown}
                {onchange}
            />
            <p class="setting__hint" id={hint_id}>{ "A JSON object, applied when you leave the field" }</p>
            if let Some((_, why)) = &*refused {
                <p class="setting__fault" id={fault_id} role="alert">{ shorten(why, 300) }</p>
            }
        </div>
    }
}
