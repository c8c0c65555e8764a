#include "supervisor/status.h"

#include "common/cleanup.h"
#include "common/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
format_health (const struct status *status, struct buffer *text)
{
  static const char *const names[] = { "starting", "healthy", "unhealthy" };
  buffer_printf (text, ",\n\"health\":{\"status\":\"%s\",\"failingStreak\":%d,\"log\":[", names[status->health], status->failing_streak);
  for (int i = 0; i < status->n_health_log; i++)
    {
      const struct health_result *result = &status->health_log[i];
      buffer_printf (text, "%s\n{\"start\":\"%s\",\"end\":\"%s\",\"exitCode\":%d,\"output\":", i == 0 ? "" : ",", result->start, result->end,
                     result->exit_code);
      buffer_add_json_bytes (text, result->output.data, result->output.length);
      buffer_add_string (text, "}");
    }
  buffer_add_string (text, "]}");
}

void
status_format (const struct status *status, struct buffer *text)
{
  buffer_add_string (text, "{\"version\":1,\"id\":");
  buffer_add_json (text, status->id);
  buffer_printf (text, ",\"state\":\"%s\",\n\"supervisorPid\":%d,\"supervisorStartTime\":%llu,\"pid\":%d,\"pidStartTime\":%llu,\n",
                 table_state_name (status->state), (int) status->supervisor_pid, (unsigned long long) status->supervisor_start_time,
                 (int) status->pid, (unsigned long long) status->pid_start_time);
  buffer_printf (text, "\"startedAt\":\"%s\",\"finishedAt\":\"%s\",\"exitCode\":%d,\"oomKilled\":%s,\"restartCount\":%d,\"error\":",
                 status->started_at, status->finished_at, status->exit_code, status->oom_killed ? "true" : "false", status->restart_count);
  buffer_add_json (text, status->error);
  if (status->log_lost_bytes > 0 || status->log_problem[0] != '\0')
    {
      buffer_printf (text, ",\n\"log\":{\"lostBytes\":%zu,\"problem\":", status->log_lost_bytes);
      buffer_add_json (text, status->log_problem);
      buffer_add_string (text, "}");
    }
  if (status->has_health)
    format_health (status, text);
  buffer_add_string (text, "}\n");
}

int
status_write (const struct status *status, int directory, bool sync, struct err *e)
{
  struct buffer text cleanup_buffer = { 0 };
  status_format (status, &text);
  if (text.failed)
    return err_set (e, ENOMEM, "status: out of memory");
  struct io_replacement replacement = { .name = "status.json", .data = text.data, .length = text.length, .mode = 0600, .sync = sync };
  return io_replace_file_at (directory, &replacement, e);
}

void
status_set_error (struct status *status, const char *text)
{
  (void) snprintf (status->error, sizeof status->error, "%s", text == NULL ? "" : text); /* cut at the size */
}
