#include "helper/ignore.h"

#include "helper/pattern.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static int
read_set (const struct json *value, struct ignore_set *ret, struct err *e)
{
  int r = json_string (value, "base", &ret->base, e);
  if (r == 0)
    r = json_strings_or_empty (value, "patterns", &ret->patterns, &ret->n, e);
  return r;
}

int
ignore_read (const struct json *object, const char *key, struct ignore *ret, struct err *e)
{
  const struct json *list = NULL;

  *ret = (struct ignore){ 0 };
  int r = json_array_or_empty (object, key, &list, e);
  if (r < 0 || list == NULL || list->count == 0)
    return r;
  ret->sets = calloc (list->count, sizeof *ret->sets);
  if (ret->sets == NULL)
    return err_set (e, ENOMEM, "out of memory");
  for json_each (value, list)
    {
      r = read_set (value, &ret->sets[ret->n++], e);
      if (r < 0)
        return r;
    }
  return 0;
}

void
ignore_free (struct ignore *ignore)
{
  for (size_t i = 0; i < ignore->n; i++)
    free (ignore->sets[i].patterns);
  free (ignore->sets);
  *ignore = (struct ignore){ 0 };
}

/* PATH relative to BASE; NULL when it is not below it. */
static const char *
relative_to (const char *base, const char *path)
{
  size_t n = strlen (base);
  return strncmp (base, path, n) == 0 && path[n] == '/' && path[n + 1] != '\0' ? path + n + 1 : NULL;
}

/* The path itself or a directory above it fits. */
static bool
fits_or_parent (const char *pattern, const char *relative)
{
  char prefix[PATH_MAX];

  if (pattern_match (pattern, relative))
    return true;
  for (const char *slash = strchr (relative, '/'); slash != NULL; slash = strchr (slash + 1, '/'))
    {
      size_t n = (size_t) (slash - relative);
      if (n >= sizeof prefix)
        return false;
      memcpy (prefix, relative, n);
      prefix[n] = '\0';
      if (pattern_match (pattern, prefix))
        return true;
    }
  return false;
}

/* In order: a pattern leaves out, one with `!` takes back in, the last one that fits decides. */
static bool
set_covers (const struct ignore_set *set, const char *path)
{
  const char *relative = relative_to (set->base, path);
  bool covered = false;

  for (size_t i = 0; relative != NULL && i < set->n; i++)
    {
      bool is_exception = set->patterns[i][0] == '!';
      if (covered == is_exception && fits_or_parent (set->patterns[i] + (is_exception ? 1 : 0), relative))
        covered = !is_exception;
    }
  return covered;
}

bool
ignore_covers (const struct ignore *ignore, const char *path)
{
  for (size_t i = 0; i < ignore->n; i++)
    if (set_covers (&ignore->sets[i], path))
      return true;
  return false;
}

/* Whether an exception could fit something below a directory: up to its first wildcard it names the directory, one above
   or one below it. */
static bool
may_reach (const char *exception, const char *directory)
{
  for (;;)
    {
      size_t in_pattern = strcspn (exception, "/"), in_directory = strcspn (directory, "/");
      if (strcspn (exception, "*?[\\") < in_pattern)
        return true;
      if (in_pattern != in_directory || strncmp (exception, directory, in_pattern) != 0)
        return false;
      if (exception[in_pattern] == '\0' || directory[in_directory] == '\0')
        return true;
      exception += in_pattern + 1;
      directory += in_directory + 1;
    }
}

bool
ignore_prunes (const struct ignore *ignore, const char *path)
{
  for (size_t i = 0; i < ignore->n; i++)
    {
      const struct ignore_set *set = &ignore->sets[i];
      const char *relative = relative_to (set->base, path);
      if (relative == NULL || !set_covers (set, path))
        continue;
      bool reaches = false;
      for (size_t k = 0; k < set->n && !reaches; k++)
        reaches = set->patterns[k][0] == '!' && may_reach (set->patterns[k] + 1, relative);
      if (!reaches)
        return true;
    }
  return false;
}
