#include "watch.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

enum { DEPTH_MAX = 16 };

/* Folders list their entries in any order: their prints are added up. */
static uint64_t fingerprint(const char *path, unsigned depth)
{
	struct stat status;
	if (stat(path, &status) != 0)
		return 0;
	int64_t facts[] = {(int64_t)status.st_ino, S_ISDIR(status.st_mode) ? 0 : (int64_t)status.st_size, S_ISDIR(status.st_mode) ? 0 : status.st_mtim.tv_sec,
		S_ISDIR(status.st_mode) ? 0 : status.st_mtim.tv_nsec};
	uint64_t print = str_hash(str_of(path), str_hash((struct str){(const char *)facts, sizeof facts}, 0));
	DIR *folder = S_ISDIR(status.st_mode) && depth < DEPTH_MAX ? opendir(path) : NULL;
	for (struct dirent *entry; folder && (entry = readdir(folder));) {
		char child[PATH_MAX];
		int size = snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
		if (entry->d_name[0] != '.' && size > 0 && (size_t)size < sizeof child)
			print += fingerprint(child, depth + 1);
	}
	if (folder)
		closedir(folder);
	return print;
}

static uint64_t look(const struct str *paths, size_t count)
{
	uint64_t print = 0;
	for (size_t i = 0; i < count; i++) {
		char path[PATH_MAX];
		int size = snprintf(path, sizeof path, "%.*s", STR_ARGS(paths[i]));
		if (size > 0 && (size_t)size < sizeof path)
			print = str_hash(STR(""), print) + fingerprint(path, 0);
	}
	return print;
}

struct watch watch_of(const struct str *paths, size_t count)
{
	uint64_t print = look(paths, count);
	return (struct watch){print, print};
}

bool watch_changed(struct watch *watch, const struct str *paths, size_t count)
{
	uint64_t print = look(paths, count);
	bool changed = print != watch->loaded && print == watch->seen;
	watch->seen = print;
	if (changed)
		watch->loaded = print;
	return changed;
}
