/* Words between partitions: sent as effects, kept until their time has come, then carried to the subject they are for. Hop 2 begets
 * nothing. Also on the sender's own partition they take the way through the topic, so that the number of partitions changes nothing. */
#include <stdlib.h>

#include "room.h"

void feedback_send(struct correlate_partition *p, uint32_t to, struct str subject, struct feedback *feedback)
{
	feedback->partition = p->number;
	struct buffer bytes = {0};
	struct feedback *copy = arena_zalloc(&p->out->arena, sizeof *copy);
	if (feedback_pack(feedback, &bytes) && feedback_unpack(buffer_str(&bytes), &p->out->arena, copy)) {
		struct observation *observation = arena_zalloc(&p->out->arena, sizeof *observation);
		*observation = (struct observation){.kind = OBSERVATION_FEEDBACK, .subject = arena_copy(&p->out->arena, subject),
			.reference = feedback->cause, .host_said = INSTANT_NONE, .feedback = copy};
		struct effect *effect = effect_add(p, EFFECT_FEEDBACK);
		effect->feedback.partition = to;
		effect->feedback.observation = observation;
	}
	buffer_release(&bytes);
}

void feedback_send_all(struct correlate_partition *p, struct str subject, struct feedback *feedback)
{
	for (uint32_t to = 0; to < p->count; to++)
		feedback_send(p, to, subject, feedback);
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
	struct buffer bytes = {0};
	if (p->pending.count >= PENDING_MAX || !feedback_pack(observation->feedback, &bytes)) {
		finding_say(p, "feedback_dropped", observation->subject, "more feedback waits than this partition may hold");
		buffer_release(&bytes);
		return;
	}
	struct pending pending = {.due = observation->feedback->cause.ns + K(HOP), .sequence = p->sequence++};
	owned_set(&pending.subject, observation->subject);
	owned_set(&pending.value, buffer_str(&bytes));
	buffer_release(&bytes);
	heap_push(&p->pending, &pending);
	p->touched = true;
}

struct str pending_key(const struct pending *pending, struct arena *arena)
{
	return arena_printf(arena, "f/%016llx", (unsigned long long)pending->sequence);
}

void feedback_effect(struct correlate_partition *p, struct pending *pending)
{
	struct arena arena = {0};
	struct feedback feedback;
	struct str subject = owned_str(&pending->subject);
	if (feedback_unpack(owned_str(&pending->value), &arena, &feedback)) {
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
		key_bury(p, pending_key(pending, &arena));
	arena_release(&arena);
	owned_clear(&pending->subject);
	owned_clear(&pending->value);
}
