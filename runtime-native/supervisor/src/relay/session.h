#ifndef RELAY_SESSION_H
#define RELAY_SESSION_H

#include "common/err.h"
#include "relay/openssl.h"
#include "relay/options.h"

#include <stdint.h>

enum
{
  SESSION_LAST_MS = 5000 /* that are left to send what is there when nobody has any more */
};

/* A TLS connection over a socket that does not block. */
struct session
{
  const struct openssl *openssl;
  SSL *ssl;
  int fd;
  int origin_fd;  /* whose hang-up begins the last milliseconds */
  int64_t due_ms; /* of the handshake, then of the last milliseconds; 0: none */
};

/* Reads certificates and keys; nothing is opened after this. */
int session_prepare (struct session *session, const struct openssl *openssl, const struct relay_options *options, struct err *e);
/* Shakes hands over FD within TIMEOUT_MS; the server's certificate has been verified when it returns 0. */
int session_connect (struct session *session, int fd, int timeout_ms, struct err *e);
/* Sends all of it, however long the server takes, unless nobody has any more; -EPIPE when the connection ends. */
int session_write (struct session *session, const char *bytes, size_t length, struct err *e);
/* Reads and drops what the server says: 0, or -EPIPE when the connection has ended. */
int session_hear (struct session *session, struct err *e);
/* Says goodbye, as far as the socket takes it. */
void session_end (struct session *session);

#endif
