//! What the list of findings shows: filtered, grouped, cut to what can be drawn between two keystrokes.

use crate::plugins::Told;
use plimsoll_core::Severity;
use plimsoll_core::report::json::{FindingV1, ReportV1};
use plimsoll_core::rules;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Findings drawn before "show all" is pressed. Drawing them costs more than finding them.
pub(crate) const FIRST: usize = 60;

/// A finding with a key that stays when its place moves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Item {
    pub(crate) key: Rc<str>,
    pub(crate) finding: Rc<FindingV1>,
    /// Of a plug-in that has not yet looked at the present text: its places may have moved, so it is not marked and not mended.
    pub(crate) stale: bool,
}

impl Item {
    /// Its severity's place in [`Severity::ALL`].
    pub(crate) fn level(&self) -> usize {
        level(&self.finding.severity)
    }
}

/// A report, its findings shared so that a card is drawn again only when its finding changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Results {
    pub(crate) items: Vec<Item>,
    /// The rest of the report; its findings are in `items`.
    pub(crate) report: ReportV1,
    /// What became of the plug-ins' answers that it was made with.
    pub(crate) told: Vec<Told>,
    /// Titles of the plug-ins' rules, by their whole name.
    pub(crate) titles: BTreeMap<String, Rc<str>>,
    /// Which turn of the plug-ins it was made with.
    pub(crate) turn: u64,
}

impl Results {
    /// Takes a report apart.
    pub(crate) fn new(mut report: ReportV1) -> Self {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let items = std::mem::take(&mut report.findings)
            .into_iter()
            .map(|finding| {
                let nth = seen.entry(finding.fingerprint.clone()).or_default();
                *nth += 1;
                Item { key: format!("{}-{nth}", finding.fingerprint).into(), finding: Rc::new(finding), stale: false }
            })
            .collect();
        Self { items, report, told: Vec::new(), titles: BTreeMap::new(), turn: 0 }
    }

    /// A finding by its key.
    pub(crate) fn item(&self, key: &str) -> Option<&Item> {
        self.items.iter().find(|item| &*item.key == key)
    }

    /// How many findings of each severity, worst first.
    pub(crate) fn counts(&self) -> [usize; 5] {
        let mut counts = [0; 5];
        for item in &self.items {
            counts[item.level()] += 1;
        }
        counts
    }

    /// How many root causes and how many services the findings are about.
    pub(crate) fn causes_and_services(&self) -> (usize, usize) {
        let causes: BTreeSet<&str> = self.items.iter().map(|item| item.finding.rule.as_str()).collect();
        let services: BTreeSet<&str> =
            self.items.iter().flat_map(|item| item.finding.services.iter().map(String::as_str)).collect();
        (causes.len(), services.len())
    }

    /// How many findings a file has, and the worst severity.
    pub(crate) fn of_file(&self, path: &str) -> Option<(usize, &'static str)> {
        let here = self.items.iter().filter(|item| item.finding.location.path == path);
        let (count, worst) =
            here.fold((0, Severity::ALL.len() - 1), |(count, worst), item| (count + 1, worst.min(item.level())));
        (count > 0).then(|| (count, Severity::ALL[worst].as_str()))
    }
}

fn level(severity: &str) -> usize {
    Severity::ALL.iter().position(|one| one.as_str() == severity).unwrap_or(Severity::ALL.len() - 1)
}

/// How findings are put together.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum Grouping {
    #[default]
    Cause,
    File,
    Severity,
}

impl Grouping {
    pub(crate) const ALL: [Self; 3] = [Self::Cause, Self::File, Self::Severity];

    /// What the choice says.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Cause => "By root cause",
            Self::File => "By file",
            Self::Severity => "By severity",
        }
    }
}

/// Which findings are shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Filter {
    /// By severity, worst first.
    pub(crate) shown: [bool; 5],
    /// Every word of it has to occur.
    pub(crate) text: String,
    pub(crate) grouping: Grouping,
    /// More than [`FIRST`].
    pub(crate) all: bool,
}

impl Default for Filter {
    fn default() -> Self {
        Self { shown: [true; 5], text: String::new(), grouping: Grouping::default(), all: false }
    }
}

impl Filter {
    fn lets(&self, item: &Item, words: &[String]) -> bool {
        if !self.shown[item.level()] {
            return false;
        }
        let finding = &item.finding;
        let texts = || [&finding.rule, &finding.message, &finding.location.path].into_iter().chain(&finding.services);
        words.iter().all(|word| texts().any(|text| text.to_lowercase().contains(word)))
    }
}

/// Findings under one heading.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Group {
    pub(crate) key: Rc<str>,
    pub(crate) title: Rc<str>,
    /// Of the whole group, drawn or not.
    pub(crate) count: usize,
    /// Those that are drawn.
    pub(crate) items: Vec<Item>,
}

/// The list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Listing {
    pub(crate) groups: Vec<Group>,
    /// How many findings the filter lets through, drawn or not.
    pub(crate) matching: usize,
    pub(crate) drawn: usize,
}

