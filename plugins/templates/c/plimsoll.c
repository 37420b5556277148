/* See plimsoll.h. The exported functions are at the end. */
#include "plimsoll.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Texts and memory. */

void *pl_new(size_t bytes) {
  void *fresh = calloc(1, bytes == 0 ? 1 : bytes);
  if (fresh == NULL) __builtin_trap();
  return fresh;
}

pl_string pl_text(const char *text) { return (pl_string){text, strlen(text)}; }

pl_string pl_format(const char *format, ...) {
  va_list first, second;
  va_start(first, format);
  va_copy(second, first);
  int length = vsnprintf(NULL, 0, format, first);
  va_end(first);
  if (length < 0) __builtin_trap();
  char *text = pl_new((size_t)length + 1);
  vsnprintf(text, (size_t)length + 1, format, second);
  va_end(second);
  return (pl_string){text, (size_t)length};
}

bool pl_equal(pl_string one, pl_string other) { return one.len == other.len && memcmp(one.ptr, other.ptr, one.len) == 0; }

bool pl_starts_with(pl_string text, pl_string start) {
  return text.len >= start.len && memcmp(text.ptr, start.ptr, start.len) == 0;
}

long pl_number(pl_string text) {
  long number = -1;
  for (size_t i = 0; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++) {
    long digit = text.ptr[i] - '0';
    if (number > (2147483647L - digit) / 10) return -1;
    number = (number < 0 ? 0 : number) * 10 + digit;
  }
  return number;
}

/* Room for one more in a list; the new one. */
static void *grow(void **items, size_t *count, size_t size) {
  /* Powers of two are full. */
  if ((*count & (*count - 1)) == 0) {
    size_t room = *count == 0 ? 1 : *count * 2;
    if (room > SIZE_MAX / size) __builtin_trap();
    void *larger = realloc(*items, room * size);
    if (larger == NULL) __builtin_trap();
    *items = larger;
  }
  void *fresh = (char *)*items + *count * size;
  memset(fresh, 0, size);
  *count += 1;
  return fresh;
}
#define GROW(list) grow((void **)&(list).ptr, &(list).len, sizeof *(list).ptr)

/* ---- The project. */

const pl_entity *pl_next(const pl_project *project, const char *kind, const pl_entity *behind) {
  size_t from = behind == NULL ? 0 : (size_t)(behind - project->entities.ptr) + 1;
  for (size_t i = from; i < project->entities.len; i++) {
    if (pl_equal(project->entities.ptr[i].kind, pl_text(kind))) return &project->entities.ptr[i];
  }
  return NULL;
}

const pl_property *pl_property_of(const pl_entity *entity, const char *key) {
  for (size_t i = 0; i < entity->properties.len; i++) {
    if (pl_equal(entity->properties.ptr[i].key, pl_text(key))) return &entity->properties.ptr[i];
  }
  return NULL;
}

pl_string pl_value(const pl_entity *entity, const char *key) {
  const pl_property *property = pl_property_of(entity, key);
  return property == NULL ? PL("") : property->value;
}

bool pl_is(const pl_entity *entity, const char *key) { return pl_equal(pl_value(entity, key), PL("true")); }

const pl_entity *pl_target(const pl_project *project, const pl_entity *from, const char *kind, size_t *cursor) {
  uint32_t source = (uint32_t)(from - project->entities.ptr);
  while (*cursor < project->relations.len) {
    const pl_relation *relation = &project->relations.ptr[(*cursor)++];
    bool ours = relation->source == source && relation->target < project->entities.len;
    if (ours && pl_equal(relation->kind, pl_text(kind))) return &project->entities.ptr[relation->target];
  }
  return NULL;
}

const pl_node *pl_next_node(const pl_document *document, pl_node_kind kind, const char *key, const pl_node *behind) {
  size_t from = behind == NULL ? 0 : (size_t)(behind - document->nodes.ptr) + 1;
  for (size_t i = from; i < document->nodes.len; i++) {
    const pl_node *node = &document->nodes.ptr[i];
    if (node->kind == kind && (key == NULL || pl_equal(node->key, pl_text(key)))) return node;
  }
  return NULL;
}

