#include "merge.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "skewline/stream.h"

/* Lines of one file are put in order over two halves of at most HALF_MOST: what lies in them stays in the processor's caches. */
enum { MERGE_BYTES = 24 << 20, HALF_LEAST = 128 << 10, HALF_MOST = 2 << 20, LINES_MAX = 1 << 16, AWAKE_MAX = 16 };

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
	bool asleep;            /* looked into and closed again: of many files most are not needed yet, or not any more */
	struct instant first;   /* asleep: the lowest key of its first window */
};

struct merge {
	struct arena arena;
	struct merge_file *files;
	size_t count;
	size_t half_bytes;
	size_t record_bytes_max;
	bool ordered; /* by key; otherwise as given */
	size_t lines, timed; /* of the first 100 lines of each file, for that decision */
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

static void release_half(struct half *half)
{
	buffer_release(&half->bytes);
	free(half->lines);
	*half = (struct half){0};
}

static void close_file(struct merge_file *file)
{
	line_file_close(file->file);
	file->file = NULL;
	release_half(&file->now);
	release_half(&file->ahead);
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
		if (!text.size || (text.data[0] <= ' ' && !str_trim(text).size))
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
	release_half(&file->now);
	release_half(&file->ahead);
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
	if (file->now.next == file->now.count)
		close_file(file); /* all of it has been handed out */
	return true;
}

static bool open_file(struct merge *merge, struct merge_file *file, struct buffer *out_error)
{
	file->file = line_file_open(file->name, merge->record_bytes_max, out_error);
	file->last = INSTANT_NONE;
	file->spent = file->asleep = false;
	return file->file && read_half(merge, file, &file->ahead, out_error);
}

static void count_timed(struct merge *merge, const struct half *half)
{
	for (size_t i = 0; i < half->count && i < 100; i++, merge->lines++)
		merge->timed += half->lines[i].timed;
}

static struct instant lowest_key(const struct half *half, struct instant lowest)
{
	for (size_t i = 0; i < half->count; i++)
		lowest = instant_min(lowest, half->lines[i].key);
	return lowest;
}

/* No stdin, no pipe. */
static bool can_be_read_again(struct str name)
{
	struct stat status;
	return stat(name.data, &status) == 0 && S_ISREG(status.st_mode);
}

/* Remembers where the file begins and closes it. */
static bool put_to_sleep(struct merge *merge, struct merge_file *file, struct buffer *out_error)
{
	if (!read_half(merge, file, &file->now, out_error))
		return false;
	file->first = lowest_key(&file->now, lowest_key(&file->ahead, (struct instant){INT64_MAX}));
	close_file(file);
	file->asleep = true;
	return true;
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
	if (merge->half_bytes > HALF_MOST)
		merge->half_bytes = HALF_MOST;
	bool fine = true;
	for (size_t i = 0; i < count && fine; i++) {
		struct merge_file *file = &merge->files[merge->count++];
		file->name = arena_copy(&merge->arena, files[i]);
		fine = open_file(merge, file, out_error);
		count_timed(merge, &file->ahead);
		if (fine && count > AWAKE_MAX && can_be_read_again(file->name))
			fine = put_to_sleep(merge, file, out_error);
	}
	merge->ordered = merge->timed * 2 >= merge->lines && merge->lines > 0;
	if (fine)
		return merge;
	merge_close(merge);
	return NULL;
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

/* Is the sleeping file needed before the line that would come next? */
static bool is_due(const struct merge *merge, size_t at, size_t next)
{
	if (!merge->files[at].asleep)
		return false;
	if (next == SIZE_MAX)
		return true;
	const struct half *half = &merge->files[next].now;
	return merge->ordered ? !instant_before(half->lines[half->next].key, merge->files[at].first) : at < next;
}

bool merge_next(struct merge *merge, struct merge_line *out, struct buffer *out_error)
{
	size_t at = SIZE_MAX;
	for (bool settled = false; !settled;) {
		for (size_t i = 0; i < merge->count; i++)
			if (merge->files[i].file && !refill(merge, &merge->files[i], out_error))
				return false;
		at = lowest_file(merge);
		settled = true;
		for (size_t i = 0; i < merge->count && settled; i++)
			if (is_due(merge, i, at)) {
				settled = false;
				if (!open_file(merge, &merge->files[i], out_error))
					return false;
			}
	}
	if (at == SIZE_MAX)
		return false;
	struct half *half = &merge->files[at].now;
	const struct line *line = &half->lines[half->next++];
	*out = (struct merge_line){text_of(half, line), merge->files[at].name, line->number, line->whole_size,
		line->whole_size > merge->record_bytes_max, merge->ordinal};
	merge->ordinal += line->timed || !merge->ordered;
	return true;
}

bool merge_ordered(const struct merge *merge)
{
	return merge->ordered;
}

void merge_close(struct merge *merge)
{
	if (!merge)
		return;
	for (size_t i = 0; i < merge->count; i++)
		close_file(&merge->files[i]);
	arena_release(&merge->arena);
	free(merge);
}
