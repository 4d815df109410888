/* Rule files -> one compiled, read-only rule set in one arena. Sigma detection + one `skewline:` block (docs/rules.md).
 *
 * Loading reports every fault of every file and still returns the rules that were sound, so that `check` can go on; a caller
 * that needs a sound set refuses when diags->errors > 0. The set is immutable: any number of matchers may share it.
 *
 * A rule is a condition tree over leaves. A leaf asks one question of one field; texts with wildcards become regular
 * expressions, so that a leaf is a regular expression, a comparison, or a question of presence. The tree is stored flat:
 * node i's children are nodes[first_child .. first_child + count). */
#ifndef SKEWLINE_RULE_H
#define SKEWLINE_RULE_H

#include "skewline/diag.h"
#include "skewline/observation.h"

struct rule_set;

/* A field name as rules write it -> the field of our records. */
struct rule_alias {
	struct str name, field;
};
struct rule_options {
	const struct rule_alias *aliases; /* come before the built-in ones (src/rule/fields.c) */
	size_t aliases_count;
};

struct rule_info {
	struct str id, title, file, runbook, technique;
	enum symptom_class class;
	enum issuer issuer;
	enum symptom_subject subject;
	enum direction direction; /* when nothing in the text decides it */
	enum symptom_shape shape;
	struct span leeway;
	bool jump;           /* a match is a jump of the clock (steps, set-time events), not a symptom of disagreement */
	bool set_time_event;
	bool structural;     /* of the layer beneath the products' rules: speaks only where none of them does */
	int specificity;     /* order of rules within a class: higher wins; ties by id */
};

/* Which text a leaf looks at. */
enum rule_field { RULE_FIELD_MESSAGE, RULE_FIELD_HOST, RULE_FIELD_PROGRAM, RULE_FIELD_SEVERITY, RULE_FIELD_WANTED };
enum rule_operation { RULE_REGEX, RULE_EXISTS /* be it null or empty */, RULE_NULL /* absent or null */, RULE_LESS, RULE_LESS_EQUAL, RULE_GREATER, RULE_GREATER_EQUAL, RULE_CIDR };
enum { RULE_GROUPS_MAX = 16 };

/* Compiled when it is loaded, into machine code when it is first asked (by evaluate_regex): most are never. */
enum regex_state { REGEX_PLAIN, REGEX_BUSY, REGEX_READY };
struct rule_regex {
	void *code; /* pcre2_code * */
	_Atomic(enum regex_state) state;
};

struct rule_leaf {
	enum rule_field field;
	size_t wanted;             /* RULE_FIELD_WANTED: index into rule_set_fields */
	enum rule_operation operation;
	struct rule_regex *regex;  /* UTF: texts given to it must be valid UTF-8 */
	struct str pattern;        /* its source... */
	uint32_t flags;            /* ...and PCRE2_* options */
	struct str exact;          /* the whole text that is asked for, where ASCII texts can be compared without PCRE2; empty: not so */
	bool own;                  /* written by the author as a regular expression, not made of a text with wildcards */
	size_t groups_count;       /* named groups of the regular expression that the rule reads... */
	struct { uint8_t group, number; } groups[RULE_GROUPS_MAX]; /* ...rule's group index <- capture number */
	double number;
	bool exists;
	uint8_t cidr[16];
	uint8_t cidr_size, cidr_bits; /* 4 or 16 bytes */
	const struct rule_need *need; /* of a leaf that looks at the message: what it needs, as the rule's; NULL: nothing is known */
	struct str key, value;     /* as written, for explanations */
	unsigned line, column;     /* of the value in the rule's file */
};

enum rule_node_kind { RULE_NODE_LEAF, RULE_NODE_AND, RULE_NODE_OR, RULE_NODE_NOT };
struct rule_node {
	enum rule_node_kind kind;
	uint32_t leaf;             /* RULE_NODE_LEAF */
	uint32_t first_child, count;
};

enum rule_magnitude { RULE_MAGNITUDE_NONE, RULE_MAGNITUDE_NUMBER, RULE_MAGNITUDE_DURATION, RULE_MAGNITUDE_BETWEEN, RULE_MAGNITUDE_UNTIL,
	RULE_MAGNITUDE_CONSTANT };
