/* One table of keys: what each is, its bounds, whether a reload can change it. */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include <stddef.h>

#include "skewline/config.h"
#include "skewline/yaml.h"

enum key_form { KEY_KAFKA, KEY_TEXT, KEY_NAME, KEY_ADDRESS, KEY_TOPIC_OR_NONE, KEY_SECONDS, KEY_COUNT, KEY_WORD, KEY_TEXTS, KEY_INPUTS, KEY_HOSTS, KEY_EXPECTED, KEY_SILENCES, KEY_ALIASES,
	KEY_GROUP };

struct key {
	const char *name;        /* "thresholds.warning_s" */
	enum key_form form;
	size_t offset;           /* into struct config */
	double low, high;        /* KEY_SECONDS in seconds, KEY_COUNT */
	const char *words;       /* KEY_WORD: the values by their number, separated by blanks */
	bool reload;
	const char *help;
};
extern const struct key KEYS[];
extern const size_t KEYS_COUNT;

/* One key with its value as YAML, secrets masked if so wanted; nothing when it is empty. */
void config_print_key(const struct config *config, size_t key, bool mask, struct buffer *out);

#endif
