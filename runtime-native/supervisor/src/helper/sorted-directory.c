#include "helper/sorted-directory.h"

#include "common/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

void
sorted_directory_free (struct sorted_directory *d)
{
  for (size_t i = 0; i < d->count; i++)
    free (d->names[i]);
  free (d->names);
  *d = (struct sorted_directory){ 0 };
}

static int
add_name (struct sorted_directory *d, const char *name)
{
  if ((d->count & (d->count - 1)) == 0)
    {
      char **grown = realloc (d->names, (d->count == 0 ? 1 : 2 * d->count) * sizeof *grown);
      if (grown == NULL)
        return -ENOMEM;
      d->names = grown;
    }
  char *copy = strdup (name);
  if (copy == NULL)
    return -ENOMEM;
  d->names[d->count++] = copy;
  return 0;
}

static int
compare (const void *a, const void *b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

int
sorted_directory_read (int dir_fd, struct sorted_directory *ret, struct err *e)
{
  struct sorted_directory d cleanup_sorted_directory = { 0 };
  /* An fd of its own: the caller's has a position, too, and may be O_PATH. */
  int own cleanup_fd = openat (dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *directory cleanup_dir = own < 0 ? NULL : fdopendir (own);

  if (directory == NULL)
    return err_errno (e, "cannot read a directory");
  (void) steal_fd (&own); /* belongs to the DIR now */
  for (;;)
    {
      errno = 0;
      const struct dirent *entry = readdir (directory);
      if (entry == NULL && errno != 0)
        return err_errno (e, "cannot read a directory");
      if (entry == NULL)
        break;
      if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0 && add_name (&d, entry->d_name) < 0)
        return err_set (e, ENOMEM, "out of memory");
    }
  if (d.count > 1)
    qsort (d.names, d.count, sizeof *d.names, compare);
  *ret = d;
  d = (struct sorted_directory){ 0 };
  return 0;
}
