#include "helper/tar-extension.h"

#include "common/io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
tar_extension_clear (struct tar_extension *x)
{
  free (x->text);
  free (x->long_path);
  free (x->long_link);
  free (x->segments);
  memset (x, 0, sizeof *x);
}

int
tar_add_segment (struct tar_segment **segments, size_t *n, struct tar_segment one, struct err *e)
{
  uint64_t end = *n == 0 ? 0 : (*segments)[*n - 1].offset + (*segments)[*n - 1].length;

  if (*n >= TAR_MAX_SEGMENTS)
    return err_set (e, EFBIG, "a sparse file has more than %d segments", TAR_MAX_SEGMENTS);
  if (one.offset < end || one.offset + one.length < one.offset)
    return err_set (e, EBADMSG, "the segments of a sparse file overlap");
  if ((*n & (*n - 1)) == 0)
    {
      struct tar_segment *grown = realloc (*segments, (*n == 0 ? 1 : 2 * *n) * sizeof one);
      if (grown == NULL)
        return err_set (e, ENOMEM, "out of memory");
      *segments = grown;
    }
  (*segments)[(*n)++] = one;
  return 0;
}

static int
parse_number (const char *key, const char *value, uint64_t *ret, struct err *e)
{
  if (io_parse_unsigned (value, INT64_MAX, ret) < 0)
    return err_set (e, EBADMSG, "pax record %.40s has no number", key);
  return 0;
}

/* `[-]seconds[.fraction]` (POSIX pax); fractions are cut to nanoseconds. */
static int
parse_time (const char *value, struct timespec *ret, struct err *e)
{
  bool negative = *value == '-';
  char seconds[32] = { 0 };
  const char *text = value + (negative ? 1 : 0);
  size_t n = strcspn (text, ".");
  uint64_t whole = 0;
  long nanoseconds = 0, unit = 100000000;

  if (n >= sizeof seconds)
    return err_set (e, EBADMSG, "a pax time is too long");
  memcpy (seconds, text, n);
  if (n > 0 && io_parse_unsigned (seconds, INT64_MAX, &whole) < 0)
    return err_set (e, EBADMSG, "a pax time is no number");
  if (text[n] == '.')
    for (const char *digit = text + n + 1; *digit >= '0' && *digit <= '9' && unit > 0; digit++, unit /= 10)
      nanoseconds += (*digit - '0') * unit;
  ret->tv_sec = negative ? -(time_t) whole - (nanoseconds > 0 ? 1 : 0) : (time_t) whole;
  ret->tv_nsec = negative && nanoseconds > 0 ? 1000000000 - nanoseconds : nanoseconds;
  return 0;
}

/* GNU.sparse.map of format 0.1: `offset,length,offset,length…`. */
static int
parse_map (struct tar_extension *x, char *value, struct err *e)
{
  char *rest = value, *offset = NULL;
  x->n_segments = 0;
  while ((offset = strsep (&rest, ",")) != NULL && (*offset != '\0' || rest != NULL))
    {
      const char *length = strsep (&rest, ",");
      struct tar_segment one = { 0 };
      int r = parse_number ("GNU.sparse.map", offset, &one.offset, e);
      if (r == 0)
        r = parse_number ("GNU.sparse.map", length == NULL ? "" : length, &one.length, e);
      if (r == 0)
        r = tar_add_segment (&x->segments, &x->n_segments, one, e);
      if (r < 0)
        return r;
    }
  return 0;
}

static int
parse_sparse (struct tar_extension *x, const char *key, char *value, struct err *e)
{
  struct tar_segment one = { 0 };
  int r = 0;

  x->sparse = true;
  if (strcmp (key, "major") == 0)
    x->sparse_map_in_data = strcmp (value, "1") == 0;
  else if (strcmp (key, "name") == 0)
    x->path = value;
  else if (strcmp (key, "size") == 0 || strcmp (key, "realsize") == 0)
    {
      x->has_real_size = true;
      r = parse_number (key, value, &x->real_size, e);
    }
  else if (strcmp (key, "map") == 0)
    r = parse_map (x, value, e);
  else if (strcmp (key, "offset") == 0)
    {
      r = parse_number (key, value, &one.offset, e);
      if (r == 0)
        r = tar_add_segment (&x->segments, &x->n_segments, one, e);
    }
  else if (strcmp (key, "numbytes") == 0 && x->n_segments > 0)
    r = parse_number (key, value, &x->segments[x->n_segments - 1].length, e);
  return r;
}

static int
parse_xattr (struct tar_extension *x, const char *name, const char *value, size_t length, struct err *e)
{
  if (x->n_xattrs >= TAR_MAX_XATTRS)
    return err_set (e, EFBIG, "an entry has more than %d extended attributes", TAR_MAX_XATTRS);
  x->xattrs[x->n_xattrs++] = (struct tar_xattr){ .name = name, .value = value, .length = length };
  return 0;
}

static int
parse_record (struct tar_extension *x, const char *key, char *value, size_t length, struct err *e)
{
  if (strncmp (key, "SCHILY.xattr.", 13) == 0)
    return parse_xattr (x, key + 13, value, length, e);
  if (memchr (value, '\0', length) != NULL)
    return err_set (e, EBADMSG, "pax record %.40s holds a NUL", key);
  if (strncmp (key, "GNU.sparse.", 11) == 0)
    return parse_sparse (x, key + 11, value, e);
  if (strcmp (key, "path") == 0)
    x->path = x->sparse && x->path != NULL ? x->path : value;
  else if (strcmp (key, "linkpath") == 0)
    x->link = value;
  else if (strcmp (key, "size") == 0)
    return x->has_size = true, parse_number (key, value, &x->size, e);
  else if (strcmp (key, "uid") == 0)
    return x->has_uid = true, parse_number (key, value, &x->uid, e);
  else if (strcmp (key, "gid") == 0)
    return x->has_gid = true, parse_number (key, value, &x->gid, e);
  else if (strcmp (key, "mtime") == 0)
    return x->has_mtime = true, parse_time (value, &x->mtime, e);
  return 0;
}

int
tar_extension_parse_pax (struct tar_extension *x, char *text, size_t length, struct err *e)
{
  char *at = text, *end = text + length;

  free (x->text);
  x->text = text;
  x->path = x->link = NULL;
  x->n_xattrs = 0;
  while (at < end)
    {
      char number[12] = { 0 };
      char *space = memchr (at, ' ', (size_t) (end - at) < sizeof number ? (size_t) (end - at) : sizeof number);
      uint64_t record = 0;
      if (space != NULL && space - at < (ptrdiff_t) sizeof number)
        memcpy (number, at, (size_t) (space - at));
      if (space == NULL || io_parse_unsigned (number, (uint64_t) (end - at), &record) < 0 || record < (uint64_t) (space - at) + 3
          || at[record - 1] != '\n')
        return err_set (e, EBADMSG, "a pax header is damaged");
      char *value = memchr (space + 1, '=', (size_t) (at + record - 1 - (space + 1)));
      if (value == NULL)
        return err_set (e, EBADMSG, "a pax record has no '='");
      *value++ = '\0';
      at[record - 1] = '\0';
      int r = parse_record (x, space + 1, value, (size_t) (at + record - 1 - value), e);
      if (r < 0)
        return r;
      at += record;
    }
  return 0;
}
