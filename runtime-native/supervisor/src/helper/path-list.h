#ifndef HELPER_PATH_LIST_H
#define HELPER_PATH_LIST_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

/* A growing list of paths, which it owns. */
struct path_list
{
  char **paths;
  size_t count;
};

void path_list_free (struct path_list *list);
#define cleanup_path_list __attribute__ ((cleanup (path_list_free)))

int path_list_add (struct path_list *list, const char *path, struct err *e);
/* By bytes; afterwards path_list_has may be asked. */
void path_list_sort (struct path_list *list);
bool path_list_has (const struct path_list *sorted, const char *path);

#endif
