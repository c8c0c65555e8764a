#include "supervisor/client.h"

#include "common/cleanup.h"
#include "common/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum
{
  HEADER_BYTES = 5,
  PIECE_BYTES = 32 << 10
};

static struct
{
  struct client_owner owner;
  struct watch listener;
  struct client *first;
  size_t count;
} clients = { .listener.fd = -1 };

static uint32_t
wanted_events (const struct client *client)
{
  bool is_deaf = client->is_at_end || (client->is_paused && !client->is_closing);
  uint32_t events = is_deaf ? 0 : EPOLLIN;
  return client->out.length > 0 ? events | EPOLLOUT : events;
}

static void
destroy (struct client *client)
{
  clients.owner.closed (client);
  for (struct client **at = &clients.first; *at != NULL; at = &(*at)->next)
    if (*at == client)
      {
        *at = client->next;
        break;
      }
  clients.count--;
  loop_remove (&client->watch);
  (void) close (client->fd); /* the peer has everything or is gone */
  buffer_free (&client->in);
  buffer_free (&client->out);
  free (client);
}

/* Only this client's own handler destroys it: others wake the handler by shutting the connection down. */
void
client_drop (struct client *client)
{
  client->is_closing = true;
  buffer_free (&client->out);
  (void) shutdown (client->fd, SHUT_RDWR); /* the peer may be gone */
}

static void
flush (struct client *client)
{
  while (client->out.length > 0)
    {
      ssize_t n = send (client->fd, client->out.data, client->out.length, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno == EAGAIN)
        break;
      if (n < 0)
        {
          client_drop (client);
          return;
        }
      buffer_consume (&client->out, (size_t) n);
    }
  /* One way only: a peer that still sends input would get EPIPE and might never read our last words. What it sends is
     thrown away until it hangs up, which wakes the handler. */
  if (client->out.length == 0 && client->is_closing)
    (void) shutdown (client->fd, SHUT_WR); /* the peer may be gone */
  loop_change (&client->watch, wanted_events (client));
}

/* Takes whole frames out of the input. */
static void
parse_frames (struct client *client)
{
  while (client->in.length >= HEADER_BYTES && !client->is_closing && !client->is_paused)
    {
      const unsigned char *header = (const unsigned char *) client->in.data;
      uint32_t length = (uint32_t) header[0] << 24 | (uint32_t) header[1] << 16 | (uint32_t) header[2] << 8 | header[3];
      if (length < 1 || length > CLIENT_FRAME_LIMIT)
        {
          client_reply_error (client, "bad-request", "bad frame length");
          return;
        }
      if (client->in.length < 4 + (size_t) length)
        return;
      /* The handler may look at the frame in place; nothing adds to `in` meanwhile. */
      clients.owner.frame (client, (enum channel) header[4], client->in.data + HEADER_BYTES, length - 1);
      if (client->in.length >= 4 + (size_t) length)
        buffer_consume (&client->in, 4 + (size_t) length);
    }
}

static void
receive (struct client *client)
{
  static char bytes[CLIENT_FRAME_LIMIT];
  ssize_t n = recv (client->fd, bytes, sizeof bytes, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n < 0)
    {
      client_drop (client);
      return;
    }
  if (n == 0)
    {
      client->is_at_end = true;
      loop_change (&client->watch, wanted_events (client));
      if (!client->is_closing)
        clients.owner.frame (client, CHANNEL_STDIN, "", 0);
      return;
    }
  if (client->is_closing)
    return;
  buffer_add (&client->in, bytes, (size_t) n);
  if (client->in.failed)
    client_drop (client);
  else
    parse_frames (client);
}

static void
handle_client (struct watch *watch, uint32_t events)
{
  struct client *client = watch->owner;
  if ((events & EPOLLIN) != 0 && (client->is_closing || !client->is_paused))
    receive (client);
  if ((events & EPOLLOUT) != 0)
    {
      flush (client);
      if (client->out.length < CLIENT_HIGH_BYTES / 2)
        clients.owner.drained (client);
    }
  bool is_over = client->is_closing && client->out.length == 0;
  if ((events & (EPOLLHUP | EPOLLERR)) != 0 && (is_over || (events & EPOLLIN) == 0))
    destroy (client);
}

static bool
is_allowed (int fd)
{
  struct ucred peer;
  socklen_t size = sizeof peer;
  return getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid ();
}

static void
handle_listener (struct watch *watch, uint32_t events)
{
  (void) events; /* only readable is asked for */
  int fd cleanup_fd = accept4 (watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0 || !is_allowed (fd) || clients.count >= CLIENT_LIMIT)
    return;
  struct client *client = calloc (1, sizeof *client);
  struct err ignored;
  if (client == NULL)
    return;
  client->fd = fd;
  client->watch = (struct watch){ .fd = fd, .events = EPOLLIN, .handle = handle_client, .owner = client };
  if (loop_add (&client->watch, &ignored) < 0)
    {
      free (client);
      return;
    }
  (void) steal_fd (&fd); /* the client owns it */
  client->next = clients.first;
  clients.first = client;
  clients.count++;
}

