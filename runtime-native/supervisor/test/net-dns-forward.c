/* The resolver process and other name servers, well and badly behaved. */
#include "net-resolver.h"
#include "net/dns-forward.h"

#include <errno.h>
#include <time.h>

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
  if (!resolver_tables_make ())
    return 1;
  add (1, "c2", "10.2.0.7", "db");
  test_upstream_addresses ();
  test_forwarding ();
  test_silence ();
  resolver_tables_remove ();
  return tap_end ();
}
