#include "skewline/stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { CHUNK = 256 << 10 };

enum packing { PLAIN, GZIP, ZSTD };

struct line_file {
	struct str path;
	int handle;
	enum packing packing;
	gzFile gzip;
	ZSTD_DStream *zstd;
	char *raw;              /* compressed input of zstd */
	size_t raw_size, raw_at;
	bool frame_open;        /* a zstd frame has begun and not ended */
	char *bytes;            /* unpacked, not yet handed out */
	size_t capacity, size, at;
	bool spent;
	size_t record_bytes_max;
	struct buffer cut;      /* the head of a line that is too long */
	uint64_t number;
};

static void say(struct buffer *out_error, struct str path, const char *what)
{
	buffer_reset(out_error);
	buffer_printf(out_error, "%.*s: %s", STR_ARGS(path), what);
}

/* By the first bytes, whatever the name says; a pipe, which cannot be looked into, is taken as it is. */
static enum packing packing_of(int handle)
{
	unsigned char head[4] = {0};
	ssize_t size = pread(handle, head, sizeof head, lseek(handle, 0, SEEK_CUR));
	if (size >= 2 && head[0] == 0x1F && head[1] == 0x8B)
		return GZIP;
	return size == 4 && memcmp(head, "\x28\xB5\x2F\xFD", 4) == 0 ? ZSTD : PLAIN;
}

static void *allocated(size_t size)
{
	void *memory = malloc(size);
	if (!memory)
		abort();
	return memory;
}

struct line_file *line_file_open(struct str path, size_t record_bytes_max, struct buffer *out_error)
{
	struct buffer name = {0};
	buffer_add_str(&name, path);
	bool standard = str_equal(path, STR("-"));
	FILE *opened = standard ? NULL : fopen(name.data ? name.data : "", "rb");
	int handle = standard ? dup(STDIN_FILENO) : opened ? dup(fileno(opened)) : -1;
	int problem = errno;
	if (opened)
		fclose(opened);
	if (handle < 0) {
		say(out_error, path, strerror(problem));
		buffer_release(&name);
		return NULL;
	}
	struct line_file *file = calloc(1, sizeof *file);
	if (!file)
		abort();
	file->path = buffer_str(&name);
	file->handle = handle;
	file->record_bytes_max = record_bytes_max ? record_bytes_max : SIZE_MAX / 4;
	file->packing = packing_of(handle);
	file->capacity = CHUNK * 2;
	file->bytes = allocated(file->capacity);
	if (file->packing == GZIP)
		file->gzip = gzdopen(dup(handle), "rb");
	if (file->packing == ZSTD) {
		file->zstd = ZSTD_createDStream();
		file->raw = allocated(CHUNK);
	}
	return file;
}

void line_file_close(struct line_file *file)
{
	if (!file)
		return;
	if (file->gzip)
		gzclose(file->gzip);
	ZSTD_freeDStream(file->zstd);
	close(file->handle);
	free(file->raw);
	free(file->bytes);
	buffer_release(&file->cut);
	free((char *)(uintptr_t)file->path.data);
	free(file);
}

static ssize_t read_plain(struct line_file *file, char *into, size_t room)
{
	ssize_t size;
	do
		size = read(file->handle, into, room);
	while (size < 0 && errno == EINTR);
	return size;
}

static ssize_t read_zstd(struct line_file *file, char *into, size_t room, const char **out_problem)
{
	ZSTD_outBuffer out = {into, room, 0};
	while (out.pos == 0) {
		if (file->raw_at == file->raw_size) {
			ssize_t size = read_plain(file, file->raw, CHUNK);
			if (size <= 0) {
				*out_problem = size < 0 ? strerror(errno) : file->frame_open ? "the compressed data ends too early" : NULL;
				return *out_problem ? -1 : 0;
			}
			file->raw_size = (size_t)size;
			file->raw_at = 0;
		}
		ZSTD_inBuffer in = {file->raw, file->raw_size, file->raw_at};
		size_t left = ZSTD_decompressStream(file->zstd, &out, &in);
		file->raw_at = in.pos;
		if (ZSTD_isError(left)) {
			*out_problem = ZSTD_getErrorName(left);
			return -1;
		}
		file->frame_open = left != 0;
	}
	return (ssize_t)out.pos;
}

