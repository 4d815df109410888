/* Shared by the writers of one revision. */
#ifndef ALERT_PARTS_H
#define ALERT_PARTS_H

#include "skewline/alert.h"

/* ---- numbers as people say them (words.c) ---- */
void add_size(struct buffer *out, struct span span);       /* "29.98 s", "4 min 12 s", "1 h 0 min", "9821.0 days"; without a sign */
void add_count(struct buffer *out, uint64_t count);        /* "two", "13" */
void add_things(struct buffer *out, uint64_t count, const char *one, const char *many); /* "one host", "two hosts" */
void add_seconds(struct buffer *out, struct span value, struct span width); /* "-29.98 s", as exact as its width */
void add_range(struct buffer *out, struct interval interval); /* "-30.2 ... -29.8 s"; both sides must be closed */
bool open_low(struct interval interval);
bool open_high(struct interval interval);

/* ---- clauses (clauses.c) ---- */
enum tense { PRESENT, PAST };
/* What proves it: "three certificates and a token from two issuers were 'not yet valid' here, NTP agrees (...)". False: nothing to say. */
bool add_proof(struct buffer *out, const struct incident_revision *revision);
/* Why: "nothing corrects it", "it lost 60 ppm". Without a capital and a full stop. */
void add_why(struct buffer *out, const struct incident_revision *revision, enum tense tense);

void add_reference(struct buffer *out, const struct incident_revision *revision, const struct alert_settings *settings);
void alert_text(const struct incident_revision *revision, const struct alert_settings *settings, struct buffer *out);

#endif