int
client_listen (const char *run_dir, const struct client_owner *owner, struct err *e)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int n = snprintf (address.sun_path, sizeof address.sun_path, "%s/control.sock", run_dir);
  if (n < 0 || (size_t) n >= sizeof address.sun_path)
    return err_set (e, ENAMETOOLONG, "%s/control.sock", run_dir);
  (void) unlink (address.sun_path); /* of a supervisor that was killed; we hold the lock */
  int fd cleanup_fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || bind (fd, (const struct sockaddr *) &address, sizeof address) < 0 || chmod (address.sun_path, 0600) < 0
      || listen (fd, 64) < 0)
    return err_errno (e, "%s", address.sun_path);
  clients.owner = *owner;
  clients.listener = (struct watch){ .fd = fd, .events = EPOLLIN, .handle = handle_listener };
  int r = loop_add (&clients.listener, e);
  if (r == 0)
    (void) steal_fd (&fd); /* lives as long as the process */
  return r;
}

void
client_stop_listening (int run_dir_fd)
{
  (void) unlinkat (run_dir_fd, "control.sock", 0); /* may never have been made */
  loop_remove (&clients.listener);
  if (clients.listener.fd >= 0)
    (void) close (clients.listener.fd);
  clients.listener.fd = -1;
}

void
client_send (struct client *client, enum channel channel, const void *bytes, size_t length)
{
  const char *at = bytes;
  if (client->is_closing)
    return;
  do
    {
      size_t piece = length < PIECE_BYTES ? length : PIECE_BYTES;
      uint32_t size = (uint32_t) piece + 1;
      const unsigned char header[HEADER_BYTES]
        = { (unsigned char) (size >> 24), (unsigned char) (size >> 16), (unsigned char) (size >> 8), (unsigned char) size, (unsigned char) channel };
      buffer_add (&client->out, header, sizeof header);
      buffer_add (&client->out, at, piece);
      at += piece;
      length -= piece;
    }
  while (length > 0);
  if (client->out.failed)
    client_drop (client);
  else
    flush (client);
}

static void
send_json (struct client *client, struct buffer *text)
{
  if (text->failed)
    client_drop (client);
  else
    client_send (client, CHANNEL_CONTROL, text->data, text->length);
}

void
client_reply_done (struct client *client, const char *event, int64_t pid)
{
  struct buffer text cleanup_buffer = { 0 };
  buffer_printf (&text, "{\"id\":%lld,\"ok\":true,\"event\":\"%s\"", (long long) client->request_id, event);
  if (pid > 0)
    buffer_printf (&text, ",\"pid\":%lld", (long long) pid);
  buffer_add_string (&text, "}");
  send_json (client, &text);
}

void
client_reply_exited (struct client *client, int exit_code)
{
  struct buffer text cleanup_buffer = { 0 };
  buffer_printf (&text, "{\"id\":%lld,\"ok\":true,\"event\":\"exited\",\"exitCode\":%d}", (long long) client->request_id, exit_code);
  send_json (client, &text);
  client_finish (client);
}

void
client_tell_exit (int exit_code)
{
  for (struct client *client = clients.first; client != NULL; client = client->next)
    if (client->is_attached && !client->is_closing && !client->waits_for_stop)
      client_reply_exited (client, exit_code);
}

void
client_reply_error (struct client *client, const char *reason, const char *message)
{
  struct buffer text cleanup_buffer = { 0 };
  buffer_printf (&text, "{\"id\":%lld,\"ok\":false,\"reason\":\"%s\",\"message\":", (long long) client->request_id, reason);
  buffer_add_json (&text, message);
  buffer_add_string (&text, "}");
  send_json (client, &text);
  client_finish (client);
}

void
client_finish (struct client *client)
{
  client->is_closing = true;
  flush (client);
}

void
client_set_paused (struct client *client, bool paused)
{
  if (client->is_paused == paused)
    return;
  client->is_paused = paused;
  loop_change (&client->watch, wanted_events (client));
  if (!paused)
    parse_frames (client);
}

struct client *
client_first (void)
{
  return clients.first;
}

void
client_flush_all (int64_t ms)
{
  int64_t end = clock_monotonic_ms () + ms;
  for (struct client *client = clients.first; client != NULL; client = client->next)
    while (client->out.length > 0)
      {
        struct pollfd room = { .fd = client->fd, .events = POLLOUT };
        int64_t left = end - clock_monotonic_ms ();
        if (left <= 0 || poll (&room, 1, (int) left) <= 0)
          break;
        flush (client);
      }
}

void
client_flush_holders (int64_t ms)
{
  for (struct client *client = clients.first; client != NULL; client = client->next)
    while (client->holds_output && client->out.length > 0)
      {
        struct pollfd room = { .fd = client->fd, .events = POLLOUT };
        if (poll (&room, 1, (int) ms) <= 0)
          break;
        flush (client);
      }
}
