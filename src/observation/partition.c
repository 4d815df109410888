#include "skewline/observation.h"

#include <assert.h>

static bool digits_and(struct str text, const char *others, size_t *out_others)
{
	*out_others = 0;
	for (size_t i = 0; i < text.size; i++) {
		char byte = text.data[i];
		bool other = false;
		for (const char *at = others; *at; at++)
			other = other || byte == *at;
		bool hexadecimal = (byte >= '0' && byte <= '9') || (others[0] == ':' && (byte | 0x20) >= 'a' && (byte | 0x20) <= 'f');
		if (!other && !hexadecimal)
			return false;
		*out_others += other;
	}
	return text.size > 0;
}

bool subject_is_address(struct str name)
{
	size_t marks;
	if (digits_and(name, ".", &marks) && marks == 3 && name.size <= 15)
		return name.data[0] != '.' && name.data[name.size - 1] != '.';
	ptrdiff_t zone = str_find_byte(name, '%');
	struct str plain = zone > 0 ? str_first(name, (size_t)zone) : name;
	return str_find_byte(plain, ':') >= 0 && digits_and(plain, ":.", &marks) && marks >= 2 && plain.size <= 45;
}

/* What is hashed: the first label of a host's name, so that web-01 and web-01.example.net meet; everything else whole. */
static struct str hashed_part(struct str subject)
{
	if (str_starts(subject, STR("ntp:")) || str_starts(subject, STR("ip:")) || subject_is_address(subject))
		return subject;
	ptrdiff_t dot = str_find_byte(subject, '.');
	return dot > 0 ? str_first(subject, (size_t)dot) : subject;
}

uint32_t observation_partition(struct str subject, uint32_t partitions)
{
	assert(partitions > 0);
	return (uint32_t)(str_hash(hashed_part(subject), 0) % partitions);
}
