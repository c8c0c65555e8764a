#include "supervisor/launch.h"

#include "common/buffer.h"
#include "common/cleanup.h"
#include "common/io.h"
#include "common/json.h"
#include "supervisor/own-root.h"
#include "supervisor/successor.h"
#include "supervisor/supervise.h"
#include "supervisor/sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
  MAX_SLOTS = 4, /* set-ups at once; more only queue at the kernel's locks */
  MAX_LINE = 64 << 10,
  EXIT_SYSTEM = 111,
  REPORT_FD = 3
};

/* A child that has not reported yet. */
struct slot
{
  int fd; /* -1: free */
  int64_t id;
  struct buffer report;
};

struct launcher
{
  struct slot slots[MAX_SLOTS];
  size_t n_slots;
  struct buffer input;
  bool is_at_end;
  bool is_confined; /* in a plain chroot: no container may start here */
};

static void
reply (int64_t id, const char *members)
{
  struct buffer line cleanup_buffer = { 0 };
  struct err ignored; /* nobody listens any more: what runs goes on */
  buffer_printf (&line, "{\"id\":%lld,%s}\n", (long long) id, members);
  if (!line.failed)
    (void) io_write_all (STDOUT_FILENO, line.data, line.length, &ignored);
}

static void
reply_failure (int64_t id, const char *reason, const char *message)
{
  struct buffer members cleanup_buffer = { 0 };
  buffer_printf (&members, "\"ok\":false,\"reason\":\"%s\",\"message\":", reason);
  buffer_add_json (&members, message);
  if (!members.failed)
    reply (id, members.data);
}

_Noreturn static void
become_child (bool is_cleanup, const char *run_dir, int report_fd)
{
  (void) signal (SIGCHLD, SIG_DFL); /* the launcher ignores these; signal () fails only for bad numbers */
  (void) signal (SIGINT, SIG_DFL);
  (void) signal (SIGHUP, SIG_DFL);
  /* Nothing of the launcher's stays open: stdio goes in detach (), the rest here. */
  if (report_fd != REPORT_FD && dup3 (report_fd, REPORT_FD, O_CLOEXEC) < 0)
    _exit (EXIT_SYSTEM);
  if (syscall (SYS_close_range, REPORT_FD + 1, ~0U, 0) < 0)
    _exit (EXIT_SYSTEM);
  _exit (is_cleanup ? sweep (run_dir, REPORT_FD) : supervise (run_dir, REPORT_FD));
}

static int
start (struct slot *slot, int64_t id, bool is_cleanup, const char *run_dir, struct err *e)
{
  int ends[2];
  if (pipe2 (ends, O_CLOEXEC) < 0)
    return err_errno (e, "pipe");
  pid_t pid = fork ();
  if (pid == 0)
    become_child (is_cleanup, run_dir, ends[1]);
  (void) close (ends[1]); /* the child's */
  if (pid < 0)
    {
      int r = err_errno (e, "fork");
      (void) close (ends[0]); /* unused */
      return r;
    }
  slot->fd = ends[0];
  slot->id = id;
  return 0;
}

struct line
{
  struct json_document *document;
  int64_t id;
  enum
  {
    LINE_START,
    LINE_CLEANUP,
    LINE_SUCCESSOR
  } op;
  const char *run_dir;
};

static int
parse_line (const char *text, size_t length, struct line *line, struct err *e)
{
  const char *op = NULL;
  int r = json_parse (text, length, &line->document, e);
  if (r < 0)
    return r;
  const struct json *root = json_root (line->document);
  r = json_integer (root, "id", INT64_MIN, INT64_MAX, &line->id, e);
  if (r == 0)
    r = json_string (root, "op", &op, e);
  if (r < 0)
    return r;
  if (strcmp (op, "successor") == 0)
    {
      line->op = LINE_SUCCESSOR;
      return 0;
    }
  line->op = strcmp (op, "cleanup") == 0 ? LINE_CLEANUP : LINE_START;
  if (line->op == LINE_START && strcmp (op, "start") != 0)
    return err_set (e, EINVAL, "unknown operation \"%.64s\"", op);
  return json_string (root, "runDir", &line->run_dir, e);
}

