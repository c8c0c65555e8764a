#ifndef SUPERVISOR_STATUS_H
#define SUPERVISOR_STATUS_H

#include "common/buffer.h"
#include "common/clock.h"
#include "common/err.h"
#include "supervisor/table.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum
{
  STATUS_ERROR_SIZE = 512,
  STATUS_LOG_PROBLEM_SIZE = 160,
  HEALTH_OUTPUT_LIMIT = 4096,
  HEALTH_LOG_LIMIT = 5
};

enum health_status
{
  HEALTH_STARTING,
  HEALTH_HEALTHY,
  HEALTH_UNHEALTHY
};

struct health_result
{
  char start[CLOCK_TEXT_SIZE];
  char end[CLOCK_TEXT_SIZE];
  int exit_code;
  struct buffer output;
};

/* What `status.json` says; field for field as in schemas/supervisor-protocol.ts. */
struct status
{
  const char *id;
  enum state state;
  pid_t supervisor_pid;
  uint64_t supervisor_start_time;
  pid_t pid;
  uint64_t pid_start_time;
  char started_at[CLOCK_TEXT_SIZE];
  char finished_at[CLOCK_TEXT_SIZE];
  int exit_code;
  bool oom_killed;
  int restart_count;
  char error[STATUS_ERROR_SIZE];
  size_t log_lost_bytes;
  char log_problem[STATUS_LOG_PROBLEM_SIZE];
  bool has_health;
  enum health_status health;
  int failing_streak;
  struct health_result health_log[HEALTH_LOG_LIMIT];
  int n_health_log;
};

void status_format (const struct status *status, struct buffer *text);
/* Replaces status.json in the directory; SYNC for the one that must survive a crash of the machine. */
int status_write (const struct status *status, int directory, bool sync, struct err *e);
/* Text for `error`, cut to its size; NULL clears it. */
void status_set_error (struct status *status, const char *text);

#endif
