#include "helper/sync.h"

#include "common/cleanup.h"
#include "common/io.h"
#include "common/json.h"
#include "helper/request-line.h"
#include "helper/sync-entry.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

enum
{
  MAX_STAT_BYTES = 4096,
  START_TIME_FIELD = 22 /* proc_pid_stat(5) */
};

struct rule
{
  char *base; /* absolute host path */
  struct ignore ignore;
  bool is_partial; /* only some paths are the rule's */
};

struct session
{
  struct sync_sides sides;
  struct rule *rules;
  size_t n_rules;
};

/* Start time of a process in clock ticks since boot; -1 when it has gone. */
static int64_t
start_time_of (int64_t pid)
{
  char path[64], *text cleanup_free = NULL;
  struct err ignored;

  (void) snprintf (path, sizeof path, "/proc/%lld/stat", (long long) pid);
  if (io_read_file_at (AT_FDCWD, path, MAX_STAT_BYTES, &text, NULL, &ignored) < 0)
    return -1;
  /* The command, field 2, may hold spaces and parentheses: count after its last one. */
  char *at = strrchr (text, ')');
  for (int field = 2; at != NULL && field < START_TIME_FIELD; field++)
    at = strchr (at + 1, ' ');
  return at == NULL ? -1 : strtoll (at + 1, NULL, 10);
}

