#include "helper/file-attributes.h"

#include "helper/entry-attributes.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

void
file_attributes_free (struct file_attributes *a)
{
  free (a->names);
  free (a->values);
  *a = (struct file_attributes){ 0 };
}

static int
grow (char **text, size_t *capacity, size_t wanted, struct err *e)
{
  if (wanted <= *capacity)
    return 0;
  char *grown = realloc (*text, wanted);
  if (grown == NULL)
    return err_set (e, ENOMEM, "out of memory");
  *text = grown;
  *capacity = wanted;
  return 0;
}

static int
compare_names (const void *a, const void *b)
{
  const struct tar_xattr *one = a, *other = b;
  return strcmp (one->name, other->name);
}

/* The names, NUL behind each; *RET_LENGTH is 0 when there are none. */
static int
read_names (struct file_attributes *a, const char *path, size_t *ret_length, struct err *e)
{
  for (;;)
    {
      ssize_t length = llistxattr (path, NULL, 0);
      if (length < 0 && (errno == ENOTSUP || errno == ENOENT))
        length = 0;
      if (length < 0)
        return err_errno (e, "cannot list the attributes of \"%.120s\"", strrchr (path, '/') + 1);
      *ret_length = 0;
      if (length == 0)
        return 0;
      int r = grow (&a->names, &a->names_capacity, (size_t) length, e);
      if (r < 0)
        return r;
      length = llistxattr (path, a->names, a->names_capacity);
      if (length >= 0)
        {
          *ret_length = (size_t) length;
          return 0;
        }
      if (errno != ERANGE) /* grown meanwhile */
        return err_errno (e, "cannot list the attributes of \"%.120s\"", strrchr (path, '/') + 1);
    }
}

/* Appends a value at USED of the values; where it lies is known when all are read and nothing moves any more. */
static int
read_value (struct file_attributes *a, const char *path, const char *name, size_t *used, struct err *e)
{
  for (;;)
    {
      ssize_t length = lgetxattr (path, name, NULL, 0);
      int r = length < 0 ? 0 : grow (&a->values, &a->values_capacity, *used + (size_t) length + 1, e);
      if (r < 0)
        return r;
      if (length >= 0)
        length = lgetxattr (path, name, a->values + *used, (size_t) length + 1);
      if (length < 0 && errno == ERANGE)
        continue;
      if (length < 0 && (errno == ENODATA || errno == ENOTSUP))
        return 0; /* gone meanwhile */
      if (length < 0)
        return err_errno (e, "cannot read %.60s of \"%.100s\"", name, strrchr (path, '/') + 1);
      if (a->count == TAR_MAX_XATTRS)
        return err_set (e, EFBIG, "\"%.100s\" has more than %d attributes", strrchr (path, '/') + 1, TAR_MAX_XATTRS);
      a->list[a->count++] = (struct tar_xattr){ .name = name, .length = (size_t) length };
      *used += (size_t) length;
      return 0;
    }
}

int
file_attributes_read (struct file_attributes *a, int dir_fd, const char *name, struct err *e)
{
  char path[64 + NAME_MAX];
  size_t n_names = 0, used = 0;

  a->count = 0;
  a->is_opaque = a->is_redirected = false;
  /* There is no lgetxattrat before Linux 6.13; through /proc the directory is the one we hold, the name is not followed. */
  (void) snprintf (path, sizeof path, "/proc/self/fd/%d/%s", dir_fd, name);
  int r = read_names (a, path, &n_names, e);
  for (size_t at = 0; r == 0 && at < n_names; at += strlen (a->names + at) + 1)
    {
      const char *one = a->names + at;
      char mark = 0;
      if (strcmp (one, "trusted.overlay.opaque") == 0)
        a->is_opaque = lgetxattr (path, one, &mark, 1) == 1 && mark == 'y';
      else if (strcmp (one, "trusted.overlay.redirect") == 0 || strcmp (one, "trusted.overlay.metacopy") == 0)
        a->is_redirected = true;
      else if (entry_attribute_is_allowed (one))
        r = read_value (a, path, one, &used, e);
    }
  if (r < 0)
    return r;
  used = 0;
  for (size_t i = 0; i < a->count; i++)
    {
      a->list[i].value = a->values + used;
      used += a->list[i].length;
    }
  qsort (a->list, a->count, sizeof a->list[0], compare_names);
  return 0;
}

bool
file_attributes_equal (const struct file_attributes *a, const struct file_attributes *b)
{
  if (a->count != b->count)
    return false;
  for (size_t i = 0; i < a->count; i++)
    {
      const struct tar_xattr *one = &a->list[i], *other = &b->list[i];
      if (strcmp (one->name, other->name) != 0 || one->length != other->length || memcmp (one->value, other->value, one->length) != 0)
        return false;
    }
  return true;
}
