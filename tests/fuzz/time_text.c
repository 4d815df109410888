/* Stamps: what is read lies in its bounds, and printed again it is read as the same instant. RFC 3339 against timegm(). */
#define _GNU_SOURCE
#include <string.h>
#include <time.h>

#include "fuzz.h"
#include "skewline/decode.h"
#include "time_text.h"

static void check_instant(struct instant at)
{
	char text[INSTANT_TEXT_MAX];
	struct stamp_text again;
	HOLDS(instant_known(at));
	if (at.ns < instant_of_seconds(-2208988800).ns || instant_unix_s(at) > 7289654399)
		return; /* a zone may carry a stamp of the first or last day over the edge */
	HOLDS(time_rfc3339(instant_text(at, text), &again) == TIME_OK && again.at.ns == at.ns);
}

static void check_rfc3339(struct str text, struct instant got)
{
	char copy[64];
	struct tm parts;
	if (text.size >= sizeof copy || memchr(text.data, 0, text.size))
		return;
	memcpy(copy, text.data, text.size);
	copy[text.size] = 0;
	copy[10] = 'T';
	memset(&parts, 0, sizeof parts);
	const char *rest = strptime(copy, "%Y-%m-%dT%H:%M:%S", &parts);
	HOLDS(rest);
	if (strcmp(rest, "Z") == 0)
		HOLDS(instant_unix_s(got) == timegm(&parts));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = fuzz_text(data, size);
	struct instant nearby = {1795396815 * SECOND_NS}, at;
	struct stamp_text stamp;
	size_t taken;
	if (time_rfc3339(text, &stamp) == TIME_OK) {
		check_instant(stamp.at);
		check_rfc3339(text, stamp.at);
	}
	if (time_any(text, &stamp) == TIME_OK)
		HOLDS(instant_known(stamp.at) && stamp.grain.ns >= 1 && stamp.grain.ns <= SECOND_NS);
	if (time_rfc3164(text, nearby, &stamp, &taken) == TIME_OK) {
		HOLDS(taken <= size);
		HOLDS(!instant_known(stamp.at) || span_abs(instant_minus(stamp.at, nearby)).ns <= SPAN_S(367 * 86400).ns);
	}
	if (instant_in_message(text, &at))
		HOLDS(instant_known(at));
	return 0;
}
