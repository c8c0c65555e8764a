#ifndef SUPERVISOR_LOG_SERVER_H
#define SUPERVISOR_LOG_SERVER_H

#include "common/err.h"
#include "supervisor/log-line.h"
#include "supervisor/spec.h"

/* A server of syslog, gelf or fluentd that gets the container's lines. Nothing here blocks or fails: what cannot be sent is
   counted, and the server is told of it. */
struct log_server;

/* -EINVAL for an address that is none. */
int log_server_open (const struct spec_log *config, struct log_server **ret, struct err *e);
void log_server_close (struct log_server *server);
/* Lines are on their way after the next flush. */
void log_server_send (struct log_server *server, const struct log_line *line);
void log_server_flush (struct log_server *server);
/* Sends what waits, as long as there is a connection or an attempt at one, for so long at most; runs no loop. */
void log_server_linger (struct log_server *server, int timeout_ms);
/* Bytes of messages dropped. */
size_t log_server_lost (const struct log_server *server);
/* Why nothing arrives, in words; empty when there is no known reason. */
const char *log_server_problem (const struct log_server *server);

#endif
