#include "supervisor/container.h"

#include "common/clock.h"
#include "common/process.h"
#include "common/resident.h"
#include "supervisor/cgroup.h"
#include "supervisor/ending.h"
#include "supervisor/freeze.h"
#include "supervisor/health.h"
#include "supervisor/history.h"
#include "supervisor/output.h"
#include "supervisor/report.h"
#include "supervisor/runtime-state.h"
#include "supervisor/services.h"
#include "supervisor/session.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

enum
{
  STEADY_RUN_MS = 10000, /* a run this long resets the restart back-off */
  LOG_NOTE_MS = 1000,
  ATTACH_MS = 30000,     /* a command that wanted to attach and has not come by then was killed */
  /* Exit codes of a container that could not be started, as Docker's. */
  EXIT_NOT_FOUND = 127,
  EXIT_NOT_EXECUTABLE = 126,
  EXIT_RUNTIME = 128
};

struct container container = { .run_dir_fd = -1, .state_dir_fd = -1, .lock_fd = -1, .report_fd = -1, .job.console_listener = -1 };

void
container_save_status (void)
{
  struct err e;
  if (container.log != NULL)
    container.status.log_lost_bytes = log_lost_bytes (container.log);
  /* A full /run must not end the container; the next transition tries again. */
  (void) status_write (&container.status, container.run_dir_fd, false, &e);
  history_note (container.spec, &container.status);
}

void
container_note_log (void)
{
  if (container.log == NULL)
    return;
  const char *problem = log_problem (container.log);
  bool is_news = strncmp (container.status.log_problem, problem, sizeof container.status.log_problem - 1) != 0;
  if (!is_news || clock_monotonic_ms () - container.log_noted_ms < LOG_NOTE_MS)
    return;
  container.log_noted_ms = clock_monotonic_ms ();
  (void) snprintf (container.status.log_problem, sizeof container.status.log_problem, "%s", problem); /* cut */
  container_save_status ();
}

static void
set_state (enum state state)
{
  container.status.state = state;
  container_save_status ();
}

static const char *
failure_reason (enum failure failure)
{
  return failure == FAILURE_NOT_FOUND ? "not-found" : failure == FAILURE_NOT_EXECUTABLE ? "not-executable" : "runtime";
}

/* The job's own news. */

static void
job_started (struct job *job, int console_fd)
{
  output_started (console_fd);
  container.status.pid = job->pid;
  container.status.pid_start_time = process_start_time (job->pid);
  container_dispatch (EVENT_STARTED, NULL);
}

static void
start_failed (enum failure failure, const char *message)
{
  container.last_failure = failure;
  status_set_error (&container.status, message);
  container.status.exit_code = failure == FAILURE_NOT_FOUND        ? EXIT_NOT_FOUND
                               : failure == FAILURE_NOT_EXECUTABLE ? EXIT_NOT_EXECUTABLE
                                                                   : EXIT_RUNTIME;
  /* What is left in the pipes are the runtime's words, which the reporter gets. */
  client_tell_exit (container.status.exit_code);
  output_finished ();
  clock_format_now (container.status.finished_at);
  container_dispatch (EVENT_START_FAILED, NULL);
}

static void
job_failed (struct job *job, enum failure failure, const char *message)
{
  (void) job; /* there is one */
  start_failed (failure, message);
}

static void
job_exited (struct job *job, int exit_code)
{
  (void) job; /* there is one */
  clock_format_now (container.status.finished_at);
  services_remove_names ();
  services_close_ports ();
  (void) freeze_cancel (); /* whether there was one does not matter now */
  health_end ();
  output_finished ();
  int64_t oom_kills = cgroup_oom_kills (container.spec);
  container.status.oom_killed = oom_kills > container.oom_kills_before && container.oom_kills_before >= 0;
  container.status.exit_code = exit_code;
  container.status.pid = 0;
  container.status.pid_start_time = 0;
  container_dispatch (EVENT_PROCESS_EXITED, NULL);
}

static void
start (void)
{
  struct err e = { 0 };
  container.status.exit_code = 0;
  container.status.oom_killed = false;
  container.oom_kills_before = cgroup_oom_kills (container.spec);
  set_state (STATE_STARTING);
  container.job.started = job_started;
  container.job.failed = job_failed;
  container.job.exited = job_exited;
  int r = output_prepare (&container.job, &e);
  if (r == 0)
    r = job_start (&container.job, &e);
  if (r < 0)
    start_failed (FAILURE_RUNTIME, e.msg);
}

static void
attach_due (struct timer *timer)
{
  (void) timer; /* there is one */
  container.awaits_attach = false;
  container_abort ("system", "the command that wanted to attach has gone");
}