static ssize_t read_gzip(struct line_file *file, char *into, size_t room, const char **out_problem)
{
	int size = gzread(file->gzip, into, (unsigned)room), problem = Z_OK;
	const char *text = gzerror(file->gzip, &problem), *words = strchr(text, ' '); /* behind the library's own name for the file */
	if (size < 0 || (size == 0 && problem == Z_BUF_ERROR)) {
		*out_problem = problem == Z_BUF_ERROR ? "the compressed data ends too early" : problem == Z_ERRNO ? strerror(errno) : words ? words + 1 : text;
		return -1;
	}
	return size;
}

/* More bytes behind what is there. */
static bool fill(struct line_file *file, struct buffer *out_error)
{
	if (file->at > 0) {
		memmove(file->bytes, file->bytes + file->at, file->size - file->at);
		file->size -= file->at;
		file->at = 0;
	}
	if (file->size == file->capacity) {
		file->capacity *= 2; /* bounded: next_line drops what lies beyond record_bytes_max */
		file->bytes = realloc(file->bytes, file->capacity);
		if (!file->bytes)
			abort();
	}
	size_t room = file->capacity - file->size;
	const char *problem = NULL;
	ssize_t size = file->packing == GZIP ? read_gzip(file, file->bytes + file->size, room, &problem)
		: file->packing == ZSTD ? read_zstd(file, file->bytes + file->size, room, &problem) : read_plain(file, file->bytes + file->size, room);
	if (size < 0) {
		say(out_error, file->path, problem ? problem : strerror(errno));
		file->spent = true;
		return false;
	}
	file->size += (size_t)size;
	file->spent = size == 0;
	return true;
}

/* Drops the rest of a line that is too long, and counts it. */
static bool skip_rest(struct line_file *file, uint64_t *whole, struct buffer *out_error)
{
	for (;;) {
		const char *end = memchr(file->bytes + file->at, '\n', file->size - file->at);
		size_t size = end ? (size_t)(end - file->bytes) - file->at : file->size - file->at;
		*whole += size;
		file->at += size + (end != NULL);
		if (end || file->spent)
			return true;
		if (!fill(file, out_error))
			return false;
	}
}

/* The head of a line that is too long is kept aside, the rest is read past. */
static bool cut_line(struct line_file *file, struct str *out_line, uint64_t *out_whole_size, struct buffer *out_error)
{
	buffer_reset(&file->cut);
	buffer_add(&file->cut, file->bytes + file->at, file->record_bytes_max);
	*out_line = buffer_str(&file->cut);
	*out_whole_size = 0;
	return skip_rest(file, out_whole_size, out_error);
}

bool line_file_next(struct line_file *file, struct str *out_line, uint64_t *out_number, uint64_t *out_whole_size, struct buffer *out_error)
{
	*out_number = ++file->number;
	for (size_t seen = 0;;) {
		const char *from = file->bytes + file->at;
		size_t there = file->size - file->at;
		const char *end = memchr(from + seen, '\n', there - seen);
		size_t size = end ? (size_t)(end - from) : there;
		if (size > file->record_bytes_max)
			return cut_line(file, out_line, out_whole_size, out_error);
		if (end || (file->spent && size > 0)) {
			bool returned = size && from[size - 1] == '\r';
			*out_line = (struct str){from, size - returned};
			*out_whole_size = size;
			file->at += size + (end != NULL);
			return true;
		}
		if (file->spent)
			return false;
		seen = there;
		if (!fill(file, out_error))
			return false;
	}
}