pl_location pl_at(size_t document, pl_span span) { return (pl_location){(uint32_t)document, span}; }

pl_string pl_text_at(const pl_project *project, pl_location at) {
  if (at.document >= project->documents.len) return PL("");
  pl_string text = project->documents.ptr[at.document].text;
  if (at.span.start > at.span.end || at.span.end > text.len) return PL("");
  return (pl_string){text.ptr + at.span.start, at.span.end - at.span.start};
}

/* ---- What is said. */

static void add_property(pl_properties *properties, const char *key, pl_string value) {
  pl_property *property = GROW(*properties);
  property->key = pl_text(key);
  property->value = value;
}

static void add_string(pl_strings *strings, const char *text) {
  pl_string *string = GROW(*strings);
  *string = pl_text(text);
}

pl_rule *pl_add_rule(pl_metadata *about, const char *id, const char *title, pl_severity severity, const char *description) {
  pl_rule *rule = GROW(about->rules);
  rule->id = pl_text(id);
  rule->title = pl_text(title);
  rule->severity = (pl_byte)severity;
  rule->description = pl_text(description);
  return rule;
}

void pl_rule_help(pl_rule *rule, const char *help) { add_property(&rule->properties, "help", pl_text(help)); }
void pl_rule_kind(pl_rule *rule, const char *kind) { add_string(&rule->kinds, kind); }
void pl_rule_tag(pl_rule *rule, const char *tag) { add_string(&rule->tags, tag); }

pl_finding *pl_find(pl_findings *found, const char *rule, pl_location at, pl_string message) {
  pl_finding *finding = GROW(*found);
  finding->rule = pl_text(rule);
  finding->location = at;
  finding->message = message;
  return finding;
}

void pl_help(pl_finding *finding, pl_string help) { add_property(&finding->properties, "help", help); }

void pl_on(pl_finding *finding, const pl_entity *service) {
  add_property(&finding->properties, "service", service->name);
  const pl_property *view = pl_property_of(service, "view");
  if (view != NULL) add_property(&finding->properties, "view", view->value);
}

void pl_because(pl_finding *finding, pl_location at, pl_string message) {
  pl_related *related = GROW(finding->related);
  *related = (pl_related){at, message};
}

pl_fix *pl_mend(pl_finding *finding, pl_string title) {
  pl_fix *fix = GROW(finding->fixes);
  fix->title = title;
  fix->safety = PL_SUGGESTED;
  return fix;
}

void pl_replace(pl_fix *fix, pl_location at, pl_string replacement) {
  pl_edit *edit = GROW(fix->edits);
  *edit = (pl_edit){at, replacement};
}

bool pl_fail(pl_error *error, pl_error_kind kind, pl_string message) {
  error->kind = (pl_byte)kind;
  error->message = message;
  return false;
}

/* ---- Settings. */

static size_t skip_space(pl_string text, size_t at) {
  while (at < text.len && memchr(" \t\r\n", text.ptr[at], 4) != NULL) at++;
  return at;
}

/* Behind the value that starts here. */
static size_t skip_value(pl_string text, size_t at) {
  size_t depth = 0;
  while (at < text.len) {
    char c = text.ptr[at];
    if (c == '"') {
      for (at++; at < text.len && text.ptr[at] != '"'; at++) at += text.ptr[at] == '\\';
      at++;
    } else if (c == '{' || c == '[') {
      depth++, at++;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return at;
      depth--, at++;
    } else if ((c == ',' || c == ':') && depth == 0) {
      return at;
    } else {
      at++;
      /* A number or a word goes on while it has no end. */
      if (depth == 0 && at < text.len && memchr(" \t\r\n,]}", text.ptr[at], 7) == NULL) continue;
    }
    if (depth == 0) return at < text.len ? at : text.len;
  }
  return text.len;
}

bool pl_json_item(pl_string array, size_t *cursor, pl_string *item) {
  size_t at = skip_space(array, *cursor);
  /* The bracket at first, then the commas. */
  if (at >= array.len || (array.ptr[at] != '[' && array.ptr[at] != '{' && array.ptr[at] != ',' && array.ptr[at] != ':')) return false;
  at = skip_space(array, at + 1);
  size_t end = skip_value(array, at);
  if (end <= at) return false;
  *item = (pl_string){array.ptr + at, end - at};
  *cursor = end;
  return true;
}

