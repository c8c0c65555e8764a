#ifndef COMMON_CLEANUP_H
#define COMMON_CLEANUP_H

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

/* Owning locals: declare with the attribute, initialise at once (fd = -1, pointer = NULL), hand over with steal_*. */
#define cleanup_fd __attribute__ ((cleanup (cleanup_fd_close)))
#define cleanup_free __attribute__ ((cleanup (cleanup_free_pointer)))
#define cleanup_dir __attribute__ ((cleanup (cleanup_dir_close)))

static inline void
cleanup_fd_close (const int *fd)
{
  if (*fd >= 0)
    (void) close (*fd); /* nothing can be done about a failing close of an fd that is given up */
}

static inline void
cleanup_free_pointer (void *pointer)
{
  free (*(void **) pointer);
}

static inline void
cleanup_dir_close (DIR **directory)
{
  if (*directory != NULL)
    (void) closedir (*directory); /* as above */
}

static inline int
steal_fd (int *fd)
{
  int taken = *fd;
  *fd = -1;
  return taken;
}

#define steal_pointer(pointer)                                                                                                             \
  ({                                                                                                                                       \
    __typeof__ (pointer) *steal_from = &(pointer);                                                                                         \
    __typeof__ (pointer) steal_taken = *steal_from;                                                                                        \
    *steal_from = NULL;                                                                                                                    \
    steal_taken;                                                                                                                           \
  })

#endif
