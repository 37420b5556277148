"""Which environment variables services must have, and which they may not.

A variable counts wherever it comes from: the `environment` of a Compose service after merge and interpolation, or an ENV of a stage
that a service runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

import plimsoll
from plimsoll import Entity, Finding, Location, NodeKind, Project, Severity

FORBIDDEN = "forbidden-variable"
MISSING = "missing-variable"

CONTEXTS = ["production", "staging", "unknown", "ci", "development"]
DEPLOYED = ["production", "staging", "unknown"]

PATTERN = {"type": "string", "minLength": 1}
WHERE = {
    "description": "Deployments it holds for, by what Plimsoll takes them for",
    "type": "array",
    "items": {"enum": CONTEXTS},
    "default": DEPLOYED,
}
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "forbidden": {
            "description": "Variables that services may not have; `*` stands for any letters, `?` for one",
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name"],
                "properties": {
                    "name": PATTERN,
                    "value": {"description": "Only with such a value", "type": "string"},
                    "reason": PATTERN,
                    "instead": {"description": "The value that a fix writes", "type": "string"},
                    "contexts": WHERE,
                },
            },
            "default": [
                {"name": "XDEBUG_*", "reason": "A debugger can be made to run code of whoever reaches it."},
                {"name": "PHP_IDE_CONFIG", "reason": "It is of use to a debugger only."},
            ],
        },
        "required": {
            "description": "Variables that services must have",
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
                    "roles": {
                        "description": "Roles of the services, such as php-*",
                        "type": "array",
                        "items": PATTERN,
                        "default": ["*"],
                    },
                    "reason": PATTERN,
                    "contexts": WHERE,
                },
            },
            "default": [],
        },
    },
}


@dataclass(frozen=True)
class Variable:
    """A variable of a service, and where it is written; the place of an inherited one is in a Dockerfile."""

    name: str
    value: str | None
    at: Location | None


def check(project: Project, settings: dict) -> Iterator[Finding]:
    stages = Stages(project)
    forbidden = settings.get("forbidden", SCHEMA["properties"]["forbidden"]["default"])
    # A stage may stand behind several services: one finding for each place, on all of them.
    found: dict[tuple[int, int, int], tuple[dict, Variable, list[Entity]]] = {}
    for service in project.services():
        variables = [*of_service(service), *stages.inherited(service)]
        for index, entry in enumerate(forbidden):
            for variable in variables:
                if variable.at is not None and holds(entry, service) and is_forbidden(entry, variable):
                    key = (index, variable.at.document, variable.at.span.start)
                    found.setdefault(key, (entry, variable, []))[2].append(service)
        yield from missing(settings.get("required", []), service, {variable.name for variable in variables})
    for entry, variable, services in found.values():
        yield not_allowed(project, entry, variable, services)


def of_service(service: Entity) -> Iterator[Variable]:
    for entry in service.properties("environment"):
        name, equals, value = entry.value.partition("=")
        yield Variable(name, value if equals else None, entry.origin)


def holds(entry: dict, service: Entity) -> bool:
    return service.get("context") in entry.get("contexts", DEPLOYED)


def is_forbidden(entry: dict, variable: Variable) -> bool:
    if not fnmatchcase(variable.name, entry["name"]):
        return False
    # What the shell or a variable without a value gives is not known.
    unknown = variable.value is None or "$" in variable.value
    return "value" not in entry or (not unknown and fnmatchcase(variable.value, entry["value"]))


def not_allowed(project: Project, entry: dict, variable: Variable, services: list[Entity]) -> Finding:
    shown = variable.name if "value" not in entry else f"{variable.name}={variable.value}"
    fixes = []
    if "instead" in entry and variable.value:
        place = project.find(variable.at, variable.value)
        fixes = [place and plimsoll.fix(f"Set {variable.name} to {entry['instead']}", (place, entry["instead"]))]
    return plimsoll.finding(
        FORBIDDEN, variable.at, f"`{shown}` is not allowed here", help=entry.get("reason"), on=services, fixes=fixes
    )


def missing(required: list[dict], service: Entity, names: set[str]) -> Iterator[Finding]:
    if service.origin is None:
        return
    for entry in required:
        role = service.get("role", "unknown")
        if (
            entry["name"] not in names
            and holds(entry, service)
            and any(fnmatchcase(role, pattern) for pattern in entry.get("roles", ["*"]))
        ):
            message = f"`{service.name}` has no variable {entry['name']}"
            yield plimsoll.finding(MISSING, service.origin, message, help=entry.get("reason"), on=[service])


class Stages:
    """What ENV instructions give to services."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._starts: dict[int, list[int]] = {}
        for stage in project.stages():
            if stage.origin is not None:
                self._starts.setdefault(stage.origin.document, []).append(stage.origin.span.start)
        for starts in self._starts.values():
            starts.sort()

    def inherited(self, service: Entity) -> Iterator[Variable]:
        """Variables of the stage that a service is built from, and of the stages below that."""
        seen: set[tuple[int, int]] = set()
        todo = service.targets("builds-from")
        while todo:
            stage = todo.pop()
            if stage.kind != "stage" or stage.origin is None:
                continue
            key = (stage.origin.document, stage.origin.span.start)
            if key not in seen:
                seen.add(key)
                yield from self._own(*key)
                todo.extend(stage.targets("builds-from"))

    def _own(self, document: int, start: int) -> Iterator[Variable]:
        end = next((other for other in self._starts[document] if other > start), None)
        for instruction in self._project.documents()[document].instructions("ENV"):
            at = instruction.location.span.start
            if at > start and (end is None or at < end):
                for pair in instruction.children(NodeKind.PAIR):
                    yield Variable(pair.key, pair.value, pair.location)


class Rules:
    """What the compiler looks for: the two functions of the interface."""

    def describe(self):
        return plimsoll.metadata(
            name="environment-policy",
            version="0.1.0",
            description="Environment variables that services must have, and those they may not have",
            license="MIT OR Apache-2.0",
            rules=[
                plimsoll.rule(
                    FORBIDDEN,
                    "Variable is not allowed",
                    Severity.HIGH,
                    "Some variables switch on what must not be on where customers are: debuggers, test modes, verbose errors.",
                    help="Remove it, or give it another value where it is written.",
                    kinds=["compose", "dockerfile"],
                    tags=["configuration"],
                ),
                plimsoll.rule(
                    MISSING,
                    "Variable is missing",
                    Severity.LOW,
                    "What every service is told by the same variable is wrong for the one that is not told.",
                    help="Set it in `environment`, or with ENV in the image.",
                    kinds=["compose", "dockerfile"],
                    tags=["configuration"],
                ),
            ],
            settings_schema=SCHEMA,
        )

    def check(self, project, settings):
        return plimsoll.run(check, project, settings)
