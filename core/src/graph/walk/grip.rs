//! What somebody has at a service, as finely as the walk needs it.

use crate::graph::model::{Door, HeldSecret, Influence, InfluenceKind, Level};
use crate::graph::outcome::Hold;

/// What somebody has at a service. Finer than a level: how a store was come by decides how much is lost, and only an
/// administrator's login has a store run commands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::graph) enum Grip {
    /// Uses it with a login that the holder needs.
    Uses,
    /// The same, and the login is an administrator's.
    UsesAsAdmin,
    /// Uses it with a login that the holder does not need.
    Controls,
    /// Uses it without a password, with a known one, or with an administrator's login that the holder does not need.
    ControlsAsAdmin,
    /// Runs code in it.
    User,
    /// Runs code in it as root.
    Root,
}

impl Grip {
    /// All of them, the loosest first.
    pub(in crate::graph) const ALL: [Self; 6] =
        [Self::Uses, Self::UsesAsAdmin, Self::Controls, Self::ControlsAsAdmin, Self::User, Self::Root];

    /// What a door gives.
    pub(in crate::graph) fn of_door(door: &Door) -> Self {
        Self::of_level(door.gives)
    }

    /// What is had with a level that nothing else is known about: what needs no login gives everything.
    pub(in crate::graph) fn of_level(level: Level) -> Self {
        match level {
            Level::Root => Self::Root,
            Level::User => Self::User,
            Level::Data | Level::Reached => Self::ControlsAsAdmin,
        }
    }

    /// What a login gives. One that could be taken away is not needed where it is held.
    pub(in crate::graph) fn of_secret(secret: &HeldSecret) -> Self {
        match (secret.cause.is_some(), secret.superuser) {
            (false, false) => Self::Uses,
            (false, true) => Self::UsesAsAdmin,
            (true, false) => Self::Controls,
            (true, true) => Self::ControlsAsAdmin,
        }
    }

    /// The same, when somebody else's login is used for it.
    pub(in crate::graph) fn without_a_login(self) -> Self {
        match self {
            Self::Uses => Self::Controls,
            Self::UsesAsAdmin => Self::ControlsAsAdmin,
            other => other,
        }
    }

    /// As a level.
    pub(in crate::graph) fn level(self) -> Level {
        match self {
            Self::Root => Level::Root,
            Self::User => Level::User,
            _ => Level::Data,
        }
    }

    /// As a hold.
    pub(in crate::graph) fn hold(self) -> Hold {
        match self {
            Self::Root | Self::User => Hold::Executes,
            Self::Controls | Self::ControlsAsAdmin => Hold::Controls,
            Self::Uses | Self::UsesAsAdmin => Hold::Uses,
        }
    }

    /// Whether code runs there.
    pub(in crate::graph) fn executes(self) -> bool {
        self >= Self::User
    }

    /// Whether it is enough.
    pub(in crate::graph) fn meets(self, need: Need) -> bool {
        match need {
            Need::Data => true,
            Need::Admin => !matches!(self, Self::Uses | Self::Controls),
            Need::User => self.executes(),
            Need::Root => self == Self::Root,
        }
    }
}

/// What a move asks for where it starts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::graph) enum Need {
    /// Reads and writes what it stores.
    Data,
    /// The same as an administrator.
    Admin,
    /// Runs code.
    User,
    /// Runs code as root.
    Root,
}

impl Need {
    /// What an influence asks for: commands and files take an administrator of the store, jobs and sessions do not.
    pub(in crate::graph) fn of(influence: &Influence) -> Self {
        match (influence.needs, influence.kind) {
            (Level::Root, _) => Self::Root,
            (Level::User, _) => Self::User,
            (_, InfluenceKind::DatabaseCommand | InfluenceKind::RedisFile) => Self::Admin,
            _ => Self::Data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_meets_every_need_but_roots() {
        for need in [Need::Data, Need::Admin, Need::User] {
            assert!(Grip::User.meets(need));
        }
        assert!(!Grip::User.meets(Need::Root));
        assert!(Grip::Root.meets(Need::Root));
    }

    #[test]
    fn an_ordinary_login_administers_nothing() {
        assert!(Grip::Uses.meets(Need::Data));
        assert!(!Grip::Uses.meets(Need::Admin));
        assert!(!Grip::Controls.meets(Need::Admin));
        assert!(Grip::UsesAsAdmin.meets(Need::Admin));
        assert!(!Grip::ControlsAsAdmin.meets(Need::User));
    }
}
