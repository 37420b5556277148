/* Images need a fixed version: `redis` and `redis:latest` are another image next week. */
#include "plimsoll.h"

static const char LATEST_TAG[] = "latest-tag";

/* What a user may set. Plimsoll refuses anything else before the plug-in is asked. */
static const char SCHEMA[] =
    "{\n"
    "  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
    "  \"type\": \"object\",\n"
    "  \"additionalProperties\": false,\n"
    "  \"properties\": {\n"
    "    \"ignore\": {\n"
    "      \"description\": \"Full names of images that are left alone, such as docker.io/library/redis\",\n"
    "      \"type\": \"array\",\n"
    "      \"items\": { \"type\": \"string\", \"minLength\": 1 },\n"
    "      \"default\": []\n"
    "    }\n"
    "  }\n"
    "}";

void pl_describe(pl_metadata *about) {
  about->name = PL("{{name}}");
  about->version = PL("0.1.0");
  about->description = PL("Images need a fixed version");
  about->license = PL("MIT");
  about->settings_schema = (pl_maybe_string){true, PL(SCHEMA)};
  pl_rule *rule = pl_add_rule(about, LATEST_TAG, "Image has no fixed version", PL_MEDIUM,
                              "Without a version the same file starts another program after the next pull.");
  pl_rule_help(rule, "Write the version that runs today.");
  pl_rule_kind(rule, "compose");
  pl_rule_tag(rule, "supply-chain");
}

static bool is_ignored(pl_string settings, pl_string name) {
  pl_string ignore = pl_json_get(settings, "ignore"), item;
  for (size_t cursor = 0; pl_json_item(ignore, &cursor, &item);) {
    if (pl_equal(pl_json_string(item), name)) return true;
  }
  return false;
}

static bool is_fixed(const pl_entity *image) {
  const pl_property *tag = pl_property_of(image, "tag");
  return pl_property_of(image, "digest") != NULL || (tag != NULL && !pl_equal(tag->value, PL("latest")));
}

bool pl_check(const pl_project *project, pl_string settings, pl_findings *found, pl_error *error) {
  (void)error;
  for (const pl_entity *service = NULL; (service = pl_next(project, "service", service)) != NULL;) {
    const pl_entity *image;
    for (size_t cursor = 0; (image = pl_target(project, service, "runs", &cursor)) != NULL;) {
      /* Without a place there is nothing to show; without a name a variable has no value. */
      const pl_property *name = pl_property_of(image, "repository");
      if (!image->origin.is_some || name == NULL || is_fixed(image) || is_ignored(settings, name->value)) continue;
      pl_string message = pl_format("`%.*s` has no fixed version", PL_ARG(image->name));
      pl_on(pl_find(found, LATEST_TAG, image->origin.value, message), service);
    }
  }
  return true;
}
