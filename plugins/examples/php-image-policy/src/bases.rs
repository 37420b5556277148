//! Base images.

use crate::BASE;
use crate::settings::Policy;
use plimsoll_plugin_sdk::prelude::*;

/// Judges an image that a service runs or is built on.
pub(crate) fn judge(project: &Project, policy: &Policy, image: Image<'_>, service: Service<'_>) -> Option<Finding> {
    let (at, repository) = (image.origin()?, image.repository()?);
    let name = match (image.tag(), image.digest()) {
        (Some(tag), _) => format!("{repository}:{tag}"),
        // What a digest stands for is not written anywhere.
        (None, Some(_)) => return None,
        (None, None) => format!("{repository}:latest"),
    };
    let (pattern, replacement) = policy.forbidden_base(&name)?;
    let instead = replacement.as_ref().map_or(String::new(), |new| format!("; use `{new}`"));
    let message = format!("`{}` is one of the images that are not to be used (`{pattern}`){instead}", image.text());
    // The digest belongs to the old image, and a variable may stand for the tag.
    let written = project.text_at(at).find(image.text()).filter(|_| image.digest().is_none());
    let fix = replacement
        .zip(written)
        .map(|(new, start)| fix(format!("Use {new}")).replace(part(at, start, start + image.text().len()), new));
    Some(finding(BASE, at, message).on(service).fix(fix))
}
