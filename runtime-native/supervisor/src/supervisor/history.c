#include "supervisor/history.h"

#include "common/buffer.h"
#include "common/cleanup.h"
#include "common/clock.h"
#include "common/io.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
  OPEN_TRIES = 3
};

/* What the journal knows of the container. */
static struct
{
  enum state state;
  enum health_status health;
  char started_at[CLOCK_TEXT_SIZE];
  char finished_at[CLOCK_TEXT_SIZE];
} known = { .state = STATE_STARTING, .health = HEALTH_STARTING };

static void
add_event (struct buffer *text, const struct spec *spec, const char *time, const char *action)
{
  buffer_printf (text, "{\"time\":\"%s\",\"action\":\"%s\",\"id\":", time, action);
  buffer_add_json (text, spec->id);
}

static void
add_plain (struct buffer *text, const struct spec *spec, const char *time, const char *action)
{
  add_event (text, spec, time, action);
  buffer_add_string (text, "}\n");
}

static void
add_end (struct buffer *text, const struct spec *spec, const struct status *status)
{
  if (status->oom_killed)
    add_plain (text, spec, status->finished_at, "oom");
  add_event (text, spec, status->finished_at, "die");
  buffer_printf (text, ",\"exitCode\":%d", status->exit_code);
  if (status->oom_killed)
    buffer_add_string (text, ",\"oomKilled\":true");
  if (status->state == STATE_RESTARTING)
    buffer_add_string (text, ",\"restarting\":true");
  if (status->error[0] != '\0')
    {
      buffer_add_string (text, ",\"error\":");
      buffer_add_json (text, status->error);
    }
  buffer_add_string (text, "}\n");
}

static void
describe (struct buffer *text, const struct spec *spec, const struct status *status)
{
  static const char *const health_names[] = { "starting", "healthy", "unhealthy" };
  char now[CLOCK_TEXT_SIZE];
  bool has_started = strcmp (status->started_at, known.started_at) != 0;
  bool has_ended = strcmp (status->finished_at, known.finished_at) != 0;

  clock_format_now (now);
  if (has_started)
    add_plain (text, spec, status->started_at, "start");
  else if (status->state == STATE_RUNNING && known.state == STATE_PAUSED)
    add_plain (text, spec, now, "unpause");
  if (status->state == STATE_PAUSED && known.state != STATE_PAUSED)
    add_plain (text, spec, now, "pause");
  if (has_ended && (status->state == STATE_EXITED || status->state == STATE_RESTARTING))
    add_end (text, spec, status);
  if (status->has_health && status->health != known.health && status->health != HEALTH_STARTING)
    {
      add_event (text, spec, now, "health_status");
      buffer_printf (text, ",\"health\":\"%s\"}\n", health_names[status->health]);
    }
  known.state = status->state;
  known.health = status->has_health ? status->health : HEALTH_STARTING;
  memcpy (known.started_at, status->started_at, sizeof known.started_at);
  if (status->state == STATE_EXITED || status->state == STATE_RESTARTING)
    memcpy (known.finished_at, status->finished_at, sizeof known.finished_at);
}

static bool
is_at_path (int fd, const char *path)
{
  struct stat here, there;
  return fstat (fd, &here) == 0 && stat (path, &there) == 0 && here.st_ino == there.st_ino && here.st_dev == there.st_dev;
}

/* The journal under its lock, not too long; -1: not to be had. */
static int
open_locked (const struct spec *spec)
{
  char old[PATH_MAX];
  struct stat st;

  for (int i = 0; i < OPEN_TRIES; i++)
    {
      int fd cleanup_fd = open (spec->events.path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
      if (fd < 0 || flock (fd, LOCK_EX) < 0 || fstat (fd, &st) < 0)
        return -1;
      if (!is_at_path (fd, spec->events.path))
        continue; /* another supervisor has moved it away meanwhile */
      if (st.st_size < spec->events.max_bytes)
        return steal_fd (&fd);
      int n = snprintf (old, sizeof old, "%s.1", spec->events.path);
      if (n < 0 || (size_t) n >= sizeof old || rename (spec->events.path, old) < 0)
        return -1;
    }
  return -1;
}

void
history_note (const struct spec *spec, const struct status *status)
{
  struct buffer text cleanup_buffer = { 0 };
  struct err ignored;

  describe (&text, spec, status);
  if (spec->events.path == NULL || text.length == 0 || text.failed)
    return;
  int fd cleanup_fd = open_locked (spec);
  if (fd >= 0)
    (void) io_write_all (fd, text.data, text.length, &ignored); /* a full disk */
}
