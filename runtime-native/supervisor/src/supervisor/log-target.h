#ifndef SUPERVISOR_LOG_TARGET_H
#define SUPERVISOR_LOG_TARGET_H

#include "common/err.h"
#include "supervisor/spec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A log server, whatever its protocol: over udp, tcp, TLS or a unix socket. Nothing here blocks. A server of streams may be
   away for a while: messages wait, up to a limit; what a server of datagrams does not take, or what is beyond the limit, is
   dropped and counted. */
struct log_target;

/* The address of CONFIG, or the protocol's port of it. -EINVAL for an address that is none. */
int log_target_open (const struct spec_log *config, uint16_t default_port, struct log_target **ret, struct err *e);
void log_target_close (struct log_target *target);
/* Whether it is a stream (messages need an end of their own). A unix socket may turn out to be the other kind. */
bool log_target_is_stream (const struct log_target *target);
/* One whole message: a datagram, or bytes in a stream, which are on their way after the next flush. */
void log_target_send (struct log_target *target, const void *message, size_t length);
void log_target_flush (struct log_target *target);
/* Sends what waits, as long as there is a connection or an attempt at one, for so long at most; runs no loop. */
void log_target_linger (struct log_target *target, int timeout_ms);
/* Bytes dropped. */
size_t log_target_lost (const struct log_target *target);
/* Bytes dropped since the last call that the server should be told of; 0 also while a word would not arrive. */
size_t log_target_untold (struct log_target *target);
/* Why nothing arrives, in words; empty when there is no known reason. */
const char *log_target_problem (const struct log_target *target);

#endif
