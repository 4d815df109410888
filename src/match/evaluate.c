#define PCRE2_CODE_UNIT_WIDTH 8
#include "evaluate.h"

#include <arpa/inet.h>
#include <pcre2.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "allocate.h"
#include "text.h"

enum { MATCH_LIMIT = 200000, DEPTH_LIMIT = 2000, HEAP_LIMIT_KIB = 2048, CAPTURES_MAX = 64 };

struct evaluator {
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
	struct buffer field; /* a field's text, made valid */
};

struct evaluator *evaluator_new(void)
{
	struct evaluator *evaluator = zeroed(1, sizeof *evaluator);
	evaluator->data = pcre2_match_data_create(CAPTURES_MAX, NULL);
	evaluator->context = pcre2_match_context_create(NULL);
	evaluator->stack = pcre2_jit_stack_create(32 << 10, 512 << 10, NULL);
	if (!evaluator->data || !evaluator->context || !evaluator->stack)
		abort();
	pcre2_set_match_limit(evaluator->context, MATCH_LIMIT);
	pcre2_set_depth_limit(evaluator->context, DEPTH_LIMIT);
	pcre2_set_heap_limit(evaluator->context, HEAP_LIMIT_KIB);
	pcre2_jit_stack_assign(evaluator->context, NULL, evaluator->stack);
	return evaluator;
}

void evaluator_free(struct evaluator *evaluator)
{
	if (!evaluator)
		return;
	pcre2_match_data_free(evaluator->data);
	pcre2_match_context_free(evaluator->context);
	pcre2_jit_stack_free(evaluator->stack);
	buffer_release(&evaluator->field);
	free(evaluator);
}

struct question {
	struct evaluator *evaluator;
	const struct rule *rule;
	const struct record *record;
	const struct possible *possible;
	struct captures *captures;
	bool *limited;
};

bool leaf_text(const struct rule_leaf *leaf, const struct record *record, struct str *out)
{
	switch (leaf->field) {
	case RULE_FIELD_MESSAGE: *out = record->message; break;
	case RULE_FIELD_HOST: *out = record->host; break;
	case RULE_FIELD_PROGRAM: *out = record->program; break;
	case RULE_FIELD_SEVERITY: *out = record->severity; break;
	case RULE_FIELD_WANTED: return record_field(record, leaf->wanted, out);
	}
	return out->size > 0;
}

/* Other threads may share the rules: one of them does it, nobody asks before it is done. */
static void make_ready(struct rule_regex *regex)
{
	enum regex_state plain = REGEX_PLAIN;
	if (atomic_compare_exchange_strong(&regex->state, &plain, REGEX_BUSY)) {
		pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE);
		atomic_store(&regex->state, REGEX_READY);
	}
	while (atomic_load(&regex->state) != REGEX_READY)
		continue;
}

int evaluate_regex(struct evaluator *evaluator, struct rule_regex *regex, struct str text)
{
	if (atomic_load_explicit(&regex->state, memory_order_acquire) != REGEX_READY)
		make_ready(regex);
	return pcre2_match(regex->code, (PCRE2_SPTR)(text.data ? text.data : ""), text.size, 0, PCRE2_NO_UTF_CHECK, evaluator->data, evaluator->context);
}

/* A group that an earlier leaf captured keeps its text. */
static void capture(const struct question *question, const struct rule_leaf *leaf, struct str text, size_t count)
{
	const PCRE2_SIZE *ovector = pcre2_get_ovector_pointer(question->evaluator->data);
	for (size_t i = 0; i < leaf->groups_count; i++) {
		size_t number = leaf->groups[i].number;
		struct str *slot = &question->captures->groups[leaf->groups[i].group];
		if (number >= count || ovector[2 * number] == PCRE2_UNSET || slot->data)
			continue;
		*slot = (struct str){text.data + ovector[2 * number], ovector[2 * number + 1] - ovector[2 * number]};
	}
}