void
container_begin (void)
{
  if (!container.spec->process.await_attach)
    {
      start ();
      return;
    }
  container.awaits_attach = true;
  container.attach_timer.expire = attach_due;
  loop_arm (&container.attach_timer, ATTACH_MS);
}

void
container_abort (const char *reason, const char *message)
{
  status_set_error (&container.status, message);
  container.status.exit_code = EXIT_RUNTIME;
  clock_format_now (container.status.finished_at);
  ending_finish ();
  report_failure (reason, message);
}

/* Actions. Each has the request that caused it, or NULL. */

static void
act_impossible (const struct request *request)
{
  (void) request; /* none of these are requests */
  /* Our bug. The container is worth more than our pride: say it and go on. */
  status_set_error (&container.status, "internal error: an event that is impossible in this state; please report it");
  container_save_status ();
}

static void
act_ignore (const struct request *request)
{
  (void) request; /* nothing to do */
}

static void
act_enter_running (const struct request *request)
{
  struct err e = { 0 };
  (void) request; /* no request */
  container.running_since_ms = clock_monotonic_ms ();
  status_set_error (&container.status, services_add_names (&e) < 0 ? e.msg : NULL);
  services_open_ports ();
  clock_format_now (container.status.started_at);
  health_begin ();
  set_state (STATE_RUNNING);
  report_started ();
  resident_drop_code ();
  if (!container.stop_is_pending)
    return;
  struct request stop = { .timeout_ms = container.pending_timeout_ms };
  container_dispatch (EVENT_STOP, &stop);
}

static void
restart_due (struct timer *timer)
{
  (void) timer; /* there is one */
  container_dispatch (EVENT_RESTART_DUE, NULL);
}

static bool
should_restart (void)
{
  const struct spec_restart *restart = &container.spec->restart;
  bool has_retries = restart->max_retries == 0 || container.retries < restart->max_retries;
  switch (restart->policy)
    {
    case RESTART_ALWAYS:
    case RESTART_UNLESS_STOPPED: return has_retries;
    case RESTART_ON_FAILURE: return container.status.exit_code != 0 && has_retries;
    case RESTART_NO:
    default: return false;
    }
}

static void
act_restart_or_finish (const struct request *request)
{
  (void) request; /* no request */
  const struct spec_restart *restart = &container.spec->restart;
  int64_t ran_ms = container.running_since_ms > 0 ? clock_monotonic_ms () - container.running_since_ms : -1;
  bool was_steady = ran_ms >= (restart->window_ms >= 0 ? restart->window_ms : STEADY_RUN_MS);
  if (was_steady && restart->window_ms >= 0)
    container.retries = 0;
  if (container.stop_is_pending || !should_restart ())
    {
      ending_finish ();
      return;
    }
  if (container.restart_delay_ms == 0 || was_steady)
    container.restart_delay_ms = restart->delay_ms;
  else
    container.restart_delay_ms *= 2;
  if (container.restart_delay_ms > restart->max_delay_ms)
    container.restart_delay_ms = restart->max_delay_ms;
  container.running_since_ms = 0;
  set_state (STATE_RESTARTING);
  client_tell_exit (container.status.exit_code); /* attached is to a process, not to its successors */
  (void) cgroup_kill (container.spec); /* with the host's pid namespace others may be left */
  runtime_state_delete (container.spec);
  container.restart_timer.expire = restart_due;
  loop_arm (&container.restart_timer, container.restart_delay_ms);
}

static void
act_give_up_or_retry (const struct request *request)
{
  if (container.report_fd < 0)
    {
      act_restart_or_finish (request);
      return;
    }
  ending_finish ();
  report_failure (failure_reason (container.last_failure), container.status.error);
}

static void
act_remember_stop (const struct request *request)
{
  container.stop_is_pending = true;
  container.pending_timeout_ms = request->timeout_ms;
  if (request->client != NULL)
    request->client->waits_for_stop = true;
  if (container.awaits_attach)
    container_abort ("system", "it was stopped before it was started");
}

static void
stop_due (struct timer *timer)
{
  (void) timer; /* there is one */
  container_dispatch (EVENT_STOP_DUE, NULL);
}

/* Negative: never. */
static void
arm_stop_timer (int64_t timeout_ms)
{
  container.stop_timer.expire = stop_due;
  if (timeout_ms >= 0)
    loop_arm (&container.stop_timer, timeout_ms);
}

