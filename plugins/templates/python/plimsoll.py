"""What a plug-in in Python needs: typed access to the project, and builders for what it finds.

Plain Python without dependencies; change it as you like. `wit/plimsoll-plugin.wit` says which kinds, keys and relations there are,
`wit_world.exports.rules` is made from it by the compiler (`componentize-py -d wit -w plugin bindings .venv/bindings` writes it
down, for editors).
"""

from __future__ import annotations

import json
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from componentize_py_types import Err
from wit_world.exports import rules as abi
from wit_world.exports.rules import Confidence, Finding, Fix, Location, Metadata, NodeKind, Property, Rule, Severity, Span

__all__ = [
    "Confidence", "Document", "Entity", "Finding", "Fix", "Location", "Node", "NodeKind", "Project", "Severity", "Span",
    "finding", "fix", "metadata", "rule", "run", "settings_error",
]


class Project:
    """Everything the plug-in sees."""

    def __init__(self, data: abi.Project) -> None:
        self._data = data
        self._documents = [Document(document, index) for index, document in enumerate(data.documents)]
        self._entities = [Entity(self, entity, index) for index, entity in enumerate(data.entities)]
        self._relations: dict[tuple[str, bool], dict[int, list[int]]] = {}

    def documents(self, kind: str | None = None) -> list[Document]:
        """Documents, all or of one kind such as `dockerfile`."""
        return [document for document in self._documents if kind in (None, document.kind)]

    def entities(self, kind: str | None = None) -> list[Entity]:
        """Entities, all or of one kind such as `network`."""
        return [entity for entity in self._entities if kind in (None, entity.kind)]

    def services(self) -> list[Entity]:
        """Services of all views."""
        return self.entities("service")

    def stages(self) -> list[Entity]:
        """Stages of all Dockerfiles."""
        return self.entities("stage")

    def images(self) -> list[Entity]:
        """Image references, one for each place where one is written."""
        return self.entities("image")

    def today(self) -> str | None:
        """The day the analysis is made for, `YYYY-MM-DD`. There is no clock."""
        return next((entry.value for entry in self._data.properties if entry.key == "today"), None)

    def text_at(self, at: Location) -> str:
        """The text at a place."""
        if at.document >= len(self._documents):
            return ""
        return self._documents[at.document].slice(at.span)

    def find(self, at: Location, text: str) -> Location | None:
        """The first place of a text within a place, for fixes that change only a part."""
        within = self.text_at(at).encode()
        before = within.find(text.encode())
        if before < 0:
            return None
        start = at.span.start + before
        return Location(at.document, Span(start, start + len(text.encode())))

    def _related(self, index: int, kind: str, outgoing: bool) -> list[Entity]:
        ends = self._ends(kind, outgoing).get(index, [])
        return [self._entities[end] for end in ends if end < len(self._entities)]

    def _ends(self, kind: str, outgoing: bool) -> dict[int, list[int]]:
        """The other ends of a kind's relations, by one end: of the kinds that are asked for only, since there may be thousands."""
        if (kind, outgoing) not in self._relations:
            ends: dict[int, list[int]] = defaultdict(list)
            for relation in self._data.relations:
                if relation.kind == kind:
                    pair = (relation.source, relation.target)
                    one, other = pair if outgoing else pair[::-1]
                    ends[one].append(other)
            self._relations[kind, outgoing] = ends
        return self._relations[kind, outgoing]


class Entity:
    """Something of the resolved model: a service, an image, a network, ..."""

    def __init__(self, project: Project, data: abi.Entity, index: int) -> None:
        self._project = project
        self._data = data
        self._index = index

    @property
    def kind(self) -> str:
        return self._data.kind

    @property
    def name(self) -> str:
        return self._data.name

    @property
    def origin(self) -> Location | None:
        """Where it is written."""
        return self._data.origin

    def properties(self, key: str) -> list[Property]:
        """Every value of a key, each with its place."""
        return [entry for entry in self._data.properties if entry.key == key]

    def get(self, key: str, otherwise: str | None = None) -> str | None:
        """The first value of a key."""
        return next((entry.value for entry in self._data.properties if entry.key == key), otherwise)

    def origin_of(self, key: str) -> Location | None:
        """Where the first value of a key is written."""
        return next((entry.origin for entry in self._data.properties if entry.key == key), None)

    def is_(self, key: str) -> bool:
        """Whether a key says `true`."""
        return self.get(key) == "true"

    def targets(self, kind: str) -> list[Entity]:
        """Where relations of a kind lead from here."""
        return self._project._related(self._index, kind, True)

    def sources(self, kind: str) -> list[Entity]:
        """Where relations of a kind come from that lead here."""
        return self._project._related(self._index, kind, False)