static bool regex_matches(const struct question *question, const struct rule_leaf *leaf, struct str text)
{
	if (leaf->exact.size && text_ascii(text) == text.size)
		return leaf->flags & PCRE2_CASELESS ? str_equal_folded(leaf->exact, text) : str_equal(leaf->exact, text);
	if (leaf->field != RULE_FIELD_MESSAGE && !text_is_valid(text))
		text = text_made_valid(text, &question->evaluator->field);
	int count = evaluate_regex(question->evaluator, leaf->regex, text);
	if (count < 0) {
		*question->limited = *question->limited || count != PCRE2_ERROR_NOMATCH;
		return false;
	}
	capture(question, leaf, text, count ? (size_t)count : CAPTURES_MAX);
	return true;
}

static bool in_network(const struct rule_leaf *leaf, struct str text)
{
	char name[64];
	uint8_t address[16];
	if (text.size >= sizeof name)
		return false;
	memcpy(name, text.data, text.size);
	name[text.size] = 0;
	if (inet_pton(leaf->cidr_size == 4 ? AF_INET : AF_INET6, name, address) != 1)
		return false;
	for (size_t bit = 0; bit < leaf->cidr_bits; bit++)
		if ((address[bit / 8] ^ leaf->cidr[bit / 8]) >> (7 - bit % 8) & 1)
			return false;
	return true;
}

static bool ask_leaf(const struct question *question, const struct rule_leaf *leaf)
{
	struct str text = STR_NONE;
	bool there = leaf_text(leaf, question->record, &text);
	double number;
	if (leaf->operation == RULE_EXISTS)
		return leaf->exists == (there || (leaf->field == RULE_FIELD_WANTED && record_has_field(question->record, leaf->wanted)));
	if (leaf->operation == RULE_NULL)
		return !there;
	if (!there)
		return false;
	switch (leaf->operation) {
	case RULE_REGEX: return regex_matches(question, leaf, text);
	case RULE_CIDR: return in_network(leaf, text);
	case RULE_LESS: return str_to_double(text, &number) && number < leaf->number;
	case RULE_LESS_EQUAL: return str_to_double(text, &number) && number <= leaf->number;
	case RULE_GREATER: return str_to_double(text, &number) && number > leaf->number;
	case RULE_GREATER_EQUAL: return str_to_double(text, &number) && number >= leaf->number;
	case RULE_EXISTS: case RULE_NULL: break;
	}
	return false;
}

static bool ask(const struct question *question, uint32_t index)
{
	const struct rule_node *node = &question->rule->nodes[index];
	switch (node->kind) {
	case RULE_NODE_LEAF:
		return (!question->possible || question->possible->leaf(question->possible->context, node->leaf))
			&& ask_leaf(question, &question->rule->leaves[node->leaf]);
	case RULE_NODE_NOT: {
		struct captures unused = {0}; /* what a veto captured is no evidence */
		struct question veto = *question;
		veto.captures = &unused;
		return !ask(&veto, node->first_child);
	}
	case RULE_NODE_AND:
		for (uint32_t i = 0; i < node->count; i++)
			if (!ask(question, node->first_child + i))
				return false;
		return true;
	case RULE_NODE_OR:
		for (uint32_t i = 0; i < node->count; i++)
			if (ask(question, node->first_child + i))
				return true;
		return false;
	}
	return false;
}

bool evaluate(struct evaluator *evaluator, const struct rule *rule, const struct record *record, const struct possible *possible, struct captures *out,
	bool *out_limited)
{
	*out = (struct captures){0};
	bool limited = false;
	struct question question = {evaluator, rule, record, possible, out, &limited};
	bool matches = ask(&question, rule->root) && !limited; /* a veto that could not be asked is no permission */
	*out_limited = *out_limited || limited;
	return matches;
}

bool evaluate_leaf(struct evaluator *evaluator, const struct rule *rule, const struct rule_leaf *leaf, const struct record *record)
{
	struct captures captures = {0};
	bool limited = false;
	return ask_leaf(&(struct question){evaluator, rule, record, NULL, &captures, &limited}, leaf);
}
