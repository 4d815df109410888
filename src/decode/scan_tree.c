#include "scan_tree.h"

static inline uint64_t eight(const char *at)
{
	uint64_t word;
	memcpy(&word, at, sizeof word);
	return le64toh(word);
}

/* `end`: up to where it may be read. */
static inline struct key_print print_of(struct str key, const char *end)
{
	if (key.size > 8)
		return (struct key_print){eight(key.data), eight(key.data + key.size - 8)};
	if (end - key.data >= 8)
		return (struct key_print){key.size ? eight(key.data) & UINT64_MAX >> (64 - 8 * key.size) : 0, 0};
	uint64_t head = 0;
	for (size_t i = key.size; i > 0; i--)
		head = head << 8 | (unsigned char)key.data[i - 1];
	return (struct key_print){head, 0};
}

static inline size_t slot_of(const struct node *parent, struct key_print print, size_t size)
{
	return (size_t)(((print.head ^ print.tail * 0x9E3779B97F4A7C15u) + size) * parent->factor >> parent->shift);
}

static inline bool is_named(const struct node *node, struct str name, struct key_print print)
{
	return node->name.size == name.size && node->print.head == print.head && node->print.tail == print.tail
		&& (name.size <= 16 || memcmp(node->name.data, name.data, name.size) == 0);
}

static inline const struct node *child_named(const struct node *parent, struct str name, struct key_print print)
{
	const struct node *node = parent->slots ? parent->slots[slot_of(parent, print, name.size)] : NULL;
	return node && is_named(node, name, print) ? node : NULL;
}

static struct node *child_made(struct node *parent, struct str name, struct arena *arena)
{
	struct key_print print = print_of(name, name.data + name.size);
	struct node **link = &parent->first;
	for (; *link; link = &(*link)->sibling)
		if (is_named(*link, name, print))
			return *link;
	*link = arena_zalloc(arena, sizeof **link);
	**link = (struct node){.name = arena_copy(arena, name), .print = print, .path = -1};
	return *link;
}

static bool fits(struct node *parent)
{
	memset(parent->slots, 0, sizeof(struct node *) << (64 - parent->shift));
	for (struct node *child = parent->first; child; child = child->sibling) {
		struct node **slot = &parent->slots[slot_of(parent, child->print, child->name.size)];
		if (*slot)
			return false;
		*slot = child;
	}
	return true;
}

/* Tries factors until every child has a slot of its own; more slots where that takes long. */
static void settle(struct node *parent, struct arena *arena)
{
	if (!parent->first)
		return;
	size_t count = 0;
	for (struct node *child = parent->first; child; child = child->sibling, count++) {
		settle(child, arena);
		parent->deep = parent->deep || child->first;
	}
	unsigned bits = 2;
	while ((size_t)1 << bits < count * 2)
		bits++;
	parent->factor = 0x9FB21C651E98DF25u;
	for (bool settled = false; !settled; bits++) {
		parent->shift = 64 - bits;
		parent->slots = arena_array(arena, (size_t)1 << bits, sizeof(struct node *));
		for (int i = 0; i < 200 && !settled; i++) {
			parent->factor = parent->factor * 0xD1342543DE82EF95u + 2;
			parent->factor |= 1;
			settled = fits(parent);
		}
	}
}

void tree_build(struct node *root, const struct str *paths, size_t count, struct arena *arena)
{
	root->path = -1;
	for (size_t i = 0; i < count; i++) {
		struct node *at = root;
		struct str rest = paths[i], part;
		while (str_split(&rest, '.', &part))
			at = child_made(at, part, arena);
		at->path = (int32_t)i;
	}
	settle(root, arena);
}

static bool has_dot(struct str key, struct key_print print)
{
	if (key.size > 16)
		return memchr(key.data, '.', key.size) != NULL;
	uint64_t head = print.head ^ 0x2E2E2E2E2E2E2E2Eu, tail = print.tail ^ 0x2E2E2E2E2E2E2E2Eu;
	uint64_t zero = ((head - 0x0101010101010101u) & ~head) | ((tail - 0x0101010101010101u) & ~tail);
	return (zero & 0x8080808080808080u) != 0;
}

const struct node *tree_follow(const struct node *node, struct str key, const char *end)
{
	if (!node || !node->slots)
		return NULL;
	struct key_print print = print_of(key, end);
	const struct node *whole = child_named(node, key, print);
	if (whole || !node->deep || !has_dot(key, print))
		return whole;
	struct str part;
	while (node && str_split(&key, '.', &part))
		node = child_named(node, part, print_of(part, end));
	return node;
}
