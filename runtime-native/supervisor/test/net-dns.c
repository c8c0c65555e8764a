/* The resolver process, asked over real sockets: on the loopback interface, and in a network namespace of its own. */
#include "common/cleanup.h"
#include "common/io.h"
#include "net-upstream.h"
#include "net/dns-server.h"
#include "net/dns.h"
#include "net/names.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <time.h>

static char root[] = "/tmp/net-dns-XXXXXX";
static char tables[2][64];

struct resolver
{
  pid_t pid;
  int udp; /* the server's */
  int tcp;
  int client; /* connected to it */
};

static struct resolver
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

static void
resolver_stop (struct resolver *r)
{
  ok (waitpid (r->pid, NULL, WNOHANG) == 0, "the resolver lives until it is stopped");
  stop_process (r->pid);
  (void) close (r->udp);
  (void) close (r->tcp);
  (void) close (r->client);
}

static struct packet
receive (int fd, int timeout_ms)
{
  struct packet p = { 0 };
  struct pollfd poller = { .fd = fd, .events = POLLIN };
  ssize_t n = poll (&poller, 1, timeout_ms) == 1 ? recv (fd, p.bytes, sizeof p.bytes, 0) : 0;
  p.length = n < 0 ? 0 : (size_t) n;
  return p;
}

static struct packet
ask (const struct resolver *r, const char *name, unsigned type)
{
  struct packet p = packet_question (name, type);
  (void) send (r->client, p.bytes, p.length, 0);
  return receive (r->client, 7000);
}

static int
stream_open (const struct resolver *r)
{
  struct sockaddr_in address = { 0 };
  socklen_t size = sizeof address;
  (void) getsockname (r->tcp, (struct sockaddr *) &address, &size);
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  (void) connect (fd, (struct sockaddr *) &address, size);
  return fd;
}

static void
stream_ask (int fd, const char *name, unsigned type)
{
  struct packet p = packet_question (name, type);
  uint8_t frame[600] = { (uint8_t) (p.length >> 8), (uint8_t) p.length };
  memcpy (frame + 2, p.bytes, p.length);
  (void) send (fd, frame, 2 + p.length, MSG_NOSIGNAL);
}

static struct packet
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

static unsigned
rcode (const struct packet *p)
{
  return p->length == 0 ? 99 : p->bytes[3] & 15;
}

static unsigned
n_answers (const struct packet *p)
{
  return p->length == 0 ? 99 : packet_get16 (p->bytes + 6);
}

/* The last two bytes of the message: those of its last address. */
static unsigned
last_16 (const struct packet *p)
{
  return p->length < 2 ? 0 : packet_get16 (p->bytes + p->length - 2);
}

static void
add (int table, const char *id, const char *address, const char *name)
{
  struct err e = { 0 };
  struct names_record record = {
    .table_dir = tables[table], .container_id = id, .canonical = "canon.net", .addresses = &address, .n_addresses = 1, .names = &name, .n_names = 1
  };
  ok (names_add (&record, &e) == 0, "adds %s %s %s", name, address, e.msg);
}

