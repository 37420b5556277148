//! The panel of plug-ins.

use super::about::size;
use super::card::Card;
use super::shelf::{Keeping, MOST_PLUGINS, MOST_TOTAL, Shelf};
use crate::app::Dispatch;
use crate::components::header::OpenFiles;
use crate::components::icons::{Icon, with_class};
use crate::listing::Results;
use std::rc::Rc;
use yew::{Html, Properties, component, html};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) shelf: Shelf,
    pub(crate) results: Option<Rc<Results>>,
    /// The revision of the present texts.
    pub(crate) revision: u64,
    /// Whether there are no files.
    pub(crate) empty: bool,
    pub(crate) dispatch: Dispatch,
}

#[component]
pub(crate) fn PluginsPane(props: &Props) -> Html {
    let shelf = &props.shelf;
    html! {
        <section class="pane pane--plugins" id="plugins" aria-label="Plug-ins" tabindex="-1">
            <div class="shelf" id="shelf" role="region" aria-label="List of plug-ins" tabindex="0">
                <div class="shelf__head">
                    <h2 class="shelf__title">{ "Plug-ins" }</h2>
                    <OpenFiles
                        dispatch={props.dispatch.clone()}
                        label="Add a plug-in"
                        framed=true
                        primary={shelf.plugins.is_empty()}
                    />
                </div>
                if shelf.plugins.is_empty() {
                    { intro() }
                } else {
                    <p class="shelf__note" role="status">{ summary(shelf) }</p>
                }
                { keeping(&shelf.keeping) }
                if !shelf.plugins.is_empty() {
                    <ul class="shelf__list">
                        for plugin in &shelf.plugins {
                            <Card
                                key={plugin.id}
                                id={plugin.id}
                                shelf={shelf.clone()}
                                results={props.results.clone()}
                                busy={!props.empty && shelf.needs(plugin, props.revision)}
                                dispatch={props.dispatch.clone()}
                            />
                        }
                    </ul>
                }
            </div>
        </section>
    }
}

fn intro() -> Html {
    html! {
        <div class="shelf__intro">
            <p>
                { "A plug-in adds your organisation's own rules: which registries are allowed, which labels a service needs, how things are named. Its findings stand in the list beside the built-in ones." }
            </p>
            <p>
                { "It is a " }<code>{ ".wasm" }</code>{ " file. Make one with " }<code>{ "plimsoll plugin new" }</code>
                { " and " }<code>{ "plimsoll plugin build" }</code>{ ", and drop it anywhere on this page." }
            </p>
            <p>
                { "It runs in this page, sealed off: it sees the files that are open here and nothing else, and it cannot send them anywhere." }
            </p>
        </div>
    }
}

fn summary(shelf: &Shelf) -> String {
    let bytes: usize = shelf.plugins.iter().map(|plugin| plugin.bytes.len()).sum();
    format!(
        "{} of {MOST_PLUGINS}, {} of {}. They run in this page; nothing of them or of your files is sent anywhere.",
        shelf.plugins.len(),
        size(bytes),
        size(MOST_TOTAL)
    )
}

fn keeping(keeping: &Keeping) -> Html {
    let text = match keeping {
        Keeping::Reading | Keeping::Kept => return html! {},
        Keeping::VisitOnly => {
            "This browser stores nothing for this page: plug-ins stay for this visit only.".to_owned()
        }
        Keeping::Failed(why) => {
            format!("Not everything could be stored for the next visit ({why}). It stays for this visit.")
        }
    };
    html! {
        <div class="notice" role="status">
            { with_class(Icon::Warning, "notice__icon") }
            <p class="notice__text">{ text }</p>
        </div>
    }
}
