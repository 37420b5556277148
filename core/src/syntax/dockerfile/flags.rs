//! What the flags of an instruction say, each with its place. Values are as written: variables in them are not expanded.

use super::{Flag, Instruction};
use crate::span::Span;

/// A value of a flag and where it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FlagValue<T> {
    /// The value.
    pub value: T,
    /// Where it is written.
    pub span: Span,
}

/// What a mount of `RUN --mount` gives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum MountKind {
    /// Files of the build context, of a stage or of an image; also where no type is named.
    Bind,
    /// A folder that outlives the build.
    Cache,
    /// Memory.
    Tmpfs,
    /// A secret of the build.
    Secret,
    /// The agent that holds the builder's keys.
    Ssh,
    /// A type that a variable names, or that the builder does not know.
    Other,
}

/// One `RUN --mount`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mount {
    /// What it gives.
    pub kind: MountKind,
    /// Its options in order, `type` included.
    pub options: Vec<MountOption>,
    /// The whole flag.
    pub span: Span,
}

/// One `key=value` of a mount.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MountOption {
    /// The key in lower case.
    pub key: String,
    /// The value; `None` for a key alone.
    pub value: Option<String>,
    /// Key and value; the whole value of the flag where quotes or continued lines keep them from being told apart.
    pub span: Span,
    /// The value.
    pub value_span: Span,
}

impl Mount {
    /// The option with any of these keys, the last of them: the builder lets it win.
    #[must_use]
    pub fn option(&self, keys: &[&str]) -> Option<&MountOption> {
        self.options.iter().rfind(|option| keys.contains(&option.key.as_str()))
    }

    fn value(&self, keys: &[&str]) -> Option<FlagValue<&str>> {
        let option = self.option(keys)?;
        Some(FlagValue { value: option.value.as_deref()?, span: option.value_span })
    }

    /// The name of a secret, of an agent or of a cache.
    #[must_use]
    pub fn id(&self) -> Option<FlagValue<&str>> {
        self.value(&["id"])
    }

    /// What is mounted of the context, stage or image.
    #[must_use]
    pub fn source(&self) -> Option<FlagValue<&str>> {
        self.value(&["source", "src"])
    }

    /// Where it is mounted.
    #[must_use]
    pub fn target(&self) -> Option<FlagValue<&str>> {
        self.value(&["target", "dst", "destination"])
    }

    /// The stage or image it comes from.
    #[must_use]
    pub fn from(&self) -> Option<FlagValue<&str>> {
        self.value(&["from"])
    }

    /// The environment variable that a secret is given in.
    #[must_use]
    pub fn env(&self) -> Option<FlagValue<&str>> {
        self.value(&["env"])
    }

    /// How builds that run at the same time share a cache: `shared`, `private` or `locked`.
    #[must_use]
    pub fn sharing(&self) -> Option<FlagValue<&str>> {
        self.value(&["sharing"])
    }

    /// Permissions of what is mounted, as written.
    #[must_use]
    pub fn mode(&self) -> Option<FlagValue<&str>> {
        self.value(&["mode"])
    }

    /// Its owner.
    #[must_use]
    pub fn uid(&self) -> Option<FlagValue<&str>> {
        self.value(&["uid"])
    }

    /// Its group.
    #[must_use]
    pub fn gid(&self) -> Option<FlagValue<&str>> {
        self.value(&["gid"])
    }

    /// The largest size of a memory mount.
    #[must_use]
    pub fn size(&self) -> Option<FlagValue<&str>> {
        self.value(&["size"])
    }

    /// Whether the build fails without it: secrets and agents.
    #[must_use]
    pub fn required(&self) -> bool {
        self.option(&["required"]).is_some_and(on)
    }

    /// Whether the command cannot write to it. A bind mount is read-only unless it says otherwise; what is written to it is lost.
    #[must_use]
    pub fn read_only(&self) -> bool {
        match self.option(&["ro", "readonly", "rw", "readwrite"]) {
            Some(option) if option.key.starts_with("ro") || option.key == "readonly" => on(option),
            Some(option) => !on(option),
            None => self.kind == MountKind::Bind,
        }
    }
}

fn on(option: &MountOption) -> bool {
    option.value.as_deref().is_none_or(|value| matches!(value.to_ascii_lowercase().as_str(), "true" | "1" | ""))
}

/// `RUN --network`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RunNetwork {
    /// The builder's.
    Default,
    /// None.
    None,
    /// That of the host.
    Host,
    /// A variable, or nothing the builder knows.
    Other,
}