static void
take_line (const struct launcher *l, struct slot *slot, const char *text, size_t length)
{
  struct line line = { .id = -1 };
  struct err e = { 0 };
  if (parse_line (text, length, &line, &e) < 0)
    reply_failure (line.id, "config", e.msg);
  else if (line.op == LINE_SUCCESSOR && successor_set (json_root (line.document), &e) == 0)
    reply (line.id, "\"ok\":true");
  else if (line.op != LINE_CLEANUP && l->is_confined)
    reply_failure (line.id, "system", own_root_refusal);
  else if (line.op == LINE_SUCCESSOR || start (slot, line.id, line.op == LINE_CLEANUP, line.run_dir, &e) < 0)
    reply_failure (line.id, "system", e.msg);
  json_free (line.document);
}

static struct slot *
free_slot (struct launcher *l)
{
  for (size_t i = 0; i < l->n_slots; i++)
    if (l->slots[i].fd < 0)
      return &l->slots[i];
  return NULL;
}

static bool
is_idle (const struct launcher *l)
{
  for (size_t i = 0; i < l->n_slots; i++)
    if (l->slots[i].fd >= 0)
      return false;
  return true;
}

static void
take_lines (struct launcher *l)
{
  for (struct slot *slot = free_slot (l); slot != NULL && l->input.length > 0; slot = free_slot (l))
    {
      const char *newline = memchr (l->input.data, '\n', l->input.length);
      if (newline == NULL && !l->is_at_end)
        {
          if (l->input.length > MAX_LINE)
            l->is_at_end = true; /* not our protocol */
          return;
        }
      size_t length = newline == NULL ? l->input.length : (size_t) (newline - l->input.data);
      if (length > 0)
        take_line (l, slot, l->input.data, length);
      buffer_consume (&l->input, newline == NULL ? length : length + 1);
    }
}

static void
read_input (struct launcher *l)
{
  char bytes[16384];
  ssize_t n = read (STDIN_FILENO, bytes, sizeof bytes);
  if (n > 0)
    buffer_add (&l->input, bytes, (size_t) n);
  else if (n == 0 || errno != EINTR)
    l->is_at_end = true;
}

static void
read_report (struct slot *slot)
{
  char bytes[4096];
  ssize_t n = read (slot->fd, bytes, sizeof bytes);
  if (n > 0)
    {
      buffer_add (&slot->report, bytes, (size_t) n);
      return;
    }
  if (n < 0 && errno == EINTR)
    return;
  (void) close (slot->fd); /* read to its end */
  slot->fd = -1;
  if (slot->report.length > 0 && !slot->report.failed)
    reply (slot->id, slot->report.data);
  else
    reply_failure (slot->id, "system", "the supervisor died while it was starting");
  buffer_free (&slot->report);
}

int
launch (void)
{
  struct launcher l = { .n_slots = 2 };
  long cpus = sysconf (_SC_NPROCESSORS_ONLN);
  l.n_slots = cpus < 1 ? 2 : cpus + 1 > MAX_SLOTS ? MAX_SLOTS : (size_t) cpus + 1;
  for (size_t i = 0; i < MAX_SLOTS; i++)
    l.slots[i].fd = -1;
  l.is_confined = !own_root ();
  /* Supervisors outlive us, nobody collects them. A Ctrl-C of the terminal is the command's to handle. */
  (void) signal (SIGCHLD, SIG_IGN); /* signal () fails only for bad numbers */
  (void) signal (SIGINT, SIG_IGN);
  (void) signal (SIGHUP, SIG_IGN);
  (void) signal (SIGPIPE, SIG_IGN);
  while (!l.is_at_end || l.input.length > 0 || !is_idle (&l))
    {
      struct pollfd fds[MAX_SLOTS + 1];
      bool wants_input = !l.is_at_end && free_slot (&l) != NULL;
      fds[MAX_SLOTS] = (struct pollfd){ .fd = wants_input ? STDIN_FILENO : -1, .events = POLLIN };
      for (size_t i = 0; i < MAX_SLOTS; i++)
        fds[i] = (struct pollfd){ .fd = l.slots[i].fd, .events = POLLIN };
      bool has_work = l.is_at_end && l.input.length > 0 && free_slot (&l) != NULL;
      if (!has_work && poll (fds, MAX_SLOTS + 1, -1) < 0 && errno != EINTR)
        return EXIT_SYSTEM;
      for (size_t i = 0; !has_work && i < MAX_SLOTS; i++)
        if (fds[i].revents != 0)
          read_report (&l.slots[i]);
      if (!has_work && fds[MAX_SLOTS].revents != 0)
        read_input (&l);
      take_lines (&l);
    }
  buffer_free (&l.input);
  successor_start ();
  return 0;
}
