//! Kinds of relations.

use super::Value::{Flag, Number, OneOf, Text};
use super::{Relation, many, one, optional};

/// Every kind of relation.
pub const RELATIONS: &[Relation] = &[
    Relation {
        kind: "contains",
        ends: &[("view", "service"), ("view", "network"), ("view", "volume"), ("view", "secret"), ("view", "config")],
        meaning: "it is part of the deployment",
        keys: &[],
    },
    Relation {
        kind: "builds-from",
        ends: &[("service", "stage"), ("stage", "stage"), ("stage", "image")],
        meaning: "the stage that a service runs; what a stage is based on",
        keys: &[],
    },
    Relation {
        kind: "copies-from",
        ends: &[("stage", "stage"), ("stage", "image")],
        meaning: "it takes files from there: `COPY --from`, `RUN --mount=from=…`",
        keys: &[],
    },
    Relation {
        kind: "runs",
        ends: &[("service", "image"), ("container", "image")],
        meaning: "the image that it runs as it is",
        keys: &[],
    },
    Relation {
        kind: "runs-as",
        ends: &[("service", "container")],
        meaning: "a service of a running view and a container that is it",
        keys: &[],
    },
    Relation {
        kind: "uses-network",
        ends: &[("service", "network")],
        meaning: "it is on the network",
        keys: &[many("alias", Text, "a further name of the service on it")],
    },
    Relation { kind: "publishes", ends: &[("service", "port")], meaning: "a port of the host leads to it", keys: &[] },
    Relation {
        kind: "mounts",
        ends: &[("service", "mount"), ("mount", "volume")],
        meaning: "what it sees of the outside; the volume that a mount shows",
        keys: &[],
    },
    Relation {
        kind: "reads-secret",
        ends: &[("service", "secret")],
        meaning: "the secret is granted to it",
        keys: &[one("target", Text, "path in the container")],
    },
    Relation {
        kind: "reads-config",
        ends: &[("service", "config")],
        meaning: "the config is granted to it",
        keys: &[one("target", Text, "path in the container")],
    },
    Relation {
        kind: "depends-on",
        ends: &[("service", "service")],
        meaning: "it is started after the other",
        keys: &[
            one("condition", Text, "`service_started`, `service_healthy` or `service_completed_successfully`"),
            one("required", Flag, "whether it is not started without the other"),
        ],
    },
    Relation {
        kind: "needs",
        ends: &[("service", "service")],
        meaning: "it has to reach the other over a network; the origin tells",
        keys: &[
            one("evidence", OneOf(EVIDENCE), "what kind of text tells"),
            one("weight", Number, "how sure it is, in per cent, from 60 on"),
            optional("key", Text, "the variable, entry or secret that tells"),
            many("port", Number, "a port that the other listens on, as far as that is known"),
        ],
    },
    Relation {
        kind: "can-reach",
        ends: &[("service", "service")],
        meaning: "it can open a connection to the other; both run in this deployment and stay. Views of more than 100 services have none of \
                  these relations",
        keys: &[
            one(
                "by",
                OneOf(&["network", "namespace", "host-network", "gateway", "hairpin"]),
                "on one network; in one network namespace; from the host's network; at the gateway of its bridge, since the other \
                 is on the host's network; out and back in through a published port",
            ),
            many("network", Text, "name of a network that carries it"),
            many("port", Number, "a port of the other that it reaches; none stands for all"),
        ],
    },
];

const EVIDENCE: &[&str] = &[
    "apache",
    "caddy",
    "command",
    "dedicated-network",
    "depends-on",
    "depends-on-healthy",
    "env-host",
    "env-replica",
    "env-url",
    "framework-config",
    "link",
    "nginx",
    "proxy-discovery",
];
