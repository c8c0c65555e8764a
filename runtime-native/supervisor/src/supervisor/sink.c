#include "supervisor/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

static void flush (struct sink *sink);

static void
handle (struct watch *watch, uint32_t events)
{
  (void) events; /* an error shows when it is written to */
  struct sink *sink = watch->owner;
  flush (sink);
}

void
sink_init (struct sink *sink, int fd, bool shares_fd)
{
  sink->shares_fd = shares_fd;
  sink->close_when_empty = false;
  /* A pty's master is registered by its reader already; epoll takes an fd once, so writing gets a duplicate. */
  sink->fd = shares_fd && fd >= 0 ? fcntl (fd, F_DUPFD_CLOEXEC, 3) : fd;
  sink->watch = (struct watch){ .fd = sink->fd, .handle = handle, .owner = sink, .events = EPOLLOUT };
}

void
sink_close (struct sink *sink)
{
  loop_remove (&sink->watch);
  if (sink->fd >= 0)
    (void) close (sink->fd); /* what was not taken is lost with it */
  sink->fd = -1;
  buffer_free (&sink->pending);
}

/* Waits for room only while there is something to write. */
static void
watch_for_room (struct sink *sink)
{
  struct err ignored;
  bool wanted = sink->pending.length > 0;
  if (wanted && !sink->watch.active && loop_add (&sink->watch, &ignored) < 0)
    sink_close (sink);
  if (!wanted)
    loop_remove (&sink->watch);
}

static void
flush (struct sink *sink)
{
  while (sink->pending.length > 0)
    {
      ssize_t n = write (sink->fd, sink->pending.data, sink->pending.length);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno == EAGAIN)
        break;
      if (n < 0)
        {
          sink_close (sink); /* the reader is gone */
          break;
        }
      buffer_consume (&sink->pending, (size_t) n);
    }
  if (sink->fd >= 0)
    watch_for_room (sink);
  if (sink->pending.length == 0 && sink->close_when_empty)
    sink_close (sink);
  if (sink->pending.length < SINK_HIGH_BYTES / 2 && sink->drained != NULL)
    sink->drained (sink);
}

void
sink_write (struct sink *sink, const void *bytes, size_t length)
{
  if (sink->fd < 0 || length == 0)
    return;
  buffer_add (&sink->pending, bytes, length);
  flush (sink);
}

void
sink_end (struct sink *sink)
{
  if (sink->fd < 0)
    return;
  sink->close_when_empty = true;
  if (sink->pending.length == 0)
    sink_close (sink);
}
