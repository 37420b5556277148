//! How rules are tested: files in, findings of one rule out, its fixes tried on the way.

use crate::date::Date;
use crate::engine;
use crate::finding::Finding;
use crate::fix::Safety;
use crate::project::Project;
use crate::source::Sources;

/// The day tests are made for.
pub(crate) const TODAY: Date = Date::new(2026, 11, 24);

/// The texts as one project.
pub(crate) fn sources(files: &[(&str, &str)]) -> Sources {
    let mut sources = Sources::new();
    for (path, text) in files {
        sources.add(path, *text);
    }
    sources
}

/// What one rule finds. Every fix it offers is applied: the result must parse, and a safe fix must remove its finding and add none.
pub(crate) fn findings(rule: &str, files: &[(&str, &str)]) -> Vec<Finding> {
    let sources = sources(files);
    let found = run(rule, &sources);
    for finding in &found {
        for fix in &finding.fixes {
            let outcome =
                fix.outcome(&sources).unwrap_or_else(|| panic!("{rule}: the fix `{}` does not apply", fix.title));
            let mut after = sources.clone();
            for (path, text) in &outcome {
                after.add(path, text.clone());
            }
            let before_errors = Project::new(&sources, TODAY).notices.len();
            let errors = Project::new(&after, TODAY).notices;
            assert!(errors.len() <= before_errors, "{rule}: `{}` breaks the file: {errors:?}\n{outcome:?}", fix.title);
            if fix.safety == Safety::Safe {
                let left = run(rule, &after);
                assert!(left.len() < found.len(), "{rule}: `{}` does not remove its finding:\n{outcome:?}", fix.title);
            }
        }
    }
    found
}

/// Asserts that one rule finds nothing.
pub(crate) fn clean(rule: &str, files: &[(&str, &str)]) {
    let found = run(rule, &sources(files));
    assert!(
        found.is_empty(),
        "{rule} should be silent, but says: {:?}",
        found.iter().map(|finding| &finding.message).collect::<Vec<_>>()
    );
}

fn run(rule: &str, sources: &Sources) -> Vec<Finding> {
    let rule = super::find(rule).unwrap_or_else(|| panic!("no rule {rule}"));
    engine::run(rule, &Project::new(sources, TODAY)).0
}