/// `RUN --security`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum RunSecurity {
    /// As every other command.
    Sandbox,
    /// With every privilege of the builder.
    Insecure,
    /// A variable, or nothing the builder knows.
    Other,
}

/// What the flags of COPY and ADD say.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CopyOptions<'i> {
    /// `--from`: a stage, an image or a named context.
    pub from: Option<FlagValue<&'i str>>,
    /// `--chown`.
    pub chown: Option<FlagValue<&'i str>>,
    /// `--chmod`.
    pub chmod: Option<FlagValue<&'i str>>,
    /// `--link`: its own layer, whatever is below.
    pub link: bool,
    /// `--parents`: the folders of the sources are kept.
    pub parents: bool,
    /// `--exclude` patterns.
    pub excludes: Vec<FlagValue<&'i str>>,
    /// `--checksum` of a download.
    pub checksum: Option<FlagValue<&'i str>>,
    /// `--keep-git-dir`.
    pub keep_git_dir: bool,
    /// `--unpack`, where it is said.
    pub unpack: Option<bool>,
}

/// What the flags of HEALTHCHECK say; times in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct HealthOptions {
    /// `--interval`.
    pub interval: Option<FlagValue<u64>>,
    /// `--timeout`.
    pub timeout: Option<FlagValue<u64>>,
    /// `--start-period`.
    pub start_period: Option<FlagValue<u64>>,
    /// `--start-interval`.
    pub start_interval: Option<FlagValue<u64>>,
    /// `--retries`.
    pub retries: Option<FlagValue<u32>>,
}

impl Flag {
    /// Its value with its place.
    #[must_use]
    pub fn valued(&self) -> Option<FlagValue<&str>> {
        Some(FlagValue { value: self.value.as_deref()?, span: self.value_span.unwrap_or(self.span) })
    }

    /// Whether a switch such as `--link` is on.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.value.as_deref().is_none_or(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The options of a `--mount`.
    fn mount(&self) -> Mount {
        let value = self.value.as_deref().unwrap_or("");
        let whole = self.value_span.unwrap_or(self.span);
        // Quotes were removed or lines joined: then bytes of the value are no longer bytes of the file.
        let exact = whole.len() == value.len();
        let place = |start: usize, end: usize| match exact {
            true => Span::new(whole.start as usize + start, whole.start as usize + end),
            false => whole,
        };
        let mut options = Vec::new();
        let mut at = 0;
        for part in value.split(',') {
            let start = at + part.len() - part.trim_start().len();
            let end = at + part.trim_end().len();
            at += part.len() + 1;
            let part = part.trim();
            if part.is_empty() {
                continue;
            }
            let (key, value) = match part.split_once('=') {
                Some((key, value)) => (key, Some(value.to_owned())),
                None => (part, None),
            };
            let value_start = end - value.as_ref().map_or(0, String::len);
            let (span, value_span) = (place(start, end), place(value_start, end));
            options.push(MountOption { key: key.to_ascii_lowercase(), value, span, value_span });
        }
        let mut mount = Mount { kind: MountKind::Bind, options, span: self.span };
        mount.kind = match mount.value(&["type"]).map(|kind| kind.value) {
            None | Some("bind") => MountKind::Bind,
            Some("cache") => MountKind::Cache,
            Some("tmpfs") => MountKind::Tmpfs,
            Some("secret") => MountKind::Secret,
            Some("ssh") => MountKind::Ssh,
            Some(_) => MountKind::Other,
        };
        mount
    }
}

impl Instruction {
    /// The mounts of a RUN.
    #[must_use]
    pub fn mounts(&self) -> Vec<Mount> {
        self.flags_named("mount").map(Flag::mount).collect()
    }

    /// The network of a RUN, where it is said.
    #[must_use]
    pub fn network(&self) -> Option<FlagValue<RunNetwork>> {
        let flag = self.flag("network")?.valued()?;
        let value = match flag.value {
            "default" => RunNetwork::Default,
            "none" => RunNetwork::None,
            "host" => RunNetwork::Host,
            _ => RunNetwork::Other,
        };
        Some(FlagValue { value, span: flag.span })
    }

    /// The privileges of a RUN, where they are said.
    #[must_use]
    pub fn security(&self) -> Option<FlagValue<RunSecurity>> {
        let flag = self.flag("security")?.valued()?;
        let value = match flag.value {
            "sandbox" => RunSecurity::Sandbox,
            "insecure" => RunSecurity::Insecure,
            _ => RunSecurity::Other,
        };
        Some(FlagValue { value, span: flag.span })
    }

