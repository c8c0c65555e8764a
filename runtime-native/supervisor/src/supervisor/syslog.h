#ifndef SUPERVISOR_SYSLOG_H
#define SUPERVISOR_SYSLOG_H

#include "common/err.h"
#include "supervisor/spec.h"

#include <stdbool.h>
#include <stddef.h>

/* Sender of syslog messages over udp, tcp or a unix socket. Nothing here blocks. A server of streams may be away for a
   while: messages wait, up to a limit; what a server of datagrams does not take, or what is beyond the limit, is dropped
   and counted. */
struct syslog;

/* -EINVAL for an address that is no `udp://ip:port`, `tcp://ip:port`, `unix:///path` or `unixgram:///path`. */
int syslog_open (const struct spec_log *config, struct syslog **ret, struct err *e);
void syslog_close (struct syslog *syslog);
void syslog_send (struct syslog *syslog, bool is_error, const char *text, size_t length);
size_t syslog_lost (const struct syslog *syslog);

#endif
