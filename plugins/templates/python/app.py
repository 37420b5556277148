"""Images need a fixed version: `redis` and `redis:latest` are another image next week."""

from collections.abc import Iterator

import plimsoll
from plimsoll import Entity, Finding, Project, Severity

LATEST_TAG = "latest-tag"

# What a user may set. Plimsoll refuses anything else before the plug-in is asked.
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "ignore": {
            "description": "Full names of images that are left alone, such as docker.io/library/redis",
            "type": "array",
            "items": {"type": "string", "minLength": 1},
            "default": [],
        },
    },
}


def check(project: Project, settings: dict) -> Iterator[Finding]:
    ignore = settings.get("ignore", [])
    for service in project.services():
        for image in service.targets("runs"):
            # Without a place there is nothing to show; without a name a variable has no value.
            name = image.get("repository")
            if image.origin is None or name is None or name in ignore or is_fixed(image):
                continue
            yield plimsoll.finding(LATEST_TAG, image.origin, f"`{image.name}` has no fixed version", on=[service])


def is_fixed(image: Entity) -> bool:
    return image.get("digest") is not None or image.get("tag", "latest") != "latest"


class Rules:
    """What the compiler looks for: the two functions of the interface."""

    def describe(self):
        return plimsoll.metadata(
            name="{{name}}",
            version="0.1.0",
            description="Images need a fixed version",
            license="MIT",
            rules=[
                plimsoll.rule(
                    LATEST_TAG,
                    "Image has no fixed version",
                    Severity.MEDIUM,
                    "Without a version the same file starts another program after the next pull.",
                    help="Write the version that runs today.",
                    kinds=["compose"],
                    tags=["supply-chain"],
                ),
            ],
            settings_schema=SCHEMA,
        )

    def check(self, project, settings):
        return plimsoll.run(check, project, settings)