    /// The platform of a FROM, where it is said.
    #[must_use]
    pub fn platform(&self) -> Option<FlagValue<&str>> {
        self.flag("platform")?.valued()
    }

    /// The flags of a COPY or ADD.
    #[must_use]
    pub fn copy_options(&self) -> CopyOptions<'_> {
        let valued = |name: &str| self.flag(name).and_then(Flag::valued);
        let on = |name: &str| self.flag(name).is_some_and(Flag::is_on);
        CopyOptions {
            from: valued("from"),
            chown: valued("chown"),
            chmod: valued("chmod"),
            link: on("link"),
            parents: on("parents"),
            excludes: self.flags_named("exclude").filter_map(Flag::valued).collect(),
            checksum: valued("checksum"),
            keep_git_dir: on("keep-git-dir"),
            unpack: self.flag("unpack").map(Flag::is_on),
        }
    }

    /// The flags of a HEALTHCHECK; what cannot be read is absent.
    #[must_use]
    pub fn health_options(&self) -> HealthOptions {
        let time = |name: &str| {
            let flag = self.flag(name)?.valued()?;
            Some(FlagValue { value: milliseconds(flag.value)?, span: flag.span })
        };
        let retries = self.flag("retries").and_then(Flag::valued);
        HealthOptions {
            interval: time("interval"),
            timeout: time("timeout"),
            start_period: time("start-period"),
            start_interval: time("start-interval"),
            retries: retries.and_then(|flag| Some(FlagValue { value: flag.value.parse().ok()?, span: flag.span })),
        }
    }
}

