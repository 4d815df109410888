/* The field scanner and jansson agree on what is JSON, and on the value of a top-level key. */
#include <jansson.h>
#include <string.h>

#include "fuzz.h"
#include "scan.h"
#include "unescape.h"

enum { PATHS = 4 };

/* jansson refuses reals beyond a double, lone surrogates, and U+0000 in a key: none of that is against the RFC. */
static bool jansson_is_stricter(const json_error_t *error)
{
	return strstr(error->text, "real number overflow") || strstr(error->text, "invalid Unicode") || strstr(error->text, "NUL byte in object key");
}

/* Deeper than the scanner goes. Brackets inside strings count too: then nothing is asserted. */
static bool deep(struct str text)
{
	size_t count = 0;
	for (size_t i = 0; i < text.size; i++)
		count += text.data[i] == '{' || text.data[i] == '[';
	return count > 64;
}

static void same_value(const struct scan_value *got, const json_t *want, struct arena *arena)
{
	struct str text = got->kind == SCAN_STRING ? unescaped(*got, arena) : got->text;
	switch (want ? json_typeof(want) : JSON_OBJECT) {
	case JSON_STRING: HOLDS(got->kind == SCAN_STRING && str_equal(text, (struct str){json_string_value(want), json_string_length(want)})); break;
	case JSON_INTEGER:
	case JSON_REAL: HOLDS(got->kind == SCAN_NUMBER); break;
	case JSON_TRUE: HOLDS(got->kind == SCAN_TRUE); break;
	case JSON_FALSE: HOLDS(got->kind == SCAN_FALSE); break;
	case JSON_NULL: HOLDS(got->kind == SCAN_NULL); break;
	case JSON_OBJECT: HOLDS(got->kind == SCAN_ABSENT); break;
	case JSON_ARRAY: break; /* its first scalar */
	}
}

/* What the first scan learned changes nothing. */
static void scan_as_before(struct scan_paths *paths, struct str text, enum scan_result result, size_t offset, const struct scan_value *before)
{
	struct scan_value values[PATHS];
	size_t again = 0;
	HOLDS(scan_object(paths, text, values, PATHS, &again) == result && again == offset);
	for (size_t i = 0; i < PATHS && result == SCAN_OK; i++)
		HOLDS(values[i].kind == before[i].kind && values[i].escaped == before[i].escaped && str_equal(values[i].text, before[i].text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct str names[PATHS] = {{"k", 1}, {"long-key-0123456789", 19}, {"a.b", 3}, {"a.c.d", 5}};
	struct arena arena = {0};
	struct str text = fuzz_text(data, size);
	struct scan_value values[PATHS];
	size_t offset = 0;
	json_error_t error;
	struct scan_paths *paths = scan_paths_new(names, PATHS, &arena);
	enum scan_result result = scan_object(paths, text, values, PATHS, &offset);
	scan_as_before(paths, text, result, offset, values);
	json_t *root = json_loadb(text.data, text.size, JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, &error);
	HOLDS(result == SCAN_OK || offset <= size);
	HOLDS(result != SCAN_OK || json_is_object(root) || jansson_is_stricter(&error));
	HOLDS(result == SCAN_OK || !json_is_object(root) || deep(text) || str_find_byte(text, 0) >= 0); /* jansson takes U+0000 for an end */
	for (size_t i = 0; i < 2 && result == SCAN_OK && json_is_object(root); i++)
		same_value(&values[i], json_object_get(root, names[i].data), &arena);
	json_decref(root);
	arena_release(&arena);
	return 0;
}
