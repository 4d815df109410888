/* One host under two names: its first label, and its full name (verdict.md 1). All spellings of a name meet on one partition, which
 * alone decides. They are one host while a label has only one full name; from the second on the label is shared, each full name is a host
 * of its own, and so is the bare label, unless its address is that of one of them. What is said of a host is said under the label once
 * somebody has used it, else under the full name; an open incident keeps the name it was opened under. */
#include <stdlib.h>

#include "room.h"

static struct str label_of(struct str name)
{
	ptrdiff_t dot = subject_is_address(name) ? -1 : str_find_byte(name, '.');
	return dot > 0 ? str_first(name, (size_t)dot) : name;
}

bool is_full_name(struct str name)
{
	return label_of(name).size < name.size;
}

static struct alias *alias_find(const struct correlate_partition *p, struct str name)
{
	return rows_find(&p->aliases, name);
}

/* A second spelling of `host`; TABLE_NONE: it belongs to nobody any more. */
static void alias_set(struct correlate_partition *p, struct str name, uint32_t host)
{
	struct alias *alias = alias_find(p, name);
	if (!alias) {
		if (p->aliases.count >= p->settings->hosts_max)
			return;
		alias = calloc(1, sizeof *alias);
		if (!alias)
			abort();
		owned_set(&alias->name, name);
		rows_add(&p->aliases, owned_str(&alias->name), alias);
	}
	alias->host = host;
}

/* A host's own record says both of its spellings: the aliases follow, in whatever order the records come. */
void alias_learn(struct correlate_partition *p, struct host *host)
{
	struct str name = owned_str(&host->name);
	if (host->full.size)
		alias_set(p, owned_str(&host->full), host->index);
	if (!is_full_name(name))
		return;
	struct alias *label = alias_find(p, label_of(name));
	struct host *before = label && label->host != TABLE_NONE ? host_at(p, label->host) : NULL;
	bool other = before && before->index != host->index;
	if (other)
		before->short_seen = false; /* the label is no longer its own */
	bool sole = !label || (before && !other && !label->shared);
	uint32_t owner = sole || host->label_by_address ? host->index : before && before->label_by_address ? before->index : TABLE_NONE;
	alias_set(p, label_of(name), owner);
	label = alias_find(p, label_of(name));
	if (label)
		label->shared = !sole;
}

/* The bare label of several full names: whose address is it? Where it is nobody's, the label becomes a host and is asked no more. */
static struct host *by_address(struct correlate_partition *p, struct str label, struct str address)
{
	for (uint32_t i = 0; address.size && i < p->hosts.count; i++) {
		if (!str_equal(label_of(host_row_name(host_row(p, i))), label))
			continue;
		struct host *host = host_at(p, i);
		if (str_equal(owned_str(&host->address), address))
			return host;
	}
	return NULL;
}

static struct host *full_name(struct correlate_partition *p, struct str name, bool make)
{
	struct host *bare = host_find(p, label_of(name));
	if (bare && !bare->full.size && !bare->label_shared) {
		owned_set(&bare->full, name);
		alias_set(p, name, bare->index);
		host_touch(p, bare);
		return bare;
	}
	if (!make)
		return NULL;
	if (bare && !bare->label_shared) { /* a second full name: from now on all three stand for themselves */
		alias_set(p, owned_str(&bare->full), TABLE_NONE);
		owned_set(&bare->full, STR_NONE);
		bare->label_shared = true;
		host_touch(p, bare);
	}
	struct host *host = host_make(p, name);
	if (host && !bare)
		alias_learn(p, host);
	return host;
}

struct host *host_of(struct correlate_partition *p, struct str name, struct str address, bool make)
{
	struct host *host = host_find(p, name);
	if (host)
		return host;
	struct alias *alias = alias_find(p, name);
	if (is_full_name(name) && !(alias && alias->host != TABLE_NONE))
		return full_name(p, name, make);
	host = alias && alias->host != TABLE_NONE ? host_at(p, alias->host) : NULL;
	if (!host) { /* the label is shared: its address says whose it is, from then on for records without one too */
		host = alias ? by_address(p, name, address) : NULL;
		if (host) {
			alias->host = host->index;
			host->label_by_address = true;
			host_touch(p, host);
		}
		return host || !make ? host : host_make(p, name);
	}
	if (make && !is_full_name(name) && !host->short_seen && !alias->shared) {
		host->short_seen = true;
		host_touch(p, host);
	}
	return host;
}

struct str host_shown(const struct host *host)
{
	const struct incident *incident = &host->incident;
	bool by_label = incident->active || incident->resolved != NONE ? incident->by_label : host->short_seen;
	return by_label ? label_of(owned_str(&host->name)) : owned_str(&host->name);
}

bool host_called(const struct host *host, struct str pattern)
{
	return glob_matches(pattern, owned_str(&host->name)) || (host->full.size && glob_matches(pattern, owned_str(&host->full)))
		|| (host->short_seen && glob_matches(pattern, label_of(owned_str(&host->name))));
}
