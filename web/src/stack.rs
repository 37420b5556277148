//! What the stack section shows: which deployment, which tab, what falls and how far that has been told. Pure, as the page's state
//! is; what it wants to know follows from it, and is asked for together with the findings.

pub(crate) mod answers;
pub(crate) mod drawing;
#[cfg(test)]
mod tests;
pub(crate) mod walk;

use plimsoll_core::project::Project;
use plimsoll_core::report::stack::{self, BreachV1, PlanV1, StackV1, StepV1, ViewV1, Wanted};
use serde::{Deserialize, Serialize};
use std::ops::Deref;
use std::rc::Rc;
use walk::{Press, Walk};

/// What the section shows of a deployment.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum Tab {
    #[default]
    Map,
    Matrix,
    Breach,
    Plan,
    Boundaries,
    Inventory,
}

impl Tab {
    pub(crate) const ALL: [Self; 6] =
        [Self::Map, Self::Matrix, Self::Breach, Self::Plan, Self::Boundaries, Self::Inventory];

    /// What it says.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Map => "Map",
            Self::Matrix => "Matrix",
            Self::Breach => "Breach",
            Self::Plan => "Plan",
            Self::Boundaries => "Boundaries",
            Self::Inventory => "Inventory",
        }
    }

    /// Its id in the page, which the panel refers to.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Map => "stack-map",
            Self::Matrix => "stack-matrix",
            Self::Breach => "stack-breach",
            Self::Plan => "stack-plan",
            Self::Boundaries => "stack-boundaries",
            Self::Inventory => "stack-inventory",
        }
    }

    /// Where a key leads from here, as in every list of tabs.
    pub(crate) fn moved(self, key: &str) -> Option<Self> {
        let count = Self::ALL.len();
        let at = Self::ALL.iter().position(|tab| *tab == self)?;
        let to = match key {
            "ArrowRight" => (at + 1) % count,
            "ArrowLeft" => (at + count - 1) % count,
            "Home" => 0,
            "End" => count - 1,
            _ => return None,
        };
        Self::ALL.get(to).copied()
    }
}

/// What the section wants to know besides the findings; part of the worker's protocol.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub(crate) struct Wants {
    /// The deployment that the rest is about; the maps of all of them come anyway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) view: Option<String>,
    /// Services that fall.
    #[serde(default)]
    pub(crate) breach: Vec<String>,
    #[serde(default)]
    pub(crate) plan: bool,
    #[serde(default)]
    pub(crate) boundaries: bool,
    #[serde(default)]
    pub(crate) inventory: bool,
}

impl Wants {
    /// Whether it is about more than the maps.
    fn is_about_a_view(&self) -> bool {
        !self.breach.is_empty() || self.plan || self.boundaries
    }

    fn wanted(&self) -> Wanted {
        Wanted { view: self.view.clone(), breach: self.breach.clone(), plan: self.plan, boundaries: self.boundaries }
    }
}

/// The maps of all deployments, and what is wanted besides of one of them.
pub(crate) fn answer(project: &Project<'_>, wants: &Wants) -> StackV1 {
    // Where there is one, everything comes at once.
    if project.views.iter().filter(|view| !view.services.is_empty()).count() <= 1 {
        return stack::wire(project, &Wanted { view: None, ..wants.wanted() });
    }
    let mut all = stack::wire(project, &Wanted::default());
    if wants.is_about_a_view() {
        for more in stack::wire(project, &wants.wanted()).views {
            if let Some(view) = all.views.iter_mut().find(|view| view.name == more.name) {
                *view = more;
            }
        }
    }
    all
}

/// Something large that the state shares; equal only to itself, so that comparing states costs nothing.
#[derive(Debug)]
pub(crate) struct Shared<T>(Rc<T>);

impl<T> Shared<T> {
    pub(crate) fn new(content: T) -> Self {
        Self(Rc::new(content))
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// The plan that is shown until another is chosen.
const USUAL_PRESET: &str = "balanced";

/// The section's part of the page's state.
#[derive(Clone, PartialEq, Default, Debug)]
pub(crate) struct Stack {
    /// Whether it is shown: only then anything is computed for it.
    pub(crate) open: bool,
    /// Whether it takes the editor's place too.
    pub(crate) wide: bool,
    pub(crate) tab: Tab,
    /// All deployments, as they were last told.
    pub(crate) views: Vec<Shared<ViewV1>>,
    /// The answers of the inventory, as they were last told.
    pub(crate) answers: Option<Shared<serde_json::Value>>,
    /// How far the walk of what falls has been told; `None` while nothing falls or that is still to be computed.
    pub(crate) walk: Option<Walk>,
    view: Option<Rc<str>>,
    fallen: Option<Rc<str>>,
    preset: Option<Rc<str>>,
    /// Whether nothing shall move.
    still: bool,
    /// What was told last: of which revision, and to which wants.
    told: Option<(u64, Wants)>,
    /// A revision that could not be analysed with it.
    broken: Option<u64>,
}

/// What can happen in it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Act {
    Tab(Tab),
    Wide(bool),
    /// Another deployment.
    View(Rc<str>),
    /// A service falls.
    Fall {
        service: Rc<str>,
        /// Whether everything is to be shown at once.
        still: bool,
    },
    /// Nothing falls any more.
    Stand,
    Walk(Press),
    Preset(Rc<str>),
    /// What the worker said.
    Told {
        revision: u64,
        wants: Wants,
        stack: Option<StackV1>,
        answers: Option<serde_json::Value>,
    },
}

impl Stack {
    /// The deployment that is shown.
    pub(crate) fn view(&self) -> Option<&Shared<ViewV1>> {
        let chosen = self.view.as_deref().and_then(|name| self.views.iter().find(|view| view.name == name));
        chosen.or_else(|| self.views.first())
    }

