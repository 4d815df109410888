/* A config file, sound or not: every error has a message; what loads prints as a config that loads as the same. */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "skewline/config.h"

static bool load(struct str text, struct config *out)
{
	char path[64];
	struct diag_list diags = {0};
	struct buffer told = {0};
	int handle = memfd_create("config", 0);
	HOLDS(handle >= 0 && write(handle, text.data, text.size) == (ssize_t)text.size);
	snprintf(path, sizeof path, "/proc/self/fd/%d", handle);
	bool fine = config_load(str_of(path), out, &diags);
	HOLDS(fine == (diags.errors == 0));
	diag_sort(&diags);
	diag_print(&diags, &told);
	for (size_t i = 0; i < diags.count; i++)
		HOLDS(diags.items[i].message.size);
	buffer_release(&told);
	diag_release(&diags);
	close(handle);
	return fine;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config first, second;
	struct buffer printed = {0}, again = {0};
	bool fine = load(size ? fuzz_text(data, size) : STR(" "), &first);
	config_print(&first, &printed);
	if (fine) {
		HOLDS(load(buffer_str(&printed), &second));
		config_print(&second, &again);
		HOLDS(str_equal(buffer_str(&printed), buffer_str(&again)));
		config_release(&second);
	}
	config_release(&first);
	buffer_release(&printed);
	buffer_release(&again);
	return 0;
}
