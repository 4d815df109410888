/* The effective config as YAML that loads again. */
#include <string.h>

#include "keys.h"

static const char *const REFERENCES[] = {"auto", "appended", "collected", "arrival", "auto"};

static void quoted(struct buffer *out, struct str text)
{
	buffer_add_json(out, text); /* a JSON string is a YAML string */
}

static bool secret(struct str name)
{
	static const char *const WORDS[] = {"password", "secret", "sasl.oauthbearer.config", "ssl.key.pem", "token"};
	for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++)
		if (str_find(name, str_of(WORDS[i])) >= 0)
			return true;
	return false;
}

static void until(struct buffer *out, struct instant at)
{
	char text[INSTANT_TEXT_MAX];
	if (instant_known(at))
		buffer_printf(out, ", until: %.*s", STR_ARGS(instant_text(at, text)));
}

static void print_lists(const struct config *config, enum key_form form, bool mask, struct buffer *out)
{
	const struct correlate_settings *settings = &config->correlate;
	for (size_t i = 0; form == KEY_KAFKA && i < config->kafka_count; i++) {
		buffer_printf(out, "\n  %.*s: ", STR_ARGS(config->kafka[i].name));
		quoted(out, mask && secret(config->kafka[i].name) ? STR("******") : config->kafka[i].value);
	}
	for (size_t i = 0; form == KEY_INPUTS && i < config->inputs_count; i++) {
		buffer_add_str(out, STR("\n  - {topic: "));
		quoted(out, config->inputs[i].topic);
		buffer_printf(out, ", format: %.*s, reference: %s}", STR_ARGS(config->inputs[i].format), REFERENCES[config->inputs[i].reference]);
	}
	for (size_t i = 0; form == KEY_HOSTS && i < settings->overrides_count; i++) {
		const struct host_override *one = &settings->overrides[i];
		buffer_add_str(out, STR("\n  - {match: "));
		quoted(out, one->match);
		buffer_printf(out, ", thresholds: {warning_s: %.9g, critical_s: %.9g, sources_min: %d}}", span_seconds(one->thresholds.warning),
			span_seconds(one->thresholds.critical), one->thresholds.sources_min);
	}
	for (size_t i = 0; form == KEY_EXPECTED && i < settings->expected_count; i++) {
		buffer_add_str(out, STR("\n  - {host: "));
		quoted(out, settings->expected[i].host);
		buffer_printf(out, ", offset_s: %.9g", span_seconds(settings->expected[i].offset));
		until(out, settings->expected[i].until);
		buffer_add_byte(out, '}');
	}
	for (size_t i = 0; form == KEY_SILENCES && i < settings->silences_count; i++) {
		buffer_add_str(out, STR("\n  - {host: "));
		quoted(out, settings->silences[i].host);
		until(out, settings->silences[i].until);
		buffer_add_str(out, STR(", why: "));
		quoted(out, settings->silences[i].why);
		buffer_add_byte(out, '}');
	}
	for (size_t i = 0; form == KEY_ALIASES && i < config->aliases_count; i++) {
		buffer_printf(out, "\n  %.*s: ", STR_ARGS(config->aliases[i].name));
		quoted(out, config->aliases[i].field);
	}
}

static void print_texts(const struct str *texts, size_t count, struct buffer *out)
{
	buffer_add_str(out, STR(" ["));
	for (size_t i = 0; i < count; i++) {
		buffer_add_str(out, i ? STR(", ") : STR_NONE);
		quoted(out, texts[i]);
	}
	buffer_add_byte(out, ']');
}

void config_print_key(const struct config *config, size_t index, bool mask, struct buffer *out)
{
	const struct key *key = &KEYS[index];
	const char *field = (const char *)config + key->offset;
	switch (key->form) {
	case KEY_TEXT:
	case KEY_NAME:
	case KEY_ADDRESS:
	case KEY_TOPIC_OR_NONE: {
		struct str text = *(const struct str *)(const void *)field;
		buffer_add_byte(out, ' ');
		quoted(out, text.size || key->form != KEY_TOPIC_OR_NONE ? text : STR("none"));
		break;
	}
	case KEY_SECONDS: buffer_printf(out, " %.9g", span_seconds(*(const struct span *)(const void *)field)); break;
	case KEY_COUNT:
		if (key->offset == offsetof(struct config, record_bytes_max))
			buffer_printf(out, " %zu", config->record_bytes_max);
		else
			buffer_printf(out, " %u", *(const uint32_t *)(const void *)field);
		break;
	case KEY_WORD: {
		struct str words = str_of(key->words), word = STR_NONE;
		for (unsigned i = 0; i <= *(const unsigned *)(const void *)field; i++)
			str_split(&words, ' ', &word);
		buffer_printf(out, " %.*s", STR_ARGS(word));
		break;
	}
	case KEY_TEXTS:
		if (key->offset == offsetof(struct config, rules))
			print_texts(config->rules, config->rules_count, out);
		else
			print_texts(config->correlate.approved_sources, config->correlate.approved_sources_count, out);
		break;
	case KEY_KAFKA:
	case KEY_INPUTS:
	case KEY_HOSTS:
	case KEY_EXPECTED:
	case KEY_SILENCES:
	case KEY_ALIASES: print_lists(config, key->form, mask, out); break;
	case KEY_GROUP: break;
	}
}

void config_print(const struct config *config, struct buffer *out)
{
	struct str group = STR_NONE;
	for (size_t i = 0; i < KEYS_COUNT; i++) {
		struct str name = str_of(KEYS[i].name);
		ptrdiff_t dot = str_find_byte(name, '.');
		struct str owner = dot > 0 ? str_first(name, (size_t)dot) : STR_NONE;
		struct buffer value = {0};
		config_print_key(config, i, true, &value);
		if (owner.size && !str_equal(owner, group))
			buffer_printf(out, "%.*s:\n", STR_ARGS(owner));
		group = owner;
		if (value.size)
			buffer_printf(out, "%s%.*s:%.*s\n", owner.size ? "  " : "", STR_ARGS(dot > 0 ? str_from(name, (size_t)dot + 1) : name), STR_ARGS(buffer_str(&value)));
		buffer_release(&value);
	}
}
