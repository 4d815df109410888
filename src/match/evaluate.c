#define PCRE2_CODE_UNIT_WIDTH 8
#include "evaluate.h"

#include <arpa/inet.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

enum { MATCH_LIMIT = 200000, DEPTH_LIMIT = 2000, HEAP_LIMIT_KIB = 2048, CAPTURES_MAX = 64 };

struct evaluator {
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
};

struct evaluator *evaluator_new(void)
{
	struct evaluator *evaluator = calloc(1, sizeof *evaluator);
	if (!evaluator)
		abort();
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
	free(evaluator);
}

struct question {
	struct evaluator *evaluator;
	const struct rule *rule;
	const struct record *record;
	bool (*field_text)(const struct record *, size_t, struct str *);
	struct captures *captures;
	bool *limited;
};

static bool text_of(const struct question *question, const struct rule_leaf *leaf, struct str *out)
{
	const struct record *record = question->record;
	switch (leaf->field) {
	case RULE_FIELD_MESSAGE: *out = record->message; break;
	case RULE_FIELD_HOST: *out = record->host; break;
	case RULE_FIELD_PROGRAM: *out = record->program; break;
	case RULE_FIELD_SEVERITY: *out = record->severity; break;
	case RULE_FIELD_WANTED: return question->field_text(record, leaf->wanted, out);
	}
	return out->size > 0;
}

static bool regex_matches(const struct question *question, const struct rule_leaf *leaf, struct str text)
{
	int count = pcre2_match(leaf->regex, (PCRE2_SPTR)(text.data ? text.data : ""), text.size, 0, 0, question->evaluator->data, question->evaluator->context);
	if (count < 0) {
		*question->limited = *question->limited || count != PCRE2_ERROR_NOMATCH;
		return false;
	}
	const PCRE2_SIZE *ovector = pcre2_get_ovector_pointer(question->evaluator->data);
	for (size_t i = 0; i < leaf->groups_count; i++) {
		size_t number = leaf->groups[i].number;
		struct str *slot = &question->captures->groups[leaf->groups[i].group];
		if (number >= (size_t)(count ? count : CAPTURES_MAX) || ovector[2 * number] == PCRE2_UNSET || slot->data)
			continue;
		*slot = (struct str){text.data + ovector[2 * number], ovector[2 * number + 1] - ovector[2 * number]};
	}
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
	bool there = text_of(question, leaf, &text);
	double number;
	if (leaf->operation == RULE_EXISTS)
		return there == leaf->exists;
	if (!there)
		return false;
	switch (leaf->operation) {
	case RULE_REGEX: return regex_matches(question, leaf, text);
	case RULE_CIDR: return in_network(leaf, text);
	case RULE_LESS: return str_to_double(text, &number) && number < leaf->number;
	case RULE_LESS_EQUAL: return str_to_double(text, &number) && number <= leaf->number;
	case RULE_GREATER: return str_to_double(text, &number) && number > leaf->number;
	case RULE_GREATER_EQUAL: return str_to_double(text, &number) && number >= leaf->number;
	case RULE_EXISTS: break;
	}
	return false;
}

static bool ask(const struct question *question, uint32_t index)
{
	const struct rule_node *node = &question->rule->nodes[index];
	switch (node->kind) {
	case RULE_NODE_LEAF: return ask_leaf(question, &question->rule->leaves[node->leaf]);
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

bool evaluate(struct evaluator *evaluator, const struct rule *rule, const struct record *record,
	bool (*field_text)(const struct record *record, size_t wanted, struct str *out), struct captures *out, bool *out_limited)
{
	*out = (struct captures){0};
	bool limited = false;
	struct question question = {evaluator, rule, record, field_text, out, &limited};
	bool matches = ask(&question, rule->root) && !limited; /* a veto that could not be asked is no permission */
	*out_limited = *out_limited || limited;
	return matches;
}
