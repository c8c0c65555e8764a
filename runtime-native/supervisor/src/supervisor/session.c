#include "supervisor/session.h"

#include "common/cleanup.h"
#include "supervisor/container.h"
#include "supervisor/process-file.h"
#include "supervisor/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum
{
  MAX_SESSIONS = 64,
  CHUNK_BYTES = 32 << 10
};

struct session
{
  struct job job;
  struct client *client; /* NULL when detached or gone */
  struct watch source[2];
  struct sink input;
  int child_fds[3]; /* the process's ends, closed once it has them */
  bool has_stdin;
  bool is_detached;
  uint16_t rows;
  uint16_t columns;
  char file[32];
};

static unsigned session_count;
static unsigned last_file;

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    (void) close (*fd); /* pipe ends */
  *fd = -1;
}

static void
close_source (struct watch *source)
{
  loop_remove (source);
  close_fd (&source->fd);
}

/* The runtime has read it, or never will. */
static void
remove_process_file (struct session *session)
{
  if (session->file[0] != '\0')
    (void) unlinkat (container.run_dir_fd, session->file, 0); /* volatile directory */
  session->file[0] = '\0';
}

static void
destroy (struct session *session)
{
  if (session->client != NULL)
    session->client->session = NULL;
  for (int i = 0; i < 2; i++)
    close_source (&session->source[i]);
  sink_close (&session->input);
  for (int i = 0; i < 3; i++)
    close_fd (&session->child_fds[i]);
  remove_process_file (session);
  session_count--;
  free (session);
}

static bool
read_chunk (struct session *session, int stream)
{
  static char chunk[CHUNK_BYTES];
  struct watch *source = &session->source[stream];
  ssize_t n = read (source->fd, chunk, sizeof chunk);
  if (n > 0)
    {
      if (session->client != NULL)
        client_send (session->client, stream == 1 ? CHANNEL_STDERR : CHANNEL_STDOUT, chunk, (size_t) n);
      return true;
    }
  if (n < 0 && errno == EINTR)
    return true;
  if (n == 0 || errno != EAGAIN)
    close_source (source);
  return false;
}

/* The process waits while its client does not keep up. */
static void
set_reading (struct session *session, bool on)
{
  for (int i = 0; i < 2; i++)
    loop_change (&session->source[i], on ? EPOLLIN : 0);
}

static void
handle_source (struct watch *watch, uint32_t events)
{
  struct session *session = watch->owner;
  int stream = watch == &session->source[1] ? 1 : 0;
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0)
    return;
  (void) read_chunk (session, stream);
  if (session->client != NULL && session->client->out.length > CLIENT_HIGH_BYTES)
    set_reading (session, false);
}

static void
input_drained (struct sink *sink)
{
  struct session *session = sink->owner;
  if (session->client != NULL)
    client_set_paused (session->client, false);
}

static int
watch_source (struct session *session, int stream, int fd, struct err *e)
{
  session->source[stream] = (struct watch){ .fd = fd, .events = EPOLLIN, .handle = handle_source, .owner = session };
  if (fcntl (fd, F_SETFL, O_NONBLOCK) < 0)
    return err_errno (e, "fcntl");
  return loop_add (&session->source[stream], e);
}

static void
started (struct job *job, int console_fd)
{
  struct session *session = job->owner;
  struct err ignored;
  remove_process_file (session);
  for (int i = 0; i < 3; i++)
    close_fd (&session->child_fds[i]);
  if (console_fd >= 0 && session->client == NULL)
    (void) close (console_fd); /* the client has gone meanwhile: hang up */
  else if (console_fd >= 0)
    {
      struct winsize size = { .ws_row = session->rows, .ws_col = session->columns };
      if (session->rows > 0 && session->columns > 0)
        (void) ioctl (console_fd, TIOCSWINSZ, &size); /* a wrong size is no reason to stop */
      if (session->has_stdin)
        sink_init (&session->input, console_fd, true);
      (void) watch_source (session, 0, console_fd, &ignored); /* without it there is no output; the exit is reported */
    }
  if (session->client == NULL)
    return;
  client_reply_done (session->client, "started", job->pid);
  if (session->is_detached)
    {
      session->client->session = NULL;
      client_finish (session->client);
      session->client = NULL;
    }
}

static void
failed (struct job *job, enum failure failure, const char *message)
{
  static const char *const reasons[] = {
    [FAILURE_RUNTIME] = "runtime",
    [FAILURE_NOT_FOUND] = "not-found",
    [FAILURE_NOT_EXECUTABLE] = "not-executable",
  };
  struct session *session = job->owner;
  remove_process_file (session);
  if (session->client != NULL)
    client_reply_error (session->client, reasons[failure], message);
  destroy (session);
}

static void
exited (struct job *job, int exit_code)
{
  struct session *session = job->owner;
  for (int i = 0; i < 2; i++)
    while (session->source[i].active && read_chunk (session, i))
      continue;
  if (session->client != NULL)
    client_reply_exited (session->client, exit_code);
  destroy (session);
}

