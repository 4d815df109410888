#include "mask.h"

#include <string.h>

/* Words whose value is secret. `assigned`: only when `=` or a JSON colon follows, because the word is common in plain sentences. */
static const struct {
	struct str word;
	bool assigned;
} SECRETS[] = {
	{{"password", 8}, false}, {{"passwd", 6}, false}, {{"passphrase", 10}, false}, {{"pwd", 3}, true}, {{"secret", 6}, true},
	{{"api_key", 7}, true}, {{"apikey", 6}, true}, {{"api-key", 7}, true}, {{"access_key", 10}, true}, {{"token", 5}, true},
	{{"authorization", 13}, false}, {{"cookie", 6}, false}, {{"session", 7}, true}, {{"sessionid", 9}, true}, {{"credential", 10}, true},
	{{"signature", 9}, true}, {{"client_assertion", 16}, true}, {{"samlresponse", 12}, true}, {{"bearer", 6}, false}, {{"basic", 5}, false},
};

static bool wordy(char byte)
{
	return (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || byte == '_' || byte == '-';
}

static bool base64(char byte)
{
	return wordy(byte) || byte == '+' || byte == '/' || byte == '=' || byte == '.';
}

static size_t run_of(struct str text, size_t from, bool (*member)(char))
{
	size_t at = from;
	while (at < text.size && member(text.data[at]))
		at++;
	return at - from;
}

static bool in_value(char byte)
{
	return (unsigned char)byte > ' ' && byte != '"' && byte != '\'' && byte != '&' && byte != ',' && byte != ';' && byte != ')' && byte != '}' && byte != ']';
}

static bool in_line(char byte)
{
	return (unsigned char)byte >= ' ' && byte != '"' && byte != '\'';
}

static bool says(struct str text, size_t at, struct str word)
{
	return text.size - at >= word.size && str_equal_folded(str_first(str_from(text, at), word.size), word);
}

/* Blanks, quotes and one `:` or `=` between the word and its value. Gives where the value starts, 0 when there is none. */
static size_t value_after(struct str text, size_t at, bool assigned)
{
	bool sign = false;
	bool quoted = at < text.size && (text.data[at] == '"' || text.data[at] == '\'');
	at += quoted;
	while (at < text.size && text.data[at] == ' ')
		at++;
	if (at < text.size && (text.data[at] == '=' || (text.data[at] == ':' && (quoted || !assigned)))) {
		sign = true;
		at++;
	}
	while (at < text.size && (text.data[at] == ' ' || text.data[at] == '"' || text.data[at] == '\''))
		at++;
	return sign && at < text.size ? at : 0;
}

/* Length of the secret that starts at `at` after a scheme word ("Bearer abc..."): long enough to be one. */
static size_t scheme_value(struct str text, size_t at)
{
	if (at >= text.size || text.data[at] != ' ')
		return 0;
	size_t size = run_of(text, at + 1, base64);
	for (size_t i = at + 1; size >= 12 && i <= at + size; i++) /* "bearer authentication" is a sentence */
		if ((text.data[i] >= '0' && text.data[i] <= '9') || text.data[i] == '=')
			return size;
	return 0;
}

/* Only what begins with one of these can be secret: the words above, "eyJ", "://" and "-----BEGIN". */
static bool may_begin(char byte)
{
	switch (byte | 0x20) {
	case 'a': case 'b': case 'c': case 'e': case 'p': case 's': case 't': return wordy(byte);
	default: return byte == ':' || byte == '-';
	}
}

/* How many bytes from *at on are secret, and where they start. */
static size_t secret_at(struct str text, size_t at, size_t *out_start)
{
	*out_start = at;
	if (says(text, at, STR("eyJ"))) {
		size_t size = run_of(text, at, base64);
		return size >= 20 ? size : 0;
	}
	if (says(text, at, STR("-----BEGIN ")) && str_find(str_from(text, at), STR("PRIVATE KEY")) > 0)
		return text.size - at;
	if (says(text, at, STR("://"))) {
		size_t host = run_of(text, at + 3, in_value);
		ptrdiff_t sign = str_find_byte(str_first(str_from(text, at + 3), host), '@');
		ptrdiff_t colon = sign > 0 ? str_find_byte(str_first(str_from(text, at + 3), (size_t)sign), ':') : -1;
		*out_start = at + 3 + (size_t)(colon + 1);
		return colon >= 0 ? (size_t)(sign - colon - 1) : 0;
	}
	for (size_t i = 0; i < sizeof SECRETS / sizeof SECRETS[0]; i++) {
		if (!says(text, at, SECRETS[i].word))
			continue;
		size_t end = at + SECRETS[i].word.size;
		if (end < text.size && wordy(text.data[end]))
			continue;
		size_t start = value_after(text, end, SECRETS[i].assigned);
		if (!start) {
			size_t size = scheme_value(text, end);
			*out_start = end + 1;
			if (size)
				return size;
			continue;
		}
		*out_start = start;
		bool scheme = says(text, start, STR("Bearer ")) || says(text, start, STR("Basic ")) || says(text, start, STR("Negotiate "));
		size_t skip = scheme ? (size_t)str_find_byte(str_from(text, start), ' ') + 1 : 0;
		*out_start = start + skip;
		return run_of(text, start + skip, says(text, at, STR("cookie")) ? in_line : in_value);
	}
	return 0;
}

static char shown(char byte)
{
	return (unsigned char)byte < ' ' || byte == 0x7F ? ' ' : byte;
}

struct str mask_sample(struct str text, char out[SAMPLE_BYTES_MAX + 4])
{
	text = str_trim(text);
	/* Look a little beyond what is kept, so that a secret at the edge is seen whole. */
	text = str_cut_utf8(text, SAMPLE_BYTES_MAX * 4);
	const size_t most = SAMPLE_BYTES_MAX + 4; /* a character more than is kept, so that the last one is kept whole or not at all */
	size_t size = 0;
	for (size_t at = 0; at < text.size && size < most;) {
		size_t start = at, secret = 0;
		char before = at ? text.data[at - 1] : ' ';
		char now = text.data[at];
		if (may_begin(now) && (now == ':' || now == '-' || !(wordy(before) && before != '_' && before != '-')))
			secret = secret_at(text, at, &start);
		if (secret) {
			for (; at < start && size < most; at++)
				out[size++] = shown(text.data[at]);
			for (size_t i = 0; i < 3 && size < most; i++)
				out[size++] = '*';
			at = start + secret;
			continue;
		}
		out[size++] = shown(now);
		at++;
	}
	return str_cut_utf8((struct str){out, size}, SAMPLE_BYTES_MAX);
}
