//! Kinds of documents, and what the nodes of their trees are.

use super::Value::Flag;
use super::{Document, Key, Node, optional};
use crate::NodeKind::{
    self, Argument, Block, Comment, Directive, Heredoc, Instruction, Mapping, Pair, Scalar, Section, Sequence,
};

/// Keys of `document.properties`.
pub const DOCUMENT: &[Key] = &[optional(
    "broken",
    Flag,
    "`true` when it has syntax errors: what stands behind one may be missing from the tree",
)];

const fn node(kind: NodeKind, meaning: &'static str) -> Node {
    Node { kind, meaning }
}

const COMMENT: Node = node(Comment, "the value as written");

const YAML: &[Node] = &[
    node(Mapping, "keys and values; its pairs are below it"),
    node(Sequence, "a list; its items are below it"),
    node(Pair, "the key and its value, decoded, when that is a scalar; else the value is the one child"),
    node(Scalar, "an item of a list, decoded; with the key `alias` the name of `*name`, which is not followed"),
    node(NodeKind::Flag, "with the key `tag` or `anchor`, of the node it stands below"),
    COMMENT,
];

const JSON: &[Node] = &[
    node(Mapping, "keys and values; its pairs are below it"),
    node(Sequence, "a list; its items are below it"),
    node(Pair, "the key and its value, decoded, when that is a scalar; else the value is the one child"),
    node(Scalar, "an item of a list, decoded; `null` is `null`"),
];

const INI: &[Node] = &[
    node(Section, "its name; its settings are below it, those before any section below the root"),
    node(Pair, "a setting, quotes removed"),
    COMMENT,
];

const DIRECTIVES: &[Node] = &[
    node(Directive, "its name; its arguments as written"),
    node(Block, "a directive with a block, whose directives are below it; its arguments as written"),
    node(Argument, "an argument without quotes; no key"),
    COMMENT,
];

/// Every kind of document. Files of other formats are no documents.
pub const DOCUMENTS: &[Document] = &[
    Document {
        kind: "dockerfile",
        meaning: "Dockerfile, Containerfile",
        nodes: &[
            node(Directive, "a parser directive: `syntax`, `escape`, `check`"),
            node(
                Instruction,
                "the key in upper case, everything behind it as written; below ONBUILD the one it triggers",
            ),
            node(NodeKind::Flag, "`from` and `x` of `--from=x`"),
            node(Argument, "one word, or one element of the JSON form; no key"),
            node(Pair, "name and value of ENV, LABEL, ARG"),
            node(Heredoc, "its delimiter; its text"),
            COMMENT,
        ],
    },
    Document { kind: "compose", meaning: "Compose file", nodes: YAML },
    Document {
        kind: "env",
        meaning: "`.env`, and files that `env_file` names",
        nodes: &[node(Pair, "a variable, quotes removed, references not replaced"), COMMENT],
    },
    Document {
        kind: "dockerignore",
        meaning: "`.dockerignore`",
        nodes: &[node(Scalar, "a pattern; with the key `!` when it takes files back in"), COMMENT],
    },
    Document { kind: "php-ini", meaning: "settings of PHP: php.ini and drop-ins of conf.d", nodes: INI },
    Document { kind: "fpm-pool", meaning: "configuration of PHP-FPM and its pools", nodes: INI },
    Document { kind: "nginx", meaning: "configuration of nginx", nodes: DIRECTIVES },
    Document {
        kind: "redis-conf",
        meaning: "configuration of Redis: redis.conf, valkey.conf",
        nodes: &[
            node(Directive, "its name in lower case; its arguments as written"),
            node(Argument, "an argument without quotes; no key"),
            COMMENT,
        ],
    },
    Document {
        kind: "redis-acl",
        meaning: "users of Redis",
        nodes: &[
            node(Directive, "name of a user; the rules as written"),
            node(Argument, "a rule as written; no key"),
            COMMENT,
        ],
    },
    Document { kind: "apache", meaning: "Apache httpd configuration; names in lower case", nodes: DIRECTIVES },
    Document { kind: "htaccess", meaning: "`.htaccess`; names in lower case", nodes: DIRECTIVES },
    Document {
        kind: "caddyfile",
        meaning: "Caddyfile; the name of a site is its first address, that of the global options is empty",
        nodes: DIRECTIVES,
    },
    Document { kind: "supervisord", meaning: "programs of supervisord", nodes: INI },
    Document {
        kind: "crontab",
        meaning: "jobs at set times: crontab",
        nodes: &[
            node(Pair, "a variable"),
            node(
                Directive,
                "a job: its schedule as written; everything behind it: the command, perhaps a user before it",
            ),
            COMMENT,
        ],
    },
    Document { kind: "roadrunner", meaning: "`.rr.yaml`", nodes: YAML },
    Document { kind: "composer-json", meaning: "what an application requires: composer.json", nodes: JSON },
    Document {
        kind: "composer-lock",
        meaning: "what is installed: composer.lock; text only, its packages are entities",
        nodes: &[],
    },
    Document {
        kind: "php",
        meaning: "PHP source that configures or starts an application",
        nodes: &[
            node(
                Pair,
                "a constant, a variable that is assigned to, or an array's key, nested as written; the value of a literal, else empty",
            ),
            COMMENT,
        ],
    },
    Document { kind: "gitlab-ci", meaning: "GitLab pipeline", nodes: YAML },
    Document { kind: "github-workflow", meaning: "GitHub workflow", nodes: YAML },
    Document {
        kind: "jenkinsfile",
        meaning: "Jenkins pipeline; of its tree only the steps",
        nodes: &[node(Instruction, "`sh`, `bat`, `powershell`, `pwsh`; the script"), COMMENT],
    },
    Document {
        kind: "makefile",
        meaning: "Makefile",
        nodes: &[
            node(Pair, "a variable, references not replaced"),
            node(Block, "a rule: its targets, joined by blanks; its prerequisites, joined by blanks"),
            node(Instruction, "a line of the recipe of the rule it stands below, without its prefixes; no key"),
            COMMENT,
        ],
    },
    Document { kind: "script", meaning: "shell script; text only but for comments", nodes: &[COMMENT] },
    Document { kind: "daemon-json", meaning: "settings of the Docker engine: daemon.json", nodes: JSON },
    Document {
        kind: "inventory",
        meaning: "output of `docker` commands; text only, what it tells is in the model",
        nodes: &[],
    },
    Document {
        kind: "scan-report",
        meaning: "report of a vulnerability scan, bill of materials; text only",
        nodes: &[],
    },
    Document { kind: "policy", meaning: "what the organisation asks for: plimsoll.toml; text only", nodes: &[] },
];
