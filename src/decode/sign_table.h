/* Which way each field of the field's tools counts: normalised offset = raw * factor, POSITIVE = the host is AHEAD, seconds.
 *
 * chronyc's display offsets (sources, last offset) are local minus source: positive when ahead. "System time" is the correction
 * still to be added: negative when ahead. Both were read off a real chronyd whose server was shifted by a known amount. */
#ifndef DECODE_SIGN_TABLE_H
#define DECODE_SIGN_TABLE_H

#include "skewline/time.h"

enum sign_row {
	SIGN_CHRONYC_SYSTEM_TIME,      /* tracking, column 5: s */
	SIGN_CHRONYC_SOURCE_ADJUSTED,  /* sources, column 8: s */
	SIGN_ROWS
};

struct span sign_offset(enum sign_row row, double raw);

#endif
