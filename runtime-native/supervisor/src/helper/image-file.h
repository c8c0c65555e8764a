#ifndef HELPER_IMAGE_FILE_H
#define HELPER_IMAGE_FILE_H

#include "common/err.h"

#include <stddef.h>

/* Opens the root directory that overlayfs shows for lower directories, topmost first, without a mount that anybody sees.
   It goes away with the fd. The calling process may end up in a mount namespace of its own. */
int image_root_open (const char *const *lower, size_t n_lower, int *ret_fd, struct err *e);

/* Reads a regular file below the root; links are resolved inside it. Absent, or not a regular file: *RET_TEXT is NULL.
   More than LIMIT bytes are -EFBIG. */
int image_file_read (int root_fd, const char *path, size_t limit, char **ret_text, size_t *ret_length, struct err *e);

#endif
