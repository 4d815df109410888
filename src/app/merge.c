#include "merge.h"

#include <stdlib.h>
#include <string.h>

#include "skewline/stream.h"

enum { MERGE_BYTES = 24 << 20, HALF_LEAST = 128 << 10, LINES_MAX = 1 << 16 };

struct line {
	size_t at, size;
	struct instant key;
	bool timed; /* the key is its own */
	uint64_t number, whole_size;
};

/* Half a window: lines in file order, then sorted together with the half behind it. */
struct half {
	struct buffer bytes;
	struct line *lines;
	size_t count, capacity, next;
};

struct merge_file {
	struct str name;
	struct line_file *file;
	struct half now, ahead; /* `now` is handed out; everything in `ahead` is not before it */
	struct instant last;    /* the newest key: a line without its own stays beside its neighbours */
	bool spent;
};

struct merge {
	struct arena arena;
	struct merge_file *files;
	size_t count;
	size_t half_bytes;
	size_t record_bytes_max;
	bool ordered; /* by key; otherwise as given */
	uint64_t ordinal;
	struct instant (*key_of)(void *, struct str);
	void *context;
};

static struct str text_of(const struct half *half, const struct line *line)
{
	return (struct str){half->bytes.data + line->at, line->size};
}

static void add_line(struct half *half, struct str text, struct line line)
{
	if (half->count == half->capacity) {
		half->capacity = half->capacity ? half->capacity * 2 : 256;
		half->lines = realloc(half->lines, half->capacity * sizeof *half->lines);
		if (!half->lines)
			abort();
	}
	line.at = half->bytes.size;
	line.size = text.size;
	buffer_add_str(&half->bytes, text);
	half->lines[half->count++] = line;
}

static bool read_half(struct merge *merge, struct merge_file *file, struct half *half, struct buffer *out_error)
{
	buffer_reset(&half->bytes);
	half->count = half->next = 0;
	while (!file->spent && half->bytes.size < merge->half_bytes && half->count < LINES_MAX) {
		struct line line = {0};
		struct str text;
		if (!line_file_next(file->file, &text, &line.number, &line.whole_size, out_error)) {
			file->spent = true;
			return out_error->size == 0;
		}
		if (!str_trim(text).size)
			continue;
		struct instant key = merge->key_of(merge->context, text);
		line.timed = instant_known(key);
		line.key = line.timed ? key : file->last;
		file->last = line.key;
		add_line(half, text, line);
	}
	return true;
}

struct sortable {
	struct line line;
	struct str text;
};

static int in_order(const void *a, const void *b)
{
	const struct sortable *left = a, *right = b;
	if (left->line.key.ns != right->line.key.ns)
		return left->line.key.ns < right->line.key.ns ? -1 : 1;
	int order = str_compare(left->text, right->text);
	return order ? order : (left->line.number > right->line.number) - (left->line.number < right->line.number);
}

static bool precedes(const struct half *a, size_t i, const struct half *b, size_t j)
{
	struct sortable left = {a->lines[i], text_of(a, &a->lines[i])}, right = {b->lines[j], text_of(b, &b->lines[j])};
	return in_order(&left, &right) <= 0;
}

static bool sorted(const struct half *now, const struct half *ahead)
{
	for (size_t i = 1; i < now->count; i++)
		if (!precedes(now, i - 1, now, i))
			return false;
	for (size_t i = 1; i < ahead->count; i++)
		if (!precedes(ahead, i - 1, ahead, i))
			return false;
	return !now->count || !ahead->count || precedes(now, now->count - 1, ahead, 0);
}

/* Sorts both halves together: the lower part becomes `now`, the upper `ahead`. */
static void sort_halves(struct merge_file *file)
{
	size_t count = file->now.count + file->ahead.count, lower = file->now.count;
	struct sortable *all = malloc((count ? count : 1) * sizeof *all);
	if (!all)
		abort();
	for (size_t i = 0; i < count; i++) {
		const struct half *half = i < lower ? &file->now : &file->ahead;
		const struct line *line = &half->lines[i < lower ? i : i - lower];
		all[i] = (struct sortable){*line, text_of(half, line)};
	}
	qsort(all, count, sizeof *all, in_order);
	struct half now = {0}, ahead = {0};
	for (size_t i = 0; i < count; i++)
		add_line(i < lower ? &now : &ahead, all[i].text, all[i].line);
	free(all);
	buffer_release(&file->now.bytes);
	buffer_release(&file->ahead.bytes);
	free(file->now.lines);
	free(file->ahead.lines);
	file->now = now;
	file->ahead = ahead;
}

