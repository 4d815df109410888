/* Instants as messages write them, by a named format or by trying. */
#ifndef MATCH_INSTANT_H
#define MATCH_INSTANT_H

#include "skewline/rule.h"

/* `nearby`: where the text has no year, the one nearest to it is meant; INSTANT_NONE: such a text is no instant. Without a zone: UTC.
 * AUTO reads a date with slashes only where one of its numbers is above 12, or the time has AM or PM: then the month is first. */
bool instant_read(struct str text, enum instant_format format, struct instant nearby, struct instant *out);

#endif
