#include "supervisor/owner.h"

#include "common/cleanup.h"
#include "common/process.h"
#include "supervisor/container.h"
#include "supervisor/loop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct watch owner = { .fd = -1 };

static void
owner_ended (struct watch *watch, uint32_t events)
{
  (void) events; /* a pidfd knows only one */
  struct request stop = { .timeout_ms = 0 };
  loop_remove (watch);
  if (container.status.state != STATE_EXITED)
    container_dispatch (EVENT_STOP, &stop);
}

int
owner_watch (const struct spec *spec, struct err *e)
{
  if (spec->owner.pid == 0)
    return 0;
  int fd cleanup_fd = (int) syscall (SYS_pidfd_open, (pid_t) spec->owner.pid, 0);
  if (fd < 0 && errno != ESRCH)
    return err_errno (e, "watch process %d", spec->owner.pid);
  /* The number may be another process's by now; what has it while we hold the pidfd is the one that we watch. */
  if (fd < 0 || process_start_time (spec->owner.pid) != spec->owner.start_time)
    return err_set (e, ESRCH, "process %d, which the container belongs to, has ended", spec->owner.pid);
  owner = (struct watch){ .fd = steal_fd (&fd), .events = EPOLLIN, .handle = owner_ended };
  return loop_add (&owner, e);
}
