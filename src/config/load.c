/* YAML -> config. Every fault is reported with its place; what cannot be read keeps its default. */
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"
#include "skewline/decode.h"

struct loader {
	struct config *config;
	struct diag_list *diags;
	struct str path, text;
};

__attribute__((format(printf, 4, 5))) static void fault(struct loader *loader, const struct yaml_node *at, struct str hint, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	diag_vadd(loader->diags, DIAG_ERROR, loader->path, loader->text, at->line, at->column, hint, format, arguments);
	va_end(arguments);
}

__attribute__((format(printf, 4, 5))) static void key_fault(struct loader *loader, const struct yaml_node *at, struct str hint, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	diag_vadd(loader->diags, DIAG_ERROR, loader->path, loader->text, at->key_line, at->key_column, hint, format, arguments);
	va_end(arguments);
}

static struct str copy(struct loader *loader, struct str text)
{
	return arena_copy(&loader->config->arena, text);
}

static struct str example_of(enum yaml_kind kind)
{
	return kind == YAML_MAP ? STR("write KEY: VALUE, one a line and indented") : kind == YAML_LIST ? STR("write [ONE, TWO]") : STR("write one value behind the colon");
}

static bool want(struct loader *loader, const struct yaml_node *node, enum yaml_kind kind, const char *what)
{
	if (node->kind == kind)
		return true;
	fault(loader, node, example_of(kind), "%s is wanted here", what);
	return false;
}

static bool read_number(struct loader *loader, const struct yaml_node *node, double low, double high, double *out)
{
	if (node->kind != YAML_SCALAR || !str_to_double(node->text, out)) {
		fault(loader, node, STR("write digits, such as 5 or 0.25, without a unit"), "a number is wanted here");
		return false;
	}
	if (*out >= low && *out <= high)
		return true;
	fault(loader, node, arena_printf(&loader->config->arena, "take a value from %.9g to %.9g", low, high), "%.9g is outside %.9g to %.9g", *out, low, high);
	return false;
}

static void read_span(struct loader *loader, const struct yaml_node *node, double low, double high, struct span *out)
{
	double seconds;
	if (read_number(loader, node, low, high, &seconds))
		*out = span_of_seconds(seconds);
}

static bool read_count(struct loader *loader, const struct yaml_node *node, double low, double high, int64_t *out)
{
	double number;
	int64_t whole;
	if (!read_number(loader, node, low, high, &number))
		return false;
	if (!str_to_int64(node->text, &whole)) {
		fault(loader, node, STR("leave the fraction out"), "a whole number is wanted here");
		return false;
	}
	*out = whole;
	return true;
}

