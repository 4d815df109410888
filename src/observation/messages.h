/* Messages of protobuf-c that are unpacked into an arena: they are gone with it and need no freeing. */
#ifndef OBSERVATION_MESSAGES_H
#define OBSERVATION_MESSAGES_H

#include <protobuf-c/protobuf-c.h>

#include "skewline/arena.h"

static inline void *message_alloc(void *arena, size_t size)
{
	return arena_alloc(arena, size);
}

static inline void message_free(void *arena, void *memory)
{
	(void)arena, (void)memory;
}

static inline ProtobufCAllocator messages_in(struct arena *arena)
{
	return (ProtobufCAllocator){.alloc = message_alloc, .free = message_free, .allocator_data = arena};
}

#endif
