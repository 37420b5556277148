//! `drift/interactive-mutation-in-scripts`

use crate::declare_rule;
use crate::finding::{Confidence, Severity};
use crate::model::docker_cli::Action;
use crate::project::{Change, LineTarget, ManualChange, Project};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A script, Makefile, crontab or pipeline changes containers that run: `docker exec` or `docker compose exec` with a package
    /// manager, Composer, npm, `git pull`, `chmod`, an editor or a download, `docker cp` into a container, and `exec` as root or
    /// privileged.
    ///
    /// # Why it matters
    /// The procedure itself makes containers that no image describes: the next restart on another machine misses the change, a
    /// scan of the image does not see it, and a second replica differs from the first. It also needs a container whose root can
    /// write everywhere, which is what an intruder needs.
    ///
    /// On servers it is *high*, where nothing tells *medium*; root for a command that changes nothing is *medium*, a reload *low*.
    /// Installing packages into a development container is *low*. Commands on data are left out: migrations, dumps, caches, queues;
    /// so are the containers of a pipeline's own job.
    ///
    /// # Bad
    /// ```sh file:deploy.sh
    /// #!/bin/sh
    /// set -e
    /// docker compose exec -T app git pull origin main
    /// docker compose exec -T app composer install --no-dev
    /// docker compose exec -T app php artisan migrate --force
    /// ```
    ///
    /// # Good
    /// ```sh file:deploy.sh
    /// #!/bin/sh
    /// set -e
    /// docker compose -f compose.yaml -f compose.prod.yaml pull
    /// docker compose -f compose.yaml -f compose.prod.yaml run --rm app php artisan migrate --force
    /// docker compose -f compose.yaml -f compose.prod.yaml up -d --wait
    /// ```
    ///
    /// # How to fix
    /// Do in the Dockerfile what the line does in the container, build an image with a version, and replace the container.
    /// Migrations run as a service of their own or by `docker compose run --rm`.
    ///
    /// # References
    /// CIS Docker Benchmark 5.23 and 5.24, NIST SP 800-190 4.4.3, CWE-1188.
    id: "drift/interactive-mutation-in-scripts",
    title: "A script changes containers that run",
    severity: High,
    lowered_in_development: 2,
    fixes: Described,
    why: "Changing running containers is written into the procedure: what serves users is then described by no image, scanned by nobody and lost with the next restart.",
    help: "Do it in the Dockerfile, build a new image and replace the container.",
    references: ["CIS Docker Benchmark 5.23", "CIS Docker Benchmark 5.24", "NIST SP 800-190 4.4.3", "CWE-1188"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for change in project.manual_changes() {
        let target = project.line_target(change.line);
        if let Some(severity) = severity(project, &change, target) {
            out.report(report(&change, target, severity));
        }
    }
}

fn severity(project: &Project<'_>, change: &ManualChange<'_>, target: LineTarget) -> Option<Severity> {
    let on_servers = match target {
        LineTarget::Throwaway => return None,
        // Code is mounted there, and nothing else lasts.
        LineTarget::Development => return (change.change == Change::Packages).then_some(Severity::Low),
        LineTarget::Deployment(_) => Severity::High,
        LineTarget::Unknown => Severity::Medium,
    };
    match change.change {
        // An image made by hand is another rule.
        Change::Commit => None,
        // Certificates are renewed this way, and nothing in the container changes.
        Change::Reload if matches!(change.program.as_str(), "nginx" | "apachectl" | "apache2ctl") => None,
        Change::Reload => Some(Severity::Low),
        Change::Copy if fills_a_new_container(project, change) => None,
        Change::Elevated if change.privileged.is_none() => Some(on_servers.min(Severity::Medium)),
        Change::Packages | Change::Code | Change::Permissions | Change::Files | Change::Copy | Change::Elevated => {
            Some(on_servers)
        }
    }
}

/// `docker create`, `docker cp`: the container has not started yet.
fn fills_a_new_container(project: &Project<'_>, change: &ManualChange<'_>) -> bool {
    let same = project.docker_lines().iter().filter(|line| line.unit == change.line.unit);
    same.filter(|line| line.invocation.at.span.start < change.at.span.start)
        .any(|line| matches!(&line.invocation.action, Action::Run(run) if run.only_created))
}