/* What Kafka takes as a name of a topic or a group. */
static bool kafka_name(struct str text)
{
	for (size_t i = 0; i < text.size; i++) {
		char byte = ascii_lower(text.data[i]);
		if (!((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '.' || byte == '_' || byte == '-'))
			return false;
	}
	return text.size > 0 && text.size <= 200;
}

static void read_text(struct loader *loader, const struct yaml_node *node, struct str *out)
{
	if (want(loader, node, YAML_SCALAR, "a text"))
		*out = copy(loader, node->text);
}

static void read_name(struct loader *loader, const struct yaml_node *node, struct str *out)
{
	if (want(loader, node, YAML_SCALAR, "a name") && kafka_name(node->text))
		*out = copy(loader, node->text);
	else if (node->kind == YAML_SCALAR)
		fault(loader, node, STR("1 to 200 letters, digits, dots, underscores and hyphens"), "'%.*s' cannot be a name on Kafka", STR_ARGS(node->text));
}

/* Empty: off. */
static void read_address(struct loader *loader, const struct yaml_node *node, struct str *out)
{
	int64_t port = -1;
	size_t colon = node->text.size;
	while (colon > 0 && node->text.data[colon - 1] != ':')
		colon--;
	if (!want(loader, node, YAML_SCALAR, "HOST:PORT"))
		return;
	if (!node->text.size || (colon && str_to_int64(str_from(node->text, colon), &port) && port >= 0 && port <= 65535))
		*out = copy(loader, node->text);
	else
		fault(loader, node, STR("write 127.0.0.1:9464"), "'%.*s' is no HOST:PORT", STR_ARGS(node->text));
}

static bool date_of(struct str text, struct instant *out)
{
	char whole[32];
	if (text.size == 10) { /* a day: from its first moment */
		memcpy(whole, text.data, 10);
		memcpy(whole + 10, "T00:00:00Z", 10);
		return instant_in_message((struct str){whole, 20}, out);
	}
	return instant_in_message(text, out);
}

static void read_until(struct loader *loader, const struct yaml_node *node, struct instant *out)
{
	struct instant at;
	if (node->kind == YAML_SCALAR && date_of(node->text, &at))
		*out = at;
	else
		fault(loader, node, STR("write 2027-01-01 or 2027-01-01T12:00:00Z"), "no date");
}

/* Calls `read` for each key of a map; `names` are those that may stand there. */
typedef bool read_member(struct loader *loader, const struct yaml_node *node, void *context);
static void members(struct loader *loader, const struct yaml_node *map, const struct str *names, size_t count, read_member *read, void *context)
{
	if (!want(loader, map, YAML_MAP, "a map of keys and values"))
		return;
	for (const struct yaml_node *node = map->first; node; node = node->next) {
		if (read(loader, node, context))
			continue;
		struct str near = diag_nearest(node->key, names, count);
		struct str hint = near.size ? arena_printf(&loader->config->arena, "did you mean '%.*s'?", STR_ARGS(near)) : STR("docs/config.md lists the keys");
		key_fault(loader, node, hint, "unknown key '%.*s'", STR_ARGS(node->key));
	}
}

/* Whether a map lacks a key; what is no map, or a key with a wrong value, was a fault before. */
static bool lacks(const struct yaml_node *map, struct str key)
{
	const struct yaml_node *found = yaml_get(map, key);
	return map->kind == YAML_MAP && (!found || (found->kind == YAML_SCALAR && !found->text.size));
}

static size_t list_of(struct loader *loader, const struct yaml_node *node, size_t size, void **out)
{
	if (yaml_is_null(node) || !want(loader, node, YAML_LIST, "a list"))
		return 0;
	*out = arena_array(&loader->config->arena, node->count ? node->count : 1, size);
	return node->count;
}

static bool threshold_member(struct loader *loader, const struct yaml_node *node, void *context)
{
	struct thresholds *out = context;
	int64_t count;
	if (str_equal(node->key, STR("warning_s")))
		read_span(loader, node, 0.001, 86400, &out->warning);
	else if (str_equal(node->key, STR("critical_s")))
		read_span(loader, node, 0.001, 86400, &out->critical);
	else if (str_equal(node->key, STR("sources_min"))) {
		if (read_count(loader, node, 0, 16, &count))
			out->sources_min = (int32_t)count;
	} else
		return false;
	return true;
}

static const struct str THRESHOLD_NAMES[] = {{"warning_s", 9}, {"critical_s", 10}, {"sources_min", 11}};

static void check_thresholds(struct loader *loader, const struct yaml_node *at, const struct thresholds *thresholds)
{
	if (thresholds->warning.ns > thresholds->critical.ns)
		fault(loader, at, STR("make critical_s the larger one"), "warning_s %.9g is above critical_s %.9g", span_seconds(thresholds->warning),
			span_seconds(thresholds->critical));
}

static bool host_member(struct loader *loader, const struct yaml_node *node, void *context)
{
	struct host_override *out = context;
	if (str_equal(node->key, STR("match")))
		read_text(loader, node, &out->match);
	else if (str_equal(node->key, STR("thresholds")))
		members(loader, node, THRESHOLD_NAMES, 3, threshold_member, &out->thresholds);
	else
		return false;
	return true;
}

static void read_hosts(struct loader *loader, const struct yaml_node *list)
{
	static const struct str NAMES[] = {{"match", 5}, {"thresholds", 10}};
	struct host_override *out = NULL;
	size_t count = list_of(loader, list, sizeof *out, (void **)&out), at = 0;
	for (const struct yaml_node *node = list->first; count && node; node = node->next, at++) {
		out[at].thresholds = (struct thresholds){{-1}, {-1}, -1}; /* what is not said comes from `thresholds`, wherever that stands */
		members(loader, node, NAMES, 2, host_member, &out[at]);
		if (lacks(node, STR("match")))
			fault(loader, node, STR("add match: \"name or pattern\""), "`match` is missing");
	}
	loader->config->correlate.overrides = out;
	loader->config->correlate.overrides_count = count;
}

static bool expected_member(struct loader *loader, const struct yaml_node *node, void *context)
{
	struct expected_offset *out = context;
	if (str_equal(node->key, STR("host")))
		read_text(loader, node, &out->host);
	else if (str_equal(node->key, STR("offset_s")))
		read_span(loader, node, -1e9, 1e9, &out->offset);
	else if (str_equal(node->key, STR("until")))
		read_until(loader, node, &out->until);
	else
		return false;
	return true;
}

static void read_expected(struct loader *loader, const struct yaml_node *list)
{
	static const struct str NAMES[] = {{"host", 4}, {"offset_s", 8}, {"until", 5}};
	struct expected_offset *out = NULL;
	size_t count = list_of(loader, list, sizeof *out, (void **)&out), at = 0;
	for (const struct yaml_node *node = list->first; count && node; node = node->next, at++) {
		out[at].until = INSTANT_NONE;
		members(loader, node, NAMES, 3, expected_member, &out[at]);
		if (lacks(node, STR("host")))
			fault(loader, node, STR("add host: NAME"), "`host` is missing");
	}
	loader->config->correlate.expected = out;
	loader->config->correlate.expected_count = count;
}

static bool silence_member(struct loader *loader, const struct yaml_node *node, void *context)
{
	struct silence *out = context;
	if (str_equal(node->key, STR("host")))
		read_text(loader, node, &out->host);
	else if (str_equal(node->key, STR("until")))
		read_until(loader, node, &out->until);
	else if (str_equal(node->key, STR("why")))
		read_text(loader, node, &out->why);
	else
		return false;
	return true;
}

static void read_silences(struct loader *loader, const struct yaml_node *list)
{
	static const struct str NAMES[] = {{"host", 4}, {"until", 5}, {"why", 3}};
	struct silence *out = NULL;
	size_t count = list_of(loader, list, sizeof *out, (void **)&out), at = 0;
	for (const struct yaml_node *node = list->first; count && node; node = node->next, at++) {
		out[at].until = INSTANT_NONE;
		members(loader, node, NAMES, 3, silence_member, &out[at]);
		if (lacks(node, STR("host")))
			fault(loader, node, STR("add host: NAME"), "`host` is missing");
		if (lacks(node, STR("until")))
			fault(loader, node, STR("add until: 2027-01-01"), "a silence needs an end");
	}
	loader->config->correlate.silences = out;
	loader->config->correlate.silences_count = count;
}

static void read_format(struct loader *loader, const struct yaml_node *node, struct str *out)
{
	size_t count;
	const char *const *names = decode_format_names(&count);
	struct str *texts = arena_array(&loader->config->arena, count + 1, sizeof *texts);
	for (size_t i = 0; i < count; i++)
		texts[i] = str_of(names[i]);
	texts[count] = STR("auto");
	read_text(loader, node, out);
	for (size_t i = 0; i <= count; i++)
		if (str_equal(*out, texts[i]))
			return;
	struct str near = diag_nearest(*out, texts, count + 1);
	fault(loader, node, near.size ? arena_printf(&loader->config->arena, "did you mean '%.*s'?", STR_ARGS(near)) : STR("auto recognises each record by itself"),
		"unknown format '%.*s'", STR_ARGS(*out));
	*out = STR("auto");
}

/* librdkafka takes a topic that begins with ^ as an extended regular expression of POSIX. */
static void read_topic(struct loader *loader, const struct yaml_node *node, struct str *out)
{
	regex_t compiled;
	char why[128];
	if (node->kind == YAML_SCALAR && !node->text.size)
		return; /* as good as none */
	if (node->kind != YAML_SCALAR || node->text.data[0] != '^') {
		read_name(loader, node, out);
		return;
	}
	read_text(loader, node, out);
	int code = regcomp(&compiled, out->data, REG_EXTENDED | REG_NOSUB);
	if (code == 0) {
		regfree(&compiled);
		return;
	}
	regerror(code, &compiled, why, sizeof why);
	fault(loader, node, STR("a topic that begins with ^ is an extended regular expression of POSIX, such as ^logs-.*"), "'%.*s' is no regular expression: %s",
		STR_ARGS(node->text), why);
}

static bool input_member(struct loader *loader, const struct yaml_node *node, void *context)
{
	static const char *const CHOICES[] = {"auto", "appended", "collected", "arrival"};
	struct config_input *out = context;
	if (str_equal(node->key, STR("topic")))
		read_topic(loader, node, &out->topic);
	else if (str_equal(node->key, STR("format")))
		read_format(loader, node, &out->format);
	else if (str_equal(node->key, STR("reference"))) {
		for (int i = 0; i < 4; i++)
			if (node->kind == YAML_SCALAR && str_equal(node->text, str_of(CHOICES[i]))) {
				out->reference = (enum reference_choice)i;
				return true;
			}
		fault(loader, node, STR("auto chooses by the records"), "auto, appended, collected or arrival is wanted here");
	} else
		return false;
	return true;
}

static void read_inputs(struct loader *loader, const struct yaml_node *list)
{
	static const struct str NAMES[] = {{"topic", 5}, {"format", 6}, {"reference", 9}};
	struct config_input *out = NULL;
	size_t count = list_of(loader, list, sizeof *out, (void **)&out), at = 0;
	for (const struct yaml_node *node = list->first; count && node; node = node->next, at++) {
		out[at] = (struct config_input){.format = STR("auto")};
		members(loader, node, NAMES, 3, input_member, &out[at]);
		if (lacks(node, STR("topic")))
			fault(loader, node, STR("add topic: NAME"), "`topic` is missing");
	}
	loader->config->inputs = out;
	loader->config->inputs_count = count;
}

static void read_texts(struct loader *loader, const struct yaml_node *list, struct str **out, size_t *out_count)
{
	struct str *texts = NULL;
	size_t count = list_of(loader, list, sizeof *texts, (void **)&texts), at = 0;
	for (const struct yaml_node *node = list->first; count && node; node = node->next)
		read_text(loader, node, &texts[at++]);
	*out = texts;
	*out_count = count;
}

static void read_rules(struct loader *loader, const struct yaml_node *list)
{
	struct config *config = loader->config;
	read_texts(loader, list, &config->rules, &config->rules_count);
	config->rules_places = arena_array(&config->arena, config->rules_count ? config->rules_count : 1, sizeof *config->rules_places);
	const struct yaml_node *node = list->first;
	for (size_t i = 0; i < config->rules_count; i++, node = node->next) {
		config->rules_places[i] = (struct config_place){node->line, node->column};
		if (node->kind == YAML_SCALAR && !node->text.size)
			fault(loader, node, STR("name a rule file or a folder of them"), "an empty path");
	}
}

/* No name has a slash: with one it can only be meant as a network. */
static void read_sources(struct loader *loader, const struct yaml_node *list, struct str **out, size_t *out_count)
{
	read_texts(loader, list, out, out_count);
	for (const struct yaml_node *node = list->kind == YAML_LIST ? list->first : NULL; node; node = node->next)
		if (node->kind == YAML_SCALAR && str_find_byte(node->text, '/') >= 0 && !is_network(node->text))
			fault(loader, node, STR("write 10.0.0.0/8, 2001:db8::/32 or a pattern of names, *.example.net"), "'%.*s' is no network", STR_ARGS(node->text));
}

static void read_kafka(struct loader *loader, const struct yaml_node *map)
{
	struct config *config = loader->config;
	if (!want(loader, map, YAML_MAP, "a map of librdkafka properties"))
		return;
	config->kafka = arena_array(&config->arena, map->count ? map->count : 1, sizeof *config->kafka);
	for (const struct yaml_node *node = map->first; node; node = node->next) {
		struct stream_property *property = &config->kafka[config->kafka_count];
		property->name = copy(loader, node->key);
		if (node->kind == YAML_SCALAR) {
			property->value = copy(loader, node->text);
			config->kafka_count++;
		} else {
			fault(loader, node, STR("write PROPERTY: VALUE"), "a property has one value");
		}
	}
}

static void read_aliases(struct loader *loader, const struct yaml_node *map)
{
	struct config *config = loader->config;
	if (!want(loader, map, YAML_MAP, "a map of field names"))
		return;
	config->aliases = arena_array(&config->arena, map->count ? map->count : 1, sizeof *config->aliases);
	for (const struct yaml_node *node = map->first; node; node = node->next) {
		config->aliases[config->aliases_count].name = copy(loader, node->key);
		read_text(loader, node, &config->aliases[config->aliases_count++].field);
	}
}

static void read_word(struct loader *loader, const struct yaml_node *node, const char *words, unsigned *out)
{
	struct str rest = str_of(words), word;
	for (unsigned i = 0; str_split(&rest, ' ', &word); i++)
		if (node->kind == YAML_SCALAR && str_equal(node->text, word)) {
			*out = i;
			return;
		}
	fault(loader, node, STR("write one of them as it stands there"), "one of these words is wanted here: %s", words);
}

static void read_key(struct loader *loader, const struct key *key, const struct yaml_node *node)
{
	struct config *config = loader->config;
	void *field = (char *)config + key->offset;
	int64_t count;
	switch (key->form) {
	case KEY_KAFKA: read_kafka(loader, node); break;
	case KEY_TEXT: read_text(loader, node, field); break;
	case KEY_NAME: read_name(loader, node, field); break;
	case KEY_ADDRESS: read_address(loader, node, field); break;
	case KEY_TOPIC_OR_NONE:
		read_name(loader, node, field);
		if (str_equal(*(struct str *)field, STR("none")))
			*(struct str *)field = STR_NONE;
		break;
	case KEY_SECONDS: read_span(loader, node, key->low, key->high, field); break;
	case KEY_COUNT:
		if (!read_count(loader, node, key->low, key->high, &count))
			break;
		if (key->offset == offsetof(struct config, record_bytes_max))
			config->record_bytes_max = (size_t)count;
		else
			*(uint32_t *)field = (uint32_t)count;
		break;
	case KEY_WORD: read_word(loader, node, key->words, field); break;
	case KEY_TEXTS:
		if (key->offset == offsetof(struct config, rules)) {
			read_rules(loader, node);
		} else {
			read_sources(loader, node, (struct str **)(uintptr_t)&config->correlate.approved_sources, &config->correlate.approved_sources_count);
		}
		break;
	case KEY_INPUTS: read_inputs(loader, node); break;
	case KEY_HOSTS: read_hosts(loader, node); break;
	case KEY_EXPECTED: read_expected(loader, node); break;
	case KEY_SILENCES: read_silences(loader, node); break;
	case KEY_ALIASES: read_aliases(loader, node); break;
	case KEY_GROUP: break;
	}
}

struct level {
	struct str group; /* empty: the top */
	struct str *names;
	size_t count;
};

static bool group_member(struct loader *loader, const struct yaml_node *node, void *context);

/* The names that may stand at this level. */
static struct level level_of(struct loader *loader, struct str group)
{
	struct level level = {.group = group, .names = arena_array(&loader->config->arena, KEYS_COUNT, sizeof(struct str))};
	for (size_t i = 0; i < KEYS_COUNT; i++) {
		struct str name = str_of(KEYS[i].name);
		ptrdiff_t dot = str_find_byte(name, '.');
		struct str owner = dot > 0 ? str_first(name, (size_t)dot) : STR_NONE;
		if (str_equal(owner, group))
			level.names[level.count++] = dot > 0 ? str_from(name, (size_t)dot + 1) : name;
		else if (!group.size && (!level.count || !str_equal(level.names[level.count - 1], owner)))
			level.names[level.count++] = owner;
	}
	return level;
}

static void read_level(struct loader *loader, const struct yaml_node *map, struct str group)
{
	struct level level = level_of(loader, group);
	members(loader, map, level.names, level.count, group_member, &level);
}

static bool group_member(struct loader *loader, const struct yaml_node *node, void *context)
{
	const struct level *level = context;
	for (size_t i = 0; i < KEYS_COUNT; i++) {
		struct str name = str_of(KEYS[i].name);
		ptrdiff_t dot = str_find_byte(name, '.');
		struct str owner = dot > 0 ? str_first(name, (size_t)dot) : STR_NONE, last = dot > 0 ? str_from(name, (size_t)dot + 1) : name;
		if (str_equal(owner, level->group) && str_equal(last, node->key)) {
			if (!yaml_is_null(node))
				read_key(loader, &KEYS[i], node);
			return true;
		}
		if (!level->group.size && owner.size && str_equal(owner, node->key)) {
			if (!yaml_is_null(node))
				read_level(loader, node, owner);
			return true;
		}
	}
	return false;
}

static void complete_hosts(struct loader *loader, const struct yaml_node *list)
{
	struct config *config = loader->config;
	struct host_override *hosts = (struct host_override *)(uintptr_t)config->correlate.overrides;
	const struct yaml_node *node = list->first;
	for (size_t i = 0; i < config->correlate.overrides_count && node; i++, node = node->next) {
		struct thresholds *own = &hosts[i].thresholds, *general = &config->correlate.thresholds;
		own->warning = own->warning.ns < 0 ? general->warning : own->warning;
		own->critical = own->critical.ns < 0 ? general->critical : own->critical;
		own->sources_min = own->sources_min < 0 ? general->sources_min : own->sources_min;
		check_thresholds(loader, node, own);
	}
}

bool config_load(struct str path, struct config *config, struct diag_list *diags)
{
	size_t before = diags->errors;
	config_default(config);
	struct loader loader = {.config = config, .diags = diags, .path = arena_copy(&config->arena, path)};
	config->file = loader.path;
	struct yaml_node *root = yaml_load(path, &config->arena, diags, &loader.text);
	config->text = loader.text;
	if (root && !yaml_is_null(root))
		read_level(&loader, root, STR_NONE);
	if (root && root->kind == YAML_MAP) {
		const struct yaml_node *thresholds = yaml_get(root, STR("thresholds"));
		check_thresholds(&loader, thresholds ? thresholds : root, &config->correlate.thresholds);
		const struct yaml_node *hosts = yaml_get(root, STR("hosts"));
		if (hosts)
			complete_hosts(&loader, hosts);
	}
	return diags->errors == before;
}
