#include "common/process.h"

#include "common/cleanup.h"
#include "common/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

uint64_t
process_start_time (pid_t pid)
{
  char path[64];
  char *text cleanup_free = NULL;
  struct err ignored;
  (void) snprintf (path, sizeof path, "/proc/%d/stat", (int) pid); /* fits */
  if (pid <= 0 || io_read_file_at (AT_FDCWD, path, 4096, &text, NULL, &ignored) < 0)
    return 0;
  /* The name may have spaces and parentheses: count fields from the last one. The next is field 3. */
  char *at = strrchr (text, ')');
  char *rest = NULL;
  char *word = at == NULL ? NULL : strtok_r (at + 1, " ", &rest);
  for (int field = 3; word != NULL && field < 22; field++)
    word = strtok_r (NULL, " ", &rest);
  uint64_t value = 0;
  return word == NULL || io_parse_unsigned (word, UINT64_MAX, &value) < 0 ? 0 : value;
}
