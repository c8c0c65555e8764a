#ifndef SUPERVISOR_SYSLOG_ADDRESS_H
#define SUPERVISOR_SYSLOG_ADDRESS_H

#include "common/err.h"

#include <sys/socket.h>

struct syslog_address
{
  int type; /* SOCK_DGRAM or SOCK_STREAM */
  struct sockaddr_storage storage;
  socklen_t length;
};

/* Reads `udp://ip:port`, `tcp://ip:port`, `unix:///path` or `unixgram:///path`; the port may be missing. -EINVAL for
   anything else. */
int syslog_address_parse (const char *text, struct syslog_address *ret, struct err *e);

#endif
