//! `secrets/known-token-or-private-key`

use crate::declare_rule;
use crate::facts::Level;
use crate::facts::secrets::is_guarded_path;
use crate::finding::Severity;
use crate::project::{LooseToken, Project};
use crate::rule::{Draft, Findings};
use crate::text::shorten;

declare_rule! {
    /// # What it finds
    /// A token in the format of a provider (GitHub, GitLab, AWS, Stripe, Slack, npm, …), or a private key, in a
    /// pipeline, a script, a Makefile, a web server's or PHP's configuration, documentation, or any other supplied text
    /// that is no place for it.
    ///
    /// # Why it matters
    /// Such a text is committed and copied. A provider's format is hardly there by chance: who finds it can use it at
    /// once, and programs look for these formats in every public repository within minutes.
    ///
    /// The severity is that of the token: keys of code hosts, clouds and payment are *critical*. In documentation,
    /// tests and examples it is one step lower. Sample keys of the documentation, test keys, certificates and public
    /// keys are not reported. What stands in the environment of a service, in a Dockerfile, in `composer.json` or in a
    /// file that is made for secrets is other rules'.
    ///
    /// # Bad
    /// ```text file:docker/backup/aws.conf
    /// [default]
    /// region = eu-central-1
    /// aws_secret_access_key = 0a1b2c3d4e5f6g7h8i9j0a1b2c3d4e5f6g7h8i9j
    /// ```
    ///
    /// # Good
    /// ```text file:docker/backup/aws.conf
    /// [default]
    /// region = eu-central-1
    /// role_arn = arn:aws:iam::111111111111:role/backup
    /// credential_source = Ec2InstanceMetadata
    /// ```
    ///
    /// # How to fix
    /// Revoke it first, then look in the provider's log who used it. Keep its successor in a secret store, or do
    /// without one: a role of the machine, or OpenID Connect of the pipeline.
    ///
    /// # References
    /// CWE-798, CWE-321, CWE-312, NIST SP 800-190 3.1.4.
    id: "secrets/known-token-or-private-key",
    title: "Token or private key is written out in a file",
    severity: Critical,
    lowered_in_development: 0,
    fixes: Described,
    why: "A text in the format of a provider is real until proven otherwise, and programs search for these formats everywhere.",
    help: "Revoke it first, then keep its successor in a secret store, or use a role that needs no key.",
    references: ["CWE-798", "CWE-321", "CWE-312", "NIST SP 800-190 3.1.4"],
}

fn check(project: &Project<'_>, out: &mut Findings) {
    for token in project.loose_tokens() {
        let steps = u8::from(is_guarded_path(project.path(token.at.source)));
        out.report(written(&token, steps));
    }
}

fn written(token: &LooseToken, steps: u8) -> Draft {
    let severity = match token.format.level {
        // The identifier alone opens nothing.
        _ if token.format.id == "aws-access-key-id" => Severity::Medium,
        Level::Critical => Severity::Critical,
        Level::High => Severity::High,
        _ => Severity::Medium,
    };
    let what = match token.format.provider {
        "PEM" | "PuTTY" => "a private key".to_owned(),
        provider => format!("a secret of {}, {}", shorten(provider, 40), token.shown),
    };
    Draft::new(token.at, format!("here stands {what}")).severity(severity.lowered(steps))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{clean, findings};

    const RULE: &str = "secrets/known-token-or-private-key";

    fn github() -> String {
        ["ghp_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].concat()
    }

    #[test]
    fn every_text() {
        let token = github();
        for (path, text) in [
            ("deploy.sh", format!("#!/bin/sh\ngit push https://x:{token}@github.com/a/b\n")),
            ("Makefile", format!("push:\n\tTOKEN={token} ./push\n")),
            ("docker/nginx/default.conf", format!("server {{\n  # {token}\n  listen 80;\n}}\n")),
            (".gitlab-ci.yml", format!("build:\n  script:\n    - ./push {token}\n")),
            ("notes.txt", format!("{token}\n")),
        ] {
            let found = findings(RULE, &[(path, &text)]);
            assert_eq!((found.len(), found[0].severity.as_str()), (1, "critical"), "{path}");
            assert!(!found[0].message.contains(&token));
        }
        let key = format!("x: |\n  -----BEGIN RSA PRIVATE KEY-----\n  {}\n", "MIIEvQIBADAN".repeat(8));
        assert_eq!(findings(RULE, &[("config.txt", &key)]).len(), 1);
    }

    #[test]
    fn documentation_is_one_step_lower() {
        assert_eq!(findings(RULE, &[("docs/setup.md", &github())])[0].severity.as_str(), "high");
        assert_eq!(findings(RULE, &[(".env.example", &format!("T={}\n", github()))])[0].severity.as_str(), "high");
        clean(RULE, &[("vendor/acme/README.md", &github())]);
    }

    #[test]
    fn places_of_other_rules() {
        let token = github();
        clean(RULE, &[(".env", &format!("GITHUB_TOKEN={token}\n"))]);
        clean(RULE, &[("auth.json", &format!("{{\"github-oauth\":{{\"github.com\":\"{token}\"}}}}"))]);
        clean(RULE, &[("Dockerfile", &format!("FROM php:8.4\nENV GITHUB_TOKEN={token}\n"))]);
        clean(
            RULE,
            &[(
                "compose.yaml",
                &format!("services:\n  a:\n    image: a:1\n    environment: {{GITHUB_TOKEN: {token}}}\n"),
            )],
        );
    }

    #[test]
    fn what_is_no_secret() {
        for text in ["AKIAIOSFODNN7EXAMPLE", "-----BEGIN CERTIFICATE-----\nMIIB\n", "-----BEGIN PRIVATE KEY-----\n…\n"]
        {
            clean(RULE, &[("notes.txt", text)]);
        }
        let test_key = ["sk_", "test_", "a1B2c3D4e5F6g7H8i9J0"].concat();
        clean(RULE, &[("notes.txt", &test_key)]);
    }
}