impl Listing {
    /// Makes the list.
    pub(crate) fn new(results: &Results, filter: &Filter) -> Self {
        let words: Vec<String> = filter.text.to_lowercase().split_whitespace().map(str::to_owned).collect();
        let mut groups: Vec<Group> = Vec::new();
        let mut matching = 0;
        for item in results.items.iter().filter(|item| filter.lets(item, &words)) {
            matching += 1;
            let (key, title) = heading(item, filter.grouping, &results.titles);
            match groups.iter_mut().find(|group| &*group.key == key) {
                Some(group) => {
                    group.count += 1;
                    group.items.push(item.clone());
                }
                None => {
                    groups.push(Group { key: key.into(), title: title.into(), count: 1, items: vec![item.clone()] })
                }
            }
        }
        // The worst first; equals stay in the order of the report.
        groups.sort_by_key(|group| group.items.iter().map(Item::level).min());
        let mut room = if filter.all { usize::MAX } else { FIRST };
        for group in &mut groups {
            group.items.sort_by_key(Item::level);
            group.items.truncate(room);
            room -= group.items.len();
        }
        groups.retain(|group| !group.items.is_empty());
        let drawn = groups.iter().map(|group| group.items.len()).sum();
        Self { groups, matching, drawn }
    }
}

fn heading<'a>(item: &'a Item, grouping: Grouping, titles: &BTreeMap<String, Rc<str>>) -> (&'a str, String) {
    let finding = &item.finding;
    match grouping {
        Grouping::Cause => {
            let built_in = rules::find(&finding.rule).map(|rule| rule.title);
            let title = built_in.or_else(|| titles.get(&finding.rule).map(|title| &**title));
            (&finding.rule, title.unwrap_or(&finding.rule).to_owned())
        }
        Grouping::File => (&finding.location.path, finding.location.path.clone()),
        Grouping::Severity => (&finding.severity, crate::words::capital(&finding.severity)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_core::{Date, Options, Sources, check, report::json};

    fn results(text: &str) -> Results {
        let mut sources = Sources::new();
        sources.add("compose.yaml", text);
        sources.add("more/compose.yaml", text);
        Results::new(json::wire(&check(&sources, &Options::new(Date::new(2026, 11, 24))), &sources))
    }

    fn stack(services: usize) -> String {
        let each = |number| format!("  s{number}:\n    image: php:8.4-fpm\n    privileged: true\n");
        format!("services:\n{}", (0..services).map(each).collect::<String>())
    }

    #[test]
    fn keys_stay_when_lines_move() {
        let keys = |text: &str| results(text).items.iter().map(|item| item.key.clone()).collect::<Vec<_>>();
        let before = keys(&stack(2));
        assert_eq!(before, keys(&format!("# a new line\n\n{}", stack(2))));
        assert_eq!(before.iter().collect::<BTreeSet<_>>().len(), before.len());
    }

    #[test]
    fn a_plug_ins_rule_has_its_own_title() {
        let mut results = results(&stack(1));
        results.titles.insert("isolation/privileged-container".to_owned(), "Not this one".into());
        for item in &mut results.items {
            let mut finding = (*item.finding).clone();
            finding.rule = finding.rule.replace("isolation/privileged-container", "mine/one");
            item.finding = Rc::new(finding);
        }
        results.titles.insert("mine/one".to_owned(), "One of ours".into());
        let listing = Listing::new(&results, &Filter::default());
        let titles: Vec<&str> = listing.groups.iter().map(|group| &*group.title).collect();
        assert!(titles.contains(&"One of ours") && !titles.contains(&"Not this one"), "{titles:?}");
    }

    #[test]
    fn the_list_is_filtered_grouped_and_cut() {
        let results = results(&stack(40));
        let total = results.items.len();
        assert!(total >= 80);
        let listing = Listing::new(&results, &Filter::default());
        assert_eq!((listing.matching, listing.drawn), (total, FIRST));
        let all = Listing::new(&results, &Filter { all: true, ..Filter::default() });
        assert_eq!(all.drawn, total);
        let by_file = Listing::new(&results, &Filter { grouping: Grouping::File, all: true, ..Filter::default() });
        assert_eq!(
            by_file.groups.iter().map(|group| &*group.title).collect::<Vec<_>>(),
            ["compose.yaml", "more/compose.yaml"]
        );
        let words = Filter { text: "PRIVILEGED  s7 more/".to_owned(), ..Filter::default() };
        assert_eq!(Listing::new(&results, &words).matching, 1);
        let none = Filter { shown: [false; 5], ..Filter::default() };
        assert_eq!(Listing::new(&results, &none), Listing::default());
        assert_eq!(results.counts().iter().sum::<usize>(), total);
        assert_eq!(results.of_file("compose.yaml").map(|(_, worst)| worst), Some("critical"));
        assert_eq!(results.of_file("x"), None);
    }
}
