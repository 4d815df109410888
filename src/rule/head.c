/* What stands around detection and `skewline:`: Sigma's keys (specification 2.1), and what of Sigma is no single rule. */
#include "build.h"

static bool is_uuid(struct str text)
{
	for (size_t i = 0; i < text.size; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? text.data[i] != '-' : ascii_hexadecimal(text.data[i]) < 0)
			return false;
	}
	return text.size == 36;
}

static bool is_date(struct str text)
{
	for (size_t i = 0; i < text.size; i++) {
		bool dash = i == 4 || i == 7, digit = text.data[i] >= '0' && text.data[i] <= '9';
		if (dash ? text.data[i] != '-' : !digit)
			return false;
	}
	return text.size == 10;
}

/* A tag is `namespace.name` of lower-case letters, digits, dots, underscores and hyphens. */
static bool is_tag(struct str text)
{
	for (size_t i = 0; i < text.size; i++) {
		char byte = text.data[i];
		if (!((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '.' || byte == '_' || byte == '-'))
			return false;
	}
	return str_find_byte(text, '.') > 0;
}

static void texts(struct build *build, const struct yaml_node *node)
{
	if (node->kind != YAML_LIST) {
		fault(build, node, STR("write one `- text` a line"), "`%.*s` must be a list", STR_ARGS(node->key));
		return;
	}
	for (const struct yaml_node *one = node->first; one; one = one->next)
		if (one->kind != YAML_SCALAR)
			fault(build, one, STR("quote it"), "`%.*s` is a list of texts", STR_ARGS(node->key));
		else if (str_equal(node->key, STR("tags")) && !is_tag(one->text))
			fault(build, one, STR("write it like attack.t1070.006"), "'%.*s' is no tag", STR_ARGS(str_cut_utf8(one->text, 60)));
}

static void related(struct build *build, const struct yaml_node *list)
{
	static const struct str keys[] = {{"id", 2}, {"type", 4}}, types[] = {{"derived", 7}, {"obsolete", 8}, {"merged", 6}, {"renamed", 7}, {"similar", 7}};
	int type;
	if (list->kind != YAML_LIST)
		fault(build, list, STR("write `- {id: UUID, type: derived}`"), "`related` must be a list");
	for (const struct yaml_node *one = list->kind == YAML_LIST ? list->first : NULL; one; one = one->next) {
		const struct yaml_node *id = yaml_get(one, keys[0]), *kind = yaml_get(one, keys[1]);
		if (one->kind != YAML_MAP || !id || !kind)
			fault(build, one, STR("write `- {id: UUID, type: derived}`"), "`related` needs an id and a type");
		else if (known_keys(build, one, keys, 2)) {
			choice(build, kind, types, 5, &type);
			if (!is_uuid(id->text))
				fault(build, id, STR("make one with `uuidgen`"), "'%.*s' is no UUID", STR_ARGS(str_cut_utf8(id->text, 60)));
		}
	}
}

static void check_key(struct build *build, const struct yaml_node *node)
{
	static const struct str lists[] = {{"references", 10}, {"fields", 6}, {"falsepositives", 14}, {"tags", 4}, {"scope", 5}};
	static const struct str scalars[] = {{"title", 5}, {"id", 2}, {"name", 4}, {"taxonomy", 8}, {"status", 6}, {"description", 11}, {"license", 7}, {"author", 6},
		{"date", 4}, {"modified", 8}, {"level", 5}};
	static const struct str statuses[] = {{"stable", 6}, {"test", 4}, {"experimental", 12}, {"deprecated", 10}, {"unsupported", 11}};
	static const struct str levels[] = {{"informational", 13}, {"low", 3}, {"medium", 6}, {"high", 4}, {"critical", 8}};
	int value;
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		if (str_equal(node->key, lists[i]))
			texts(build, node);
	for (size_t i = 0; i < sizeof scalars / sizeof scalars[0]; i++)
		if (str_equal(node->key, scalars[i]) && (node->kind != YAML_SCALAR || yaml_is_null(node))) {
			fault(build, node, STR("quote it"), "`%.*s` must be a text", STR_ARGS(node->key));
			return;
		}
	if (str_equal(node->key, STR("title")) && node->text.size > 256)
		fault(build, node, STR("say the rest in `description`"), "the title is longer than 256 bytes");
	else if (str_equal(node->key, STR("id")) && !is_uuid(node->text))
		fault(build, node, STR("make one with `uuidgen`"), "'%.*s' is no UUID", STR_ARGS(str_cut_utf8(node->text, 60)));
	else if ((str_equal(node->key, STR("date")) || str_equal(node->key, STR("modified"))) && !is_date(node->text))
		fault(build, node, STR("write YYYY-MM-DD"), "'%.*s' is no date", STR_ARGS(str_cut_utf8(node->text, 60)));
	else if (str_equal(node->key, STR("status")))
		choice(build, node, statuses, 5, &value);
	else if (str_equal(node->key, STR("level")))
		choice(build, node, levels, 5, &value);
	else if (str_equal(node->key, STR("related")))
		related(build, node);
	else if (str_equal(node->key, STR("taxonomy")) && !str_equal(node->text, STR("sigma")))
		fault(build, node, STR("leave it out; `aliases` of the config renames fields"), "another taxonomy than 'sigma' is not supported");
}

/* Parts of Sigma that are no single rule. */
static bool no_rule(struct build *build, const struct yaml_node *root)
{
	static const struct { struct str key; const char *what, *hint; } others[] = {
		{{"correlation", 11}, "Sigma correlation rules are not supported", "write the single rules; Skewline correlates by host and window itself"},
		{{"action", 6}, "rule collections (`action`) are not supported", "write each rule as a whole, in a file of its own"},
		{{"filter", 6}, "Sigma filters are not supported", "write the exclusion into the rule: `condition: words and not veto`"},
	};
	bool found = false;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		const struct yaml_node *node = yaml_get(root, others[i].key);
		if (node)
			fault_key(build, node, str_of(others[i].hint), "%s", others[i].what);
		found = found || node;
	}
	return found;
}

