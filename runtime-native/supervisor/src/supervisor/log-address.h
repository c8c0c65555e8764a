#ifndef SUPERVISOR_LOG_ADDRESS_H
#define SUPERVISOR_LOG_ADDRESS_H

#include "common/err.h"

#include <stdint.h>
#include <sys/socket.h>

/* Where a log server listens. */
struct log_address
{
  int type; /* SOCK_DGRAM or SOCK_STREAM */
  uint16_t default_port;
  struct sockaddr_storage storage;
  socklen_t length;
};

/* Reads `udp://ip:port`, `tcp://ip:port`, `unix:///path` or `unixgram:///path`; without a port it is DEFAULT_PORT. -EINVAL
   for anything else. */
int log_address_parse (const char *text, uint16_t default_port, struct log_address *ret, struct err *e);

#endif
