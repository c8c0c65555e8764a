#ifndef TEST_NET_RESOLVER_H
#define TEST_NET_RESOLVER_H

#include "common/cleanup.h"
#include "net-upstream.h"
#include "net/dns.h"
#include "net/names.h"
#include "tap.h"

#include <sys/stat.h>

/* A resolver process on the loopback interface, its two tables, and ways to ask it. */
static char root[] = "/tmp/net-dns-XXXXXX";
static char tables[2][64];

struct resolver
{
  pid_t pid;
  int udp; /* the server's */
  int tcp;
  int client; /* connected to it */
};

static inline struct resolver
resolver_start (const char *const *upstreams, size_t n)
{
  struct err e = { 0 };
  struct resolver r = { .udp = loopback_socket (SOCK_DGRAM, 0) };
  r.tcp = loopback_socket (SOCK_STREAM, socket_port (r.udp));
  const char *const dirs[] = { tables[0], tables[1] };
  struct dns_config config = { .table_dirs = dirs, .n_tables = 2, .upstreams = upstreams, .n_upstreams = n, .ipv6 = true };
  if (!ok (dns_spawn (&config, r.udp, r.tcp, &r.pid, &e) == 0, "starts with %zu upstreams %s", n, e.msg))
    exit (1);
  r.client = loopback_socket (SOCK_DGRAM, 0);
  struct sockaddr_in address = { 0 };
  socklen_t size = sizeof address;
  (void) getsockname (r.udp, (struct sockaddr *) &address, &size);
  (void) connect (r.client, (struct sockaddr *) &address, size);
  return r;
}

static inline void
resolver_stop (struct resolver *r)
{
  ok (waitpid (r->pid, NULL, WNOHANG) == 0, "the resolver lives until it is stopped");
  stop_process (r->pid);
  (void) close (r->udp);
  (void) close (r->tcp);
  (void) close (r->client);
}

static inline struct packet
receive (int fd, int timeout_ms)
{
  struct packet p = { 0 };
  struct pollfd poller = { .fd = fd, .events = POLLIN };
  ssize_t n = poll (&poller, 1, timeout_ms) == 1 ? recv (fd, p.bytes, sizeof p.bytes, 0) : 0;
  p.length = n < 0 ? 0 : (size_t) n;
  return p;
}

static inline struct packet
ask (const struct resolver *r, const char *name, unsigned type)
{
  struct packet p = packet_question (name, type);
  (void) send (r->client, p.bytes, p.length, 0);
  return receive (r->client, 7000);
}

static inline int
stream_open (const struct resolver *r)
{
  struct sockaddr_in address = { 0 };
  socklen_t size = sizeof address;
  (void) getsockname (r->tcp, (struct sockaddr *) &address, &size);
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  (void) connect (fd, (struct sockaddr *) &address, size);
  return fd;
}

static inline void
stream_ask (int fd, const char *name, unsigned type)
{
  struct packet p = packet_question (name, type);
  uint8_t frame[600] = { (uint8_t) (p.length >> 8), (uint8_t) p.length };
  memcpy (frame + 2, p.bytes, p.length);
  (void) send (fd, frame, 2 + p.length, MSG_NOSIGNAL);
}

static inline struct packet
stream_receive (int fd)
{
  struct packet p = { 0 };
  uint8_t frame[2];
  struct pollfd poller = { .fd = fd, .events = POLLIN };
  if (poll (&poller, 1, 7000) != 1 || recv (fd, frame, 2, MSG_WAITALL) != 2)
    return p;
  p.length = packet_get16 (frame);
  if (p.length > sizeof p.bytes || recv (fd, p.bytes, p.length, MSG_WAITALL) != (ssize_t) p.length)
    p.length = 0;
  return p;
}

static inline unsigned
rcode (const struct packet *p)
{
  return p->length == 0 ? 99 : p->bytes[3] & 15;
}

static inline unsigned
n_answers (const struct packet *p)
{
  return p->length == 0 ? 99 : packet_get16 (p->bytes + 6);
}

/* The last two bytes of the message: those of its last address. */
static inline unsigned
last_16 (const struct packet *p)
{
  return p->length < 2 ? 0 : packet_get16 (p->bytes + p->length - 2);
}

static inline void
add (int table, const char *id, const char *address, const char *name)
{
  struct err e = { 0 };
  struct names_record record = {
    .table_dir = tables[table], .container_id = id, .canonical = "canon.net", .addresses = &address, .n_addresses = 1, .names = &name, .n_names = 1
  };
  ok (names_add (&record, &e) == 0, "adds %s %s %s", name, address, e.msg);
}

/* Before the first resolver; resolver_tables_remove () at the end. */
static inline bool
resolver_tables_make (void)
{
  (void) umask (077);
  if (mkdtemp (root) == NULL)
    return false;
  for (int i = 0; i < 2; i++)
    (void) snprintf (tables[i], sizeof tables[i], "%s/%d", root, i);
  return true;
}

static inline void
resolver_tables_remove (void)
{
  char command[100];
  (void) snprintf (command, sizeof command, "rm -rf %s", root);
  ok (system (command) == 0, "cleans up");
}

#endif
