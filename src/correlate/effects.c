/* What a step returns, and the settings that it starts from. */
#include <stdlib.h>
#include <string.h>

#include "room.h"

void correlate_settings_default(struct correlate_settings *out)
{
	*out = (struct correlate_settings){.thresholds = {SPAN_MS(50), SPAN_MS(200), 2}, .leap_announced = LEAP_IGNORE, .window = SPAN_S(600),
		.suspects_max = 20000, .hosts_max = 1000000, .awake_max = 1024};
#define X(id, value, reason) out->constants[C_##id].ns = value;
	CONSTANTS(X)
#undef X
}

void effects_reset(struct effects *effects)
{
	arena_reset(&effects->arena);
	effects->count = 0;
}

void effects_release(struct effects *effects)
{
	arena_release(&effects->arena);
	free(effects->items);
	*effects = (struct effects){0};
}

struct effect *effect_add(struct correlate_partition *p, enum effect_kind kind)
{
	struct effects *out = p->out;
	if (out->count == out->capacity) {
		out->capacity = out->capacity ? out->capacity * 2 : 32;
		out->items = realloc(out->items, out->capacity * sizeof *out->items);
		if (!out->items)
			abort();
	}
	struct effect *effect = &out->items[out->count++];
	memset(effect, 0, sizeof *effect);
	effect->kind = kind;
	return effect;
}

void finding_say(struct correlate_partition *p, const char *name, struct str subject, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	struct str detail = arena_vprintf(&p->out->arena, format, arguments);
	va_end(arguments);
	struct effect *effect = effect_add(p, EFFECT_FINDING);
	effect->finding.name = name;
	effect->finding.subject = arena_copy(&p->out->arena, subject);
	effect->finding.detail = detail;
}

bool tracing(const struct correlate_partition *p, const struct host *host)
{
	return p->settings->trace && (!p->settings->trace_host.size || host_called(host, p->settings->trace_host));
}

void trace_say(struct correlate_partition *p, const struct host *host, int64_t at, const char *format, ...)
{
	if (!tracing(p, host))
		return;
	va_list arguments;
	va_start(arguments, format);
	struct str text = arena_vprintf(&p->out->arena, format, arguments);
	va_end(arguments);
	struct effect *effect = effect_add(p, EFFECT_TRACE);
	effect->trace.at = (struct instant){at};
	effect->trace.host = arena_copy(&p->out->arena, host_shown(host));
	effect->trace.text = text;
}
