#include "supervisor/supervise.h"

#include "common/cleanup.h"
#include "common/io.h"
#include "common/process.h"
#include "supervisor/cgroup.h"
#include "supervisor/container.h"
#include "supervisor/control.h"
#include "supervisor/health.h"
#include "supervisor/network.h"
#include "supervisor/output.h"
#include "supervisor/owner.h"
#include "supervisor/report.h"
#include "supervisor/rootfs.h"
#include "supervisor/services.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
  EXIT_OUR_BUG = 101,
  EXIT_BAD_CONFIG = 100,
  EXIT_SYSTEM = 111,
  MAX_SPEC = 4 << 20
};

/* Own session, nothing of the launcher's, orphans of the container's runtime become our children. */
static int
detach (struct err *e)
{
  if (setsid () < 0 && errno != EPERM) /* a session leader already, when started by hand */
    return err_errno (e, "new session");
  int null_fd cleanup_fd = open ("/dev/null", O_RDWR | O_CLOEXEC);
  if (null_fd < 0)
    return err_errno (e, "open /dev/null");
  for (int fd = 0; fd < 3; fd++)
    if (dup2 (null_fd, fd) < 0)
      return err_errno (e, "dup2");
  (void) umask (077);
  if (chdir ("/") < 0)
    return err_errno (e, "chdir /");
  return prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ? err_errno (e, "become subreaper") : 0;
}

static int
read_spec (const char *run_dir, struct err *e)
{
  char *text = NULL;
  size_t length = 0;
  container.run_dir_fd = open (run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (container.run_dir_fd < 0)
    return err_errno (e, "open %s", run_dir);
  int r = io_read_file_at (container.run_dir_fd, "supervisor.json", MAX_SPEC, &text, &length, e);
  if (r == 0)
    r = spec_parse (text, length, &container.spec, e);
  if (r == 0 && strcmp (container.spec->run_dir, run_dir) != 0)
    r = err_set (e, EINVAL, "\"runDir\" is %s, not %s", container.spec->run_dir, run_dir);
  return r < 0 ? err_wrap (e, "supervisor.json") : 0;
}

/* -EWOULDBLOCK when another supervisor has it. */
static int
take_lock (struct err *e)
{
  int fd cleanup_fd = openat (container.run_dir_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return err_errno (e, "open lock");
  if (flock (fd, LOCK_EX | LOCK_NB) < 0)
    return errno == EWOULDBLOCK ? err_set (e, errno, "another supervisor has the container") : err_errno (e, "lock");
  container.lock_fd = steal_fd (&fd);
  return 0;
}

static int
open_state (struct err *e)
{
  container.state_dir_fd = open (container.spec->state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (container.state_dir_fd < 0)
    return err_errno (e, "open %s", container.spec->state_dir);
  container.status.id = container.spec->id;
  container.status.state = STATE_STARTING;
  container.status.supervisor_pid = getpid ();
  container.status.supervisor_start_time = process_start_time (getpid ());
  return status_write (&container.status, container.run_dir_fd, false, e);
}

static int
set_up (struct err *e)
{
  struct job_context jobs = { .spec = container.spec, .run_dir_fd = container.run_dir_fd, .netns_fd = -1 };
  job_setup (&jobs);
  int r = open_state (e);
  if (r == 0)
    r = loop_open (e);
  if (r == 0)
    r = services_listen (e);
  if (r == 0)
    r = rootfs_setup (container.spec, e);
  if (r == 0)
    r = cgroup_create (container.spec, e);
  if (r == 0)
    r = network_setup (container.spec, &jobs.netns_fd, e);
  job_setup (&jobs);
  if (r == 0)
    r = services_start (jobs.netns_fd, e);
  if (r == 0)
    services_claim_flows ();
  if (r == 0)
    r = log_open (&container.spec->log, container.spec->name, &container.log, e);
  if (r == 0)
    r = output_open (e);
  if (r == 0)
    r = control_open (e);
  if (r == 0)
    r = owner_watch (container.spec, e);
  return r < 0 ? r : health_open (e);
}

static void
take_child (pid_t pid, int wait_status, void *data)
{
  (void) data; /* there is one container */
  if (pid == 0)
    job_children_reaped ();
  else if (!services_child (pid) && !log_child (container.log, pid, wait_status))
    (void) job_child (pid, wait_status); /* the rest are orphans of the container; reaping was all they needed */
}

static void
take_signal (int signal, void *data)
{
  (void) data; /* there is one container */
  struct request stop = { .timeout_ms = INT64_MIN };
  if (signal == SIGTERM && container.status.state != STATE_EXITED)
    container_dispatch (EVENT_STOP, &stop);
}

int
supervise (const char *run_dir, int report_fd)
{
  struct err e = { 0 };
  container.report_fd = report_fd;
  if (detach (&e) < 0)
    {
      report_failure ("system", e.msg);
      return EXIT_SYSTEM;
    }
  if (read_spec (run_dir, &e) < 0)
    {
      report_failure ("config", e.msg);
      return EXIT_BAD_CONFIG;
    }
  int r = take_lock (&e);
  if (r < 0)
    {
      report_failure (r == -EWOULDBLOCK ? "busy" : "system", e.msg);
      return EXIT_SYSTEM;
    }
  r = set_up (&e);
  if (r < 0)
    {
      container_abort (r == -EADDRINUSE ? "port" : "system", e.msg);
      return EXIT_SYSTEM;
    }
  static const struct loop_handlers handlers = { .child = take_child, .signal = take_signal, .round = container_note_log };
  container_begin ();
  return loop_run (&handlers, &e) < 0 ? EXIT_OUR_BUG : 0;
}
