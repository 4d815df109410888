/* A file of lines: plain, packed or damaged. Of a plain file all bytes come back, packed by us it gives the same lines. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "fuzz.h"
#include "skewline/stream.h"

enum { LONGEST = 300 };

/* The lines' heads and sizes as one text; false after a read error. */
static bool lines_of(struct str bytes, struct buffer *out)
{
	char path[64];
	struct buffer error = {0};
	struct str line;
	uint64_t number, whole, count = 0;
	int handle = memfd_create("lines", 0);
	HOLDS(handle >= 0 && write(handle, bytes.data, bytes.size) == (ssize_t)bytes.size);
	snprintf(path, sizeof path, "/proc/self/fd/%d", handle);
	struct line_file *file = line_file_open(str_of(path), LONGEST, &error);
	HOLDS(file);
	while (line_file_next(file, &line, &number, &whole, &error)) {
		HOLDS(number == ++count && line.size <= LONGEST && line.size <= whole && memchr(line.data, '\n', line.size) == NULL);
		buffer_printf(out, "%llu ", (unsigned long long)whole);
		buffer_add_str(out, line);
		buffer_add_byte(out, '\n');
	}
	line_file_close(file);
	close(handle);
	bool fine = error.size == 0;
	buffer_release(&error);
	return fine;
}

/* By str_split alone. */
static void expected(struct str bytes, struct buffer *out)
{
	struct str line;
	while (bytes.size && str_split(&bytes, '\n', &line)) {
		struct str head = line.size > LONGEST ? str_first(line, LONGEST) : str_ends(line, STR("\r")) ? str_first(line, line.size - 1) : line;
		buffer_printf(out, "%zu ", line.size);
		buffer_add_str(out, head);
		buffer_add_byte(out, '\n');
	}
}

static size_t pack_gzip(struct str bytes, char *into, size_t room)
{
	z_stream stream;
	memset(&stream, 0, sizeof stream);
	HOLDS(deflateInit2(&stream, 1, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) == Z_OK);
	stream.next_in = (Bytef *)(uintptr_t)bytes.data;
	stream.avail_in = (unsigned)bytes.size;
	stream.next_out = (Bytef *)into;
	stream.avail_out = (unsigned)room;
	HOLDS(deflate(&stream, Z_FINISH) == Z_STREAM_END);
	size_t size = stream.total_out;
	deflateEnd(&stream);
	return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char packed[1 << 16];
	size_t way = fuzz_choice(&data, &size, 4);
	struct str bytes = fuzz_text(data, size < 32768 ? size : 32768);
	struct buffer got = {0}, want = {0};
	bool plain = !str_starts(bytes, STR("\x1F\x8B")) && !str_starts(bytes, STR("\x28\xB5\x2F\xFD"));
	expected(bytes, &want);
	if (way == 1)
		bytes = (struct str){packed, pack_gzip(bytes, packed, sizeof packed)};
	else if (way == 2)
		bytes = (struct str){packed, ZSTD_compress(packed, sizeof packed, bytes.data, bytes.size, 1)};
	bool fine = lines_of(bytes, &got);
	if (way == 1 || way == 2 || plain)
		HOLDS(fine && str_equal(buffer_str(&got), buffer_str(&want)));
	buffer_release(&got);
	buffer_release(&want);
	return 0;
}
