/* Between the loader's files: one rule under construction, and how its faults are said. */
#ifndef RULE_BUILD_H
#define RULE_BUILD_H

#include "skewline/rule.h"
#include "skewline/yaml.h"

enum { LEAVES_MAX = 512, NODES_MAX = 2048, SELECTIONS_MAX = 64, FIELDS_MAX = 256 };

struct rule_set {
	struct arena arena;
	struct rule *rules;
	size_t count, capacity;
	struct str fields[FIELDS_MAX];
	size_t fields_count;
	uint64_t hash;
};

/* A named search of the detection block: the node that it compiled to. */
struct selection {
	struct str name;
	uint32_t node;
	bool used;
};

struct build {
	struct rule_set *set;
	const struct rule_options *options; /* may be NULL */
	struct diag_list *diags;
	struct str path, text;
	struct rule rule;
	size_t nodes_count, leaves_count;
	struct selection selections[SELECTIONS_MAX];
	size_t selections_count;
	struct { const struct yaml_node *pattern; size_t offset; bool read, instant; } groups[RULE_GROUPS_MAX]; /* where each group stands first */
	bool leaves_full, nodes_full, fields_full; /* said once */
	bool windows;  /* the logsource is Windows' event log */
	size_t errors;
	/* from here on only as far as it is counted */
	struct rule_node nodes[NODES_MAX];
	struct rule_leaf leaves[LEAVES_MAX];
	struct str literals[LEAVES_MAX]; /* of a leaf that is nothing but a text to contain */
};

__attribute__((format(printf, 5, 6))) void fault_at(struct build *build, unsigned line, unsigned column, struct str hint, const char *format, ...);
__attribute__((format(printf, 4, 5))) void fault(struct build *build, const struct yaml_node *node, struct str hint, const char *format, ...);
__attribute__((format(printf, 4, 5))) void fault_key(struct build *build, const struct yaml_node *node, struct str hint, const char *format, ...);
__attribute__((format(printf, 5, 6))) void fault_inside(struct build *build, const struct yaml_node *scalar, size_t offset, struct str hint, const char *format, ...);
__attribute__((format(printf, 4, 5))) void warn(struct build *build, const struct yaml_node *node, struct str hint, const char *format, ...);
__attribute__((format(printf, 4, 5))) void warn_key(struct build *build, const struct yaml_node *node, struct str hint, const char *format, ...);
__attribute__((format(printf, 5, 6))) void warn_inside(struct build *build, const struct yaml_node *scalar, size_t offset, struct str hint, const char *format, ...);
/* "did you mean 'x'?", or the list of what is known. */
struct str hint_nearest(struct build *build, struct str word, const struct str *words, size_t count);
/* Index of the scalar's text among the words; what else it is, is a fault. */
bool choice(struct build *build, const struct yaml_node *node, const struct str *names, size_t count, int *out);
/* A map all of whose keys are known; each that is not is a fault. */
bool known_keys(struct build *build, const struct yaml_node *map, const struct str *names, size_t count);

/* Faults go to the diagnostics and are counted in `errors`. */
void build_head(struct build *build, const struct yaml_node *root);
void build_source(struct build *build, const struct yaml_node *logsource);
void build_detection(struct build *build, const struct yaml_node *detection);
bool build_condition(struct build *build, const struct yaml_node *condition, uint32_t *out_root);
void build_block(struct build *build, const struct yaml_node *block);
void build_tests(struct build *build, const struct yaml_node *tests);
void warn_never(struct build *build, uint32_t root, const struct yaml_node *condition);
void build_literals(struct build *build, uint32_t root);
/* One value of one field, as a leaf (leaf.c). */
struct item {
	struct str key; /* as written */
	enum rule_field field;
	size_t wanted;
	bool contains, starts, ends, regex, cased, all, exists, cidr;
	enum rule_operation compare; /* RULE_REGEX: none */
	uint32_t flags;              /* PCRE2_* of |re|i|m|s */
};
uint32_t value_leaf(struct build *build, const struct yaml_node *value, const struct item *item);
/* The leaf of the logsource's demand. */
uint32_t source_leaf(struct build *build, const struct yaml_node *logsource);

struct str record_name(struct build *build, struct str name);
enum rule_field choose_field(struct build *build, struct str name, size_t *out_wanted);
uint32_t add_node(struct build *build, struct rule_node node);
/* Children are not added one after the other: this copies them side by side, and the parent behind them. */
uint32_t add_parent(struct build *build, enum rule_node_kind kind, const uint32_t *children, size_t count);
/* The rule's index of a named group, added when new; RULE_NO_GROUP when there are too many. */
uint8_t group_index(struct build *build, struct str name);
/* Index of a wanted record field. */
size_t wanted_field(struct build *build, struct str name);

#endif
