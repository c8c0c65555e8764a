#ifndef SUPERVISOR_CLIENT_H
#define SUPERVISOR_CLIENT_H

#include "common/buffer.h"
#include "common/err.h"
#include "common/json.h"
#include "supervisor/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Connections to the control socket: framing, limits, closing. What a frame means is the business of `struct client_owner`. */

enum channel
{
  CHANNEL_CONTROL,
  CHANNEL_STDIN,
  CHANNEL_STDOUT,
  CHANNEL_STDERR
};

enum
{
  CLIENT_FRAME_LIMIT = 64 << 10,
  CLIENT_HIGH_BYTES = 256 << 10, /* exec, and the client that the start waited for: above this the process's output waits */
  CLIENT_MAX_BYTES = 4 << 20,    /* who attached later: above this the client is dropped; the log has everything */
  CLIENT_LIMIT = 256
};

struct client
{
  int fd;
  struct watch watch;
  struct buffer in;
  struct buffer out;
  int64_t request_id;
  bool has_request;
  bool is_paused;  /* its input is not read for now */
  bool is_at_end;  /* it sends no more, but may still read */
  bool is_closing; /* closes when `out` is sent */
  bool waits_for_stop;
  bool is_attached;
  bool holds_output; /* the start waited for it: it gets every byte, the process waits for it */
  bool takes_stdin;
  void *session; /* exec */
  struct client *next;
};

/* What the connections are served by; set once. */
struct client_owner
{
  /* A whole frame. Control frames after the request arrive here as well (session messages). */
  void (*frame) (struct client *client, enum channel channel, const char *bytes, size_t length);
  /* Everything queued has been sent. */
  void (*drained) (struct client *client);
  /* It is gone; freed after this. */
  void (*closed) (struct client *client);
};

/* Listens at `<runDir>/control.sock`. */
int client_listen (const char *run_dir, const struct client_owner *owner, struct err *e);
/* Removes the socket; connections go on. */
void client_stop_listening (int run_dir_fd);

void client_send (struct client *client, enum channel channel, const void *bytes, size_t length);
void client_reply_done (struct client *client, const char *event, int64_t pid);
void client_reply_exited (struct client *client, int exit_code);
/* Tells every attached client that the process has ended; its connection is over. */
void client_tell_exit (int exit_code);
void client_reply_error (struct client *client, const char *reason, const char *message);
/* Closes it when what is queued has been sent. */
void client_finish (struct client *client);
/* Closes it without sending more. */
void client_drop (struct client *client);
void client_set_paused (struct client *client, bool paused);

struct client *client_first (void);
/* Sends what is queued to all of them, waiting no longer than MS altogether; for the end of the supervisor. */
void client_flush_all (int64_t ms);
/* The same for those that get every byte: they may take their time, but none longer than MS over the next byte. */
void client_flush_holders (int64_t ms);

#endif
