#include "supervisor/health.h"

#include "common/buffer.h"
#include "common/cleanup.h"
#include "common/clock.h"
#include "common/io.h"
#include "supervisor/container.h"
#include "supervisor/process-file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum
{
  MAX_CONFIG = 4 << 20,
  EXIT_TIMED_OUT = -1 /* as Docker records it */
};

static const char process_file[] = "health.json";

static struct
{
  struct job job;
  struct timer due;
  struct timer timeout;
  struct watch source;
  struct buffer output;
  char start[CLOCK_TEXT_SIZE];
  int64_t began_ms; /* of the run */
  int null_fd;
  int write_end;
  bool is_timed_out;
  bool is_abandoned; /* its run has ended: the result says nothing about the next one */
} health = { .source.fd = -1, .null_fd = -1, .write_end = -1 };

int
health_open (struct err *e)
{
  if (container.spec->health.argv == NULL)
    return 0;
  char *config cleanup_free = NULL;
  struct json_document *document cleanup_json = NULL;
  size_t length = 0;
  int r = io_read_file_at (container.run_dir_fd, "config.json", MAX_CONFIG, &config, &length, e);
  if (r == 0)
    r = json_parse (config, length, &document, e);
  if (r < 0)
    return err_wrap (e, "config.json");
  struct process_file file = {
    .name = process_file,
    .directory = container.run_dir_fd,
    .process = json_get (json_root (document), "process"),
    .argv = container.spec->health.argv,
    .n_argv = container.spec->health.n_argv,
  };
  return process_file_write (&file, e);
}

static bool
is_in_start_period (void)
{
  return clock_monotonic_ms () - health.began_ms < container.spec->health.start_period_ms;
}

static void
due (struct timer *timer)
{
  (void) timer; /* there is one */
  container_dispatch (EVENT_HEALTH_DUE, NULL);
}

void
health_postpone (void)
{
  const struct spec_health *config = &container.spec->health;
  bool is_early = container.status.health == HEALTH_STARTING && is_in_start_period ();
  int64_t delay = is_early && config->start_interval_ms < config->interval_ms ? config->start_interval_ms : config->interval_ms;
  health.due.expire = due;
  loop_arm (&health.due, delay);
}

void
health_begin (void)
{
  struct status *status = &container.status;
  if (container.spec->health.argv == NULL)
    return;
  status->has_health = true;
  status->health = HEALTH_STARTING;
  status->failing_streak = 0;
  for (int i = 0; i < status->n_health_log; i++)
    buffer_free (&status->health_log[i].output);
  status->n_health_log = 0;
  health.began_ms = clock_monotonic_ms ();
  health_postpone ();
}

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    (void) close (*fd); /* pipe ends */
  *fd = -1;
}

static void
close_files (void)
{
  loop_remove (&health.source);
  close_fd (&health.source.fd);
  close_fd (&health.null_fd);
  close_fd (&health.write_end);
}

void
health_end (void)
{
  loop_disarm (&health.due);
  loop_disarm (&health.timeout);
  health.is_abandoned = true;
  if (health.job.is_active)
    job_kill (&health.job, SIGKILL);
}

static void
record (int exit_code, const char *output, size_t length)
{
  struct status *status = &container.status;
  close_files ();
  loop_disarm (&health.timeout);
  if (health.is_abandoned)
    return;
  if (status->n_health_log == HEALTH_LOG_LIMIT)
    {
      buffer_free (&status->health_log[0].output);
      memmove (status->health_log, status->health_log + 1, sizeof status->health_log[0] * --status->n_health_log);
    }
  struct health_result *result = &status->health_log[status->n_health_log++];
  *result = (struct health_result){ .exit_code = exit_code };
  memcpy (result->start, health.start, sizeof result->start);
  clock_format_now (result->end);
  buffer_add (&result->output, output, length < HEALTH_OUTPUT_LIMIT ? length : HEALTH_OUTPUT_LIMIT);
  /* As Docker: success counts at any time; a failure within the start period does not while it is still starting. */
  bool is_excused = status->health == HEALTH_STARTING && is_in_start_period ();
  if (exit_code == 0)
    {
      status->health = HEALTH_HEALTHY;
      status->failing_streak = 0;
    }
  else if (!is_excused && ++status->failing_streak >= container.spec->health.retries)
    status->health = HEALTH_UNHEALTHY;
  container_save_status ();
  health_postpone ();
}

static void
read_output (void)
{
  char bytes[4096];
  ssize_t n = 0;
  while (health.source.fd >= 0 && (n = read (health.source.fd, bytes, sizeof bytes)) > 0)
    if (health.output.length < HEALTH_OUTPUT_LIMIT)
      buffer_add (&health.output, bytes, (size_t) n);
  if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
    loop_remove (&health.source);
}

static void
handle_source (struct watch *watch, uint32_t events)
{
  (void) watch;  /* there is one */
  (void) events; /* hang-ups show when it is read */
  read_output ();
}

static void
started (struct job *job, int console_fd)
{
  (void) job;        /* there is one */
  (void) console_fd; /* never a terminal */
  close_fd (&health.write_end);
}

static void
exited (struct job *job, int exit_code)
{
  char text[96];
  (void) job; /* there is one */
  read_output ();
  if (!health.is_timed_out)
    {
      record (exit_code, health.output.data, health.output.length);
      return;
    }
  double seconds = (double) container.spec->health.timeout_ms / 1000;
  int n = snprintf (text, sizeof text, "Health check exceeded timeout (%gs)", seconds);
  record (EXIT_TIMED_OUT, text, (size_t) n);
}

static void
failed (struct job *job, enum failure failure, const char *message)
{
  if (health.is_timed_out) /* the runtime itself took too long and was killed */
    exited (job, 0);
  else
    record (failure == FAILURE_NOT_FOUND ? 127 : failure == FAILURE_NOT_EXECUTABLE ? 126 : 1, message, strlen (message));
}

static void
time_out (struct timer *timer)
{
  (void) timer; /* there is one */
  health.is_timed_out = true;
  job_kill (&health.job, SIGKILL);
}

static int
start_check (struct err *e)
{
  int ends[2];
  health.null_fd = open ("/dev/null", O_RDWR | O_CLOEXEC);
  if (health.null_fd < 0 || pipe2 (ends, O_CLOEXEC) < 0)
    return err_errno (e, "health check");
  health.write_end = ends[1];
  health.source = (struct watch){ .fd = ends[0], .events = EPOLLIN, .handle = handle_source };
  if (fcntl (ends[0], F_SETFL, O_NONBLOCK) < 0)
    return err_errno (e, "fcntl");
  int r = loop_add (&health.source, e);
  if (r < 0)
    return r;
  health.job = (struct job){
    .is_exec = true,
    .process_file = process_file,
    .stdio = { health.null_fd, health.write_end, health.write_end },
    .started = started,
    .failed = failed,
    .exited = exited,
  };
  return job_start (&health.job, e);
}

void
health_check (void)
{
  struct err e = { 0 };
  if (health.job.is_active) /* of the run before, about to end */
    {
      health_postpone ();
      return;
    }
  buffer_free (&health.output);
  health.is_abandoned = false;
  health.is_timed_out = false;
  clock_format_now (health.start);
  health.timeout.expire = time_out;
  loop_arm (&health.timeout, container.spec->health.timeout_ms);
  if (start_check (&e) < 0)
    record (1, e.msg, strlen (e.msg));
}