fn report(change: &ManualChange<'_>, target: LineTarget, severity: Severity) -> Draft {
    let program = shorten(&change.program, 40);
    let container = match change.container.filter(|name| name.is_known()) {
        Some(name) => format!("the running container of `{}`", shorten(&name.text, 40)),
        None => "a running container".to_owned(),
    };
    let message = match change.change {
        Change::Packages => format!("`{program}` installs packages in {container}"),
        Change::Code => format!("`{program}` fetches code in {container}"),
        Change::Permissions => format!("`{program}` changes owners or modes in {container}"),
        Change::Files => format!("`{program}` changes files in {container}"),
        Change::Reload => format!("`{program}` makes a process of {container} take changes in"),
        Change::Copy => format!("`{program}` puts files into {container}"),
        Change::Commit | Change::Elevated => match change.privileged {
            Some(_) => format!("a privileged command is run in {container}"),
            None => format!("a command is run as root in {container}"),
        },
    };
    let confidence = if target == LineTarget::Unknown { Confidence::Medium } else { Confidence::High };
    let mut draft = Draft::new(change.at, message)
        .severity_in_context(severity)
        .confidence(confidence)
        .because_of(change.as_root.filter(|_| change.change != Change::Elevated), "it enters as root")
        .because_of(change.privileged, "it enters privileged");
    if let LineTarget::Deployment(why) = target {
        draft = draft.because(change.line.invocation.verb_at, format!("on what serves users: {why}"));
    }
    match change.change {
        Change::Elevated => {
            draft.help("Run it as the container's own user; without `--privileged`, and without `-u root`.")
        }
        Change::Reload => draft.help("Replace the container when its configuration changes, instead of signalling it."),
        _ => draft,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "drift/interactive-mutation-in-scripts";

    fn in_file(path: &str, line: &str) -> Vec<String> {
        let text = format!("#!/bin/sh\n{line}\n");
        findings(RULE, &[(path, &text)]).into_iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn changes_on_servers_are_high() {
        for line in [
            "docker exec app apt-get install -y vim",
            "docker compose exec -T app composer install --no-dev",
            "docker exec app sh -c 'cd /app && git pull'",
            "docker exec app chown -R www-data storage",
            "docker exec app sed -i s/a/b/ /etc/php.ini",
            "docker cp php.ini app:/usr/local/etc/php/php.ini",
            "docker exec --privileged app ls",
            "ssh root@example.net 'docker exec app pecl install redis'",
        ] {
            assert_eq!(in_file("deploy.sh", line), ["high"], "{line}");
        }
        assert_eq!(in_file("deploy.sh", "docker exec -u root app ls"), ["medium"]);
        assert_eq!(in_file("deploy.sh", "docker exec app kill -USR2 1"), ["low"]);
    }

    #[test]
    fn a_script_that_says_nothing_is_medium() {
        assert_eq!(in_file("bin/x.sh", "docker exec app git pull"), ["medium"]);
    }

    #[test]
    fn helpers_of_developers() {
        assert_eq!(in_file("bin/dev.sh", "docker exec app apt-get install -y vim"), ["low"]);
        assert!(in_file("bin/setup.sh", "docker compose exec app composer install").is_empty());
        clean(RULE, &[("Makefile", "vendor:\n\tdocker compose exec app composer install\n")]);
    }

    #[test]
    fn work_on_data_is_none() {
        for line in [
            "docker compose exec -T app php artisan migrate --force",
            "docker exec app php bin/console cache:clear",
            "docker exec db mysqldump shop",
            "docker exec nginx nginx -s reload",
            "docker cp app:/app/storage/logs ./logs",
            "docker commit app shop:fixed",
        ] {
            assert!(in_file("deploy.sh", line).is_empty(), "{line}");
        }
    }

    #[test]
    fn a_container_that_is_only_created_is_filled() {
        let lines = "docker create --name tmp shop:1\ndocker cp conf tmp:/etc/app";
        assert!(in_file("deploy.sh", lines).is_empty());
    }

    #[test]
    fn containers_of_a_job_are_none() {
        clean(RULE, &[(".gitlab-ci.yml", "test:\n  script:\n    - docker exec app composer install\n")]);
    }
}