static void
act_begin_stop (const struct request *request)
{
  int64_t timeout = request->timeout_ms == INT64_MIN ? container.spec->stop.timeout_ms : request->timeout_ms;
  bool was_paused = freeze_cancel () || container.status.state == STATE_PAUSED;
  if (request->client != NULL)
    request->client->waits_for_stop = true;
  container.stop_is_pending = true;
  health_end ();
  set_state (STATE_STOPPING);
  job_kill (&container.job, timeout == 0 ? SIGKILL : container.spec->stop.signal);
  if (was_paused)
    freeze_end ();
  if (timeout != 0)
    arm_stop_timer (timeout);
}

/* A second stop can only be more impatient. */
static void
act_join_stop (const struct request *request)
{
  if (request->client != NULL)
    request->client->waits_for_stop = true;
  if (request->timeout_ms == INT64_MIN || request->timeout_ms < 0)
    return;
  int64_t due = clock_monotonic_ms () + request->timeout_ms;
  if (!container.stop_timer.armed || due < container.stop_timer.due_ms)
    arm_stop_timer (request->timeout_ms);
}

static void
act_finish (const struct request *request)
{
  if (request != NULL && request->client != NULL)
    request->client->waits_for_stop = true;
  ending_finish ();
}

static void
act_kill_hard (const struct request *request)
{
  (void) request; /* no request */
  job_kill (&container.job, SIGKILL);
}

static void
act_signal (const struct request *request)
{
  job_kill (&container.job, request->signal);
  if (request->signal == SIGKILL && container.status.state == STATE_PAUSED)
    freeze_end ();
  client_reply_done (request->client, "done", 0);
  client_finish (request->client);
}

static void
act_freeze (const struct request *request)
{
  freeze_begin (request->client);
}

static void
act_thaw (const struct request *request)
{
  freeze_end ();
  set_state (STATE_RUNNING);
  client_reply_done (request->client, "done", 0);
  client_finish (request->client);
}

static void
act_exec (const struct request *request)
{
  session_start (request->client, request->json);
}

static void
act_attach (const struct request *request)
{
  bool with_stdin = false;
  struct err e = { 0 };
  if (json_bool (request->json, "stdin", &with_stdin, &e) < 0)
    client_reply_error (request->client, "bad-request", e.msg);
  else
    {
      request->client->holds_output = container.awaits_attach;
      output_attach (request->client, with_stdin);
    }
  if (e.code != 0 || !container.awaits_attach)
    return;
  container.awaits_attach = false;
  loop_disarm (&container.attach_timer);
  start ();
}

static void
act_start_again (const struct request *request)
{
  (void) request; /* no request */
  container.status.restart_count++;
  container.retries++;
  start ();
}

static void
act_check_health (const struct request *request)
{
  (void) request; /* no request */
  health_check ();
}

static void
act_postpone_check (const struct request *request)
{
  (void) request; /* no request */
  health_postpone ();
}

static void
act_refuse (const struct request *request)
{
  char message[128];
  const char *state = table_state_name (container.status.state);
  (void) snprintf (message, sizeof message, "container \"%.64s\" is %s", container.spec->name, state); /* fits */
  if (request->client != NULL)
    client_reply_error (request->client, "not-running", message);
}

static void (*const actions[]) (const struct request *request) = {
  [ACTION_MISSING] = act_impossible,
  [ACTION_IMPOSSIBLE] = act_impossible,
  [ACTION_IGNORE] = act_ignore,
  [ACTION_ENTER_RUNNING] = act_enter_running,
  [ACTION_GIVE_UP_OR_RETRY] = act_give_up_or_retry,
  [ACTION_RESTART_OR_FINISH] = act_restart_or_finish,
  [ACTION_REMEMBER_STOP] = act_remember_stop,
  [ACTION_BEGIN_STOP] = act_begin_stop,
  [ACTION_JOIN_STOP] = act_join_stop,
  [ACTION_FINISH] = act_finish,
  [ACTION_KILL_HARD] = act_kill_hard,
  [ACTION_SIGNAL] = act_signal,
  [ACTION_FREEZE] = act_freeze,
  [ACTION_THAW] = act_thaw,
  [ACTION_EXEC] = act_exec,
  [ACTION_ATTACH] = act_attach,
  [ACTION_START_AGAIN] = act_start_again,
  [ACTION_CHECK_HEALTH] = act_check_health,
  [ACTION_POSTPONE_CHECK] = act_postpone_check,
  [ACTION_REFUSE] = act_refuse,
};
_Static_assert (sizeof actions / sizeof *actions == N_ACTIONS, "a function for each action");

void
container_dispatch (enum event event, const struct request *request)
{
  actions[table_action (container.status.state, event)](request);
}
