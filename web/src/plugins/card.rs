//! One plug-in in the panel. All its texts are a stranger's: text nodes, made visible, cut.

use super::about::{About, prose, size};
use super::form::Settings;
use super::notices::trouble;
use super::shelf::{Act, Plugin, Shelf};
use crate::app::Dispatch;
use crate::browser;
use crate::components::icons::severity;
use crate::components::text::sentence;
use crate::listing::Results;
use crate::state::Action;
use crate::words::{capital, counted};
use plimsoll_core::Severity;
use plimsoll_core::text::shorten;
use plimsoll_plugin_abi as abi;
use std::rc::Rc;
use web_sys::HtmlInputElement;
use yew::{Callback, Event, Html, MouseEvent, Properties, TargetCast as _, component, html, use_state};

/// Rules drawn before "show all" is pressed.
const FIRST_RULES: usize = 50;

#[derive(Properties, PartialEq)]
pub(super) struct Props {
    pub(super) id: u32,
    pub(super) shelf: Shelf,
    pub(super) results: Option<Rc<Results>>,
    /// Whether its answer about the present text is still to come.
    pub(super) busy: bool,
    pub(super) dispatch: Dispatch,
}

#[component]
pub(super) fn Card(props: &Props) -> Html {
    let all_rules = use_state(|| false);
    let Some(plugin) = props.shelf.plugins.iter().find(|plugin| plugin.id == props.id) else { return html! {} };
    let (id, name) = (plugin.id, plugin.title());
    let title = format!("plugin-{id}-title");
    let failure = props.shelf.failure(plugin);
    let faults = failure.as_ref().map(|failure| (**failure).clone().cleaned().faults).unwrap_or_default();
    let doubted = failure.as_ref().is_some_and(|failure| failure.code.starts_with("settings"));
    let show_all = {
        let all_rules = all_rules.clone();
        Callback::from(move |_| all_rules.set(true))
    };
    html! {
        <li class={if plugin.on { "plugin" } else { "plugin plugin--off" }} aria-labelledby={title.clone()}>
            <div class="plugin__head">
                <h3 class="plugin__title" id={title}>
                    <span class="plugin__name">{ name.clone() }</span>
                    if let Some(about) = &plugin.about {
                        { " " }<span class="plugin__version">{ shorten(&about.metadata.version, 40) }</span>
                    }
                </h3>
                <p class="plugin__state" role="status">{ state(plugin, props) }</p>
                <label class="plugin__switch">
                    <input
                        type="checkbox"
                        role="switch"
                        checked={plugin.on}
                        aria-label={format!("Run {name}")}
                        onchange={on_check(&props.dispatch, move |on| Act::Switch { id, on })}
                    />
                    <span aria-hidden="true">{ if plugin.on { "On" } else { "Off" } }</span>
                </label>
                <button class="btn plugin__remove" type="button" aria-label={format!("Remove {name}")} onclick={remove(id, &props.dispatch)}>
                    { "Remove" }
                </button>
            </div>
            <div class="plugin__body">
                { trouble(&props.shelf, plugin, true) }
                if failure.as_ref().is_some_and(|failure| failure.code != "name") && !doubted {
                    <p><button class="btn" type="button" onclick={press(&props.dispatch, Act::Retry(id))}>{ "Run it again" }</button></p>
                }
                if let Some(about) = &plugin.about {
                    for text in prose(&about.metadata.description, 1_000) { <p class="plugin__about">{ text }</p> }
                }
                { facts(plugin) }
                if let Some(about) = &plugin.about {
                    { rules(plugin, about, props, *all_rules, show_all) }
                }
                // What never said what it is takes none.
                if let Some(about) = &plugin.about {
                    <Settings
                        {id}
                        schema={about.metadata.settings_schema.clone().map(Rc::<str>::from)}
                        applied={Rc::clone(&plugin.settings)}
                        {faults}
                        {doubted}
                        dispatch={props.dispatch.clone()}
                    />
                }
            </div>
        </li>
    }
}

fn press(dispatch: &Dispatch, act: Act) -> Callback<MouseEvent> {
    let dispatch = dispatch.clone();
    Callback::from(move |_| dispatch.dispatch(Action::Plugin(act.clone())))
}

fn on_check(dispatch: &Dispatch, act: impl Fn(bool) -> Act + 'static) -> Callback<Event> {
    let dispatch = dispatch.clone();
    Callback::from(move |event: Event| {
        let on = event.target_unchecked_into::<HtmlInputElement>().checked();
        dispatch.dispatch(Action::Plugin(act(on)));
    })
}

fn remove(id: u32, dispatch: &Dispatch) -> Callback<MouseEvent> {
    let dispatch = dispatch.clone();
    Callback::from(move |_| {
        dispatch.dispatch(Action::Plugin(Act::Remove(id)));
        // The button goes with its card; the keyboard stays in the panel.
        browser::focus("#shelf");
    })
}

/// How many findings of a rule the report lists.
fn count(props: &Props, of: impl Fn(&str) -> bool) -> usize {
    props.results.as_ref().map_or(0, |results| results.items.iter().filter(|item| of(&item.finding.rule)).count())
}

