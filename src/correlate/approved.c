/* Which time sources the operator approves: networks ("10.0.0.0/8", "2001:db8::/32") and patterns of names. */
#include <string.h>

#include "room.h"

static bool read_four(struct str text, uint8_t out[4])
{
	for (int i = 0; i < 4; i++) {
		struct str part;
		int64_t number;
		if (!str_split(&text, '.', &part) || !str_to_int64(part, &number) || number < 0 || number > 255)
			return false;
		out[i] = (uint8_t)number;
	}
	return text.size == 0;
}

/* Groups of one half of an IPv6 address into `out`; gives how many bytes, -1: it is none. */
static int read_groups(struct str text, uint8_t out[16])
{
	int size = 0;
	struct str part;
	while (text.size && str_split(&text, ':', &part)) {
		if (str_find_byte(part, '.') > 0 && !text.size && size <= 12)
			return read_four(part, out + size) ? size + 4 : -1;
		unsigned value = 0;
		if (!part.size || part.size > 4 || size > 14)
			return -1;
		for (size_t i = 0; i < part.size; i++) {
			int digit = ascii_hexadecimal(part.data[i]);
			if (digit < 0)
				return -1;
			value = value << 4 | (unsigned)digit;
		}
		out[size++] = (uint8_t)(value >> 8);
		out[size++] = (uint8_t)value;
	}
	return size;
}

static bool read_six(struct str text, uint8_t out[16])
{
	ptrdiff_t gap = str_find(text, STR("::"));
	uint8_t head[16] = {0}, tail[16] = {0};
	memset(out, 0, 16);
	int before = read_groups(gap < 0 ? text : str_first(text, (size_t)gap), head);
	int after = gap < 0 ? 0 : read_groups(str_from(text, (size_t)gap + 2), tail);
	if (before < 0 || after < 0 || (gap < 0 ? before != 16 : before + after > 14))
		return false;
	memcpy(out, head, (size_t)before);
	memcpy(out + 16 - after, tail, (size_t)after);
	return true;
}

/* Gives the bytes of the address: 4 or 16; 0: it is none. */
static int read_address(struct str text, uint8_t out[16])
{
	return read_four(text, out) ? 4 : str_find_byte(text, ':') >= 0 && read_six(text, out) ? 16 : 0;
}

/* Gives the bytes of the network's addresses: 4 or 16; 0: it is none. */
static int read_network(struct str text, uint8_t out[16], int64_t *out_bits)
{
	ptrdiff_t slash = str_find_byte(text, '/');
	int size = slash > 0 ? read_address(str_first(text, (size_t)slash), out) : 0;
	return size && str_to_int64(str_from(text, (size_t)slash + 1), out_bits) && *out_bits >= 0 && *out_bits <= size * 8 ? size : 0;
}

bool is_network(struct str text)
{
	uint8_t bytes[16];
	int64_t bits;
	return read_network(text, bytes, &bits) != 0;
}

static bool in_network(struct str network, struct str address)
{
	uint8_t net[16], own[16];
	int64_t bits;
	int size = read_network(network, net, &bits);
	if (!size || read_address(address, own) != size)
		return false;
	for (int64_t i = 0; i < bits; i++)
		if ((net[i / 8] ^ own[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

bool source_approved(const struct correlate_settings *settings, struct str source)
{
	for (size_t i = 0; i < settings->approved_sources_count; i++)
		if (glob_matches(settings->approved_sources[i], source) || in_network(settings->approved_sources[i], source))
			return true;
	return settings->approved_sources_count == 0;
}