/* Opens the host's root, enters the container's mounts and opens its root. */
static int
enter (struct sync_sides *sides, int64_t pid, int64_t start_time, struct err *e)
{
  char path[64];

  sides->host_root = open ("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  sides->process_fd = (int) syscall (SYS_pidfd_open, (pid_t) pid, 0);
  (void) snprintf (path, sizeof path, "/proc/%lld/ns/mnt", (long long) pid);
  int mounts cleanup_fd = open (path, O_RDONLY | O_CLOEXEC);
  /* Looked at last: if it is the process that was meant, then what was opened before is its own. */
  if (sides->process_fd < 0 || mounts < 0 || start_time_of (pid) != start_time)
    return err_set (e, ESRCH, "the container has ended");
  if (sides->host_root < 0)
    return err_errno (e, "cannot open /");
  if (setns (mounts, CLONE_NEWNS) < 0)
    return err_errno (e, "cannot enter the container's mounts");
  sides->container_root = open ("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  return sides->container_root < 0 ? err_errno (e, "cannot open the container's /") : 0;
}

static int
read_rules (struct session *session, const struct json *request, struct err *e)
{
  const struct json *list = NULL;
  int r = json_array_or_empty (request, "rules", &list, e);
  if (r < 0 || list == NULL || list->count == 0)
    return r < 0 ? r : err_set (e, EINVAL, "no rules");
  session->rules = calloc (list->count, sizeof *session->rules);
  if (session->rules == NULL)
    return err_set (e, ENOMEM, "out of memory");
  for json_each (value, list)
    {
      struct rule *rule = &session->rules[session->n_rules++];
      const char *base = NULL;
      r = json_string (value, "path", &base, e);
      if (r == 0 && (rule->base = strdup (base)) == NULL)
        r = err_set (e, ENOMEM, "out of memory");
      if (r == 0)
        r = ignore_read (value, "ignore", &rule->ignore, e);
      if (r == 0)
        r = json_bool_or (value, "partial", false, &rule->is_partial, e);
      if (r < 0)
        return r;
    }
  return 0;
}

static int
begin (struct session *session, const struct json *request, struct err *e)
{
  int64_t pid = 0, start_time = 0, uid = 0, gid = 0;

  int r = json_integer (request, "pid", 1, INT32_MAX, &pid, e);
  if (r == 0)
    r = json_integer (request, "startTime", 0, INT64_MAX, &start_time, e);
  if (r == 0)
    r = json_integer (request, "uid", 0, UINT32_MAX - 1, &uid, e);
  if (r == 0)
    r = json_integer (request, "gid", 0, UINT32_MAX - 1, &gid, e);
  if (r == 0)
    r = read_rules (session, request, e);
  session->sides.uid = (uid_t) uid;
  session->sides.gid = (gid_t) gid;
  return r < 0 ? r : enter (&session->sides, pid, start_time, e);
}

static const char *
reason_of (int code)
{
  switch (code)
    {
    case ESRCH: return "ended";
    case ENOSPC:
    case EDQUOT: return "no-space";
    case EROFS: return "read-only";
    case EBUSY:
    case ENOTEMPTY: return "in-use";
    case EINVAL: return "request";
    default: return "system";
    }
}

static void
add_failure (struct buffer *reply, const struct err *e)
{
  buffer_printf (reply, "[\"f\",\"%s\",", reason_of (e->code));
  buffer_add_json (reply, e->msg);
  buffer_add_string (reply, "]");
}

/* `[source, target, rule, is root]`; an error is only one of the request, or the end. */
static int
carry_out (const struct session *session, const struct json *operation, struct buffer *reply, struct err *e)
{
  const struct json *source = operation->first, *target = source == NULL ? NULL : source->next;
  const struct json *rule = target == NULL ? NULL : target->next, *is_root = rule == NULL ? NULL : rule->next;
  struct sync_pair pair;
  struct err failure = { 0 };
  struct sync_outcome outcome;

  if (operation->type != JSON_ARRAY || is_root == NULL || is_root->type != JSON_BOOL || source->type != JSON_STRING || target->type != JSON_STRING || !rule->is_integer
      || rule->integer < 0 || (uint64_t) rule->integer >= session->n_rules)
    return err_set (e, EINVAL, "bad operation");
  const struct rule *of = &session->rules[rule->integer];
  if (strncmp (source->string, of->base, strlen (of->base)) != 0)
    return err_set (e, EINVAL, "\"%.150s\" is not below its rule's path", source->string);
  pair = (struct sync_pair){ .base = of->base, .source = source->string, .target = target->string, .ignore = &of->ignore,
                             .is_root = is_root->boolean, .is_partial = of->is_partial };
  if (sync_entry (&session->sides, &pair, &outcome, &failure) < 0)
    {
      if (failure.code == ESRCH || sync_has_ended (&session->sides))
        return err_set (e, ESRCH, "the container has ended");
      add_failure (reply, &failure);
    }
  else if (outcome.done == SYNC_WRITTEN)
    buffer_printf (reply, "[\"w\",%llu]", (unsigned long long) outcome.bytes);
  else
    buffer_printf (reply, "[\"%c\"]", (char) outcome.done);
  return 0;
}

/* One line of operations in order; the answer has a result for each. */
static int
answer (const struct session *session, const struct json *request, struct err *e)
{
  struct buffer reply cleanup_buffer = { 0 };
  const struct json *operations = NULL;

  int r = json_array_or_empty (request, "operations", &operations, e);
  buffer_add_string (&reply, "{\"ok\":true,\"results\":[");
  bool is_first = true;
  for json_each (operation, operations)
    {
      if (!is_first)
        buffer_add_string (&reply, ",");
      is_first = false;
      if (r == 0)
        r = carry_out (session, operation, &reply, e);
      if (r < 0)
        return r;
    }
  buffer_add_string (&reply, "]}\n");
  return r < 0 ? r : io_write_all (STDOUT_FILENO, reply.data, reply.length, e);
}

static int
serve (struct session *session, struct request_line *line, struct err *e)
{
  struct json_document *first cleanup_json = NULL;
  int r = request_line_next (line, &first, e);
  if (r <= 0)
    return r;
  r = begin (session, json_root (first), e);
  if (r == 0)
    r = io_write_all (STDOUT_FILENO, "{\"ok\":true}\n", strlen ("{\"ok\":true}\n"), e);
  line->end_fd = session->sides.process_fd;
  while (r == 0)
    {
      struct json_document *request cleanup_json = NULL;
      int more = request_line_next (line, &request, e);
      if (more <= 0)
        return more;
      r = answer (session, json_root (request), e);
    }
  return r;
}

int
sync_main (struct err *e)
{
  struct session session = { .sides = { .host_root = -1, .container_root = -1, .process_fd = -1 } };
  struct request_line line cleanup_request_line = { .fd = STDIN_FILENO, .end_fd = -1 };
  struct buffer reply cleanup_buffer = { 0 };
  struct err ignored;

  int r = serve (&session, &line, e);
  if (r < 0)
    {
      buffer_printf (&reply, "{\"ok\":false,\"reason\":\"%s\",\"message\":", reason_of (e->code));
      buffer_add_json (&reply, e->msg);
      buffer_add_string (&reply, "}\n");
      (void) io_write_all (STDOUT_FILENO, reply.data, reply.length, &ignored); /* without a reader nobody is left to tell */
    }
  for (size_t i = 0; i < session.n_rules; i++)
    {
      ignore_free (&session.rules[i].ignore);
      free (session.rules[i].base);
    }
  free (session.rules);
  int fds[] = { session.sides.host_root, session.sides.container_root, session.sides.process_fd };
  for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
    cleanup_fd_close (&fds[i]);
  return r;
}
