#include "why.h"

enum { LEAVES_SHOWN = 12 };

/* On one line, so that a caret below finds its place. */
static void add_flat(struct buffer *out, struct str text)
{
	for (size_t i = 0; i < text.size; i++)
		buffer_add_byte(out, (unsigned char)text.data[i] < ' ' ? ' ' : text.data[i]);
}

static void add_with_caret(struct buffer *out, struct str text, size_t offset)
{
	buffer_add_str(out, STR("        "));
	add_flat(out, text);
	buffer_add_str(out, STR("\n        "));
	for (size_t i = 0; i < offset; i++)
		if (((unsigned char)text.data[i] & 0xC0) != 0x80)
			buffer_add_byte(out, ' ');
	buffer_add_str(out, STR("^\n"));
}

static void add_stop(struct buffer *out, const struct rule_leaf *leaf, struct str text)
{
	struct stop stop = where_it_stops(leaf->pattern, leaf->flags, text);
	buffer_printf(out, "    line %u %.*s: no; %s\n", leaf->line, STR_ARGS(leaf->key), stop.any ? "up to the carets it matches" : "nothing of it matches");
	add_with_caret(out, leaf->pattern, stop.pattern_offset);
	add_with_caret(out, text, stop.text_offset);
}

static void explain_leaf(struct evaluator *evaluator, const struct rule *rule, const struct rule_leaf *leaf, const struct record *record, struct buffer *out)
{
	struct str text = STR_NONE;
	bool holds = evaluate_leaf(evaluator, rule, leaf, record), there = leaf_text(leaf, record, &text);
	if (leaf->own && !holds && there) {
		add_stop(out, leaf, text);
		return;
	}
	buffer_printf(out, "    line %u %.*s '", leaf->line, STR_ARGS(leaf->key));
	add_flat(out, leaf->value);
	buffer_printf(out, "': %s\n", holds ? "yes" : there ? "no" : "no, the record has no such field");
}

void explain_rule(struct evaluator *evaluator, const struct rule *rule, const struct record *record, struct buffer *out)
{
	for (size_t i = 0; i < rule->leaves_count && i < LEAVES_SHOWN; i++)
		explain_leaf(evaluator, rule, &rule->leaves[i], record, out);
	if (rule->leaves_count > LEAVES_SHOWN)
		buffer_printf(out, "    and %zu more\n", rule->leaves_count - LEAVES_SHOWN);
}
