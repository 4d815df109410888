#include "sign_table.h"

struct span sign_offset(enum sign_row row, double raw)
{
	static const double factors[SIGN_ROWS] = {
		[SIGN_CHRONYC_SYSTEM_TIME] = -1,
		[SIGN_CHRONYC_SOURCE_ADJUSTED] = 1,
	};
	return span_of_seconds(raw * factors[row]);
}
