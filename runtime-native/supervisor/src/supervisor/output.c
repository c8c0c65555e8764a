#include "supervisor/output.h"

#include "common/cleanup.h"
#include "supervisor/container.h"
#include "supervisor/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum
{
  CHUNK_BYTES = 64 << 10
};

static struct
{
  struct watch source[N_STREAMS]; /* read ends, or [0] the terminal */
  int write_end[N_STREAMS];
  int null_fd;
  int stdin_read_end;
  struct sink input;
} output = { .source[0].fd = -1, .source[1].fd = -1, .write_end = { -1, -1 }, .null_fd = -1, .stdin_read_end = -1, .input.fd = -1 };

static char chunk[CHUNK_BYTES];

static void
broadcast (enum stream stream, const char *bytes, size_t length)
{
  enum channel channel = stream == STREAM_STDERR ? CHANNEL_STDERR : CHANNEL_STDOUT;
  for (struct client *client = client_first (); client != NULL; client = client->next)
    {
      if (!client->is_attached)
        continue;
      /* Who joined later must not hold the container up; it can go on with the log. */
      if (!client->holds_output && client->out.length > CLIENT_MAX_BYTES)
        client_drop (client);
      else
        client_send (client, channel, bytes, length);
    }
}

/* False when there is nothing more for now, or at all. */
static bool
read_chunk (enum stream stream)
{
  struct watch *source = &output.source[stream];
  ssize_t n = read (source->fd, chunk, sizeof chunk);
  if (n > 0)
    {
      log_write (container.log, stream, chunk, (size_t) n);
      broadcast (stream, chunk, (size_t) n);
      return true;
    }
  if (n < 0 && errno == EINTR)
    return true;
  /* A terminal whose last user is gone reports EIO for ever. */
  if (n == 0 || errno != EAGAIN)
    loop_remove (source);
  return false;
}

static void
set_reading (bool on)
{
  for (int stream = 0; stream < N_STREAMS; stream++)
    loop_change (&output.source[stream], on ? EPOLLIN : 0);
}

static bool
is_held (void)
{
  for (const struct client *client = client_first (); client != NULL; client = client->next)
    if (client->holds_output && client->out.length > CLIENT_HIGH_BYTES)
      return true;
  return false;
}

static void
handle_source (struct watch *watch, uint32_t events)
{
  (void) events; /* hang-ups show when it is read */
  (void) read_chunk (watch == &output.source[STREAM_STDERR] ? STREAM_STDERR : STREAM_STDOUT);
  if (is_held ())
    set_reading (false);
}

void
output_client_drained (const struct client *client)
{
  if (client->holds_output)
    set_reading (true);
}

/* Pauses or resumes the clients that feed the container. */
static void
input_drained (struct sink *sink)
{
  (void) sink; /* there is one */
  for (struct client *client = client_first (); client != NULL; client = client->next)
    if (client->is_attached)
      client_set_paused (client, false);
}

static int
watch_source (enum stream stream, int fd, struct err *e)
{
  if (fcntl (fd, F_SETFL, O_NONBLOCK) < 0)
    return err_errno (e, "fcntl");
  output.source[stream] = (struct watch){ .fd = fd, .events = EPOLLIN, .handle = handle_source };
  return loop_add (&output.source[stream], e);
}

int
output_open (struct err *e)
{
  output.null_fd = open ("/dev/null", O_RDWR | O_CLOEXEC);
  if (output.null_fd < 0)
    return err_errno (e, "open /dev/null");
  if (container.spec->process.tty)
    return 0;
  for (int stream = 0; stream < N_STREAMS; stream++)
    {
      int ends[2];
      if (pipe2 (ends, O_CLOEXEC) < 0)
        return err_errno (e, "pipe");
      output.write_end[stream] = ends[1];
      int r = watch_source ((enum stream) stream, ends[0], e);
      if (r < 0)
        return r;
    }
  return 0;
}

int
output_prepare (struct job *job, struct err *e)
{
  job->tty = container.spec->process.tty;
  job->stdio[0] = output.null_fd;
  job->stdio[1] = output.write_end[STREAM_STDOUT];
  job->stdio[2] = output.write_end[STREAM_STDERR];
  if (job->tty || !container.spec->process.stdin_open)
    return 0;
  int ends[2];
  if (pipe2 (ends, O_CLOEXEC) < 0)
    return err_errno (e, "pipe");
  if (fcntl (ends[1], F_SETFL, O_NONBLOCK) < 0)
    return err_errno (e, "fcntl");
  sink_init (&output.input, ends[1], false);
  output.input.drained = input_drained;
  output.stdin_read_end = ends[0];
  job->stdio[0] = ends[0];
  return 0;
}

static void
close_stdin_read_end (void)
{
  if (output.stdin_read_end >= 0)
    (void) close (output.stdin_read_end); /* the container has its own */
  output.stdin_read_end = -1;
}

void
output_started (int console_fd)
{
  struct err ignored;
  close_stdin_read_end ();
  if (console_fd < 0)
    return;
  if (container.spec->process.rows > 0 && container.spec->process.columns > 0)
    {
      struct winsize size = { .ws_row = container.spec->process.rows, .ws_col = container.spec->process.columns };
      (void) ioctl (console_fd, TIOCSWINSZ, &size); /* a wrong size is no reason to stop */
    }
  if (watch_source (STREAM_STDOUT, console_fd, &ignored) < 0)
    {
      (void) close (console_fd); /* the process gets a hang-up, its exit is reported */
      return;
    }
  if (container.spec->process.stdin_open)
    {
      sink_init (&output.input, console_fd, true);
      output.input.drained = input_drained;
    }
}

void
output_finished (void)
{
  close_stdin_read_end ();
  for (int stream = 0; stream < N_STREAMS; stream++)
    while (output.source[stream].active && read_chunk ((enum stream) stream))
      continue;
  log_flush (container.log);
  sink_close (&output.input);
  if (!container.spec->process.tty || output.source[0].fd < 0)
    return;
  loop_remove (&output.source[0]);
  (void) close (output.source[0].fd); /* the terminal of a process that is gone */
  output.source[0].fd = -1;
}

void
output_attach (struct client *client, bool with_stdin)
{
  client->is_attached = true;
  client->takes_stdin = with_stdin && container.spec->process.stdin_open;
  client_reply_done (client, "started", container.status.pid);
}

void
output_input (struct client *client, const char *bytes, size_t length)
{
  if (!client->takes_stdin)
    return;
  if (length > 0)
    sink_write (&output.input, bytes, length);
  else if (!container.spec->process.tty)
    sink_end (&output.input);
  if (output.input.pending.length > SINK_HIGH_BYTES)
    client_set_paused (client, true);
}

void
output_resize (uint16_t rows, uint16_t columns)
{
  struct winsize size = { .ws_row = rows, .ws_col = columns };
  if (container.spec->process.tty && output.source[0].fd >= 0)
    (void) ioctl (output.source[0].fd, TIOCSWINSZ, &size); /* as above */
}
