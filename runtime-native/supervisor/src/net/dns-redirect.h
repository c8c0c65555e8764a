#ifndef NET_DNS_REDIRECT_H
#define NET_DNS_REDIRECT_H

#include <stdint.h>

enum
{
  DNS_ADDRESS = 0x7f00000b, /* 127.0.0.11, Docker's: people write it into their configurations */
  DNS_PORT = 53
};

/* In the network namespace of the caller, makes what is sent to 127.0.0.11:53 arrive at these ports of that address, and their
   answers come from 53: an nftables table that rewrites the port, without connection tracking. So port 53 of 0.0.0.0 stays
   free for a name server in the container. System calls and memory only (it runs in a child that shares its parent's).
   0 or a negative errno: -EEXIST when a resolver did it before, others when the kernel cannot. */
int dns_redirect_install (uint16_t udp_port, uint16_t tcp_port);

#endif
