#ifndef NET_DNS_STREAM_H
#define NET_DNS_STREAM_H

#include "net/dns-packet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Clients by TCP: a table of connections, each with its questions (several may follow each other without waiting) and the
   part of its answers that the socket has not taken yet. While answers wait, no question is read. */

enum
{
  DNS_STREAMS_MAX = 32, /* the longest idle one makes room for a new one */
  DNS_STREAM_IDLE_MS = 10000,
  DNS_STREAM_OUTPUT = 2 * (2 + DNS_MESSAGE_MAX)
};

struct dns_stream_buffers
{
  uint8_t input[2 + DNS_QUERY_MAX];
  uint8_t output[DNS_STREAM_OUTPUT];
};

struct dns_stream
{
  int fd;
  uint32_t generation; /* of the slot's connections */
  uint32_t pending;    /* questions without an answer yet */
  bool is_ended;       /* the client sends nothing more */
  uint64_t active_ms;
  uint32_t input_length;
  uint32_t output_length;
  struct dns_stream_buffers *data;
};

/* One question came. */
typedef void dns_question_sink (void *context, size_t index, const uint8_t *question, size_t length, uint64_t now_ms);

struct dns_streams
{
  int epoll;
  int listener;
  uint64_t event_base; /* epoll data of stream i is event_base + i */
  dns_question_sink *question;
  void *context;
  size_t n_open;
  struct dns_stream slots[DNS_STREAMS_MAX];
  struct dns_stream_buffers buffers[DNS_STREAMS_MAX]; /* apart, so that empty slots touch no page of them */
};

/* S is zeroed memory with the first five fields filled in. */
void dns_streams_init (struct dns_streams *s);
void dns_streams_accept (struct dns_streams *s, uint64_t now_ms);
void dns_stream_event (struct dns_streams *s, size_t index, uint32_t events, uint64_t now_ms);

/* A question of the connection is answered later. */
void dns_stream_expect (struct dns_streams *s, size_t index);
/* The answer to one, expected or not; dropped when that connection (GENERATION) is gone. A client that does not read its
   answers loses the connection. */
void dns_stream_answer (struct dns_streams *s, size_t index, uint32_t generation, bool was_expected, const uint8_t *answer, size_t length);

/* Closes what was idle for too long. Milliseconds until the next one, -1 when there is none. */
int dns_streams_expire (struct dns_streams *s, uint64_t now_ms);

#endif
