#ifndef NET_CONFINE_H
#define NET_CONFINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* How a helper process of the supervisor that handles foreign bytes gives up what it has. */

enum
{
  CONFINE_ID = 65534, /* nobody, nogroup */
  CONFINE_FDS_MAX = 4096
};

struct confinement
{
  const char *name; /* of the process, at most 15 bytes */
  pid_t parent;     /* dies with it */
  bool lingers;     /* it does not: it sees its parent's end itself, has something left to do, and ends */
  const int *fds;   /* kept, besides 0 to 2; every other one is closed */
  size_t n_fds;
  const int *directories; /* of `fds`, the only ones below which files may be opened, for reading */
  size_t n_directories;
  uint64_t max_files;
  const int *syscalls; /* system call numbers that stay; the most frequent first */
  size_t n_syscalls;
  bool opens_files; /* openat(2) too, with O_RDONLY | O_CLOEXEC | O_NOFOLLOW only */
};

/* In the child, after fork: signals as after exec (SIGPIPE ignored), name, limits, other user, no groups, no capabilities,
   no new privileges, not dumpable, /, SIGKILL when the parent dies, Landlock where the kernel has it, seccomp. A refused
   system call kills the process. 0 or a negative errno: then the caller must exit. */
int confine (const struct confinement *confinement);

#endif
