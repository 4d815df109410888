/* What is wrong with a rule or a config: all of it, sorted, with the place and the remedy.
 *
 * printed as
 *     rules/x.yml:12:9: error: unknown modifier 'contain'
 *         message|contain: not yet valid
 *                 ^
 *         hint: did you mean 'contains'?
 * Everything is copied into the list's own arena. Line and column count from 1; 0 = the whole file. */
#ifndef SKEWLINE_DIAG_H
#define SKEWLINE_DIAG_H

#include "skewline/arena.h"
#include "skewline/buffer.h"

enum diag_level { DIAG_WARNING, DIAG_ERROR };

struct diag {
	enum diag_level level;
	struct str file;
	unsigned line, column;
	struct str message;
	struct str hint;   /* empty: none */
	struct str source; /* the line of the file, without its end; empty: not shown */
};

struct diag_list {
	struct arena arena;
	struct diag *items;
	size_t count, capacity;
	size_t errors, warnings;
};

/* `text` is the whole file (may be empty): the source line is cut out of it. `hint` may be empty. */
__attribute__((format(printf, 8, 9))) void diag_add(struct diag_list *list, enum diag_level level, struct str file,
	struct str text, unsigned line, unsigned column, struct str hint, const char *format, ...);
__attribute__((format(printf, 8, 0))) void diag_vadd(struct diag_list *list, enum diag_level level, struct str file,
	struct str text, unsigned line, unsigned column, struct str hint, const char *format, va_list arguments);
void diag_sort(struct diag_list *list); /* by file, line, column; stable */
void diag_print(const struct diag_list *list, struct buffer *out);
void diag_release(struct diag_list *list);
/* The word of `words` nearest to `word` (at most a third of it wrong), or the empty view: for "did you mean". */
struct str diag_nearest(struct str word, const struct str *words, size_t count);

#endif
