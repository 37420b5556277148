//! The questions about what is running, answered from what was supplied. The tables follow the answers' own keys, so that a column
//! that is added there is shown here.

use super::parts::{evidence, names, note, table, text};
use crate::app::Dispatch;
use crate::components::text::{place, sentence};
use crate::stack::Shared;
use crate::stack::answers::{Part, parts, word};
use plimsoll_core::report::json::LocationV1;
use plimsoll_core::report::stack::EvidenceV1;
use serde_json::Value;
use yew::{Html, Properties, component, html};

/// Lists of what is too long for labels.
const LINES: [&str; 4] = ["reasons", "examples", "packages", "exploited"];

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) answers: Option<Shared<Value>>,
    pub(crate) waiting: bool,
    pub(crate) dispatch: Dispatch,
}

#[component]
pub(crate) fn Inventory(props: &Props) -> Html {
    let Some(answers) = &props.answers else {
        return note(if props.waiting { "Reading the files" } else { "There are no files yet" });
    };
    html! {
        <div class="inventory">
            <p class="stack__note">{ about(answers) }</p>
            for part in parts(answers) {
                { shown(&part, &props.dispatch) }
            }
        </div>
    }
}

fn about(answers: &Value) -> String {
    let has_inventory = answers.get("has_inventory").and_then(Value::as_bool).unwrap_or_default();
    match answers.get("recorded").and_then(Value::as_str) {
        Some(day) => format!("Recorded on {day}."),
        None if has_inventory => "The inventory does not say when it was recorded.".to_owned(),
        None => "No inventory was supplied: these answers speak of what is declared.".to_owned(),
    }
}

fn shown(part: &Part<'_>, dispatch: &Dispatch) -> Html {
    if part.rows.is_empty() {
        return html! { <section class="part"><h3 class="part__title">{ part.title }</h3><p>{ part.nothing }</p></section> };
    }
    if part.columns.is_empty() {
        let list: Vec<Value> = part.rows.iter().map(|row| (*row).clone()).collect();
        return html! { <section class="part"><h3 class="part__title">{ part.title }</h3>{ several(&list, dispatch) }</section> };
    }
    let cells = |row: &Value| -> Vec<Html> {
        part.columns.iter().map(|(key, _)| cell(key, row.get(key.as_str()), dispatch)).collect()
    };
    let rows: Vec<Vec<Html>> = part.rows.iter().map(|row| cells(row)).collect();
    let heads: Vec<String> = part.columns.iter().map(|(_, head)| head.clone()).collect();
    table(text(part.title), &heads, rows)
}

/// What stands in a cell: the same words for the same kind of thing, whatever the question is.
fn cell(key: &str, value: Option<&Value>, dispatch: &Dispatch) -> Html {
    match value {
        None | Some(Value::Null) => text("–"),
        Some(Value::String(command)) if key == "answer" || key == "command" => {
            html! { <code class="inventory__command">{ command.clone() }</code> }
        }
        Some(Value::Array(list)) if list.is_empty() => text("–"),
        Some(Value::Array(list)) if LINES.contains(&key) => lines(list, dispatch),
        Some(Value::Array(list)) => several(list, dispatch),
        Some(value @ Value::Object(_)) => object(value, dispatch),
        Some(value) => sentence(&word(key, value)),
    }
}

fn several(list: &[Value], dispatch: &Dispatch) -> Html {
    if list.iter().all(Value::is_string) {
        return names(&list.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>());
    }
    lines(list, dispatch)
}

/// One below the other: clauses, paths, or whatever is too long for a label.
fn lines(list: &[Value], dispatch: &Dispatch) -> Html {
    html! {
        <ul class="facts">
            for one in list {
                <li class="facts__item">{ object(one, dispatch) }</li>
            }
        </ul>
    }
}

/// A place, something with evidence, whatever else has keys, or a plain value.
fn object(value: &Value, dispatch: &Dispatch) -> Html {
    if let Ok(location) = serde_json::from_value::<LocationV1>(value.clone()) {
        return place(&location, dispatch);
    }
    if let Ok(one) = serde_json::from_value::<EvidenceV1>(value.clone()) {
        return evidence(&[one], dispatch);
    }
    match value.as_object() {
        Some(keys) => keys
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| html! { <span class="inventory__pair">{ cell(key, Some(value), dispatch) }{ " " }</span> })
            .collect(),
        None => sentence(&word("", value)),
    }
}
