//! `identity/root-override`

use crate::declare_rule;
use crate::finding::Severity;
use crate::fix::Safety;
use crate::model::compose::mounts::MountKind;
use crate::project::{DecidedBy, Privilege, Project, RootOverride, ServiceRef};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// `user: root` (or `0`, also as the default of a variable) on a service whose image runs as another user; a Dockerfile stage whose
    /// base image runs as another user and that ends with `USER root`; a lifecycle hook that runs as root in such a service.
    ///
    /// # Why it matters
    /// Somebody built the image to run without root, and the deployment takes that back where the Dockerfile's reviewers do not look.
    /// Usually it was put there for a permission error on one folder.
    ///
    /// A job that runs once before the others is *info*, a hook *low*. In a development view it is *low*. `USER root`, some steps, and
    /// the old user again is the way to do it, and is not reported.
    ///
    /// # Bad
    /// ```yaml file:compose.yaml
    /// services:
    ///   php:
    ///     image: bitnami/php-fpm:8.4.24
    ///     user: root
    /// ```
    ///
    /// # Good
    /// ```yaml file:compose.yaml
    /// services:
    ///   php:
    ///     image: bitnami/php-fpm:8.4.24
    /// ```
    ///
    /// # How to fix
    /// Remove the setting, and give the folder that made trouble to the image's user: with `COPY --chown` or `chown` in the image, or
    /// once for a volume with a job that the service waits for. A stage that needs root for some steps ends with the base image's user
    /// again.
    ///
    /// # References
    /// CIS Docker Benchmark 4.1, CWE-250, Docker documentation "Compose file reference", sections `user` and `post_start`.
    id: "identity/root-override",
    title: "A setting puts root back",
    severity: High,
    lowered_in_development: 2,
    fixes: Safe,
    why: "The image is built to run unprivileged and this setting makes it root again, so that a hole in the application is a hole as uid 0.",
    help: "Remove the override and give the folder that needs it to the image's user.",
    references: ["CIS Docker Benchmark 4.1", "OWASP Docker Security Cheat Sheet rule 2", "NIST SP 800-190 3.4.3", "CWE-250"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for service in project.services() {
        if let Some(root) = service.root_override() {
            out.report(found(service, &root));
        }
        if service.effective_user().privilege != Privilege::NonRoot {
            continue;
        }
        for hook in &service.hooks {
            if let Some(user) = hook.user.as_ref().filter(|user| user.is_root_user()) {
                out.report(
                    Draft::new(
                        user.at,
                        format!("the `{}` hook of `{}` runs as root, the service does not", hook.kind, service.name),
                    )
                    .severity(Severity::Low)
                    .on(service)
                    .fix(project.remove(
                        Safety::Suggested,
                        "Run the hook as the service's user",
                        user.at,
                    )),
                );
            }
        }
    }
}

fn found(service: ServiceRef<'_, '_>, root: &RootOverride) -> Draft {
    let project = service.project();
    let name = &service.name;
    let user = shorten(root.otherwise.name.as_deref().unwrap_or("another user"), 40);
    let in_compose = service.configured_user().decided_by == DecidedBy::Compose;
    let message = if in_compose {
        format!("`{name}` is set to run as root, its image runs as {user}")
    } else {
        format!("the image of `{name}` ends with USER root, its base image runs as {user}")
    };
    let mut draft = Draft::new(root.at, message)
        .confidence(root.otherwise.confidence)
        .based_on(root.otherwise.based_on)
        .because(root.otherwise.at, format!("runs as {user}"))
        .on(service);
    if service.only_prepares() && service.is_one_shot() {
        draft = draft.severity_in_context(Severity::Info);
    }
    if !in_compose {
        return draft.fix(
            root.otherwise
                .name
                .as_ref()
                .and_then(|user| service.end_with_user(format!("End the stage as {user}"), user)),
        );
    }
    // Files that root left on a volume are out of reach for another user: then somebody has to look first.
    let keeps_files = service.mounts.iter().any(|mount| mount.kind != MountKind::Tmpfs);
    let safety = if keeps_files { Safety::Suggested } else { Safety::Safe };
    draft.fix(project.remove(safety, format!("Run as the image's user, {user}"), root.at))
}