/// A length of time as Go reads it: `1m30s`, `1.5h`, `500ms`. `None` when it is none; a fraction of a millisecond is dropped.
#[must_use]
pub fn milliseconds(text: &str) -> Option<u64> {
    if text == "0" {
        return Some(0);
    }
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    let mut total = 0u64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.').filter(|&end| end > 0)?;
        let (digits, after) = (rest.get(..number)?, rest.get(number..)?);
        let unit = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let nanoseconds: u64 = match after.get(..unit)? {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return None;
        }
        let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        total = total.checked_add(whole.checked_mul(nanoseconds)?)?;
        let mut place = nanoseconds;
        for digit in fraction.bytes() {
            place /= 10;
            total = total.checked_add(u64::from(digit - b'0') * place)?;
        }
        rest = after.get(unit..)?;
    }
    // Go's durations end at 292 years.
    (total <= i64::MAX.unsigned_abs()).then_some(total / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn first(text: &str) -> Instruction {
        let file = parse(&format!("FROM a\n{text}\n"));
        assert_eq!(file.errors, [], "{text}");
        file.instructions[1].clone()
    }

    #[test]
    fn mounts() {
        let line = "RUN --mount=type=secret,id=npm,target=/root/.npmrc,required,uid=33 --mount=type=cache,dst=/tmp/c,sharing=locked,mode=0755 --mount=from=tool,src=/x,target=/y,rw --mount=type=ssh --mount=type=tmpfs,target=/t,size=1g x";
        let text = format!("FROM a\n{line}\n");
        let mounts = parse(&text).instructions[1].mounts();
        let kinds: Vec<MountKind> = mounts.iter().map(|mount| mount.kind).collect();
        assert_eq!(kinds, [MountKind::Secret, MountKind::Cache, MountKind::Bind, MountKind::Ssh, MountKind::Tmpfs]);
        let [secret, cache, bind, ssh, tmpfs] = mounts.as_slice() else { panic!() };
        let id = secret.id().unwrap();
        assert_eq!((id.value, id.span.slice(&text)), ("npm", "npm"));
        assert_eq!(secret.option(&["id"]).unwrap().span.slice(&text), "id=npm");
        assert_eq!(secret.target().unwrap().span.slice(&text), "/root/.npmrc");
        assert!(secret.required() && !ssh.required());
        assert_eq!(secret.uid().unwrap().value, "33");
        assert_eq!(secret.env(), None);
        assert_eq!((cache.target().unwrap().value, cache.sharing().unwrap().value), ("/tmp/c", "locked"));
        assert_eq!(cache.mode().unwrap().span.slice(&text), "0755");
        assert!(!cache.read_only() && !bind.read_only());
        assert_eq!((bind.from().unwrap().value, bind.source().unwrap().span.slice(&text)), ("tool", "/x"));
        assert!(first("RUN --mount=target=/a x").mounts()[0].read_only());
        assert_eq!(tmpfs.size().unwrap().value, "1g");
        assert_eq!(first("RUN --mount=type=secret,id=a,env=TOKEN x").mounts()[0].env().unwrap().value, "TOKEN");
    }

    #[test]
    fn a_mount_in_quotes_or_over_two_lines_keeps_a_place() {
        let text = "FROM a\nRUN --mount=type=secret,\"id=a\" --mount=type=secret,\\\nid=b x\n";
        let mounts = parse(text).instructions[1].mounts();
        assert_eq!((mounts[0].id().unwrap().value, mounts[1].id().unwrap().value), ("a", "b"));
        assert_eq!(mounts[0].id().unwrap().span.slice(text), "type=secret,\"id=a\"");
        assert_eq!(mounts[1].id().unwrap().span.slice(text), "type=secret,\\\nid=b");
    }

    #[test]
    fn run_network_and_security() {
        let run = first("RUN --network=host --security=insecure x");
        assert_eq!(run.network().unwrap().value, RunNetwork::Host);
        assert_eq!(run.security().unwrap().value, RunSecurity::Insecure);
        assert_eq!(first("RUN x").network(), None);
    }

    #[test]
    fn copies() {
        let text = "COPY --from=build --chown=www-data:www-data --chmod=0644 --link --parents=false --exclude=*.md --exclude=.git a b";
        let copy = first(text);
        let options = copy.copy_options();
        assert_eq!(options.from.unwrap().value, "build");
        assert_eq!((options.chown.unwrap().value, options.chmod.unwrap().value), ("www-data:www-data", "0644"));
        assert!(options.link && !options.parents);
        let excludes: Vec<&str> = options.excludes.iter().map(|flag| flag.value).collect();
        assert_eq!(excludes, ["*.md", ".git"]);
        let add = first(
            "ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d --keep-git-dir=true --unpack=false https://a/b /b",
        );
        let options = add.copy_options();
        assert!(options.checksum.unwrap().value.starts_with("sha256:") && options.keep_git_dir);
        assert_eq!(options.unpack, Some(false));
        let from = first("FROM --platform=$BUILDPLATFORM b");
        assert_eq!(from.platform().unwrap().value, "$BUILDPLATFORM");
    }

    #[test]
    fn health_checks() {
        let check = first(
            "HEALTHCHECK --interval=1m30s --timeout=500ms --start-period=0 --start-interval=1.5s --retries=3 CMD x",
        );
        let options = check.health_options();
        assert_eq!(options.interval.unwrap().value, 90_000);
        assert_eq!(options.timeout.unwrap().value, 500);
        assert_eq!(options.start_period.unwrap().value, 0);
        assert_eq!(options.start_interval.unwrap().value, 1_500);
        assert_eq!(options.retries.unwrap().value, 3);
    }

    #[test]
    fn lengths_of_time() {
        for (text, want) in [
            ("1h", Some(3_600_000)),
            ("1.5m", Some(90_000)),
            (".5s", Some(500)),
            ("100us", Some(0)),
            ("2µs", Some(0)),
            ("1h2m3s4ms", Some(3_723_004)),
            ("30", None),
            ("", None),
            ("s", None),
            ("-1s", None),
            ("1d", None),
            ("1..5s", None),
            (".s", None),
            ("99999999999999999999h", None),
            ("9999999h", None),
        ] {
            assert_eq!(milliseconds(text), want, "{text}");
        }
    }

    #[test]
    fn values_the_builder_refuses() {
        for line in [
            "RUN --network=bridge x",
            "RUN --security=none x",
            "RUN --mount=type=volume,target=/a x",
            "RUN --mount=type=cache x",
            "RUN --mount=type=secret,id=a,requird x",
            "HEALTHCHECK --interval=30 CMD x",
            "HEALTHCHECK --timeout=-1s CMD x",
            "HEALTHCHECK --retries=-1 CMD x",
        ] {
            assert_eq!(parse(&format!("FROM a\n{line}\n")).errors.len(), 1, "{line}");
        }
        for line in [
            "RUN --network=$N --security=${S} --mount=type=${T},target=/a x",
            "RUN --mount=type=cache,target=$T x",
            "RUN --mount=type=secret,$O x",
            "HEALTHCHECK --interval=${I} --retries=$R CMD x",
            "RUN --mount=type=ssh,id=default,mode=0600 x",
        ] {
            assert_eq!(parse(&format!("FROM a\n{line}\n")).errors, [], "{line}");
        }
    }
}
