#include "supervisor/history.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/tsc-history-XXXXXX";
static char path[64];
static char old_path[72];

static const char *
text_of (const char *file)
{
  static char text[64 << 10];
  FILE *in = fopen (file, "r");
  size_t n = in == NULL ? 0 : fread (text, 1, sizeof text - 1, in);
  text[n] = '\0';
  if (in != NULL)
    (void) fclose (in);
  return text;
}

static void
test_transitions (const struct spec *spec)
{
  struct status status = { .state = STATE_STARTING };
  history_note (spec, &status);
  ok (access (path, F_OK) < 0, "nothing has happened yet");
  strcpy (status.started_at, "2026-01-01T00:00:01.000000001Z");
  status.state = STATE_RUNNING;
  history_note (spec, &status);
  history_note (spec, &status);
  status.has_health = true;
  status.health = HEALTH_HEALTHY;
  history_note (spec, &status);
  status.state = STATE_PAUSED;
  history_note (spec, &status);
  status.state = STATE_RUNNING;
  history_note (spec, &status);
  status.state = STATE_RESTARTING;
  status.exit_code = 137;
  status.oom_killed = true;
  strcpy (status.finished_at, "2026-01-01T00:00:02.000000002Z");
  history_note (spec, &status);
  const char *text = text_of (path);
  static const char start[] = "{\"time\":\"2026-01-01T00:00:01.000000001Z\",\"action\":\"start\",\"id\":\"abc\"}\n";
  ok (strncmp (text, start, strlen (start)) == 0 && strstr (text + strlen (start), "\"start\"") == NULL, "a start, once");
  static const char *const actions[] = { "start", "health_status", "pause", "unpause", "oom", "die" };
  size_t found = 0;
  for (const char *line = text; *line != '\0'; line = strchr (line, '\n') + 1)
    {
      char member[64];
      (void) snprintf (member, sizeof member, "\"action\":\"%s\"", found < 6 ? actions[found] : "?");
      const char *at = strstr (line, member);
      if (at == NULL || at > strchr (line, '\n'))
        break;
      found++;
    }
  ok (found == 6, "each transition in order, found %zu", found);
  ok (strstr (text, "\"exitCode\":137,\"oomKilled\":true,\"restarting\":true}") != NULL, "how it ended");
}

static void
test_rotation (struct spec *spec)
{
  struct status status = { .state = STATE_RUNNING };
  spec->events.max_bytes = 4096;
  for (int i = 0; i < 100; i++)
    {
      (void) snprintf (status.started_at, sizeof status.started_at, "2026-01-01T00:01:00.0000000%c%cZ", '0' + i / 10 % 10, '0' + i % 10);
      history_note (spec, &status);
    }
  struct stat new_st, old_st;
  ok (stat (path, &new_st) == 0 && stat (old_path, &old_st) == 0, "there is an old file and a new one");
  ok (new_st.st_size < 4096 + 200 && old_st.st_size < 4096 + 200, "neither is much longer than the limit");
  spec->events.path = "/nonexistent/file";
  (void) snprintf (status.started_at, sizeof status.started_at, "2026-01-01T00:03:00.000000000Z");
  history_note (spec, &status);
  ok (true, "a journal that cannot be written is nothing to die of");
}

int
main (void)
{
  if (mkdtemp (directory) == NULL)
    return 1;
  (void) snprintf (path, sizeof path, "%s/app", directory);
  (void) snprintf (old_path, sizeof old_path, "%s.1", path);
  struct spec spec = { .id = "abc", .events = { .path = path, .max_bytes = 1 << 20 } };
  test_transitions (&spec);
  test_rotation (&spec);
  (void) unlink (path);
  (void) unlink (old_path);
  (void) rmdir (directory);
  return tap_end ();
}
