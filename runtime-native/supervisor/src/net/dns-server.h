#ifndef NET_DNS_SERVER_H
#define NET_DNS_SERVER_H

#include "net/dns-forward.h"
#include "net/dns-stream.h"
#include "net/dns-table.h"

enum
{
  DNS_TABLES_MAX = 32,
  DNS_TTL_SECONDS = 0, /* an address may go to another container at any time, so nobody may keep it */
  DNS_FILES_MAX = 512  /* listeners, epoll, a directory and a file per table, flights, streams */
};

/* A resolver: everything it needs for life is in here, in memory that is zero and touched as it is used. */
struct dns_server
{
  int udp;
  int tcp;
  int epoll;
  bool ipv6;
  size_t n_tables;
  struct dns_table tables[DNS_TABLES_MAX];
  const char *const *links; /* as in `struct dns_config` */
  size_t n_links;
  uint32_t rotations[64]; /* of names with several addresses, by hash */
  struct dns_forward forward;
  struct dns_streams streams;
  struct dns_addresses addresses;
  uint8_t question[DNS_QUERY_MAX + 1];
  uint8_t answer[DNS_MESSAGE_MAX];
};

/* Fills in the rest of S, zeroed memory with udp, tcp, ipv6, links, the tables (initialised) and the forward's upstreams. 0 or a
   negative errno. */
int dns_server_init (struct dns_server *s);

/* Serves for ever; returns a negative errno when waiting for events fails. */
int dns_server_run (struct dns_server *s);

/* Answers from the tables into s->answer, at most LIMIT bytes: its length, or 0 when the upstreams have to say. */
size_t dns_server_answer (struct dns_server *s, const uint8_t *question, const struct dns_query *query, size_t limit);

#endif
