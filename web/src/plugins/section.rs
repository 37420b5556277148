//! What the findings pane shows about plug-ins.

use super::Shown;
use crate::app::Dispatch;
use crate::browser;
use crate::components::finding::Finding;
use crate::components::icons::{Icon, with_class};
use crate::components::text::sentence;
use crate::listing::FIRST;
use crate::words::{capital, counted};
use web_sys::HtmlTextAreaElement;
use yew::{
    Callback, Event, Html, InputEvent, Properties, TargetCast as _, component, html, use_context, use_effect_with,
    use_state,
};

/// The loaded plug-ins, each with what it found; nothing while none is loaded. The page's dispatcher comes as a context.
#[component]
pub(crate) fn Section() -> Html {
    let dispatch = use_context::<Dispatch>();
    let plugins = use_state(super::shown);
    {
        let plugins = plugins.setter();
        use_effect_with((), move |()| {
            super::with(|store| store.draw = Some(Callback::from(move |()| plugins.set(super::shown()))));
            || super::with(|store| store.draw = None)
        });
    }
    let Some(dispatch) = dispatch.filter(|_| !plugins.is_empty()) else { return html! {} };
    html! {
        <section class="plugins" aria-labelledby="plugins-title">
            <h3 class="plugins__title" id="plugins-title">{ "Plug-ins " }<span class="count">{ plugins.len() }</span></h3>
            <ul class="plugins__list">
                for plugin in plugins.iter() {
                    <Card key={plugin.id} plugin={plugin.clone()} dispatch={dispatch.clone()} />
                }
            </ul>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct CardProps {
    plugin: Shown,
    dispatch: Dispatch,
}

/// One plug-in.
#[component]
fn Card(props: &CardProps) -> Html {
    let plugin = &props.plugin;
    let all = use_state(|| false);
    let id = plugin.id;
    let name = plugin.about.as_ref().map_or(&*plugin.file, |about| &about.name);
    let title = format!("plugin-{id}-title");
    let remove = Callback::from(move |_| {
        super::remove(id);
        // The button goes with its card; the keyboard stays in the list.
        browser::focus("#results");
    });
    let show_all = {
        let all = all.clone();
        Callback::from(move |_| all.set(true))
    };
    let drawn = if *all { plugin.findings.len() } else { plugin.findings.len().min(FIRST) };
    html! {
        <li class="plugin" aria-labelledby={title.clone()}>
            <div class="plugin__head">
                <h3 class="plugin__title" id={title}>
                    <span class="plugin__name">{ name.to_owned() }</span>
                    if let Some(about) = &plugin.about {
                        { " " }<span class="plugin__version">{ about.version.clone() }</span>
                    }
                </h3>
                <p class="plugin__state" role="status">{ state(plugin) }</p>
                <button class="btn plugin__remove" type="button" aria-label={format!("Remove the plug-in {name}")} onclick={remove}>
                    { "Remove" }
                </button>
            </div>
            { trouble(plugin) }
            if !plugin.findings.is_empty() {
                <ul class="plugin__findings">
                    for item in &plugin.findings[..drawn] {
                        <Finding key={&*item.key} item={item.clone()} open={false} dispatch={props.dispatch.clone()} />
                    }
                </ul>
            }
            if drawn < plugin.findings.len() {
                <p class="plugin__more">
                    <button class="btn" type="button" onclick={show_all}>{ format!("Show all {} findings", plugin.findings.len()) }</button>
                </p>
            }
            // What never said what it is takes none.
            if plugin.about.is_some() || !plugin.settings.is_empty() {
                <Settings {id} applied={plugin.settings.to_string()} doubted={plugin.doubts_settings()} />
            }
        </li>
    }
}

fn state(plugin: &Shown) -> String {
    let found = match (plugin.finished, &plugin.trouble, plugin.findings.len()) {
        (false, ..) => return "Looking at the files".to_owned(),
        (true, Some(trouble), _) if !trouble.partial => return "Left out".to_owned(),
        (true, _, 0) => "no findings".to_owned(),
        (true, _, count) => counted(count, "finding"),
    };
    let rules = plugin.about.as_ref().map(|about| counted(about.rules, "rule"));
    let suppressed = (plugin.suppressed > 0).then(|| format!("{} suppressed", plugin.suppressed));
    [rules, Some(found), suppressed].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn trouble_id(id: u32) -> String {
    format!("plugin-{id}-trouble")
}

fn trouble(plugin: &Shown) -> Html {
    let Some(trouble) = &plugin.trouble else { return html! {} };
    let what = if trouble.partial { "gave findings that cannot be used" } else { "gave no findings" };
    html! {
        <div class="notice notice--error plugin__trouble" role="alert" id={trouble_id(plugin.id)}>
            { with_class(Icon::Alert, "notice__icon") }
            <div>
                <p class="notice__title">{ format!("{} {what}", plugin.file) }</p>
                <p class="notice__text">{ sentence(&capital(&trouble.text)) }</p>
            </div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct SettingsProps {
    id: u32,
    /// What the plug-in was run with.
    applied: String,
    /// Whether they may be why it gave nothing.
    doubted: bool,
}

/// The settings of a plug-in, applied when the field is left.
#[component]
fn Settings(props: &SettingsProps) -> Html {
    let draft = use_state(|| props.applied.clone());
    let id = props.id;
    let on_input = {
        let draft = draft.clone();
        Callback::from(move |event: InputEvent| draft.set(event.target_unchecked_into::<HtmlTextAreaElement>().value()))
    };
    let on_change = Callback::from(move |event: Event| {
        super::configure(id, &event.target_unchecked_into::<HtmlTextAreaElement>().value());
    });
    let (field, hint) = (format!("plugin-{id}-settings"), format!("plugin-{id}-hint"));
    let described = if props.doubted { format!("{hint} {}", trouble_id(id)) } else { hint.clone() };
    html! {
        <div class="plugin__settings">
            <label class="plugin__label" for={field.clone()}>{ "Settings" }</label>
            <span class="plugin__hint" id={hint}>{ "JSON, applied when you leave the field" }</span>
            <textarea
                class="field plugin__field"
                id={field}
                rows="2"
                placeholder="{}"
                spellcheck="false"
                autocomplete="off"
                autocapitalize="off"
                aria-invalid={props.doubted.to_string()}
                aria-describedby={described}
                value={(*draft).clone()}
                oninput={on_input}
                onchange={on_change}
            />
        </div>
    }
}
