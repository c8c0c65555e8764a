#ifndef NET_PROXY_SERVER_H
#define NET_PROXY_SERVER_H

#include "net/address.h"
#include "net/proxy.h"

#include <netinet/in.h>

enum
{
  PROXY_CONNECTIONS_MAX = 1024, /* TCP; more wait in the listeners' backlogs */
  PROXY_SESSIONS_MAX = 512,     /* UDP; the longest silent one makes room */
  PROXY_PIPES_MAX = 32,         /* of flows that splice; others copy */
  PROXY_CHUNK = 16384,          /* bytes that are copied at a time, and that may wait for a slow reader */
  PROXY_DATAGRAM_MAX = 65535,
  PROXY_SESSION_BUCKETS = 256,
  PROXY_ONE_WAY_MS = 30000, /* of a client that was never answered */
  PROXY_TWO_WAY_MS = 90000,
  PROXY_FILES_OTHER = PROXY_SESSIONS_MAX + 2 * PROXY_PIPES_MAX + PROXY_PORTS_MAX + 16,
  PROXY_FILES_MAX = 2 * PROXY_CONNECTIONS_MAX + PROXY_FILES_OTHER
};

struct proxy_listener
{
  int fd;
  bool is_udp;
  struct address target;
};

/* One end of a connection. */
struct proxy_side
{
  int fd;
  bool is_readable; /* until the kernel says EAGAIN: events are edge-triggered */
  bool is_writable;
};

/* What goes from side i to side 1 - i. Either copied through the process, or, once it has proved to be bulk, through a
   pipe; never both hold bytes. */
struct proxy_flow
{
  int pipe[2];       /* 0: none */
  uint32_t in_pipe;
  uint32_t waiting;  /* bytes of the flow's buffer that wait for the reader, from `waiting_at` */
  uint32_t waiting_at;
  uint32_t copied;   /* in full chunks, in a row */
  bool is_ended;     /* the writer has ended its side */
  bool is_shut;      /* and the reader was told so */
};

struct proxy_connection
{
  bool is_used;
  bool is_connecting;
  bool is_queued;
  bool is_buffer_used;
  uint16_t next; /* in the queue, or in the list of free slots */
  uint32_t generation;
  struct proxy_side sides[2]; /* client, container */
  struct proxy_flow flows[2];
};

struct proxy_session
{
  int fd; /* 0: free */
  bool is_answered;
  uint16_t listener;
  uint16_t next; /* in the bucket, plus one */
  uint32_t generation;
  uint64_t active_ms;
  struct address client;
};

struct proxy_server
{
  int epoll;
  size_t n_listeners;
  bool is_paused; /* not accepting: no slot or no descriptor */
  uint64_t resume_ms;
  size_t max_connections; /* what the limit on descriptors has room for */
  size_t n_connections;
  size_t high_water; /* connection slots beyond were never used */
  uint16_t free_slot; /* plus one */
  uint16_t queue_head; /* plus one: connections that have more to do than their turn allowed */
  uint16_t queue_tail;
  size_t n_pipes;
  size_t n_sessions;
  uint64_t sweep_ms;
  uint16_t buckets[PROXY_SESSION_BUCKETS]; /* session plus one */
  struct proxy_listener listeners[PROXY_PORTS_MAX];
  struct proxy_connection connections[PROXY_CONNECTIONS_MAX];
  struct proxy_session sessions[PROXY_SESSIONS_MAX];
  uint8_t scratch[PROXY_DATAGRAM_MAX + 1];
  uint8_t buffers[PROXY_CONNECTIONS_MAX][2][PROXY_CHUNK];
};

/* Epoll data: the kind in the top byte, a generation below it, then side (one bit) and slot. */
enum proxy_event
{
  PROXY_EVENT_LISTENER,
  PROXY_EVENT_CONNECTION,
  PROXY_EVENT_SESSION
};
uint64_t proxy_event_data (enum proxy_event kind, uint32_t generation, unsigned side, size_t slot);

uint64_t proxy_now_ms (void);

/* S is zeroed memory with the listeners filled in. 0 or a negative errno. */
int proxy_server_init (struct proxy_server *s);
int proxy_server_run (struct proxy_server *s);
/* Stops watching the TCP listeners until a connection ends or, with RETRY, for a moment. */
void proxy_server_pause (struct proxy_server *s, bool retry);
void proxy_server_resume (struct proxy_server *s);

/* No delay for small writes; ends connections whose peer is gone for good. Accepted sockets have them from their listener. */
bool proxy_set_stream_options (int fd);

/* proxy-tcp.c */
void proxy_tcp_accept (struct proxy_server *s, const struct proxy_listener *listener);
void proxy_tcp_event (struct proxy_server *s, size_t slot, uint32_t generation, unsigned side, uint32_t events);
/* One turn for each queued connection. */
void proxy_tcp_run_queue (struct proxy_server *s);

/* proxy-flow.c: moves what can be moved now from side FROM. */
enum proxy_flow_result
{
  PROXY_FLOW_BLOCKED, /* until an event */
  PROXY_FLOW_MORE,    /* its turn is over */
  PROXY_FLOW_BROKEN   /* reset by one side */
};
enum proxy_flow_result proxy_flow_pump (struct proxy_server *s, struct proxy_connection *connection, unsigned from);
void proxy_flow_release (struct proxy_server *s, struct proxy_flow *flow);

/* proxy-udp.c */
void proxy_udp_receive (struct proxy_server *s, size_t listener);
void proxy_udp_answer (struct proxy_server *s, size_t slot, uint32_t generation);
void proxy_udp_sweep (struct proxy_server *s, uint64_t now_ms);

#endif
