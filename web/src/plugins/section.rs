//! What the findings pane shows about plug-ins.

use super::Shown;
use crate::words::counted;
use yew::{Callback, Html, component, html, use_effect_with, use_state};

/// The loaded plug-ins, each with what it found; nothing while none is loaded.
#[component]
pub(crate) fn Section() -> Html {
    let plugins = use_state(super::shown);
    {
        let plugins = plugins.setter();
        use_effect_with((), move |()| {
            super::with(|store| store.draw = Some(Callback::from(move |()| plugins.set(super::shown()))));
            || super::with(|store| store.draw = None)
        });
    }
    if plugins.is_empty() {
        return html! {};
    }
    html! {
        <section class="group plugins" aria-labelledby="plugins-title">
            <div class="group__head">
                <h3 class="group__title" id="plugins-title">{ "Plug-ins" }</h3>
                <span class="group__count">{ counted(plugins.len(), "plug-in") }</span>
            </div>
            <ul class="group__list">
                for plugin in plugins.iter() {
                    <li class="plugin" key={plugin.id}>{ card(plugin) }</li>
                }
            </ul>
        </section>
    }
}

fn card(plugin: &Shown) -> Html {
    let title = match &plugin.name {
        Some((name, version)) => format!("{name} {version}"),
        None => plugin.file.to_string(),
    };
    let id = plugin.id;
    let remove = Callback::from(move |_| super::remove(id));
    let state = match (&plugin.trouble, plugin.running) {
        (Some(trouble), _) => format!("It was left out: {trouble}"),
        (None, true) => "It looks at the files".to_owned(),
        (None, false) if plugin.findings.is_empty() => "It found nothing".to_owned(),
        (None, false) => counted(plugin.findings.len(), "finding"),
    };
    html! {
        <>
            <p class="plugin__head">
                <strong class="plugin__name">{ title.clone() }</strong>
                { " " }
                <button class="btn" type="button" aria-label={format!("Remove the plug-in {title}")} onclick={remove}>{ "Remove" }</button>
            </p>
            <p class="plugin__state" role="status">{ state }</p>
            if !plugin.findings.is_empty() {
                <ul class="plugin__findings">
                    for finding in &plugin.findings {
                        <li data-rule={finding.rule.clone()} data-severity={finding.severity.clone()}>
                            <p>{ format!("{}:{} {}", finding.location.path, finding.location.line, finding.message) }</p>
                            <p>{ format!("{} ({}). {}", finding.rule, finding.severity, finding.help) }</p>
                        </li>
                    }
                </ul>
            }
        </>
    }
}
