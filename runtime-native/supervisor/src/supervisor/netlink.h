#ifndef SUPERVISOR_NETLINK_H
#define SUPERVISOR_NETLINK_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One rtnetlink request under construction: begin, header, attributes, send. */
struct netlink
{
  _Alignas (8) uint8_t data[1024];
  size_t length;
  bool overflow;
};

/* A NETLINK_ROUTE socket of the current network namespace; it keeps that namespace. */
int netlink_open (int *ret_fd, struct err *e);

/* Starts a request; HEADER is the family's struct (ifinfomsg, ifaddrmsg, rtmsg). */
void netlink_begin (struct netlink *n, uint16_t type, uint16_t flags, const void *header, size_t size);
void netlink_put (struct netlink *n, uint16_t attribute, const void *data, size_t size);
void netlink_put_u32 (struct netlink *n, uint16_t attribute, uint32_t value);
void netlink_put_string (struct netlink *n, uint16_t attribute, const char *string);
/* Opens a nested attribute that starts with HEADER (SIZE 0: none); returns what netlink_end takes. */
size_t netlink_nest (struct netlink *n, uint16_t attribute, const void *header, size_t size);
void netlink_end (struct netlink *n, size_t nest);

/* Sends it and waits for the acknowledgement; the kernel's own words are in the message where it has any. */
int netlink_send (struct netlink *n, int fd, struct err *e);

#endif
