/* Field names of rules -> fields of our records, and what a logsource demands of a record. */
#include "build.h"

#include <string.h>

static const struct { struct str name; enum rule_field field; } BUILT_IN[] = {
	{{"message", 7}, RULE_FIELD_MESSAGE}, {{"MESSAGE", 7}, RULE_FIELD_MESSAGE}, {{"Message", 7}, RULE_FIELD_MESSAGE}, {{"msg", 3}, RULE_FIELD_MESSAGE},
	{{"host.name", 9}, RULE_FIELD_HOST}, {{"Computer", 8}, RULE_FIELD_HOST}, {{"process.name", 12}, RULE_FIELD_PROGRAM}, {{"program", 7}, RULE_FIELD_PROGRAM},
	{{"SYSLOG_IDENTIFIER", 17}, RULE_FIELD_PROGRAM}, {{"log.level", 9}, RULE_FIELD_SEVERITY},
};
/* Sigma's taxonomy where it says the same of every event. */
static const struct rule_alias TAXONOMY[] = {
	{{"EventID", 7}, {"event.code", 10}}, {{"Channel", 7}, {"winlog.channel", 14}}, {{"Provider_Name", 13}, {"winlog.provider_name", 20}},
	{{"Image", 5}, {"process.executable", 18}}, {{"CommandLine", 11}, {"process.command_line", 20}}, {{"User", 4}, {"user.name", 9}},
};

static struct str renamed(const struct build *build, struct str name)
{
	for (size_t i = 0; build->options && i < build->options->aliases_count; i++)
		if (str_equal(build->options->aliases[i].name, name))
			return build->options->aliases[i].field;
	for (size_t i = 0; i < sizeof TAXONOMY / sizeof TAXONOMY[0]; i++)
		if (str_equal(TAXONOMY[i].name, name))
			return TAXONOMY[i].field;
	return name;
}

/* The field of our records that a rule's name means. */
struct str record_name(struct build *build, struct str name)
{
	struct str field = renamed(build, name);
	/* a name of the details view of a Windows event */
	bool windows = build->windows && str_equal(field, name) && str_find_byte(field, '.') < 0;
	return windows ? arena_printf(&build->set->arena, "winlog.event_data.%.*s", STR_ARGS(field)) : field;
}

enum rule_field choose_field(struct build *build, struct str name, size_t *out_wanted)
{
	struct str field = renamed(build, name);
	for (size_t i = 0; i < sizeof BUILT_IN / sizeof BUILT_IN[0]; i++)
		if (str_equal(field, BUILT_IN[i].name))
			return BUILT_IN[i].field;
	*out_wanted = wanted_field(build, record_name(build, name));
	return RULE_FIELD_WANTED;
}

/* ---- logsource ---- */

static const struct { struct str service, channel; } CHANNELS[] = {
	{{"security", 8}, {"Security", 8}}, {{"system", 6}, {"System", 6}}, {{"application", 11}, {"Application", 11}},
};
static const struct str UNIX[] = {{"linux", 5}, {"unix", 4}, {"macos", 5}, {"freebsd", 7}, {"openbsd", 7}};

static bool in(struct str word, const struct str *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_equal(words[i], word))
			return true;
	return false;
}

static void of_windows(struct build *build, const struct yaml_node *service)
{
	struct rule_source *source = &build->rule.source;
	*source = (struct rule_source){.given = true, .field = RULE_FIELD_WANTED, .name = STR("winlog.channel")};
	source->wanted = wanted_field(build, source->name);
	for (size_t i = 0; service && i < sizeof CHANNELS / sizeof CHANNELS[0]; i++)
		if (str_equal(CHANNELS[i].service, service->text))
			source->value = CHANNELS[i].channel;
	if (service && !source->value.size)
		warn(build, service, STR("say it in the detection: `Channel: NAME`"), "the logsource service '%.*s' is not known: the rule looks at every Windows channel",
			STR_ARGS(service->text));
}

static void of_service(struct build *build, const struct yaml_node *service)
{
	static const struct str everything[] = {{"syslog", 6}, {"auth", 4}, {"messages", 8}, {"journald", 8}};
	if (!in(service->text, everything, 4))
		build->rule.source = (struct rule_source){.given = true, .field = RULE_FIELD_PROGRAM, .name = STR("process.name"), .value = service->text};
}

/* An application's messages are in any record; Windows is known by its channel, a Unix service by its program. Nothing else can be
 * told from a record, and is said. */
void build_source(struct build *build, const struct yaml_node *logsource)
{
	static const struct str keys[] = {{"category", 8}, {"product", 7}, {"service", 7}, {"definition", 10}};
	struct str remedy = STR("write `{category: application}` and say the rest in the detection, such as `process.name: NAME`");
	if (logsource->kind != YAML_MAP) {
		fault_key(build, logsource, remedy, "`logsource` must be a map");
		return;
	}
	for (const struct yaml_node *node = logsource->first; node; node = node->next)
		if (!in(node->key, keys, 4))
			warn_key(build, node, hint_nearest(build, node->key, keys, 4), "the logsource key '%.*s' says nothing here", STR_ARGS(node->key));
	const struct yaml_node *category = yaml_get(logsource, keys[0]), *product = yaml_get(logsource, keys[1]), *service = yaml_get(logsource, keys[2]);
	if (!category && !product && !service)
		fault_key(build, logsource, remedy, "`logsource` needs a category, product or service");
	if (category && !str_equal(category->text, STR("application")))
		warn(build, category, remedy, "no field of a record says the logsource category '%.*s': the rule looks at every record", STR_ARGS(category->text));
	build->windows = product && str_equal(product->text, STR("windows"));
	if (build->windows)
		of_windows(build, service);
	else if (service && product && in(product->text, UNIX, sizeof UNIX / sizeof UNIX[0]))
		of_service(build, service);
	else if (service && !product)
		of_service(build, service);
	else if (product)
		warn(build, product, remedy, "no field of a record says the logsource product '%.*s': the rule looks at every record", STR_ARGS(product->text));
}
