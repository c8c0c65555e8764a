#ifndef HELPER_IGNORE_H
#define HELPER_IGNORE_H

#include "common/err.h"
#include "common/json.h"

#include <stdbool.h>
#include <stddef.h>

/* Patterns of one .dockerignore or `ignore` list, relative to a directory. Strings belong to the request's document. */
struct ignore_set
{
  const char *base; /* absolute, no trailing `/` ("" is `/`) */
  const char **patterns;
  size_t n;
};

/* What leaves a path out of a tree: any one of the sets is enough. */
struct ignore
{
  struct ignore_set *sets;
  size_t n;
};

/* Reads `[{"base": "/abs", "patterns": ["a", "!b"]}, …]`, member KEY of OBJECT; absent is none. */
int ignore_read (const struct json *object, const char *key, struct ignore *ret, struct err *e);
void ignore_free (struct ignore *ignore);

/* Whether an absolute path is left out, by itself or by a directory above it. */
bool ignore_covers (const struct ignore *ignore, const char *path);

/* Whether a directory and everything that could ever be below it is left out, so that it need not be opened. */
bool ignore_prunes (const struct ignore *ignore, const char *path);

#endif
