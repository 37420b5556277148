/* What a plug-in in C needs: the records of plimsoll:plugin/rules@0.1.0 as they lie in memory, access to the project, and builders
 * for what is found. `wit/plimsoll-plugin.wit` says what everything means.
 *
 * A plug-in defines pl_describe() and pl_check(). Every call runs in an instance of its own: nothing has to be freed. */
#ifndef PLIMSOLL_H
#define PLIMSOLL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text as UTF-8; it does not end with a zero. */
typedef struct { const char *ptr; size_t len; } pl_string;

typedef enum { PL_INFO, PL_LOW, PL_MEDIUM, PL_HIGH, PL_CRITICAL } pl_severity;
typedef enum { PL_UNSURE, PL_LIKELY, PL_CERTAIN } pl_confidence; /* low, medium, high */
typedef enum { PL_SAFE, PL_SUGGESTED } pl_safety;
typedef enum {
  PL_ROOT, PL_MAPPING, PL_SEQUENCE, PL_PAIR, PL_SCALAR, PL_INSTRUCTION, PL_FLAG, PL_ARGUMENT, PL_SECTION, PL_DIRECTIVE, PL_BLOCK,
  PL_HEREDOC, PL_COMMENT
} pl_node_kind;
typedef enum { PL_ERROR_SETTINGS, PL_ERROR_INPUT, PL_ERROR_INTERNAL } pl_error_kind;

/* Enums are one byte in a record. */
typedef uint8_t pl_byte;

/* Bytes, half-open. */
typedef struct { uint32_t start, end; } pl_span;
typedef struct { uint32_t document; pl_span span; } pl_location;
typedef struct { bool is_some; pl_location value; } pl_maybe_location;
typedef struct { bool is_some; pl_byte value; } pl_maybe_enum;
typedef struct { bool is_some; pl_string value; } pl_maybe_string;

typedef struct { uint32_t parent; pl_byte kind; pl_string key, value; pl_span span, value_span; } pl_node;
typedef struct { const pl_node *ptr; size_t len; } pl_nodes;

typedef struct { pl_string key, value; pl_maybe_location origin; } pl_property;
typedef struct { pl_property *ptr; size_t len; } pl_properties;

typedef struct { pl_string path, kind, text; pl_nodes nodes; pl_properties properties; } pl_document;
typedef struct { const pl_document *ptr; size_t len; } pl_documents;

typedef struct { pl_string kind, name; pl_maybe_location origin; pl_properties properties; } pl_entity;
typedef struct { const pl_entity *ptr; size_t len; } pl_entities;

typedef struct { pl_string kind; uint32_t source, target; pl_maybe_location origin; pl_properties properties; } pl_relation;
typedef struct { const pl_relation *ptr; size_t len; } pl_relations;

typedef struct { pl_documents documents; pl_entities entities; pl_relations relations; pl_properties properties; } pl_project;

typedef struct { pl_location location; pl_string replacement; } pl_edit;
typedef struct { pl_edit *ptr; size_t len; } pl_edits;

typedef struct { pl_string title; pl_byte safety; pl_edits edits; } pl_fix;
typedef struct { pl_fix *ptr; size_t len; } pl_fixes;

typedef struct { pl_location location; pl_string message; } pl_related;
typedef struct { pl_related *ptr; size_t len; } pl_all_related;

typedef struct {
  pl_string rule; pl_location location; pl_string message; pl_maybe_enum severity, confidence;
  pl_all_related related; pl_fixes fixes; pl_properties properties;
} pl_finding;
typedef struct { pl_finding *ptr; size_t len; } pl_findings;

typedef struct { pl_string *ptr; size_t len; } pl_strings;

typedef struct {
  pl_string id, title, description; pl_byte severity; pl_strings kinds, tags; pl_maybe_string help_url; pl_properties properties;
} pl_rule;
typedef struct { pl_rule *ptr; size_t len; } pl_rules;

typedef struct {
  pl_string name, version, description, license; pl_rules rules; pl_maybe_string settings_schema; pl_properties properties;
} pl_metadata;

typedef struct { pl_byte kind; pl_string message; } pl_error;

