#ifndef NET_DNS_FORWARD_H
#define NET_DNS_FORWARD_H

#include "common/err.h"
#include "net/address.h"
#include "net/dns-packet.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Questions on their way to the host's resolvers. Each has its own socket (so its own source port) and random id. Each
   upstream is asked in order, one for two seconds or until it refuses; what has not been answered after every upstream was
   asked, at least twice in all, is answered SERVFAIL. An answer that is truncated is fetched again by TCP. */

enum
{
  DNS_UPSTREAMS_MAX = 8,
  DNS_FLIGHTS_MAX = 256,
  DNS_FLIGHT_STREAMS_MAX = 32, /* of them by TCP at a time: each takes 64 KiB */
  DNS_ATTEMPT_MS = 2000,
  DNS_UPSTREAM_RETRY_MS = 30000 /* a silent upstream comes last for this long */
};

/* Who asked. */
struct dns_source
{
  bool is_stream;
  uint16_t stream; /* slot, when is_stream */
  uint32_t generation;
  struct sockaddr_in address; /* when not */
};

struct dns_flight
{
  bool is_used;
  bool is_stream; /* asked by TCP */
  uint8_t upstream;
  uint8_t attempts;
  int8_t slot; /* of the stream buffers */
  uint16_t id;
  uint16_t length; /* of `question` */
  uint16_t saved;  /* length of the truncated answer behind the stream buffer */
  int fd;
  uint32_t sent;
  uint32_t received;
  uint64_t started;
  uint64_t deadline_ms;
  struct dns_source source;
  struct dns_query query;
  uint8_t question[2 + DNS_QUERY_MAX]; /* with the length that TCP wants in front */
};

/* Takes the answer, LENGTH bytes, which it may change. */
typedef void dns_answer_sink (void *context, const struct dns_source *source, const struct dns_query *query, uint8_t *answer, size_t length);

struct dns_forward
{
  int epoll;
  uint64_t event_base; /* epoll data of flight i is event_base + i */
  dns_answer_sink *answer;
  void *context;
  struct address upstreams[DNS_UPSTREAMS_MAX];
  size_t n_upstreams;
  size_t first; /* upstream to begin with */
  uint64_t first_until_ms;
  uint64_t started;
  uint64_t next_deadline_ms; /* 0: nothing under way */
  size_t high_water;         /* flights beyond were never used */
  uint8_t *streams;          /* DNS_FLIGHT_STREAMS_MAX buffers */
  uint32_t streams_used;     /* bits */
  struct dns_flight flights[DNS_FLIGHTS_MAX];
  uint8_t packet[DNS_MESSAGE_MAX];
};

/* `host[:port]`, `[ipv6]:port` or a bare IPv6 address, with `%interface` where it needs one. */
int dns_upstream_parse (const char *text, struct address *ret, struct err *e);

/* F is zeroed memory with `epoll`, `event_base`, `answer`, `context` and the upstreams filled in. 0 or a negative errno. */
int dns_forward_init (struct dns_forward *f);

/* Sends the question on; it is answered later through the sink, and before this returns when that cannot be. A question that
   the same client repeats while it is under way is dropped. When too many are, the oldest is answered SERVFAIL. */
void dns_forward_question (struct dns_forward *f, const struct dns_source *source, const struct dns_query *query, const uint8_t *question,
                           size_t length, uint64_t now_ms);

/* The socket of flight INDEX has something to say. */
void dns_forward_event (struct dns_forward *f, size_t index, uint64_t now_ms);

/* To be called when next_deadline_ms has come. */
void dns_forward_expire (struct dns_forward *f, uint64_t now_ms);

#endif
