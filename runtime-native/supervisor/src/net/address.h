#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* An IPv4 or IPv6 socket address. */
struct address
{
  struct sockaddr_storage storage;
  socklen_t size;
};

/* From a textual IP address, with `%interface` (name or number) where IPv6 needs one; false when it is none. */
bool address_parse (const char *ip, uint16_t port, struct address *ret);

#endif
