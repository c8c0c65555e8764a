#include "helper/path-list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
path_list_free (struct path_list *list)
{
  for (size_t i = 0; i < list->count; i++)
    free (list->paths[i]);
  free (list->paths);
  *list = (struct path_list){ 0 };
}

/* The analyzer loses the path between here and path_list_free, which frees it. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"

int
path_list_add (struct path_list *list, const char *path, struct err *e)
{
  if ((list->count & (list->count - 1)) == 0)
    {
      char **grown = realloc (list->paths, (list->count == 0 ? 1 : 2 * list->count) * sizeof *grown);
      if (grown == NULL)
        return err_set (e, ENOMEM, "out of memory");
      list->paths = grown;
    }
  char *copy = strdup (path);
  if (copy == NULL)
    return err_set (e, ENOMEM, "out of memory");
  list->paths[list->count++] = copy;
  return 0;
}

#pragma GCC diagnostic pop

static int
compare (const void *a, const void *b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

void
path_list_sort (struct path_list *list)
{
  if (list->count > 1)
    qsort (list->paths, list->count, sizeof *list->paths, compare);
}

bool
path_list_has (const struct path_list *sorted, const char *path)
{
  char *key = NULL;
  memcpy (&key, &path, sizeof key); /* bsearch takes what the list holds; it does not write */
  return sorted->count > 0 && bsearch (&key, sorted->paths, sorted->count, sizeof *sorted->paths, compare) != NULL;
}