    /// The service that falls, while it is there.
    pub(crate) fn fallen(&self) -> Option<&str> {
        let view = self.view()?;
        self.fallen.as_deref().filter(|name| view.services.iter().any(|service| service.name == *name))
    }

    /// The service whose breach is told: the one that falls, else the first that anybody can knock at.
    pub(crate) fn looked_at(&self) -> Option<&str> {
        let view = self.view()?;
        let usual = || view.starts.first().or_else(|| view.services.first().map(|service| &service.name));
        self.fallen().or_else(|| usual().map(String::as_str))
    }

    /// What happens when a service falls, once that is known.
    pub(crate) fn breach_of(&self, service: &str) -> Option<&BreachV1> {
        self.view()?.breaches.iter().find(|breach| breach.start == service)
    }

    /// The preset whose plan is shown.
    pub(crate) fn preset(&self) -> &str {
        self.preset.as_deref().unwrap_or(USUAL_PRESET)
    }

    /// A plan by its preset.
    pub(crate) fn plan(&self, preset: &str) -> Option<&PlanV1> {
        self.view()?.plans.iter().find(|plan| plan.preset == preset)
    }

    /// What is to be computed for the present text; `None` for nothing.
    pub(crate) fn wants(&self, revision: u64) -> Option<Wants> {
        if !self.open || self.broken == Some(revision) {
            return None;
        }
        let falls = if self.tab == Tab::Breach { self.looked_at() } else { self.fallen() };
        let mut wants = Wants {
            view: None,
            breach: falls.map(str::to_owned).into_iter().collect(),
            plan: self.tab == Tab::Plan && !self.views.is_empty(),
            boundaries: self.tab == Tab::Boundaries && !self.views.is_empty(),
            inventory: self.tab == Tab::Inventory,
        };
        if wants.is_about_a_view() {
            wants.view = self.view().map(|view| view.name.clone());
        }
        Some(wants)
    }

    /// Whether what it shows is about this text.
    pub(crate) fn is_of(&self, revision: u64) -> bool {
        self.told.as_ref().is_some_and(|(told, _)| *told == revision)
    }

    /// Whether something that it wants is still to come.
    pub(crate) fn is_waiting(&self, revision: u64) -> bool {
        let told = self.told.as_ref().map(|(told, wants)| (*told, wants));
        self.wants(revision).is_some_and(|wants| told != Some((revision, &wants)))
    }

    /// Whether this text could not be analysed with it.
    pub(crate) fn is_broken(&self, revision: u64) -> bool {
        self.broken == Some(revision)
    }

    /// An analysis failed: the next one of the same text does without the section.
    pub(crate) fn fail(&mut self, revision: u64) {
        if self.open {
            self.broken = Some(revision);
        }
    }

    /// Forgets everything that is about a project.
    pub(crate) fn forget(&mut self) {
        *self = Self { open: self.open, tab: self.tab, preset: self.preset.take(), ..Self::default() };
    }

    /// What an action leads to; `None` when nothing changes.
    pub(crate) fn act(&mut self, act: Act, present: u64) -> Option<()> {
        match act {
            Act::Tab(tab) => self.tab = tab,
            Act::Wide(wide) => self.wide = wide,
            Act::View(name) => {
                self.views.iter().find(|view| *view.name == *name)?;
                self.view = Some(name);
                self.walk = None;
                self.fallen = None;
            }
            Act::Fall { service, still } => {
                self.still = still;
                self.fallen = Some(service);
                self.walk = self.steps().map(|steps| Walk::new(steps, still));
            }
            Act::Stand => {
                self.fallen.take()?;
                self.walk = None;
            }
            Act::Walk(press) => self.walk = Some(self.walk?.after(press)?),
            Act::Preset(preset) => self.preset = Some(preset),
            Act::Told { revision, wants, stack, answers } => {
                // A newer text is being analysed already.
                if revision != present {
                    return None;
                }
                self.told = Some((revision, wants));
                self.broken = None;
                if let Some(answers) = answers {
                    self.answers = Some(Shared::new(answers));
                }
                if let Some(stack) = stack {
                    self.take(stack);
                }
            }
        }
        Some(())
    }

    /// Takes new maps. What is equal stays the same, so that it is not drawn again; a walk goes on unless it is another now.
    fn take(&mut self, stack: StackV1) {
        let before = self.told_steps();
        let known = std::mem::take(&mut self.views);
        let same = |view: ViewV1| {
            let before = known.iter().find(|one| ***one == view).cloned();
            before.unwrap_or_else(|| Shared::new(view))
        };
        self.views = stack.views.into_iter().map(same).collect();
        let after = self.told_steps();
        self.walk = match (&after, self.walk) {
            (None, walk) => walk.filter(|_| self.fallen().is_some()),
            (Some(after), None) => Some(Walk::new(after.len(), self.still)),
            (Some(_), Some(walk)) if before.is_none() || before == after => Some(walk),
            // Somebody typed: telling it all again from the start would only be in the way.
            (Some(after), Some(_)) => Some(Walk::whole(after.len())),
        };
    }

    fn told_steps(&self) -> Option<Vec<StepV1>> {
        let breach = self.breach_of(self.fallen()?)?;
        Some(drawing::steps(breach).into_iter().cloned().collect())
    }

    fn steps(&self) -> Option<usize> {
        self.breach_of(self.fallen()?).map(|breach| drawing::steps(breach).len())
    }
}
