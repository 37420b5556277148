//! How far a breach has been told: step after step, by a clock or by hand.

/// A walk that is being told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Walk {
    total: usize,
    shown: usize,
    playing: bool,
}

/// What can happen to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Press {
    /// Goes on by itself; from the start when it was over.
    Play,
    Pause,
    /// One step on, by hand.
    Step,
    /// One step back, by hand.
    Back,
    /// The clock says that it is time for the next one.
    Tick,
    /// Everything at once.
    All,
}

impl Walk {
    /// How long a step is looked at, in milliseconds.
    pub(crate) const MILLIS: i32 = 1_100;

    /// A walk of so many steps. It starts by itself, unless nothing shall move: then all of it is there.
    pub(crate) fn new(total: usize, still: bool) -> Self {
        if still { Self::whole(total) } else { Self { total, shown: 0, playing: total > 0 } }
    }

    /// A walk that is told.
    pub(crate) fn whole(total: usize) -> Self {
        Self { total, shown: total, playing: false }
    }

    /// How many steps are shown.
    pub(crate) fn shown(self) -> usize {
        self.shown
    }

    /// How many steps there are.
    pub(crate) fn total(self) -> usize {
        self.total
    }

    /// Whether the clock drives it.
    pub(crate) fn is_playing(self) -> bool {
        self.playing
    }

    /// Whether nothing is left to tell.
    pub(crate) fn is_over(self) -> bool {
        self.shown >= self.total
    }

    /// What a press leads to; `None` when nothing changes.
    pub(crate) fn after(self, press: Press) -> Option<Self> {
        let Self { total, shown, .. } = self;
        let next = match press {
            Press::Play if self.is_over() => Self::new(total, false),
            Press::Play => Self { playing: true, ..self },
            Press::Pause => Self { playing: false, ..self },
            // A clock that was stopped may still strike once.
            Press::Tick if !self.playing => self,
            Press::Tick => {
                let shown = (shown + 1).min(total);
                Self { total, shown, playing: shown < total }
            }
            Press::Step => Self { total, shown: (shown + 1).min(total), playing: false },
            Press::Back => Self { total, shown: shown.saturating_sub(1), playing: false },
            Press::All => Self::whole(total),
        };
        (next != self).then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(walk: Walk, presses: &[Press]) -> (usize, bool) {
        let walk = presses.iter().fold(walk, |walk, press| walk.after(*press).unwrap_or(walk));
        (walk.shown(), walk.is_playing())
    }

    #[test]
    fn it_tells_itself_and_ends() {
        use Press::Tick;
        let walk = Walk::new(2, false);
        assert_eq!(pressed(walk, &[]), (0, true));
        assert_eq!(pressed(walk, &[Tick]), (1, true));
        assert_eq!(pressed(walk, &[Tick, Tick]), (2, false));
        assert_eq!(pressed(walk, &[Tick, Tick, Tick]), (2, false));
    }

    #[test]
    fn hands_stop_the_clock() {
        use Press::{All, Back, Pause, Play, Step, Tick};
        let walk = Walk::new(3, false);
        assert_eq!(pressed(walk, &[Pause, Tick]), (0, false));
        assert_eq!(pressed(walk, &[Step, Tick]), (1, false));
        assert_eq!(pressed(walk, &[Step, Step, Back]), (1, false));
        assert_eq!(pressed(walk, &[Back]), (0, false));
        assert_eq!(pressed(walk, &[Step, Play, Tick]), (2, true));
        assert_eq!(pressed(walk, &[All]), (3, false));
        assert_eq!(pressed(walk, &[All, Play]), (0, true), "played again from the start");
        assert_eq!(Walk::whole(3).after(Step), None);
        assert!(Walk::whole(3).is_over() && Walk::whole(3).total() == 3);
    }

    #[test]
    fn nothing_moves_where_nothing_shall() {
        assert_eq!(pressed(Walk::new(3, true), &[]), (3, false));
        assert_eq!(pressed(Walk::new(0, false), &[]), (0, false));
        assert_eq!(Walk::new(0, false).after(Press::Play), None, "nothing to tell");
    }
}
