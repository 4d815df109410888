#include "unescape.h"

#include <string.h>

static uint32_t hexadecimal(const char *at)
{
	uint32_t value = 0;
	for (int i = 0; i < 4; i++)
		value = value << 4 | (uint32_t)ascii_hexadecimal(at[i]);
	return value;
}

static size_t encode(uint32_t code, char *out)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xC0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3F));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xE0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3F));
		out[2] = (char)(0x80 | (code & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3F));
	out[2] = (char)(0x80 | (code >> 6 & 0x3F));
	out[3] = (char)(0x80 | (code & 0x3F));
	return 4;
}

/* At the `u` of an escape that the scanner has checked: gives the code point, moves *at behind it and its second half. */
static uint32_t code_point(struct str text, size_t *at)
{
	uint32_t high = hexadecimal(text.data + *at + 1);
	*at += 5;
	if (high < 0xD800 || high > 0xDFFF)
		return high;
	if (high <= 0xDBFF && text.size - *at >= 6 && text.data[*at] == '\\' && text.data[*at + 1] == 'u') {
		uint32_t low = hexadecimal(text.data + *at + 2);
		if (low >= 0xDC00 && low <= 0xDFFF) {
			*at += 6;
			return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
		}
	}
	return 0xFFFD;
}

struct str escapes_undone(struct str text, struct arena *arena)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char *out = arena_alloc(arena, text.size + 1); /* undone it is never longer */
	size_t size = 0;
	for (size_t at = 0; at < text.size;) {
		const char *run = text.data + at, *mark = memchr(run, '\\', text.size - at);
		size_t plain = mark ? (size_t)(mark - run) : text.size - at;
		memcpy(out + size, run, plain);
		size += plain;
		at += plain + 1;
		if (!mark)
			break;
		if (text.data[at] == 'u')
			size += encode(code_point(text, &at), out + size);
		else
			out[size++] = to[strchr(from, text.data[at++]) - from];
	}
	return (struct str){out, size};
}