#[cfg(test)]
mod tests {
    use crate::fix::Safety;
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "identity/root-override";

    fn image(lines: &str) -> Vec<String> {
        let text = format!("services:\n  a:\n    image: {lines}\n");
        findings(RULE, &[("compose.yaml", &text)]).into_iter().map(|finding| finding.severity.to_string()).collect()
    }

    #[test]
    fn every_spelling() {
        for user in ["root", "\"0\"", "\"0:0\"", "\"root:root\"", "\"${UID:-0}\""] {
            assert_eq!(image(&format!("bitnami/php-fpm:8.4\n    user: {user}")), ["high"], "{user}");
        }
        assert_eq!(image("bitnami/php-fpm:8.4\n    user: \"${UID}\""), Vec::<String>::new());
        assert_eq!(image("bitnami/php-fpm:8.4\n    user: \"1001:0\""), Vec::<String>::new());
    }

    #[test]
    fn an_image_that_is_root_anyway_is_no_override() {
        assert_eq!(image("php:8.4-fpm\n    user: root"), Vec::<String>::new());
        assert_eq!(image("r.example.net/app:1\n    user: root"), Vec::<String>::new());
    }

    #[test]
    fn a_stage_that_ends_as_root() {
        let found = findings(
            RULE,
            &[("Dockerfile", "FROM serversideup/php:8.4-fpm-nginx\nUSER root\nRUN install-php-extensions intl\n")],
        );
        assert_eq!(found[0].severity.as_str(), "high");
        assert_eq!(found[0].fixes[0].edits[0].replacement, "USER www-data\n");
        clean(RULE, &[("Dockerfile", "FROM serversideup/php:8.4-fpm-nginx\nUSER root\nRUN x\nUSER www-data\n")]);
    }

    #[test]
    fn a_volume_makes_the_fix_a_suggestion() {
        let safety = |volumes: &str| {
            let text = format!("services:\n  a:\n    image: wordpress:cli\n    user: root\n{volumes}");
            findings(RULE, &[("compose.yaml", &text)])[0].fixes[0].safety
        };
        assert_eq!(safety(""), Safety::Safe);
        assert_eq!(safety("    tmpfs: [/tmp]\n"), Safety::Safe);
        assert_eq!(safety("    volumes: [\"./html:/var/www/html\"]\n"), Safety::Suggested);
    }

    #[test]
    fn a_job_before_the_others_is_info() {
        let text = "services:\n  init:\n    image: bitnami/php-fpm:8.4\n    user: root\n    command: chown -R 1001 /app\n  a:\n    image: bitnami/php-fpm:8.4\n    depends_on: {init: {condition: service_completed_successfully}}\n";
        assert_eq!(findings(RULE, &[("compose.yaml", text)])[0].severity.as_str(), "info");
    }

    #[test]
    fn hooks() {
        let hook = |user: &str| format!("bitnami/php-fpm:8.4\n    post_start: [{{command: chown x, user: {user}}}]");
        assert_eq!(image(&hook("root")), ["low"]);
        assert_eq!(image(&hook("\"1001\"")), Vec::<String>::new());
    }

    #[test]
    fn an_entrypoint_that_gives_it_up_again() {
        let files = [
            ("Dockerfile", "FROM bitnami/php-fpm:8.4\nUSER root\nCOPY run.sh /\nENTRYPOINT [\"/run.sh\"]\n"),
            ("run.sh", "#!/bin/sh\nchown 1001 /app\nexec gosu 1001 php-fpm\n"),
        ];
        clean(RULE, &files);
    }
}
