#include "supervisor/runtime-state.h"

#include "common/cleanup.h"
#include "supervisor/loop.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
  DELETE_MS = 5000,
  MAX_ARGUMENTS = 48,
  MAX_PATH = 512
};

/* crun's state of one container: a flat directory. */
static void
remove_state_directory (const struct spec *spec)
{
  char path[MAX_PATH];
  int n = snprintf (path, sizeof path, "%s/%s", spec->runtime.root, spec->id);
  int fd cleanup_fd = n < 0 || (size_t) n >= sizeof path ? -1 : open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return;
  static const char *const files[] = { "status", "config.json", "seccomp.bpf", "exec.fifo", "notify", "cgroup" };
  for (size_t i = 0; i < sizeof files / sizeof *files; i++)
    (void) unlinkat (fd, files[i], 0); /* most are not there */
  (void) rmdir (path);               /* the fall-back below covers unknown files */
}

static void
run_delete (const struct spec *spec)
{
  const char *argv[MAX_ARGUMENTS] = { spec->runtime.path };
  size_t n = 1;
  for (size_t i = 0; i < spec->runtime.n_arguments && n < MAX_ARGUMENTS - 5; i++)
    argv[n++] = spec->runtime.arguments[i];
  const char *const rest[] = { "--root", spec->runtime.root, "delete", spec->id };
  memcpy (argv + n, rest, sizeof rest);
  pid_t pid = fork ();
  if (pid == 0)
    {
      loop_reset_signals ();
      execv (argv[0], (char *const *) (uintptr_t) argv);
      _exit (1);
    }
  if (pid < 0)
    return;
  int pidfd cleanup_fd = (int) syscall (SYS_pidfd_open, pid, 0);
  struct pollfd wait = { .fd = pidfd, .events = POLLIN };
  if (pidfd < 0 || poll (&wait, 1, DELETE_MS) == 0)
    (void) kill (pid, SIGKILL); /* our own child, not reaped */
  (void) waitpid (pid, NULL, 0);
}

void
runtime_state_delete (const struct spec *spec)
{
  char path[MAX_PATH];
  int n = snprintf (path, sizeof path, "%s/%s", spec->runtime.root, spec->id);
  if (spec->runtime.is_crun && spec->runtime.join_cgroups && !spec->runtime.has_end_hooks)
    remove_state_directory (spec);
  if (n > 0 && (size_t) n < sizeof path && access (path, F_OK) == 0)
    run_delete (spec);
}
