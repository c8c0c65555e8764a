#ifndef SUPERVISOR_CONTAINER_H
#define SUPERVISOR_CONTAINER_H

#include "common/err.h"
#include "supervisor/client.h"
#include "supervisor/job.h"
#include "supervisor/log.h"
#include "supervisor/spec.h"
#include "supervisor/status.h"
#include "supervisor/table.h"

#include <stdint.h>

/* What an event brings along; NULL fields where it brings nothing. */
struct request
{
  struct client *client;
  int signal;
  int64_t timeout_ms; /* stop; INT64_MIN: the specification's */
  const struct json *json;
};

/* The one container of this process. */
struct container
{
  struct spec *spec;
  int run_dir_fd;
  int state_dir_fd;
  int lock_fd;
  int report_fd; /* to the launcher; -1 once it knows */
  struct status status;
  struct log *log;
  struct job job;
  int64_t log_noted_ms;
  int64_t running_since_ms;
  int64_t oom_kills_before;
  int64_t restart_delay_ms;
  int retries; /* restarts since the last run that counts as a success */
  enum failure last_failure;
  bool awaits_attach; /* starts when a client has attached */
  bool stop_is_pending;
  int64_t pending_timeout_ms;
  struct timer attach_timer;
  struct timer restart_timer;
  struct timer stop_timer;
};

extern struct container container;

/* Looks EVENT up in the table and does what it says. REQUEST may be NULL where the event is no request. */
void container_dispatch (enum event event, const struct request *request);

/* Starts the process for the first time; the launcher hears how that ends. */
void container_begin (void);

/* The set-up before container_begin failed: reports, writes the final status, cleans up. */
void container_abort (const char *reason, const char *message);

/* Rewrites status.json. */
void container_save_status (void);
/* Puts into status.json what has become of the log, when that is news; at most once a second. */
void container_note_log (void);

#endif