static int
open_pipes (struct session *session, struct err *e)
{
  for (int i = 0; i < 3; i++)
    {
      int ends[2];
      if (i == 0 ? !session->has_stdin : session->is_detached)
        {
          session->child_fds[i] = open ("/dev/null", O_RDWR | O_CLOEXEC);
          if (session->child_fds[i] < 0)
            return err_errno (e, "open /dev/null");
          continue;
        }
      if (pipe2 (ends, O_CLOEXEC) < 0)
        return err_errno (e, "pipe");
      session->child_fds[i] = ends[i == 0 ? 0 : 1];
      if (i == 0)
        sink_init (&session->input, ends[1], false);
      if (i == 0 && fcntl (ends[1], F_SETFL, O_NONBLOCK) < 0)
        return err_errno (e, "fcntl");
      int r = i == 0 ? 0 : watch_source (session, i - 1, ends[0], e);
      if (r < 0)
        return r;
    }
  return 0;
}

static int
parse (struct session *session, const struct json *request, struct err *e)
{
  int64_t rows = 0;
  int64_t columns = 0;
  int r = json_bool (request, "tty", &session->job.tty, e);
  if (r == 0)
    r = json_bool (request, "stdin", &session->has_stdin, e);
  if (r == 0)
    r = json_bool (request, "detach", &session->is_detached, e);
  if (r == 0)
    r = json_integer_or (request, "rows", 0, UINT16_MAX, 0, &rows, e);
  if (r == 0)
    r = json_integer_or (request, "columns", 0, UINT16_MAX, 0, &columns, e);
  session->rows = (uint16_t) rows;
  session->columns = (uint16_t) columns;
  session->has_stdin = session->has_stdin && !session->is_detached;
  const struct json *process = json_get (request, "process");
  if (r == 0 && (process == NULL || process->type != JSON_OBJECT))
    r = err_set (e, EINVAL, "\"process\" must be an object");
  if (r < 0)
    return r;
  (void) snprintf (session->file, sizeof session->file, "exec-%u.json", ++last_file); /* fits */
  struct process_file file = {
    .name = session->file,
    .directory = container.run_dir_fd,
    .process = process,
    .rows = session->job.tty ? session->rows : 0,
    .columns = session->columns,
  };
  return process_file_write (&file, e);
}

void
session_start (struct client *client, const struct json *request)
{
  struct err e = { 0 };
  struct session *session = session_count >= MAX_SESSIONS ? NULL : calloc (1, sizeof *session);
  if (session == NULL)
    {
      client_reply_error (client, "busy", "too many processes are being run in this container");
      return;
    }
  session_count++;
  session->input.fd = -1;
  session->input.owner = session;
  session->input.drained = input_drained;
  session->source[0].fd = session->source[1].fd = -1;
  for (int i = 0; i < 3; i++)
    session->child_fds[i] = -1;
  int r = parse (session, request, &e);
  bool is_bad_request = r < 0;
  if (r == 0 && !session->job.tty)
    r = open_pipes (session, &e);
  session->job.is_exec = true;
  session->job.process_file = session->file;
  session->job.owner = session;
  session->job.started = started;
  session->job.failed = failed;
  session->job.exited = exited;
  memcpy (session->job.stdio, session->child_fds, sizeof session->child_fds);
  if (r == 0)
    r = job_start (&session->job, &e);
  if (r < 0)
    {
      client_reply_error (client, is_bad_request ? "bad-request" : "system", e.msg);
      destroy (session);
      return;
    }
  session->client = client;
  client->session = session;
}

void
session_input (struct client *client, const char *bytes, size_t length)
{
  struct session *session = client->session;
  if (length > 0)
    sink_write (&session->input, bytes, length);
  else if (!session->job.tty) /* a terminal has no end; its user types ^D */
    sink_end (&session->input);
  if (session->input.pending.length > SINK_HIGH_BYTES)
    client_set_paused (client, true);
}

void
session_message (struct client *client, const struct json *message)
{
  struct session *session = client->session;
  const struct json *resize = json_get (message, "resize");
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t signal = 0;
  struct err ignored; /* an odd message of one's own client changes nothing */
  if (json_integer (message, "signal", 1, 64, &signal, &ignored) == 0)
    job_kill (&session->job, (int) signal);
  if (json_integer (resize, "rows", 1, UINT16_MAX, &rows, &ignored) < 0 || json_integer (resize, "columns", 1, UINT16_MAX, &columns, &ignored) < 0)
    return;
  session->rows = (uint16_t) rows;
  session->columns = (uint16_t) columns;
  struct winsize size = { .ws_row = session->rows, .ws_col = session->columns };
  if (session->job.tty && session->source[0].fd >= 0)
    (void) ioctl (session->source[0].fd, TIOCSWINSZ, &size); /* as in started */
}

void
session_client_drained (struct client *client)
{
  if (client->session != NULL)
    set_reading (client->session, true);
}

void
session_client_closed (struct client *client)
{
  struct session *session = client->session;
  if (session == NULL)
    return;
  session->client = NULL;
  client->session = NULL;
  sink_close (&session->input);
  for (int i = 0; i < 2; i++)
    close_source (&session->source[i]);
}