/* Sigma lets authors have keys of their own; one that looks like a known one is a slip. */
static bool known(struct build *build, const struct yaml_node *node, const struct str *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_equal(node->key, keys[i]))
			return true;
	bool slip = diag_nearest(node->key, keys, count).size > 0;
	if (slip)
		fault_key(build, node, hint_nearest(build, node->key, keys, count), "unknown key '%.*s'", STR_ARGS(node->key));
	else
		warn_key(build, node, STR("leave it out, or keep it for other tools"), "nothing here reads the key '%.*s'", STR_ARGS(node->key));
	return !slip;
}

void build_head(struct build *build, const struct yaml_node *root)
{
	static const struct str keys[] = {{"title", 5}, {"id", 2}, {"name", 4}, {"related", 7}, {"taxonomy", 8}, {"status", 6}, {"description", 11}, {"license", 7},
		{"references", 10}, {"author", 6}, {"date", 4}, {"modified", 8}, {"logsource", 9}, {"detection", 9}, {"fields", 6}, {"falsepositives", 14},
		{"level", 5}, {"tags", 4}, {"scope", 5}, {"skewline", 8}};
	static const struct { struct str key; const char *hint; } needed[] = {{{"title", 5}, "add `title:` and what the rule finds"},
		{{"id", 2}, "add `id:` and what `uuidgen` prints"}, {{"logsource", 9}, "add `logsource: {category: application}`"},
		{{"detection", 9}, "add `detection:` with a search and `condition: NAME`; docs/rules.md shows a whole rule"},
		{{"skewline", 8}, "add `skewline:` with class, issuer, subject and direction; docs/rules.md shows a whole rule"}};
	bool sound = !no_rule(build, root);
	for (const struct yaml_node *node = root->first; node; node = node->next)
		sound = (!sound || known(build, node, keys, sizeof keys / sizeof keys[0])) && sound;
	for (size_t i = 0; sound && i < sizeof needed / sizeof needed[0]; i++) /* a misspelt key is not missing besides */
		if (!yaml_get(root, needed[i].key))
			fault(build, root, str_of(needed[i].hint), "the rule has no `%.*s`", STR_ARGS(needed[i].key));
	for (const struct yaml_node *node = root->first; node; node = node->next)
		check_key(build, node);
}
