/* Lines of plain, gzip and zstd files: what was written comes back, over-long lines are cut and told, damage is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include "skewline/stream.h"

static void write_file(const char *path, const void *bytes, size_t size)
{
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

/* Lines of every length around the chunk's edges, and empty ones. */
static void make(struct buffer *out, size_t *lines)
{
	uint32_t seed = 3;
	*lines = 0;
	while (out->size < 2 << 20) {
		seed = seed * 1664525 + 1013904223;
		size_t size = *lines % 50 == 7 ? 300000 : (seed >> 8) % 900;
		for (size_t i = 0; i < size; i++)
			buffer_add_byte(out, (char)('a' + (i + *lines) % 26));
		buffer_add_byte(out, '\n');
		++*lines;
	}
}

static void read_back(const char *path, const struct buffer *want, size_t lines)
{
	struct buffer error = {0}, got = {0};
	struct line_file *file = line_file_open(str_of(path), 1 << 20, &error);
	assert_non_null(file);
	struct str line;
	uint64_t number, whole, count = 0;
	while (line_file_next(file, &line, &number, &whole, &error)) {
		assert_int_equal(number, ++count);
		assert_int_equal(whole, line.size);
		buffer_add_str(&got, line);
		buffer_add_byte(&got, '\n');
	}
	assert_int_equal(error.size, 0);
	assert_int_equal(count, lines);
	assert_int_equal(got.size, want->size);
	assert_memory_equal(got.data, want->data, got.size);
	line_file_close(file);
	buffer_release(&got);
	buffer_release(&error);
}

static void all_packings(void **state)
{
	(void)state;
	struct buffer text = {0};
	size_t lines;
	make(&text, &lines);
	char path[] = "/tmp/skewline-lines-XXXXXX";
	close(mkstemp(path));
	write_file(path, text.data, text.size);
	read_back(path, &text, lines);
	gzFile gzip = gzopen(path, "wb");
	assert_int_equal(gzwrite(gzip, text.data, (unsigned)text.size), (int)text.size);
	gzclose(gzip);
	read_back(path, &text, lines);
	size_t bound = ZSTD_compressBound(text.size);
	char *packed = malloc(bound);
	size_t size = ZSTD_compress(packed, bound, text.data, text.size, 3);
	write_file(path, packed, size);
	read_back(path, &text, lines);
	/* cut off: what can be read is read, then the fault is said */
	write_file(path, packed, size / 2);
	struct buffer error = {0};
	struct line_file *file = line_file_open(str_of(path), 1 << 20, &error);
	struct str line;
	uint64_t number, whole, count = 0;
	while (line_file_next(file, &line, &number, &whole, &error))
		count++;
	assert_in_range(count, 1, lines - 1);
	assert_non_null(strstr(error.data, "ends too early"));
	line_file_close(file);
	buffer_release(&error);
	free(packed);
	remove(path);
	buffer_release(&text);
}

static void too_long(void **state)
{
	(void)state;
	static const size_t sizes[] = {100, 101, 5000, 10 << 20};
	char path[] = "/tmp/skewline-lines-XXXXXX";
	close(mkstemp(path));
	for (size_t i = 0; i < 4; i++) {
		struct buffer text = {0}, error = {0};
		buffer_add_str(&text, STR("first\r\n"));
		buffer_reserve(&text, sizes[i]);
		memset(text.data + text.size, 'x', sizes[i]);
		text.size += sizes[i];
		buffer_add_str(&text, STR("\nlast without end"));
		write_file(path, text.data, text.size);
		struct line_file *file = line_file_open(str_of(path), 100, &error);
		struct str line;
		uint64_t number, whole;
		assert_true(line_file_next(file, &line, &number, &whole, &error) && str_equal(line, STR("first")));
		assert_true(line_file_next(file, &line, &number, &whole, &error));
		assert_int_equal(line.size, 100);
		assert_int_equal(whole, sizes[i]);
		assert_true(line_file_next(file, &line, &number, &whole, &error) && str_equal(line, STR("last without end")) && number == 3);
		assert_false(line_file_next(file, &line, &number, &whole, &error));
		assert_int_equal(error.size, 0);
		line_file_close(file);
		buffer_release(&text);
		buffer_release(&error);
	}
	remove(path);
}

static void absent(void **state)
{
	(void)state;
	struct buffer error = {0};
	assert_null(line_file_open(STR("/no/such/file"), 100, &error));
	assert_string_equal(error.data, "/no/such/file: No such file or directory");
	struct line_file *folder = line_file_open(STR("/"), 100, &error);
	struct str line;
	uint64_t number, whole;
	if (folder)
		assert_false(line_file_next(folder, &line, &number, &whole, &error));
	assert_non_null(strstr(error.data, "directory"));
	line_file_close(folder);
	buffer_release(&error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(all_packings), cmocka_unit_test(too_long), cmocka_unit_test(absent)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
