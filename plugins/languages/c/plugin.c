/* Which ports of the host services may take.
 *
 * On machines that several teams share, each team has a range of ports. A port outside of it is another team's, and one without an
 * address is open on every network the machine is in. */
#include "plimsoll.h"

static const char OUT_OF_RANGE[] = "port-out-of-range";
static const char NO_ADDRESS[] = "port-without-address";

static const char SCHEMA[] =
    "{\n"
    "  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
    "  \"type\": \"object\",\n"
    "  \"additionalProperties\": false,\n"
    "  \"properties\": {\n"
    "    \"from\": { \"description\": \"The first port of ours\", \"type\": \"integer\", \"minimum\": 1, \"maximum\": 65535, \"default\": 8000 },\n"
    "    \"to\": { \"description\": \"The last port of ours\", \"type\": \"integer\", \"minimum\": 1, \"maximum\": 65535, \"default\": 8999 },\n"
    "    \"also\": {\n"
    "      \"description\": \"Single ports that are allowed, too\",\n"
    "      \"type\": \"array\",\n"
    "      \"items\": { \"type\": \"integer\", \"minimum\": 1, \"maximum\": 65535 },\n"
    "      \"default\": [80, 443]\n"
    "    },\n"
    "    \"address\": {\n"
    "      \"description\": \"Whether ports outside of `also` must name the address they listen at\",\n"
    "      \"type\": \"boolean\",\n"
    "      \"default\": true\n"
    "    },\n"
    "    \"default-address\": { \"description\": \"The address that a fix writes\", \"type\": \"string\", \"default\": \"127.0.0.1\" }\n"
    "  }\n"
    "}";

typedef struct {
  long from, to;
  pl_string also;
  bool address;
  pl_string default_address;
} policy;

void pl_describe(pl_metadata *about) {
  about->name = PL("port-policy");
  about->version = PL("0.1.0");
  about->description = PL("Services publish only ports of the team's own range");
  about->license = PL("MIT OR Apache-2.0");
  about->settings_schema = (pl_maybe_string){true, PL(SCHEMA)};
  pl_rule *range = pl_add_rule(about, OUT_OF_RANGE, "Published port is not one of ours", PL_MEDIUM,
                               "Ports of a shared machine belong to teams: a port of another team's collides with what it starts next.");
  pl_rule_help(range, "Publish it at a port of the range, or not at all: services reach each other without.");
  pl_rule_kind(range, "compose");
  pl_rule_tag(range, "network");
  pl_rule *address = pl_add_rule(about, NO_ADDRESS, "Published port is open on every network", PL_MEDIUM,
                                 "Without an address the port is open on all networks of the machine, past its firewall.");
  pl_rule_help(address, "Write the address of the network that needs it before the port.");
  pl_rule_kind(address, "compose");
  pl_rule_tag(address, "network");
}

static policy read_policy(pl_string settings) {
  pl_string also = pl_json_get(settings, "also"), address = pl_json_get(settings, "default-address");
  return (policy){
      .from = pl_json_number(pl_json_get(settings, "from"), 8000),
      .to = pl_json_number(pl_json_get(settings, "to"), 8999),
      .also = also.len == 0 ? PL("[80,443]") : also,
      .address = pl_json_flag(pl_json_get(settings, "address"), true),
      .default_address = address.len == 0 ? PL("127.0.0.1") : pl_json_string(address),
  };
}

static bool is_listed(const policy *policy, long port) {
  pl_string item;
  for (size_t cursor = 0; pl_json_item(policy->also, &cursor, &item);) {
    if (pl_json_number(item, -1) == port) return true;
  }
  return false;
}

static bool is_ours(const policy *policy, long port) {
  return (port >= policy->from && port <= policy->to) || is_listed(policy, port);
}

/* `8080` is one port, `8080-8090` is several. */
static void read_range(pl_string text, long *first, long *last) {
  *first = *last = pl_number(text);
  for (size_t i = 0; i < text.len; i++) {
    if (text.ptr[i] == '-') *last = pl_number((pl_string){text.ptr + i + 1, text.len - i - 1});
  }
}

/* Puts the address before the port, where the short form is written: `"8080:80"`, also without quotes. */
static void mend(const pl_project *project, const policy *policy, pl_finding *finding, pl_string published) {
  pl_location at = finding->location;
  pl_string written = pl_text_at(project, at);
  size_t quote = written.len > 0 && (written.ptr[0] == '"' || written.ptr[0] == '\'');
  if (!pl_starts_with((pl_string){written.ptr + quote, written.len - quote}, published)) return;
  at.span.start += (uint32_t)quote;
  at.span.end = at.span.start;
  pl_fix *fix = pl_mend(finding, pl_format("Listen at %.*s only", PL_ARG(policy->default_address)));
  pl_replace(fix, at, pl_format("%.*s:", PL_ARG(policy->default_address)));
}

static void judge(const pl_project *project, const policy *policy, const pl_entity *service, const pl_entity *port, pl_findings *found) {
  pl_string published = pl_value(port, "published");
  /* Without a place there is nothing to show; a variable without a value, or any free port: nothing can be said. */
  if (!port->origin.is_some || !pl_is(port, "known") || published.len == 0) return;
  long first, last;
  read_range(published, &first, &last);
  if (first < 0 || last < first) return;
  if (!is_ours(policy, first) || !is_ours(policy, last)) {
    pl_string message = pl_format("port %.*s of the host is outside of %ld-%ld", PL_ARG(published), policy->from, policy->to);
    pl_on(pl_find(found, OUT_OF_RANGE, port->origin.value, message), service);
  } else if (policy->address && pl_property_of(port, "host-ip") == NULL && !is_listed(policy, first)) {
    pl_string message = pl_format("port %.*s is open on every network of the host", PL_ARG(published));
    pl_finding *finding = pl_find(found, NO_ADDRESS, port->origin.value, message);
    pl_on(finding, service);
    mend(project, policy, finding, published);
  }
}

bool pl_check(const pl_project *project, pl_string settings, pl_findings *found, pl_error *error) {
  policy policy = read_policy(settings);
  if (policy.from > policy.to) {
    return pl_fail(error, PL_ERROR_SETTINGS, pl_format("`from` (%ld) is larger than `to` (%ld)", policy.from, policy.to));
  }
  for (const pl_entity *service = NULL; (service = pl_next(project, "service", service)) != NULL;) {
    const pl_entity *port;
    for (size_t cursor = 0; (port = pl_target(project, service, "publishes", &cursor)) != NULL;) {
      judge(project, &policy, service, port, found);
    }
  }
  return true;
}