class Document:
    """A file and its tree."""

    def __init__(self, data: abi.Document, index: int) -> None:
        self._data = data
        self._index = index

    @property
    def path(self) -> str:
        return self._data.path

    @property
    def kind(self) -> str:
        return self._data.kind

    @property
    def text(self) -> str:
        return self._data.text

    @cached_property
    def nodes(self) -> list[Node]:
        """All nodes in order."""
        return [Node(self, node, index) for index, node in enumerate(self._data.nodes)]

    @cached_property
    def _bytes(self) -> bytes:
        return self._data.text.encode()

    @cached_property
    def _children(self) -> dict[int, list[Node]]:
        children: dict[int, list[Node]] = defaultdict(list)
        # The root is its own parent.
        for node in self.nodes[1:]:
            children[node._data.parent].append(node)
        return children

    def nodes_of(self, kind: NodeKind, key: str | None = None) -> Iterator[Node]:
        """Nodes of one shape, and with one key."""
        return (node for node in self.nodes if node.kind == kind and key in (None, node.key))

    def instructions(self, keyword: str) -> Iterator[Node]:
        """Instructions of a Dockerfile by keyword, such as `FROM`."""
        return self.nodes_of(NodeKind.INSTRUCTION, keyword.upper())

    def pairs(self, key: str | None = None) -> Iterator[Node]:
        """Pairs, all or by key, at any depth."""
        return self.nodes_of(NodeKind.PAIR, key)

    def location(self, span: Span) -> Location:
        """A place in it."""
        return Location(self._index, span)

    def slice(self, span: Span) -> str:
        """The text of a span."""
        return self._bytes[span.start : span.end].decode(errors="replace")


class Node:
    """A node of a document's tree."""

    def __init__(self, document: Document, data: abi.Node, index: int) -> None:
        self._document = document
        self._data = data
        self._index = index

    @property
    def kind(self) -> NodeKind:
        return self._data.kind

    @property
    def key(self) -> str:
        return self._data.key

    @property
    def value(self) -> str:
        return self._data.value

    @property
    def document(self) -> Document:
        return self._document

    @property
    def location(self) -> Location:
        """Where it is written."""
        return self._document.location(self._data.span)

    @property
    def value_location(self) -> Location:
        """Where its value is written."""
        return self._document.location(self._data.value_span)

    def children(self, kind: NodeKind | None = None) -> Iterator[Node]:
        """The nodes right below it."""
        return (node for node in self._document._children.get(self._index, []) if kind in (None, node.kind))

    def parent(self) -> Node | None:
        """The node above it; none above the root."""
        return None if self._index == 0 else self._document.nodes[self._data.parent]


def rule(
    id: str,
    title: str,
    severity: Severity,
    description: str,
    *,
    help: str | None = None,
    kinds: Iterable[str] = (),
    tags: Iterable[str] = (),
    help_url: str | None = None,
) -> Rule:
    """A rule: `title` says what is wrong, `description` why it matters, `help` what to do."""
    properties = [] if help is None else [Property("help", help, None)]
    return Rule(id, title, description, severity, list(kinds), list(tags), help_url, properties)


def metadata(
    name: str,
    version: str,
    description: str,
    license: str,
    rules: Iterable[Rule],
    settings_schema: dict | None = None,
) -> Metadata:
    """What the plug-in is; the schema is a JSON Schema as a dict."""
    schema = None if settings_schema is None else json.dumps(settings_schema, ensure_ascii=False)
    return Metadata(name, version, description, license, list(rules), schema, [])


def finding(
    rule: str,
    location: Location,
    message: str,
    *,
    severity: Severity | None = None,
    confidence: Confidence | None = None,
    help: str | None = None,
    on: Iterable[Entity] = (),
    because: Iterable[tuple[Location, str]] = (),
    fixes: Iterable[Fix | None] = (),
) -> Finding:
    """A finding. `on`: the services it affects; `because`: further places that explain it."""
    properties = [] if help is None else [Property("help", help, None)]
    for service in on:
        properties.append(Property("service", service.name, None))
        if (view := service.get("view")) is not None:
            properties.append(Property("view", view, None))
    related = [abi.Related(at, text) for at, text in because]
    given = [fix for fix in fixes if fix is not None]
    return Finding(rule, location, message, severity, confidence, related, given, properties)


def fix(title: str, *edits: tuple[Location, str]) -> Fix:
    """A fix; its title is an order. A replacement of an empty span inserts."""
    return Fix(title, abi.FixSafety.SUGGESTED, [abi.Edit(at, text) for at, text in edits])


def settings_error(message: str) -> Err:
    """What to raise when the settings make no sense in a way the schema cannot say."""
    return Err(abi.Error(abi.ErrorKind.SETTINGS, message))


def run(check: Callable[[Project, dict], Iterable[Finding]], project: abi.Project, settings: str) -> list[Finding]:
    """Calls a check with the wrapped project and the settings as a dict."""
    try:
        return list(check(Project(project), json.loads(settings or "{}")))
    except Err:
        raise
    except Exception as error:
        # An error of the program itself would stop the plug-in without a word of what it was.
        raise Err(abi.Error(abi.ErrorKind.INTERNAL, told(error))) from error


def told(error: Exception) -> str:
    """An error and where it came up. The traceback module would look for source files, and there are none."""
    frames = [(frame.f_code, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    lines = [f"    at {code.co_name} ({code.co_filename}:{line})" for code, line in reversed(frames[-3:])]
    return "\n".join([f"{type(error).__name__}: {error}", *lines])