fn state(plugin: &Plugin, props: &Props) -> String {
    if !plugin.on {
        return "Switched off".to_owned();
    }
    if props.shelf.failure(plugin).is_some() {
        return "Left out".to_owned();
    }
    let Some(about) = &plugin.about else { return "Looking at the files".to_owned() };
    let prefix = format!("{}/", about.metadata.name);
    let found = count(props, |rule| rule.starts_with(&prefix));
    let suppressed = props.results.as_ref().map_or(0, |results| {
        results.report.suppressed.iter().filter(|one| one.finding.rule.starts_with(&prefix)).count()
    });
    let mut parts = vec![match found {
        0 => "No findings".to_owned(),
        found => counted(found, "finding"),
    }];
    if suppressed > 0 {
        parts.push(format!("{suppressed} suppressed"));
    }
    if props.busy {
        parts.push("checking again".to_owned());
    }
    parts.join(", ")
}

fn facts(plugin: &Plugin) -> Html {
    let row = |term: &'static str, text: Html| html! { <><dt>{ term }</dt><dd>{ text }</dd></> };
    html! {
        <dl class="plugin__facts">
            { row("File", html! { { format!("{}, {}", shorten(&plugin.file, 100), size(plugin.bytes.len())) } }) }
            if let Some(about) = &plugin.about {
                if !about.metadata.license.is_empty() {
                    { row("Licence", html! { { shorten(&about.metadata.license, 100) } }) }
                }
                { row("Interface", html! { { about.interface.clone() } }) }
                { row("SHA-256", html! { <Digest digest={about.digest.clone()} short={about.short_digest().to_owned()} /> }) }
            }
        </dl>
    }
}

#[derive(Properties, PartialEq)]
struct DigestProps {
    digest: String,
    short: String,
}

/// The digest: short, in full on demand, and to be copied.
#[component]
fn Digest(props: &DigestProps) -> Html {
    let note = use_state(|| "");
    let copy = {
        let (digest, note) = (props.digest.clone(), note.setter());
        Callback::from(move |_| {
            let (digest, note) = (digest.clone(), note.clone());
            wasm_bindgen_futures::spawn_local(async move {
                let copied = browser::copy(&digest).await;
                note.set(if copied { "Copied" } else { "This browser does not let the page copy; select it instead" });
            });
        })
    };
    html! {
        <details class="digest">
            <summary aria-label={format!("Digest {}, show in full", props.short)}><code>{ format!("{}…", props.short) }</code></summary>
            <code class="digest__full">{ props.digest.clone() }</code>
            <button class="btn" type="button" onclick={copy}>{ "Copy" }</button>
            <span class="digest__note" role="status">{ *note }</span>
        </details>
    }
}

fn rules(plugin: &Plugin, about: &About, props: &Props, all: bool, show_all: Callback<MouseEvent>) -> Html {
    let rules = &about.metadata.rules;
    let drawn = if all { rules.len() } else { rules.len().min(FIRST_RULES) };
    html! {
        <div class="plugin__part">
            <h4 class="plugin__heading" id={format!("plugin-{}-rules", plugin.id)}>{ "Rules" }</h4>
            <ul class="plugin__rules" aria-labelledby={format!("plugin-{}-rules", plugin.id)}>
                for one in rules.iter().take(drawn) { { rule(plugin, about, one, props) } }
            </ul>
            if drawn < rules.len() {
                <p><button class="btn" type="button" onclick={show_all}>{ format!("Show all {} rules", rules.len()) }</button></p>
            }
        </div>
    }
}

fn rule(plugin: &Plugin, about: &About, rule: &abi::Rule, props: &Props) -> Html {
    let (id, on) = (plugin.id, !plugin.off.contains(&rule.id));
    let whole = format!("{}/{}", about.metadata.name, rule.id);
    let found = match (on, plugin.on, props.shelf.failure(plugin).is_some()) {
        (false, ..) | (_, false, _) => "off".to_owned(),
        // Another plug-in may have its name, and findings.
        (.., true) => "left out".to_owned(),
        _ => counted(count(props, |name| name == whole), "finding"),
    };
    let level = level(rule.severity);
    let name = Severity::ALL.get(level).map_or("info", |one| one.as_str());
    let switch = {
        let rule = rule.id.clone();
        on_check(&props.dispatch, move |on| Act::SwitchRule { id, rule: rule.clone(), on })
    };
    html! {
        <li class="plugin__rule" key={rule.id.clone()}>
            <label class="plugin__check">
                <input type="checkbox" checked={on} onchange={switch} />
                <span>{ sentence(&shorten(&rule.title, 200)) }</span>
            </label>
            <span class="plugin__line">
                <span class={format!("sev sev--{name}")}>{ severity(level) }{ capital(name) }</span>
                <code class="rule">{ shorten(&rule.id, 64) }</code>
                <span class="plugin__count">{ found }</span>
            </span>
        </li>
    }
}

/// A severity's place in [`Severity::ALL`].
fn level(severity: abi::Severity) -> usize {
    match severity {
        abi::Severity::Critical => 0,
        abi::Severity::High => 1,
        abi::Severity::Medium => 2,
        abi::Severity::Low => 3,
        abi::Severity::Info => 4,
    }
}