/* Makes sure that `now` has a line, unless the file is spent. */
static bool refill(struct merge *merge, struct merge_file *file, struct buffer *out_error)
{
	while (file->now.next == file->now.count && (file->ahead.count || !file->spent)) {
		struct half empty = file->now;
		file->now = file->ahead;
		file->ahead = empty;
		if (!read_half(merge, file, &file->ahead, out_error))
			return false;
		if (!file->now.count && file->ahead.count)
			continue;
		if (merge->ordered && !sorted(&file->now, &file->ahead))
			sort_halves(file);
	}
	return true;
}

static void decide_order(struct merge *merge)
{
	size_t lines = 0, timed = 0;
	for (size_t i = 0; i < merge->count; i++) {
		const struct half *half = &merge->files[i].ahead;
		for (size_t j = 0; j < half->count && j < 100; j++, lines++)
			timed += half->lines[j].timed;
	}
	merge->ordered = timed * 2 >= lines && lines > 0;
}

struct merge *merge_open(const struct str *files, size_t count, size_t record_bytes_max,
	struct instant (*key_of)(void *context, struct str record), void *context, struct buffer *out_error)
{
	struct merge *merge = calloc(1, sizeof *merge);
	if (!merge)
		abort();
	merge->key_of = key_of;
	merge->record_bytes_max = record_bytes_max;
	merge->context = context;
	merge->files = arena_array(&merge->arena, count ? count : 1, sizeof *merge->files);
	merge->half_bytes = (size_t)MERGE_BYTES / 2 / (count ? count : 1);
	if (merge->half_bytes < HALF_LEAST)
		merge->half_bytes = HALF_LEAST;
	for (size_t i = 0; i < count; i++) {
		struct merge_file *file = &merge->files[merge->count];
		file->name = arena_copy(&merge->arena, files[i]);
		file->last = INSTANT_NONE;
		file->file = line_file_open(file->name, record_bytes_max, out_error);
		if (!file->file) {
			merge_close(merge);
			return NULL;
		}
		merge->count++;
		if (!read_half(merge, file, &file->ahead, out_error)) {
			merge_close(merge);
			return NULL;
		}
	}
	decide_order(merge);
	return merge;
}

static size_t lowest_file(const struct merge *merge)
{
	size_t best = SIZE_MAX;
	for (size_t i = 0; i < merge->count; i++) {
		const struct half *half = &merge->files[i].now;
		if (half->next == half->count)
			continue;
		if (best == SIZE_MAX)
			best = i;
		else if (merge->ordered && !precedes(&merge->files[best].now, merge->files[best].now.next, half, half->next))
			best = i;
	}
	return best;
}

bool merge_next(struct merge *merge, struct merge_line *out, struct buffer *out_error)
{
	for (size_t i = 0; i < merge->count; i++)
		if (!refill(merge, &merge->files[i], out_error))
			return false;
	size_t at = lowest_file(merge);
	if (at == SIZE_MAX)
		return false;
	struct half *half = &merge->files[at].now;
	const struct line *line = &half->lines[half->next++];
	*out = (struct merge_line){text_of(half, line), merge->files[at].name, line->number, line->whole_size,
		line->whole_size > merge->record_bytes_max, merge->ordinal};
	merge->ordinal += line->timed || !merge->ordered;
	return true;
}

void merge_close(struct merge *merge)
{
	if (!merge)
		return;
	for (size_t i = 0; i < merge->count; i++) {
		struct merge_file *file = &merge->files[i];
		line_file_close(file->file);
		buffer_release(&file->now.bytes);
		buffer_release(&file->ahead.bytes);
		free(file->now.lines);
		free(file->ahead.lines);
	}
	arena_release(&merge->arena);
	free(merge);
}