static void
test_local (void)
{
  struct err e = { 0 };
  struct resolver r = resolver_start (NULL, 0);
  struct packet p = ask (&r, "web", DNS_TYPE_A);
  ok (rcode (&p) == DNS_NXDOMAIN && (p.bytes[3] & 0x80) != 0, "without upstreams, an unknown name does not exist");
  add (0, "c1", "10.1.0.2", "web");
  p = ask (&r, "web", DNS_TYPE_A);
  ok (rcode (&p) == 0 && n_answers (&p) == 1 && last_16 (&p) == 0x0002, "a name that was added is found at once");
  ok (packet_get16 (p.bytes + p.length - 8) == 0, "with a TTL of 0");
  add (1, "c1", "10.2.0.2", "web");
  add (1, "c2", "10.2.0.7", "db");
  p = ask (&r, "WEB", DNS_TYPE_A);
  ok (n_answers (&p) == 1 && last_16 (&p) == 0x0002, "the first network that has the name counts");
  p = ask (&r, "db", DNS_TYPE_A);
  ok (n_answers (&p) == 1 && last_16 (&p) == 0x0007, "the second has other names");
  p = ask (&r, "db", DNS_TYPE_AAAA);
  ok (rcode (&p) == 0 && n_answers (&p) == 0, "no IPv6 address: an empty answer");
  p = ask (&r, "db", 65);
  ok (rcode (&p) == 0 && n_answers (&p) == 0, "nor an HTTPS record");
  p = ask (&r, "7.0.2.10.in-addr.arpa", DNS_TYPE_PTR);
  ok (rcode (&p) == 0 && n_answers (&p) == 1 && memcmp (p.bytes + p.length - 11, "\005canon\003net", 11) == 0, "an address has a name");
  add (0, "c3", "10.1.0.3", "web");
  unsigned first = 0;
  for (int i = 0; i < 10; i++)
    {
      p = ask (&r, "web", DNS_TYPE_A);
      (void) ask (&r, "web", DNS_TYPE_AAAA); /* as a C library does, between two questions for A */
      first += last_16 (&p) == 0x0003;
    }
  ok (n_answers (&p) == 2 && first == 5, "two replicas take turns");
  ok (names_remove (tables[0], "c3", &e) == 0 && names_remove (tables[0], "c1", &e) == 0, "takes them out");
  p = ask (&r, "web", DNS_TYPE_A);
  ok (n_answers (&p) == 1 && packet_get16 (p.bytes + p.length - 4) == 0x0a02, "then the second network counts");
  int stream cleanup_fd = stream_open (&r);
  for (int i = 0; i < 50; i++)
    stream_ask (stream, i % 2 == 0 ? "db" : "nope", DNS_TYPE_A);
  int right = 0;
  for (int i = 0; i < 50; i++)
    {
      p = stream_receive (stream);
      right += rcode (&p) == (i % 2 == 0 ? 0U : 3U);
    }
  ok (right == 50, "50 questions by TCP without waiting");
  (void) send (stream, "\0\1x", 3, 0);
  ok (stream_receive (stream).length == 0, "a question that is none ends the connection");
  int streams[DNS_STREAMS_MAX + 8];
  for (int i = 0; i < DNS_STREAMS_MAX + 8; i++)
    streams[i] = stream_open (&r);
  stream_ask (streams[DNS_STREAMS_MAX + 7], "db", DNS_TYPE_A);
  p = stream_receive (streams[DNS_STREAMS_MAX + 7]);
  ok (rcode (&p) == 0, "too many idle connections: the newest is served");
  for (int i = 0; i < DNS_STREAMS_MAX + 8; i++)
    (void) close (streams[i]);
  resolver_stop (&r);
}

/* Other containers of the network come and go as fast as they can while one restarts with another address each time: what is
   asked after names_add () has returned must never show an older one. */
static void
test_restarts (void)
{
  enum
  {
    WRITERS = 2,
    RESTARTS = 500
  };
  struct err e = { 0 };
  struct resolver r = resolver_start (NULL, 0);
  pid_t writers[WRITERS];
  for (int i = 0; i < WRITERS; i++)
    if ((writers[i] = fork ()) == 0)
      for (unsigned k = 0;; k++)
        {
          char id[16];
          char address[32];
          const char *const addresses[] = { address };
          const char *const names[] = { id };
          (void) snprintf (id, sizeof id, "w%d", i);
          (void) snprintf (address, sizeof address, "10.9.%d.%u", i, k % 250);
          struct names_record record = { tables[0], id, "canon.net", addresses, 1, names, 1 };
          if (names_add (&record, &e) < 0 || (k % 2 == 0 && names_remove (tables[0], id, &e) < 0))
            _exit (1);
        }
  int wrong = 0;
  for (unsigned i = 0; i < RESTARTS; i++)
    {
      char address[32];
      const char *const addresses[] = { address };
      const char *const names[] = { "phoenix" };
      (void) snprintf (address, sizeof address, "10.8.%u.%u", i / 250, i % 250);
      struct names_record record = { tables[0], "phoenix-id", "canon.net", addresses, 1, names, 1 };
      wrong += names_add (&record, &e) < 0;
      for (int k = 0; k < 3; k++)
        {
          struct packet p = ask (&r, "phoenix", DNS_TYPE_A);
          wrong += rcode (&p) != 0 || n_answers (&p) != 1 || last_16 (&p) != (i / 250 << 8 | i % 250);
        }
      wrong += names_remove (tables[0], "phoenix-id", &e) < 0;
      struct packet p = ask (&r, "phoenix", DNS_TYPE_A);
      wrong += rcode (&p) != DNS_NXDOMAIN;
    }
  int ended = 0;
  for (int i = 0; i < WRITERS; i++)
    {
      ended += waitpid (writers[i], NULL, WNOHANG) != 0;
      stop_process (writers[i]);
      (void) names_remove (tables[0], ((const char *[]){ "w0", "w1" })[i], &e);
    }
  ok (wrong == 0 && ended == 0, "%d restarts, %d questions: %d wrong", RESTARTS, 4 * RESTARTS, wrong);
  resolver_stop (&r);
}