/* What the interface says of each record; Plimsoll's own tests hold these lines against it. */
_Static_assert(sizeof(pl_span) == 8, "span");
_Static_assert(sizeof(pl_location) == 12, "location");
_Static_assert(sizeof(pl_node) == 40, "node");
_Static_assert(sizeof(pl_property) == 32, "property");
_Static_assert(sizeof(pl_document) == 40, "document");
_Static_assert(sizeof(pl_entity) == 40, "entity");
_Static_assert(sizeof(pl_relation) == 40, "relation");
_Static_assert(sizeof(pl_project) == 32, "project");
_Static_assert(sizeof(pl_edit) == 20, "edit");
_Static_assert(sizeof(pl_fix) == 20, "fix");
_Static_assert(sizeof(pl_related) == 20, "related");
_Static_assert(sizeof(pl_finding) == 56, "finding");
_Static_assert(sizeof(pl_rule) == 64, "rule");
_Static_assert(sizeof(pl_metadata) == 60, "metadata");
_Static_assert(sizeof(pl_error) == 12, "error");

/* ---- What a plug-in defines. */

/* Says what the plug-in is: fills in what is not empty. */
void pl_describe(pl_metadata *about);

/* Looks for what its rules find. False when it cannot, having said why with pl_fail(). `settings` is a JSON object. */
bool pl_check(const pl_project *project, pl_string settings, pl_findings *found, pl_error *error);

/* ---- Texts. */

/* A literal as text. */
#define PL(literal) ((pl_string){(literal), sizeof(literal) - 1})

/* A text that ends with a zero. */
pl_string pl_text(const char *text);

/* printf. A pl_string is written with "%.*s" and PL_ARG. */
pl_string pl_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define PL_ARG(string) (int)(string).len, (string).ptr

bool pl_equal(pl_string one, pl_string other);
bool pl_starts_with(pl_string text, pl_string start);

/* The decimal number a text starts with; -1 when it starts with none, or with one beyond 2147483647. */
long pl_number(pl_string text);

/* Fresh memory, zeroed. */
void *pl_new(size_t bytes);

/* ---- The project. */

/* The next entity of a kind behind one, or the first with NULL; NULL at the end. */
const pl_entity *pl_next(const pl_project *project, const char *kind, const pl_entity *behind);

/* The first property of a key; NULL when there is none. */
const pl_property *pl_property_of(const pl_entity *entity, const char *key);

/* The first value of a key; an empty text when there is none. */
pl_string pl_value(const pl_entity *entity, const char *key);

/* Whether a key says `true`. */
bool pl_is(const pl_entity *entity, const char *key);

/* Where relations of a kind lead from an entity, one after the other: start with *cursor = 0; NULL at the end. */
const pl_entity *pl_target(const pl_project *project, const pl_entity *from, const char *kind, size_t *cursor);

/* The next node of a shape behind one, or the first with NULL; NULL at the end. With a key, only such nodes. */
const pl_node *pl_next_node(const pl_document *document, pl_node_kind kind, const char *key, const pl_node *behind);

/* A place in the project's document of this index. */
pl_location pl_at(size_t document, pl_span span);

/* The text at a place. */
pl_string pl_text_at(const pl_project *project, pl_location at);

/* ---- What is said. */

/* Adds a rule to the metadata. Valid until the next. */
pl_rule *pl_add_rule(pl_metadata *about, const char *id, const char *title, pl_severity severity, const char *description);
void pl_rule_help(pl_rule *rule, const char *help);
void pl_rule_kind(pl_rule *rule, const char *kind);
void pl_rule_tag(pl_rule *rule, const char *tag);

/* Adds a finding. Valid until the next. */
pl_finding *pl_find(pl_findings *found, const char *rule, pl_location at, pl_string message);

/* What to do, here. */
void pl_help(pl_finding *finding, pl_string help);

/* A service it affects. */
void pl_on(pl_finding *finding, const pl_entity *service);

/* A further place that explains it. */
void pl_because(pl_finding *finding, pl_location at, pl_string message);

/* Adds a fix whose title is an order. Valid until the next of this finding. */
pl_fix *pl_mend(pl_finding *finding, pl_string title);

/* Replaces what stands at a place; an empty span inserts. */
void pl_replace(pl_fix *fix, pl_location at, pl_string replacement);

/* Why the check gives up; returns false, for `return pl_fail(…)`. */
bool pl_fail(pl_error *error, pl_error_kind kind, pl_string message);

/* ---- Settings: a reader for JSON that Plimsoll has held against the schema. Values are texts as written. */

/* The value of a key of an object; empty when there is none. */
pl_string pl_json_get(pl_string object, const char *key);

/* The items of an array, one after the other: start with *cursor = 0; false at the end. */
bool pl_json_item(pl_string array, size_t *cursor, pl_string *item);

/* A string without its quotes and escapes. */
pl_string pl_json_string(pl_string value);

/* A whole number, or what is to hold without one. */
long pl_json_number(pl_string value, long otherwise);

/* true or false, or what is to hold without one. */
bool pl_json_flag(pl_string value, bool otherwise);

#endif
