/* The YAML config -> plain data in one arena, defaults filled in, every fault reported with its place and remedy. */
#ifndef SKEWLINE_CONFIG_H
#define SKEWLINE_CONFIG_H

#include "skewline/correlate.h"
#include "skewline/diag.h"
#include "skewline/observe.h"
#include "skewline/stream.h"

struct config_place { unsigned line, column; };

struct config_input {
	struct str topic;   /* name or ^regular expression */
	struct str format;  /* "auto" */
	enum reference_choice reference;
};

struct config {
	struct arena arena; /* owns everything below */
	struct str file, text; /* where it was read from, and what stood there: for the places of later faults */
	struct stream_property *kafka;
	size_t kafka_count;
	struct str instance, member;
	struct config_input *inputs;
	size_t inputs_count;
	struct { struct str alerts, trust, rejects; } outputs; /* rejects "none": empty */
	struct correlate_settings correlate;
	struct str *rules;
	size_t rules_count;
	struct config_place *rules_places; /* where each of `rules` stands in `text` */
	struct rule_alias *aliases;
	size_t aliases_count;
	size_t record_bytes_max;
	uint32_t partitions;      /* of the own topics; default 12 */
	struct str listen;        /* "127.0.0.1:9464" for /metrics and /healthz; empty: off */
	struct str runbook_base;
	enum { LOG_TEXT, LOG_JSON } log;
};

/* The built-in defaults. */
void config_default(struct config *config);
/* False when there were errors (all of them in `diags`). The config is filled with defaults wherever it could not be read. */
bool config_load(struct str path, struct config *config, struct diag_list *diags);
void config_release(struct config *config);
/* The effective config as YAML. Secrets (sasl.password, ssl.key.password, ...) masked. */
void config_print(const struct config *config, struct buffer *out);
/* Name of the first key that differs and needs a restart; empty when the new config can take effect by a reload. */
struct str config_needs_restart(const struct config *old, const struct config *new);

#endif
