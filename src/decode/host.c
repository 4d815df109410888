#include "skewline/decode.h"

bool host_name_normalise(struct str name, char out[256], size_t *out_size)
{
	name = str_trim(name);
	while (name.size && name.data[name.size - 1] == '.')
		name.size--;
	if (!name.size || name.size > 255)
		return false;
	unsigned wrong = 0;
	for (size_t i = 0; i < name.size; i++) { /* no early end: several bytes at a time */
		unsigned char byte = (unsigned char)name.data[i];
		wrong |= (unsigned)(byte <= ' ') | (unsigned)(byte == 0x7F);
		out[i] = ascii_lower(name.data[i]);
	}
	if (wrong)
		return false;
	out[name.size] = 0;
	*out_size = name.size;
	return !(name.size == 1 && out[0] == '-'); /* syslog's "no host" */
}
