//! `inventory/unused-volumes`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::model::inventory::Volume;
use crate::project::{Project, is_kept};
use crate::rule::{Draft, Findings};
use crate::text::{count, shorten};

declare_rule! {
    /// # What it finds
    /// Volumes of a recorded machine that no container uses, stopped ones counted: each named volume by itself, those without a name
    /// together.
    ///
    /// Volumes with the label `keep=true` are left out. A volume that a supplied Compose file declares and whose whole stack is down
    /// is *info*.
    ///
    /// # Why it matters
    /// What is left in a volume is mostly data: databases, uploads, sessions, dumps. Nobody backs it up, nobody protects it, and a
    /// request to delete a customer's data does not reach it. Volumes without a name are left behind whenever a container of an image
    /// that declares a `VOLUME` is replaced.
    ///
    /// It is *medium* for more than 100 MB, or where name or labels announce data; else *low*.
    ///
    /// # Bad
    /// ```json file:inventory.txt
    /// ### docker system df -v --format json
    /// {"Images":[],"Containers":[],"Volumes":[
    ///  {"Name":"oldshop_mysql-backup","Driver":"local","Links":"0","Size":"4.1GB","Labels":""}],"BuildCache":[]}
    /// ```
    ///
    /// # Good
    /// ```json file:inventory.txt
    /// ### docker system df -v --format json
    /// {"Images":[],"Containers":[],"Volumes":[
    ///  {"Name":"shop_dbdata","Driver":"local","Links":"1","Size":"4.1GB","Labels":"owner=shop-team"}],"BuildCache":[]}
    /// ```
    ///
    /// # How to fix
    /// Ask who owns it (`docker volume inspect` shows project and date), back it up, then `docker volume rm`. Give volumes an `owner`
    /// label, and name what the image declares as a volume, so that nothing is left behind without a name.
    ///
    /// # References
    /// CIS Docker Benchmark 6.2, NIST SP 800-190 3.4.5, CWE-459.
    id: "inventory/unused-volumes",
    title: "Volume is used by no container",
    severity: Medium,
    lowered_in_development: 2,
    fixes: Described,
    why: "A forgotten volume mostly holds data, dumps or sessions that nobody protects, backs up or deletes when asked to.",
    help: "Find out who owns it, back it up, then remove it with `docker volume rm`.",
    references: ["CIS Docker Benchmark 6.2", "NIST SP 800-190 3.4.5", "CWE-459"],
}

/// Volumes that are named in one finding.
const SHOWN: usize = 20;
/// A volume above this is no empty leftover.
const LARGE: u64 = 100_000_000;

fn check(project: &Project<'_>, out: &mut Findings) {
    let unused = project.unused_volumes();
    let unused: Vec<_> = unused.into_iter().filter(|(volume, _)| !is_kept(volume.labels.as_deref())).collect();
    let (declared, up) = (project.declared_projects(), project.projects_with_containers());
    let is_down = |volume: &Volume| {
        let owner = volume.label("com.docker.compose.project").filter(|owner| !up.contains(owner.value.as_str()));
        let view = owner.and_then(|owner| declared.get(&owner.value));
        let key = volume.label("com.docker.compose.volume");
        view.zip(key).is_some_and(|(view, key)| view.volumes.iter().any(|declared| declared.name == key.value))
    };
    for (volume, counted) in unused.iter().filter(|(volume, _)| !volume.is_anonymous()) {
        // A stack that was supplied and is down needs it again.
        let severity = if is_down(volume) {
            Severity::Info
        } else if bytes(volume) > LARGE || announces_data(volume) {
            Severity::Medium
        } else {
            Severity::Low
        };
        let message = format!("No container uses the volume `{}`{}", shorten(&volume.name.value, 60), of_size(volume));
        let draft = Draft::new(volume.name.at, message).confidence(sure(*counted));
        let made = volume.created.as_ref();
        let draft = draft.because_of(
            made.map(|made| made.at),
            made.map_or(String::new(), |made| format!("made on {}", made.value.date())),
        );
        out.report(draft.severity_in_context(project.on_this_machine(severity)));
    }
    let anonymous: Vec<_> = unused.iter().filter(|(volume, _)| volume.is_anonymous()).collect();
    let Some((first, counted)) = anonymous.first() else { return };
    let total = anonymous.iter().map(|(volume, _)| bytes(volume)).fold(0, u64::saturating_add);
    let severity = if total > LARGE { Severity::Medium } else { Severity::Low };
    let message = format!("No container uses {} without a name", count(anonymous.len(), "volume"));
    let mut draft = Draft::new(first.name.at, message).confidence(sure(*counted)).aspect("anonymous");
    for (volume, _) in anonymous.iter().skip(1).take(SHOWN) {
        draft = draft.because(volume.name.at, format!("another one{}", of_size(volume)));
    }
    out.report(draft.severity_in_context(project.on_this_machine(severity)));
}