pl_string pl_json_get(pl_string object, const char *key) {
  size_t cursor = 0;
  pl_string name, value;
  /* Keys and values alternate, with `:` and `,` between them. */
  while (pl_json_item(object, &cursor, &name) && pl_json_item(object, &cursor, &value)) {
    if (pl_equal(pl_json_string(name), pl_text(key))) return value;
  }
  return PL("");
}

static unsigned hex(pl_string text, size_t at) {
  unsigned code = 0;
  for (size_t i = at; i < at + 4; i++) {
    unsigned char c = i < text.len ? (unsigned char)text.ptr[i] : '0';
    code = code * 16 + (c <= '9' ? c - '0' : (c | 32) - 'a' + 10u);
  }
  return code;
}

static size_t put_utf8(char *out, unsigned code) {
  if (code < 0x80) return out[0] = (char)code, 1;
  size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (size_t i = length; i-- > 1; code >>= 6) out[i] = (char)(0x80 | (code & 0x3f));
  return out[0] = (char)((length == 2 ? 0xc0 : length == 3 ? 0xe0 : 0xf0) | code), length;
}

pl_string pl_json_string(pl_string value) {
  if (value.len < 2 || value.ptr[0] != '"') return PL("");
  /* No escape is shorter than what it stands for. */
  char *out = pl_new(value.len);
  size_t length = 0;
  for (size_t i = 1; i + 1 < value.len; i++) {
    char c = value.ptr[i];
    if (c != '\\') {
      out[length++] = c;
      continue;
    }
    c = value.ptr[++i];
    if (c == 'u') {
      unsigned code = hex(value, i + 1);
      i += 4;
      if (code >= 0xd800 && code < 0xdc00 && i + 6 < value.len && value.ptr[i + 1] == '\\') {
        code = 0x10000 + ((code - 0xd800) << 10) + ((hex(value, i + 3) - 0xdc00) & 0x3ff);
        i += 6;
      }
      length += put_utf8(out + length, code);
    } else {
      out[length++] = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == 'b' ? '\b' : c == 'f' ? '\f' : c;
    }
  }
  return (pl_string){out, length};
}

long pl_json_number(pl_string value, long otherwise) {
  bool negative = value.len > 0 && value.ptr[0] == '-';
  long number = pl_number(negative ? (pl_string){value.ptr + 1, value.len - 1} : value);
  return number < 0 ? otherwise : negative ? -number : number;
}

bool pl_json_flag(pl_string value, bool otherwise) {
  return pl_equal(value, PL("true")) || (otherwise && !pl_equal(value, PL("false")));
}

/* ---- The boundary: how the component model calls these two functions. */

typedef struct { pl_byte is_error; union { pl_findings found; pl_error error; } value; } outcome;

__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size, size_t align, size_t new_size) {
  (void)old_size;
  if (new_size == 0) return (void *)align;
  void *fresh = realloc(old, new_size);
  if (fresh == NULL) __builtin_trap();
  return fresh;
}

__attribute__((export_name("plimsoll:plugin/rules@0.1.0#describe"))) const pl_metadata *exported_describe(void) {
  pl_metadata *about = pl_new(sizeof *about);
  pl_describe(about);
  return about;
}

__attribute__((export_name("plimsoll:plugin/rules@0.1.0#check"))) const outcome *exported_check(
    const pl_document *documents, size_t document_count, const pl_entity *entities, size_t entity_count,
    const pl_relation *relations, size_t relation_count, pl_property *properties, size_t property_count, const char *settings,
    size_t settings_length) {
  pl_project project = {
      {documents, document_count}, {entities, entity_count}, {relations, relation_count}, {properties, property_count}};
  outcome *out = pl_new(sizeof *out);
  pl_findings found = {NULL, 0};
  pl_error error = {PL_ERROR_INTERNAL, PL("")};
  if (pl_check(&project, (pl_string){settings, settings_length}, &found, &error)) {
    out->value.found = found;
  } else {
    out->is_error = 1;
    out->value.error = error;
  }
  return out;
}
