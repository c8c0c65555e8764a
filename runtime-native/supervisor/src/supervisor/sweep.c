#include "supervisor/sweep.h"

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/io.h"
#include "common/process.h"
#include "supervisor/cgroup.h"
#include "supervisor/conntrack.h"
#include "supervisor/container.h"
#include "supervisor/report.h"
#include "supervisor/runtime-state.h"
#include "net/names.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

enum
{
  MAX_FILE = 4 << 20,
  WAIT_MS = 10000,
  POLL_NS = 2000000
};

static const char died[] = "supervisor died";

/* What is known of the last run; an unreadable status file is none. */
static void
read_status (struct status *status, const struct json *root, bool *ret_is_final)
{
  struct err ignored; /* each member has its default */
  const char *text = "";
  int64_t number = 0;
  if (json_string_or (root, "state", "", &text, &ignored) == 0)
    *ret_is_final = strcmp (text, "exited") == 0;
  if (json_string_or (root, "startedAt", "", &text, &ignored) == 0)
    (void) snprintf (status->started_at, sizeof status->started_at, "%s", text); /* cut: our own format fits */
  if (json_integer_or (root, "restartCount", 0, INT32_MAX, 0, &number, &ignored) == 0)
    status->restart_count = (int) number;
  if (json_integer_or (root, "pid", 0, INT32_MAX, 0, &number, &ignored) == 0)
    status->pid = (pid_t) number;
  if (json_integer_or (root, "pidStartTime", 0, INT64_MAX, 0, &number, &ignored) == 0)
    status->pid_start_time = (uint64_t) number;
}

/* Kills what is left until there is nothing; the number of processes still there. */
static int
kill_rest (const struct spec *spec, const struct status *status)
{
  const struct timespec pause = { .tv_nsec = POLL_NS };
  int64_t end = clock_monotonic_ms () + WAIT_MS;
  int left = 0;
  do
    {
      left = cgroup_kill (spec);
      /* Without cgroups of ours the first process is all we know, and with it goes its pid namespace. */
      if (status->pid > 1 && status->pid_start_time != 0 && process_start_time (status->pid) == status->pid_start_time)
        left += kill (status->pid, SIGKILL) == 0 && process_start_time (status->pid) == status->pid_start_time ? 1 : 0;
      if (left > 0)
        (void) nanosleep (&pause, NULL); /* interrupted is fine */
    }
  while (left > 0 && clock_monotonic_ms () < end);
  return left;
}

static int
write_final (struct status *status, struct err *e)
{
  status->id = container.spec->id;
  status->state = STATE_EXITED;
  status->pid = 0;
  status->pid_start_time = 0;
  status->exit_code = 137;
  status_set_error (status, died);
  clock_format_now (status->finished_at);
  int state_dir cleanup_fd = open (container.spec->state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int r = state_dir < 0 ? 0 : status_write (status, state_dir, true, e); /* no state directory: the container is removed */
  return r < 0 ? r : status_write (status, container.run_dir_fd, false, e);
}

static int
clean (struct err *e)
{
  char *text cleanup_free = NULL;
  size_t length = 0;
  struct json_document *document cleanup_json = NULL;
  struct status status = { 0 };
  struct err ignored;
  bool is_final = false;
  const struct spec *spec = container.spec;
  if (io_read_file_at (container.run_dir_fd, "status.json", MAX_FILE, &text, &length, &ignored) == 0
      && json_parse (text, length, &document, &ignored) == 0)
    read_status (&status, json_root (document), &is_final);
  if (kill_rest (spec, &status) > 0)
    return err_set (e, EBUSY, "processes of the container do not end");
  runtime_state_delete (spec);
  if (!cgroup_remove (spec))
    return err_set (e, EBUSY, "a cgroup of the container cannot be removed");
  for (size_t i = 0; i < spec->n_names; i++)
    (void) names_remove (spec->names[i].table, spec->id, &ignored); /* a table that is gone has no line of ours */
  (void) conntrack_forget_container (&spec->firewall, &ignored); /* they end by themselves where the kernel cannot */
  (void) unlinkat (container.run_dir_fd, "control.sock", 0); /* may not be there */
  return is_final ? 0 : write_final (&status, e);
}

static int
fail (const char *reason, const struct err *e)
{
  report_failure (reason, e->msg);
  return 1;
}

static int
succeed (void)
{
  struct err ignored;
  static const char body[] = "\"ok\":true";
  (void) io_write_all (container.report_fd, body, sizeof body - 1, &ignored); /* a launcher that is gone needs no report */
  return 0;
}

int
sweep (const char *run_dir, int report_fd)
{
  struct err e = { 0 };
  char *text = NULL;
  size_t length = 0;
  container.report_fd = report_fd;
  container.run_dir_fd = open (run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (container.run_dir_fd < 0)
    return errno == ENOENT ? succeed () : (err_errno (&e, "open %s", run_dir), fail ("system", &e));
  int lock cleanup_fd = openat (container.run_dir_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0)
    return err_errno (&e, "open lock"), fail ("system", &e);
  if (flock (lock, LOCK_EX | LOCK_NB) < 0)
    return err_set (&e, errno, "a supervisor has the container"), fail ("busy", &e);
  int r = io_read_file_at (container.run_dir_fd, "supervisor.json", MAX_FILE, &text, &length, &e);
  if (r == -ENOENT)
    return succeed (); /* it never came to a start */
  if (r == 0)
    r = spec_parse (text, length, &container.spec, &e);
  if (r < 0)
    return fail ("config", &e);
  return clean (&e) < 0 ? fail ("system", &e) : succeed ();
}
