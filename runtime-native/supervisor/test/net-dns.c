/* The resolver process, asked over real sockets: on the loopback interface, and in a network namespace of its own. */
#include "common/io.h"
#include "net-resolver.h"
#include "net/dns-stream.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>

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
    RESTARTS = 200
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

int
main (void)
{
  if (!resolver_tables_make ())
    return 1;
  test_local ();
  test_restarts ();
  test_confinement ();
  test_namespace ();
  resolver_tables_remove ();
  return tap_end ();
}
