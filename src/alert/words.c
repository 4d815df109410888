/* Numbers as people say them. */
#include "parts.h"

bool open_low(struct interval interval)
{
	return interval.low.ns == SPAN_OPEN_LOW.ns;
}

bool open_high(struct interval interval)
{
	return interval.high.ns == SPAN_OPEN_HIGH.ns;
}

void add_size(struct buffer *out, struct span span)
{
	double s = span_seconds(span_abs(span));
	int64_t whole = (int64_t)(s + 0.5);
	if (s < 0.0095)
		buffer_printf(out, "%.1f ms", s * 1e3);
	else if (s < 0.9995)
		buffer_printf(out, "%.0f ms", s * 1e3);
	else if (s < 119.95)
		buffer_printf(out, s < 9.995 ? "%.2f s" : "%.1f s", s);
	else if (whole < 7200)
		buffer_printf(out, "%lld min %lld s", (long long)(whole / 60), (long long)(whole % 60));
	else if (whole < 172800)
		buffer_printf(out, "%lld h %lld min", (long long)(whole / 3600), (long long)(whole % 3600 / 60));
	else
		buffer_printf(out, "%.1f days", s / 86400);
}

void add_count(struct buffer *out, uint64_t count)
{
	static const char *const words[] = {"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"};
	if (count < sizeof words / sizeof words[0])
		buffer_add_str(out, str_of(words[count]));
	else
		buffer_printf(out, "%llu", (unsigned long long)count);
}

void add_things(struct buffer *out, uint64_t count, const char *one, const char *many)
{
	add_count(out, count);
	buffer_printf(out, " %s", count == 1 ? one : many);
}

/* As many decimals as a width is worth. */
static int decimals_of(double width)
{
	int decimals = 0;
	while (decimals < 6 && width < 1.95) {
		width *= 10;
		decimals++;
	}
	return decimals;
}

void add_seconds(struct buffer *out, struct span value, struct span width)
{
	buffer_printf(out, "%+.*f s", decimals_of(span_seconds(span_abs(width))), span_seconds(value));
}

void add_range(struct buffer *out, struct interval interval)
{
	int decimals = decimals_of(span_seconds(interval.high) - span_seconds(interval.low));
	buffer_printf(out, "%+.*f ... %+.*f s", decimals, span_seconds(interval.low), decimals, span_seconds(interval.high));
}