static void
test_forwarding (void)
{
  struct upstream one = upstream_start (1);
  struct upstream two = upstream_start (2);
  const char *const both[] = { one.address, two.address };
  struct resolver r = resolver_start (both, 2);
  struct packet p = ask (&r, "Some.Example", DNS_TYPE_A);
  ok (rcode (&p) == 0 && last_16 (&p) == 0x0101 && memcmp (p.bytes + 12, "\004Some\007Example", 13) == 0 && packet_get16 (p.bytes) == 0x1234,
      "an unknown name is answered by the first upstream, spelled as it was asked");
  p = ask (&r, "db", DNS_TYPE_AAAA);
  ok (rcode (&p) == 0 && n_answers (&p) == 0, "a known name is not asked for elsewhere");
  p = ask (&r, "liar.example", DNS_TYPE_A);
  ok (last_16 (&p) == 0x0101, "answers with another id or question are not believed");
  p = ask (&r, "long.example", DNS_TYPE_A);
  ok (p.length <= 512 && dns_answer_is_truncated (p.bytes) && n_answers (&p) == (512 - 30) / 16, "a long answer is fetched by TCP and cut for UDP: %u records", n_answers (&p));
  int stream cleanup_fd = stream_open (&r);
  stream_ask (stream, "long.example", DNS_TYPE_A);
  stream_ask (stream, "other.example", DNS_TYPE_A);
  (void) shutdown (stream, SHUT_WR);
  struct packet a = stream_receive (stream);
  struct packet b = stream_receive (stream);
  ok (n_answers (&a) + n_answers (&b) == 101 && stream_receive (stream).length == 0, "and comes whole by TCP, though the client has ended its side");
  p = ask (&r, "udponly.example", DNS_TYPE_A);
  ok (n_answers (&p) == 1 && dns_answer_is_truncated (p.bytes), "without TCP, the truncated answer has to do");
  p = ask (&r, "servfail.example", DNS_TYPE_A);
  ok (rcode (&p) == DNS_SERVFAIL && last_16 (&p) == 0x0201, "a failure is taken to the next upstream");
  stop_process (one.pid);
  p = ask (&r, "some.example", DNS_TYPE_A);
  ok (last_16 (&p) == 0x0201, "so is a question to one that is gone");
  stop_process (two.pid);
  p = ask (&r, "some.example", DNS_TYPE_A);
  ok (rcode (&p) == DNS_SERVFAIL, "with none left it is a failure");
  resolver_stop (&r);
}

static uint64_t
now_ms (void)
{
  struct timespec now;
  (void) clock_gettime (CLOCK_MONOTONIC, &now);
  return (uint64_t) now.tv_sec * 1000 + (uint64_t) now.tv_nsec / 1000000;
}

