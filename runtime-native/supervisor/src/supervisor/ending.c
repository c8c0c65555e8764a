#include "supervisor/ending.h"

#include "supervisor/cgroup.h"
#include "supervisor/container.h"
#include "supervisor/freeze.h"
#include "supervisor/health.h"
#include "supervisor/runtime-state.h"
#include "supervisor/services.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum
{
  REMOVE_TRIES = 50,
  FLUSH_MS = 500,
  HOLDER_MS = 60000, /* a pipeline may be slow: what run printed last is not lost */
  LINGER_MS = 5000
};

static void
remove_cgroups (void)
{
  const struct timespec pause = { .tv_nsec = 2000000 };
  if (cgroup_remove (container.spec))
    return;
  /* Something is left: processes that shared the host's pid namespace, or are still dying. */
  for (int i = 0; i < REMOVE_TRIES; i++)
    {
      (void) cgroup_kill (container.spec);
      (void) nanosleep (&pause, NULL); /* the loop has nothing else to do any more */
      if (cgroup_remove (container.spec))
        return;
    }
}

void
ending_finish (void)
{
  struct err e;
  container.status.state = STATE_EXITED;
  container.status.pid = 0;
  container.status.pid_start_time = 0;
  container.awaits_attach = false;
  loop_disarm (&container.attach_timer);
  loop_disarm (&container.restart_timer);
  loop_disarm (&container.stop_timer);
  (void) freeze_cancel (); /* whether there was one does not matter now */
  health_end ();
  services_remove_names ();
  services_close_ports ();
  services_end_flows ();
  services_stop ();
  runtime_state_delete (container.spec);
  remove_cgroups ();
  size_t lost = container.log == NULL ? 0 : log_lost_bytes (container.log);
  container.status.log_lost_bytes = lost;
  if (lost > 0 && container.status.error[0] == '\0')
    {
      const char *problem = log_problem (container.log);
      (void) snprintf (container.status.error, sizeof container.status.error, "%zu bytes of the log could not be written%s%s", lost,
                       problem[0] == '\0' ? "" : ": ", problem); /* fits */
    }
  struct log *log = container.log;
  container.log = NULL;
  if (log != NULL)
    log_end (log);
  /* The durable one first: whoever sees `exited` below finds it. */
  if (container.state_dir_fd >= 0)
    (void) status_write (&container.status, container.state_dir_fd, true, &e); /* a full disk: the volatile one is left */
  container_save_status ();
  client_stop_listening (container.run_dir_fd);
  if (container.lock_fd >= 0)
    (void) close (container.lock_fd); /* a new supervisor may start as soon as the stop is reported */
  container.lock_fd = -1;
  for (struct client *client = client_first (); client != NULL; client = client->next)
    if (client->waits_for_stop)
      {
        client_reply_done (client, "done", 0);
        client_finish (client);
      }
  client_tell_exit (container.status.exit_code);
  client_flush_all (FLUSH_MS);
  client_flush_holders (HOLDER_MS);
  /* Nobody waits for this process any more: it can wait for a log server. */
  if (log != NULL)
    log_linger (log, LINGER_MS);
  log_close (log);
  loop_stop ();
}