fn announces_data(volume: &Volume) -> bool {
    const WORDS: [&str; 15] = [
        "db",
        "dbdata",
        "mysql",
        "mariadb",
        "pg",
        "pgdata",
        "postgres",
        "postgresql",
        "mongo",
        "data",
        "backup",
        "backups",
        "dump",
        "dumps",
        "uploads",
    ];
    let words = |text: &str| {
        text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| WORDS.contains(&word.to_ascii_lowercase().as_str()))
    };
    words(&volume.name.value) || volume.labels.iter().flatten().any(|label| words(&label.value))
}

fn bytes(volume: &Volume) -> u64 {
    volume.bytes.as_ref().map_or(0, |bytes| bytes.value)
}

fn of_size(volume: &Volume) -> String {
    match bytes(volume) / 1_000_000 {
        0 => String::new(),
        megabytes @ 1..1000 => format!(" of {megabytes} MB"),
        megabytes => format!(" of {}.{} GB", megabytes / 1000, megabytes % 1000 / 100),
    }
}

/// Lists alone may miss a user; Docker's own count does not.
fn sure(counted: bool) -> Confidence {
    if counted { Confidence::High } else { Confidence::Medium }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "inventory/unused-volumes";

    fn volume(name: &str, links: &str, size: &str, labels: &str) -> String {
        format!(
            "### docker system df -v\n{{\"Images\":[],\"Containers\":[],\"Volumes\":[{{\"Name\":\"{name}\",\"Driver\":\"local\",\"Links\":\"{links}\",\"Size\":\"{size}\",\"Labels\":\"{labels}\"}}],\"BuildCache\":[]}}\n"
        )
    }

    fn severity(text: &str) -> String {
        let found = findings(RULE, &[("df.txt", text)]);
        found.first().map_or("none".into(), |finding| finding.severity.to_string())
    }

    #[test]
    fn by_links_size_and_name() {
        for (text, want) in [
            (volume("cache", "0", "2MB", ""), "low"),
            (volume("cache", "0", "2GB", ""), "medium"),
            (volume("shop_mysql", "0", "0B", ""), "medium"),
            (volume("x", "0", "0B", "purpose=backup"), "medium"),
            (volume("shop_mysql", "1", "2GB", ""), "none"),
            (volume("shop_mysql", "0", "2GB", "keep=true"), "none"),
            (volume(&"7b".repeat(32), "0", "2MB", ""), "low"),
            (volume(&"7b".repeat(32), "0", "4.1GB", ""), "medium"),
        ] {
            assert_eq!(severity(&text), want, "{text}");
        }
    }

    #[test]
    fn volumes_without_a_name_are_one_finding() {
        let text: String = (1..=4).map(|nth| volume(&format!("{nth:064x}"), "0", "2MB", "")).collect();
        let found = findings(RULE, &[("df.txt", &text)]);
        assert_eq!((found.len(), found[0].related.len()), (1, 3));
    }

    #[test]
    fn a_stack_that_is_down_is_info() {
        let compose = "name: shop\nservices:\n  db:\n    image: mysql:8.4\n    volumes: [\"dbdata:/var/lib/mysql\"]\nvolumes:\n  dbdata:\n";
        let labels = "com.docker.compose.project=shop,com.docker.compose.volume=dbdata";
        let text = volume("shop_dbdata", "0", "2GB", labels);
        let found = findings(RULE, &[("df.txt", &text), ("compose.yaml", compose)]);
        assert_eq!(found[0].severity.as_str(), "info");
        let up = "{\"ID\":\"0a1b2c3d4e5f\",\"Names\":\"shop-web-1\",\"Image\":\"nginx:1.28\",\"State\":\"running\",\"Status\":\"Up 3 days\",\"Mounts\":\"\",\"Labels\":\"com.docker.compose.project=shop,com.docker.compose.service=web\"}\n";
        let found = findings(RULE, &[("df.txt", &text), ("compose.yaml", compose), ("ps.ndjson", up)]);
        assert_eq!(found[0].severity.as_str(), "medium");
    }

    #[test]
    fn lists_have_to_be_complete() {
        let volume = "### docker volume ls\n{\"Name\":\"shop_mysql\",\"Driver\":\"local\",\"Mountpoint\":\"/x\",\"Scope\":\"local\"}\n";
        let ps = |command: &str, mounts: &str| {
            format!(
                "### docker {command}\n{{\"ID\":\"0a1b2c3d4e5f\",\"Names\":\"a\",\"Image\":\"a:1\",\"State\":\"running\",\"Status\":\"Up 3 days\",\"Mounts\":\"{mounts}\"}}\n{volume}"
            )
        };
        clean(RULE, &[("running.txt", &ps("ps", ""))]);
        clean(RULE, &[("running.txt", &ps("ps -a", "shop_mysql"))]);
        let found = findings(RULE, &[("running.txt", &ps("ps -a", ""))]);
        assert_eq!((found.len(), found[0].confidence.as_str()), (1, "medium"));
    }
}
