//! Users and groups that commands make.

use crate::syntax::shell::{Command, Word};

/// What kind of account.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum AccountKind {
    /// A user.
    User,
    /// A group.
    Group,
    /// A user that was there is changed: `usermod`.
    ChangedUser,
    /// A group that was there is changed: `groupmod`.
    ChangedGroup,
}

/// A user or group that a command makes or changes. Values are as written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewAccount<'c> {
    /// Which.
    pub kind: AccountKind,
    /// Its name.
    pub name: &'c Word,
    /// The number of a user.
    pub uid: Option<&'c str>,
    /// The number of a group.
    pub gid: Option<&'c str>,
    /// The first group of a user, by name or number.
    pub group: Option<&'c str>,
    /// Further groups, separated by commas.
    pub groups: Option<&'c str>,
    /// The home folder.
    pub home: Option<&'c str>,
    /// The login shell.
    pub shell: Option<&'c str>,
    /// Whether it is an account of the system.
    pub system: bool,
}

impl NewAccount<'_> {
    /// Whether it has the rights of root: user number 0.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.uid.is_some_and(|uid| !uid.is_empty() && uid.bytes().all(|byte| byte == b'0'))
    }
}

/// Options of one tool, by what they say.
struct Tool {
    uid: &'static [&'static str],
    gid: &'static [&'static str],
    group: &'static [&'static str],
    groups: &'static [&'static str],
    home: &'static [&'static str],
    shell: &'static [&'static str],
    system: &'static [&'static str],
    /// Further options that take a value.
    other: &'static [&'static str],
}

const USERADD: Tool = Tool {
    uid: &["-u", "--uid"],
    gid: &[],
    group: &["-g", "--gid"],
    groups: &["-G", "--groups"],
    home: &["-d", "--home-dir", "--home"],
    shell: &["-s", "--shell"],
    system: &["-r", "--system"],
    other: &[
        "-c",
        "--comment",
        "-b",
        "--base-dir",
        "-e",
        "-f",
        "-k",
        "-K",
        "-p",
        "--password",
        "-l",
        "--login",
        "-R",
        "-P",
    ],
};
const GROUPADD: Tool = Tool {
    uid: &[],
    gid: &["-g", "--gid"],
    group: &[],
    groups: &[],
    home: &[],
    shell: &[],
    system: &["-r", "-S", "--system"],
    other: &["-K", "-p", "-R", "-n", "--new-name"],
};
/// Debian's long options, and the letters of BusyBox.
const ADDUSER: Tool = Tool {
    uid: &["-u", "--uid"],
    gid: &["--gid"],
    group: &["-G", "--ingroup"],
    groups: &[],
    home: &["-h", "--home"],
    shell: &["-s", "--shell"],
    system: &["-S", "--system"],
    other: &["-g", "--gecos", "--comment", "-k", "--conf", "--firstuid", "--lastuid"],
};

impl Command {
    /// The user or group that this command makes or changes.
    #[must_use]
    pub fn new_account(&self) -> Option<NewAccount<'_>> {
        let program = self.program()?;
        let (tool, kind) = match program {
            "useradd" => (&USERADD, AccountKind::User),
            "usermod" => (&USERADD, AccountKind::ChangedUser),
            "groupadd" | "addgroup" => (&GROUPADD, AccountKind::Group),
            "groupmod" => (&GROUPADD, AccountKind::ChangedGroup),
            "adduser" => (&ADDUSER, adduser_makes(self)),
            _ => return None,
        };
        let lists = [tool.uid, tool.gid, tool.group, tool.groups, tool.home, tool.shell, tool.other];
        let valued: Vec<&str> = lists.into_iter().flatten().copied().collect();
        let operands = self.operands_besides(&valued);
        // `usermod` and BusyBox name the account last, `adduser user group` first; `addgroup user group` adds to a group.
        if program == "addgroup" && operands.len() > 1 {
            return None;
        }
        let name = *operands.first()?;
        if program == "adduser"
            && operands.len() > 1
            && valued.iter().all(|flag| !self.has_flag(flag))
            && !self.has_any_flag(&["-D", "-H", "-S"])
        {
            return None;
        }
        let value = |flags: &[&str]| flags.iter().find_map(|flag| Some(self.flag_value(flag)?.0));
        Some(NewAccount {
            kind,
            name,
            uid: value(tool.uid),
            gid: value(tool.gid),
            group: value(tool.group)
                .or_else(|| operands.get(1).filter(|_| program == "adduser").map(|word| word.text.as_str())),
            groups: value(tool.groups),
            home: value(tool.home),
            shell: value(tool.shell),
            system: self.has_any_flag(tool.system),
        })
    }
}

/// `adduser --group` makes a group unless it also makes a user of the system.
fn adduser_makes(command: &Command) -> AccountKind {
    let group = command.has_flag("--group") && !command.has_flag("--system");
    if group { AccountKind::Group } else { AccountKind::User }
}

#[cfg(test)]
mod tests {
    use super::super::testing::command;
    use super::*;

    #[test]
    fn users_and_groups() {
        for (text, kind, name, uid, group, home) in [
            (
                "useradd -r -u 1000 -g app -d /app -m -s /bin/false app",
                AccountKind::User,
                "app",
                Some("1000"),
                Some("app"),
                Some("/app"),
            ),
            (
                "useradd --uid=1000 --gid 1000 -c 'The app' app",
                AccountKind::User,
                "app",
                Some("1000"),
                Some("1000"),
                None,
            ),
            (
                "adduser -D -H -u 1000 -G www -h /srv app",
                AccountKind::User,
                "app",
                Some("1000"),
                Some("www"),
                Some("/srv"),
            ),
            (
                "adduser --disabled-password --gecos '' --uid 1000 --ingroup www --home /x app",
                AccountKind::User,
                "app",
                Some("1000"),
                Some("www"),
                Some("/x"),
            ),
            ("adduser -S app www", AccountKind::User, "app", None, Some("www"), None),
            ("groupadd -r -g 1000 app", AccountKind::Group, "app", None, None, None),
            ("addgroup -g 1000 -S app", AccountKind::Group, "app", None, None, None),
            ("usermod -u 1000 www-data", AccountKind::ChangedUser, "www-data", Some("1000"), None, None),
            ("sudo useradd $NAME", AccountKind::User, "$NAME", None, None, None),
        ] {
            let command = command(text);
            let account = command.new_account().unwrap_or_else(|| panic!("{text}"));
            assert_eq!((account.kind, account.name.text.as_str()), (kind, name), "{text}");
            assert_eq!((account.uid, account.group, account.home), (uid, group, home), "{text}");
        }
        assert_eq!(command("groupadd -g 33 x").new_account().unwrap().gid, Some("33"));
        assert!(command("useradd -o -u 0 toor").new_account().unwrap().is_root());
        assert!(command("adduser -S app").new_account().unwrap().system);
        for text in ["adduser www-data docker", "addgroup app www-data", "useradd", "passwd x"] {
            assert_eq!(command(text).new_account(), None, "{text}");
        }
    }
}
