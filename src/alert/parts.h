/* Shared by the writers of one revision. */
#ifndef ALERT_PARTS_H
#define ALERT_PARTS_H

#include "skewline/alert.h"

/* "29.98 s", "4 min 12 s", "1 h 0 min", "9,821 d": a size for people. */
void add_size(struct buffer *out, struct span span);
/* "at least 400 s ahead", "between 29.7 s and 30.2 s behind". False, nothing added: the interval has no side. */
bool add_offset(struct buffer *out, struct interval interval, struct span estimate, bool estimate_known, enum direction direction);
void add_reference(struct buffer *out, const struct incident_revision *revision, const struct alert_settings *settings);
void alert_text(const struct incident_revision *revision, const struct alert_settings *settings, struct buffer *out);
bool open_low(struct interval interval);
bool open_high(struct interval interval);

#endif
