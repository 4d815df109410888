/* The rule loader on any bytes: it says what is wrong and lives; what it accepts can be matched, explained and reviewed. */
#include "fuzz.h"
#include "skewline/match.h"

static void use(const struct rule_set *set)
{
	static const char *const messages[] = {"the clock skew is too great: 2h13m5.2s ahead, not before 2026-03-14T08:00:00Z", "\xFF\xC3 certificate is not yet valid", ""};
	struct matcher *matcher = matcher_new(set);
	struct hit_list hits;
	for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
		struct record record = {.kind = RECORD_LOG, .host = {"h", 1}, .host_said = {0}, .collected = INSTANT_NONE, .message = str_of(messages[i])};
		match_record(matcher, &record, true, &hits);
		size_t found = hits.count;
		match_record_slow(matcher, &record, true, &hits);
		HOLDS(hits.count == found);
	}
	matcher_free(matcher);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diag_list diags = {0};
	struct buffer text = {0};
	struct rule_set *set = rule_set_parse((struct str){"fuzz.yml", 8}, (struct str){(const char *)data, size}, NULL, &diags);
	HOLDS(rule_set_count(set) == (diags.errors == 0)); /* never refused in silence, never taken with an error */
	use(set);
	rule_set_review(set, &diags);
	diag_sort(&diags);
	diag_print(&diags, &text);
	buffer_release(&text);
	rule_set_free(set);
	diag_release(&diags);
	return 0;
}
