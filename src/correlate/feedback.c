/* Words between partitions: sent as effects, kept until their time has come, then carried to the subject they are for. Hop 2 begets
 * nothing. Also on the sender's own partition they take the way through the topic, so that the number of partitions changes nothing. */
#include <stdlib.h>

#include "room.h"

/* A copy of its own in the arena of the effects; NULL: it cannot be said. */
static const struct observation *told(struct correlate_partition *p, struct str subject, struct feedback *feedback)
{
	struct arena *arena = &p->out->arena;
	struct feedback *copy = arena_zalloc(arena, sizeof *copy);
	feedback->partition = p->number;
	buffer_reset(&p->packed);
	if (!feedback_pack(feedback, &p->packed) || !feedback_unpack(buffer_str(&p->packed), arena, copy))
		return NULL;
	struct observation *observation = arena_zalloc(arena, sizeof *observation);
	*observation = (struct observation){.kind = OBSERVATION_FEEDBACK, .subject = arena_copy(arena, subject), .reference = feedback->cause,
		.host_said = INSTANT_NONE, .feedback = copy};
	return observation;
}

static void send(struct correlate_partition *p, uint32_t to, const struct observation *observation)
{
	if (!observation)
		return;
	struct effect *effect = effect_add(p, EFFECT_FEEDBACK);
	effect->feedback.partition = to;
	effect->feedback.observation = observation;
}

void feedback_send(struct correlate_partition *p, uint32_t to, struct str subject, struct feedback *feedback)
{
	send(p, to, told(p, subject, feedback));
}

void feedback_send_all(struct correlate_partition *p, struct str subject, struct feedback *feedback)
{
	const struct observation *observation = told(p, subject, feedback);
	for (uint32_t to = 0; to < p->count; to++)
		send(p, to, observation);
}

/* ---- until it takes effect ---- */
static bool earlier(const void *context, const void *a, const void *b)
{
	(void)context;
	const struct pending *left = a, *right = b;
	return left->due != right->due ? left->due < right->due : left->sequence < right->sequence;
}

void pending_init(struct heap *pending)
{
	heap_init(pending, sizeof(struct pending), earlier, NULL);
}

enum { PENDING_MAX = 1 << 18 };

void feedback_take(struct correlate_partition *p, const struct observation *observation)
{
	struct str value = observation->feedback->packed;
	buffer_reset(&p->packed);
	if (!value.size && feedback_pack(observation->feedback, &p->packed))
		value = buffer_str(&p->packed);
	if (p->pending.count >= PENDING_MAX || !value.size) {
		finding_say(p, "feedback_dropped", observation->subject, "more feedback waits than this partition may hold");
		return;
	}
	struct pending pending = {.due = observation->feedback->cause.ns + K(HOP), .sequence = p->sequence++};
	owned_set(&pending.subject, observation->subject);
	owned_set(&pending.value, value);
	heap_push(&p->pending, &pending);
	p->touched = true;
}

struct str pending_key(const struct pending *pending, struct arena *arena)
{
	return arena_printf(arena, "f/%016llx", (unsigned long long)pending->sequence);
}

void feedback_effect(struct correlate_partition *p, struct pending *pending)
{
	struct feedback feedback;
	struct str subject = owned_str(&pending->subject);
	arena_reset(&p->heard);
	if (feedback_unpack(owned_str(&pending->value), &p->heard, &feedback)) {
		struct str name = str_starts(subject, STR("ntp:")) ? str_from(subject, 4) : str_starts(subject, STR("ip:")) ? str_from(subject, 3) : subject;
		switch (feedback.kind) {
		case FEEDBACK_STANCES: source_told(p, name, &feedback, pending->due); break;
		case FEEDBACK_ACCUSATION: accusation_take(p, subject, &feedback, pending->due); break;
		case FEEDBACK_ADDRESS: address_told(p, name, feedback.address_host, pending->due); break;
		case FEEDBACK_UNEXPLAINED: fleet_unexplained(p, &feedback, pending->due); break;
		case FEEDBACK_CALIBRATION: fleet_calibrated(p, &feedback, pending->due); break;
		case FEEDBACK_OPEN: open_told(p, &feedback); break;
		case FEEDBACK_ISSUER: issuer_told(p, &feedback); break;
		case FEEDBACK_SOURCE: source_known(p, &feedback, name); break;
		case FEEDBACK_FLEET: fleet_known(p, &feedback); break;
		case FEEDBACK_PEER: peer_known(p, &feedback); break;
		case FEEDBACK_KIND_COUNT: break;
		}
	}
	if (pending->stored)
		key_bury(p, pending_key(pending, &p->heard));
	owned_clear(&pending->subject);
	owned_clear(&pending->value);
}