static void
test_silence (void)
{
  struct upstream one = upstream_start (1);
  const char *const upstreams[] = { one.address };
  struct resolver r = resolver_start (upstreams, 1);
  uint64_t start = now_ms ();
  struct packet p = packet_question ("silent.example", DNS_TYPE_A);
  for (unsigned i = 0; i < DNS_FLIGHTS_MAX + 2; i++)
    {
      dns_set_id (p.bytes, (uint16_t) i);
      (void) send (r.client, p.bytes, p.length, 0);
      (void) send (r.client, p.bytes, p.length, 0); /* a repetition is the same question */
      if (i % 16 == 0)
        (void) usleep (1000); /* the socket's buffer is small */
    }
  struct packet a = receive (r.client, 1000);
  struct packet b = receive (r.client, 1000);
  ok (rcode (&a) == DNS_SERVFAIL && packet_get16 (a.bytes) == 0 && packet_get16 (b.bytes) == 1, "too many under way: the oldest fail");
  ok (receive (r.client, 100).length == 0, "and no other");
  p = ask (&r, "db", DNS_TYPE_A);
  ok (n_answers (&p) == 1, "known names are answered meanwhile");
  a = receive (r.client, 7000);
  uint64_t waited = now_ms () - start;
  ok (rcode (&a) == DNS_SERVFAIL && waited >= 3900 && waited < 5000, "the only upstream is asked twice, then it is a failure, after %d ms", (int) waited);
  int rest = 1;
  while (receive (r.client, 300).length > 0)
    rest++;
  ok (rest == DNS_FLIGHTS_MAX, "each question gets one answer: %d", rest);
  stop_process (one.pid);
  resolver_stop (&r);
}

static bool
status_has (pid_t pid, const char *line)
{
  char path[64];
  char *text cleanup_free = NULL;
  struct err e = { 0 };
  (void) snprintf (path, sizeof path, "/proc/%d/status", (int) pid);
  return io_read_file_at (AT_FDCWD, path, 1 << 16, &text, NULL, &e) == 0 && strstr (text, line) != NULL;
}

static void
test_confinement (void)
{
  struct resolver r = resolver_start (NULL, 0);
  struct packet p = ask (&r, "db", DNS_TYPE_A);
  ok (n_answers (&p) == 1, "serves");
  ok (status_has (r.pid, "\nNoNewPrivs:\t1\n") && status_has (r.pid, "\nCapEff:\t0000000000000000\n") && status_has (r.pid, "Name:\ttscompose-dns\n"),
      "has no privileges and gets none");
#ifndef __SANITIZE_ADDRESS__
  ok (status_has (r.pid, "\nSeccomp:\t2\n"), "is filtered");
#endif
  if (geteuid () == 0)
    ok (status_has (r.pid, "\nUid:\t65534\t65534\t65534\t65534\n") && status_has (r.pid, "\nGid:\t65534\t65534\t65534\t65534\n")
            && status_has (r.pid, "\nGroups:\t \n"),
        "is nobody, in no group");
  resolver_stop (&r);
  int report[2];
  if (pipe2 (report, O_CLOEXEC) < 0)
    exit (1);
  pid_t parent = fork ();
  if (parent == 0)
    {
      struct resolver orphan = resolver_start (NULL, 0);
      (void) io_write_all (report[1], &orphan.pid, sizeof orphan.pid, &(struct err){ 0 });
      for (;;)
        (void) pause ();
    }
  (void) close (report[1]);
  pid_t pid = 0;
  tap_count++; /* the child's line */
  ok (read (report[0], &pid, sizeof pid) == sizeof pid && pid > 0 && kill (pid, 0) == 0, "a resolver of another process");
  stop_process (parent);
  char end;
  for (int i = 0; i < 200 && kill (pid, 0) == 0 && !status_has (pid, "State:\tZ"); i++)
    (void) usleep (10000);
  ok (kill (pid, 0) < 0 || status_has (pid, "State:\tZ"), "dies with it");
  ok (read (report[0], &end, 1) == 0, "and held none of its descriptors");
  (void) close (report[0]);
}

