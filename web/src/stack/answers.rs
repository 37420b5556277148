//! The answers about what is running as tables: the four questions first, in words, then whatever else there is.

use serde_json::Value;

/// One table.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) title: &'static str,
    /// What is said instead when there are no rows.
    pub(crate) nothing: &'static str,
    /// Key and head of each column.
    pub(crate) columns: Vec<(String, String)>,
    pub(crate) rows: Vec<&'a Value>,
}

/// A table and its words.
struct Known {
    key: &'static str,
    title: &'static str,
    /// What is said when there are no rows; tables without these words are then left out.
    nothing: &'static str,
    /// Columns in their order, with their heads; others follow with their key as head. A column that is left empty has none.
    columns: &'static [(&'static str, &'static str)],
}

static KNOWN: [Known; 12] = [
    Known {
        key: "containers",
        title: "Which containers are active?",
        nothing: "No containers were recorded",
        columns: &[
            ("name", "Container"),
            ("state", "State"),
            ("health", "Health"),
            ("hours", "For hours"),
            ("image", "Image"),
            ("project", "Project"),
            ("standing", "Standing"),
        ],
    },
    Known {
        key: "images",
        title: "Which images are outdated?",
        nothing: "No images are in use",
        columns: &[
            ("image", "Image"),
            ("outdated", "Outdated"),
            ("end_of_life", "End of life"),
            ("newer", "Newer release"),
            ("age_days", "Age in days"),
            ("floating", "Tag moves"),
            ("used_by", "Used by"),
        ],
    },
    Known {
        key: "ports",
        title: "Which services expose ports?",
        nothing: "Nothing publishes a port",
        columns: &[
            ("service", "Service"),
            ("host", "On the host"),
            ("target", "In the container"),
            ("reach", "Open to"),
            ("role", "Role"),
            ("view", "Deployment"),
        ],
    },
    Known {
        key: "vulnerabilities",
        title: "Which workloads have known vulnerabilities?",
        nothing: "There are no workloads",
        columns: &[
            ("service", "Service"),
            ("scanned", "Scanned"),
            ("critical", "Critical"),
            ("high", "High"),
            ("other", "Other"),
            ("fixable", "Fixable"),
            ("scan_age_days", "Scan's age in days"),
            ("exposed", "Exposed"),
            ("exploited", "Known to be attacked"),
            ("packages", "Packages of the application"),
            ("view", "Deployment"),
        ],
    },
    Known { key: "engine", title: "Parts of the engine that are known to be attacked", nothing: "", columns: &[] },
    Known { key: "missing", title: "Declared, but running nowhere", nothing: "", columns: &[] },
    Known {
        key: "drift",
        title: "Where what runs differs from what is declared",
        nothing: "",
        columns: &[
            ("service", "Service"),
            ("level", "Severity"),
            ("field", "Field"),
            ("declared", "Declared"),
            ("running", "Running"),
            ("direction", "Which way"),
            ("container", "Container"),
            ("view", "Deployment"),
        ],
    },
    Known {
        key: "changes",
        title: "Files that were changed in containers",
        nothing: "",
        columns: &[
            ("container", "Container"),
            ("service", "Service"),
            ("level", "Severity"),
            ("class", "What changed"),
            ("count", "How many"),
            ("cut", "There may be more"),
            ("examples", "Some of them"),
        ],
    },
    Known {
        key: "rebuild",
        title: "Can it be rebuilt from what was supplied?",
        nothing: "",
        columns: &[("container", "Container"), ("service", "Service"), ("verdict", "Verdict"), ("reasons", "Why")],
    },
    Known {
        key: "stale",
        title: "Left over",
        nothing: "",
        columns: &[("kind", "Kind"), ("name", "Name"), ("why", "Why"), ("days", "For days"), ("bytes", "Bytes")],
    },
    Known {
        key: "trust",
        title: "Whose work is trusted",
        nothing: "",
        columns: &[
            ("kind", "Kind"),
            ("publisher", "From"),
            ("what", "What"),
            ("held_by", "Held by"),
            ("pinned", "Cannot change unseen"),
            ("places", "Where"),
        ],
    },
    Known {
        key: "questions",
        title: "Open questions",
        nothing: "Nothing is left open",
        columns: &[("question", "Question"), ("answer", "What answers it")],
    },
];

/// Every table, the open questions last.
pub(crate) fn parts(answers: &Value) -> Vec<Part<'_>> {
    let part = |known: &'static Known| {
        let rows = rows(answers, known.key);
        let part = Part { title: known.title, nothing: known.nothing, columns: columns(known.columns, &rows), rows };
        (!part.rows.is_empty() || !part.nothing.is_empty()).then_some(part)
    };
    KNOWN.iter().filter_map(part).collect()
}

fn rows<'a>(answers: &'a Value, key: &str) -> Vec<&'a Value> {
    answers.get(key).and_then(Value::as_array).map(|rows| rows.iter().collect()).unwrap_or_default()
}

/// The columns of rows: the known ones that any row has, then the others by name.
fn columns(known: &[(&str, &str)], rows: &[&Value]) -> Vec<(String, String)> {
    let has = |key: &str| rows.iter().any(|row| row.get(key).is_some_and(|value| !is_nothing(value)));
    let mut columns: Vec<(String, String)> =
        known.iter().filter(|(key, _)| has(key)).map(|(key, head)| ((*key).to_owned(), (*head).to_owned())).collect();
    for key in rows.iter().filter_map(|row| row.as_object()).flat_map(|row| row.keys()) {
        if has(key) && !columns.iter().any(|(one, _)| one == key) {
            columns.push((key.clone(), crate::words::capital(&key.replace('_', " "))));
        }
    }
    columns
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

/// A plain value in words.
pub(crate) fn word(key: &str, value: &Value) -> String {
    match value {
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) if key == "standing" => text.replace('-', " "),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_four_questions_come_first_and_what_is_open_last() {
        let answers = json!({
            "has_inventory": false,
            "ports": [
                { "service": "app", "host": "0.0.0.0:80", "target": "80", "reach": "everyone", "zone": "x", "role": null },
            ],
            "drift": [{ "what_differs": "image" }],
            "questions": [{ "question": "What?", "answer": "docker ps" }],
        });
        let parts = parts(&answers);
        let titles: Vec<&str> = parts.iter().map(|part| part.title).collect();
        assert_eq!(
            titles,
            [
                "Which containers are active?",
                "Which images are outdated?",
                "Which services expose ports?",
                "Which workloads have known vulnerabilities?",
                "Where what runs differs from what is declared",
                "Open questions",
            ]
        );
        assert!(parts[0].rows.is_empty() && !parts[0].nothing.is_empty());
        let heads: Vec<&str> = parts[2].columns.iter().map(|(_, head)| head.as_str()).collect();
        assert_eq!(heads, ["Service", "On the host", "In the container", "Open to", "Zone"], "no column of nothing");
        assert_eq!(parts[4].columns, [("what_differs".to_owned(), "What differs".to_owned())]);
    }

    #[test]
    fn values_have_words() {
        assert_eq!(word("", &json!(true)), "yes");
        assert_eq!(word("standing", &json!("one-off")), "one off");
        assert_eq!(word("name", &json!("one-off")), "one-off");
        assert_eq!(word("", &json!(3)), "3");
    }
}