enum rule_decides { RULE_DIRECTION_FIXED, RULE_DIRECTION_BY_SIGN, RULE_DIRECTION_BY_ORDER, RULE_DIRECTION_BY_WORD };
enum { RULE_NO_GROUP = 255, RULE_WORDS_MAX = 8 };
/* How an instant is written. AUTO tries them all; month_first and day_first do so too, and say how a date with slashes is to be read. */
enum instant_format { INSTANT_AUTO, INSTANT_RFC3339, INSTANT_RFC2822, INSTANT_EPOCH_S, INSTANT_EPOCH_MS, INSTANT_EPOCH_US, INSTANT_EPOCH_NS,
	INSTANT_X509, INSTANT_PACKED, INSTANT_ASCTIME, INSTANT_GO, INSTANT_MONTH_FIRST, INSTANT_DAY_FIRST, INSTANT_SYSLOG, INSTANT_FORMATS };

/* How a match is read: group numbers index the rule's own list of named groups. */
struct rule_reading {
	enum rule_magnitude magnitude;
	enum magnitude_kind magnitude_kind;
	uint8_t value, other;       /* the number, the duration, the instants */
	struct span unit;           /* 0: named by the group `unit_group` */
	uint8_t unit_group;
	struct span constant;
	enum rule_decides decides;
	uint8_t earlier[2];         /* a match counts only where the first is an instant before the second; RULE_NO_GROUP: always */
	uint8_t sign, order[2], word;
	enum direction positive;    /* BY_SIGN; BY_ORDER: when order[0] lies before order[1] */
	size_t words_count;
	struct { struct str word; enum direction direction; } words[RULE_WORDS_MAX];
	enum instant_format formats[RULE_GROUPS_MAX]; /* of the groups that are instants */
	uint8_t peer;
	bool peer_is_field;
	size_t peer_wanted;
	uint8_t step, step_before, step_after; /* of a jump */
	struct span step_unit;      /* unless the group `step_unit_group` names it */
	uint8_t step_unit_group;
	bool step_forward;          /* a positive step sets the clock forward */
};

/* What holds whenever the rule matches: a text stands in `message` or in the program's name (ASCII case folded; lower case, 3 bytes at least), the record has a
 * field, all of some, any of some. A rule's holds something that can be searched for: texts of RULE_NEED_SEARCHED bytes. NULL: nothing is
 * known, the rule has to be asked about every record. */
enum { RULE_NEED_SEARCHED = 4 };
enum rule_need_kind { RULE_NEED_TEXT, RULE_NEED_FIELD, RULE_NEED_ALL, RULE_NEED_ANY };
struct rule_need {
	enum rule_need_kind kind;
	struct str text;
	bool of_program;           /* the text */
	bool begins_word, ends_word; /* no letter, digit or underscore of ASCII stands before it, behind it */
	size_t field;              /* index of rule_set_fields */
	struct rule_need *first, *next; /* children; siblings */
};

/* A test that stands beside the rule. */
struct rule_test {
	bool match;                 /* false: the rule must not match */
	struct str message;
	size_t fields_count;
	const struct str *fields, *values; /* further fields of the record */
	unsigned line, column;
	bool direction_given, subject_given, magnitude_given, peer_given, issuer_given, step_given;
	enum direction direction;
	enum symptom_subject subject;
	enum issuer issuer;
	double magnitude_s, step_s;
	struct str peer;
};

/* What the rule's logsource demands of a record, already part of the condition; `value` empty: the field is there. */
struct rule_source {
	bool given;
	enum rule_field field;
	size_t wanted;
	struct str name, value;
};

struct rule {
	struct rule_info info;
	const struct rule_node *nodes;
	size_t nodes_count;
	uint32_t root;
	const struct rule_leaf *leaves;
	size_t leaves_count;
	size_t groups_count;           /* named groups that its readings use */
	struct str groups[RULE_GROUPS_MAX];
	struct rule_reading reading;
	const struct rule_need *need;
	struct rule_source source;
	const struct rule_test *tests;
	size_t tests_count;
	struct str text;               /* the file's bytes */
	unsigned detection_line, detection_column, direction_line, direction_column; /* places for warnings */
};

/* paths: directories (recursive, *.yml and *.yaml) or single files. options may be NULL. Never NULL. */
struct rule_set *rule_set_load(const struct str *paths, size_t count, const struct rule_options *options, struct diag_list *diags);
/* The same for one file's text, which must outlive the set. */
struct rule_set *rule_set_parse(struct str path, struct str text, const struct rule_options *options, struct diag_list *diags);
void rule_set_free(struct rule_set *set);
uint64_t rule_set_hash(const struct rule_set *set); /* of all files' bytes, in order of their names: the same everywhere */
size_t rule_set_count(const struct rule_set *set);
const struct rule *rule_set_rule(const struct rule_set *set, size_t index);
extern const struct str INSTANT_FORMAT_NAMES[]; /* indexed by enum instant_format */
/* The record fields that rules look at beside the built-in ones: give them to decoder_options.wanted_fields. */
const struct str *rule_set_fields(const struct rule_set *set, size_t *out_count);

#endif