/* As a process of the container: asks 127.0.0.11:53, and serves port 53 itself. */
static void
test_inside (int netns)
{
  struct sockaddr_in resolver = { .sin_family = AF_INET, .sin_port = htons (53), .sin_addr.s_addr = htonl (0x7f00000b) };
  struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons (53) };
  (void) setns (netns, CLONE_NEWNET);
  struct resolver r = { .client = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) };
  int server cleanup_fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int listener cleanup_fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ok (bind (server, (struct sockaddr *) &any, sizeof any) == 0 && bind (listener, (struct sockaddr *) &any, sizeof any) == 0 && listen (listener, 1) == 0,
      "port 53 is free there for UDP and TCP");
  (void) connect (r.client, (struct sockaddr *) &resolver, sizeof resolver);
  struct packet p = ask (&r, "db", DNS_TYPE_A);
  ok (n_answers (&p) == 1 && last_16 (&p) == 0x0007, "127.0.0.11:53 answers by UDP, and from there, for the socket is connected");
  int stream cleanup_fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ok (connect (stream, (struct sockaddr *) &resolver, sizeof resolver) == 0, "and takes TCP");
  stream_ask (stream, "db", DNS_TYPE_A);
  p = stream_receive (stream);
  ok (n_answers (&p) == 1 && last_16 (&p) == 0x0007, "and answers");
  resolver.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  (void) connect (r.client, (struct sockaddr *) &resolver, sizeof resolver);
  (void) send (r.client, "x", 1, 0);
  p = receive (server, 1000);
  ok (p.length == 1, "127.0.0.1:53 is the container's own");
  (void) close (r.client);
}

static void
test_namespace (void)
{
  struct err e = { 0 };
  if (geteuid () != 0)
    {
      ok (true, "binds in a network namespace # SKIP needs root");
      return;
    }
  int own cleanup_fd = open ("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  (void) unshare (CLONE_NEWNET);
  int other cleanup_fd = open ("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  (void) setns (own, CLONE_NEWNET);
  int udp cleanup_fd = -1;
  int tcp cleanup_fd = -1;
  struct stat before;
  struct stat after;
  (void) stat ("/proc/self/ns/net", &before);
  ok (dns_bind (other, &udp, &tcp, &e) == 0, "binds in a network namespace, its loopback interface being down %s", e.msg);
  (void) stat ("/proc/self/ns/net", &after);
  ok (before.st_ino == after.st_ino, "and stays in its own");
  const char *const dirs[] = { tables[1] };
  struct dns_config config = { .table_dirs = dirs, .n_tables = 1 };
  pid_t pid = 0;
  ok (dns_spawn (&config, udp, tcp, &pid, &e) == 0, "a resolver serves it %s", e.msg);
  test_inside (other);
  (void) setns (own, CLONE_NEWNET);
  stop_process (pid);
  int again[2] = { -1, -1 };
  ok (dns_bind (other, &again[0], &again[1], &e) == -EADDRINUSE && again[0] == -1, "only once: %s", e.msg);
  ok (dns_bind (-1, &again[0], &again[1], &e) == -EBADF, "not in no namespace: %s", e.msg);
  ok ((fcntl (udp, F_GETFD) & FD_CLOEXEC) != 0 && (fcntl (tcp, F_GETFD) & FD_CLOEXEC) != 0, "the sockets are closed on exec");
}

static void
test_upstream_addresses (void)
{
  static const char *const good[] = { "127.0.0.1", "127.0.0.1:5353", "::1", "[::1]", "[::1]:54", "fe80::1%lo", "[fe80::1%1]:53" };
  static const char *const bad[] = { "", "example.com", "1.2.3", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "[::1", "[::1]x", "fe80::1%nope", "1.2.3.4:5:6" };
  struct address address;
  struct err e = { 0 };
  for (size_t i = 0; i < sizeof good / sizeof *good; i++)
    ok (dns_upstream_parse (good[i], &address, &e) == 0, "%s is a name server", good[i]);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    ok (dns_upstream_parse (bad[i], &address, &e) == -EINVAL, "\"%s\" is not", bad[i]);
}

int
main (void)
{
  (void) umask (077);
  if (mkdtemp (root) == NULL)
    return 1;
  for (int i = 0; i < 2; i++)
    (void) snprintf (tables[i], sizeof tables[i], "%s/%d", root, i);
  test_upstream_addresses ();
  test_local ();
  test_restarts ();
  test_forwarding ();
  test_silence ();
  test_confinement ();
  test_namespace ();
  char command[100];
  (void) snprintf (command, sizeof command, "rm -rf %s", root);
  ok (system (command) == 0, "cleans up");
  return tap_end ();
}
