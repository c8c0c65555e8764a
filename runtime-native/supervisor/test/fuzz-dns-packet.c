/* Fuzzes the DNS message functions as the resolver calls them. */
#include "fuzz.h"
#include "net-packets.h"

/* Everything that a question leads to; the bytes are copied to an allocation of their size, so that each read beyond is
   seen. */
static void
try_question (const uint8_t *data, size_t size)
{
  static uint8_t out[DNS_MESSAGE_MAX];
  struct dns_query q;
  int rcode = dns_query_parse (data, size, &q);
  if (rcode < 0)
    return;
  require (q.question_end <= size, "end of the question");
  require (q.is_text ? strlen (q.name) == q.name_length : strlen (q.name) <= q.name_length, "length of the name");
  require (q.udp_size >= DNS_UDP_PLAIN && q.udp_size <= DNS_UDP_MAX, "answer size");
  if (rcode > 0)
    {
      require (dns_reply_empty (data, &q, (enum dns_rcode) rcode, out) <= DNS_UDP_PLAIN, "size of an empty reply");
      return;
    }
  uint8_t address[16] = { 1 };
  (void) dns_reverse_address (q.name, address);
  struct dns_reply reply;
  dns_reply_begin (&reply, data, &q, out, q.udp_size);
  for (int i = 0; i < 300; i++)
    dns_reply_address (&reply, i % 2 == 0 ? DNS_TYPE_A : DNS_TYPE_AAAA, address, 5);
  dns_reply_ptr (&reply, q.name, 5);
  size_t length = dns_reply_end (&reply, &q, DNS_NOERROR);
  require (length <= q.udp_size, "size of a reply");
  require (dns_answer_matches (out, length, data, &q, q.id), "own reply matches");
  struct dns_query again;
  out[2] &= 0x7f;
  require (dns_query_parse (out, length, &again) == (length > DNS_QUERY_MAX ? DNS_FORMERR : 0), "own reply is well-formed");
}

/* DATA as an upstream's answer to a fixed question. */
static void
try_answer (uint8_t *data, size_t size)
{
  struct packet question = packet_question ("web.example", DNS_TYPE_A);
  packet_edns (&question, 600, 0);
  struct dns_query q;
  require (dns_query_parse (question.bytes, question.length, &q) == 0, "the question");
  if (!dns_answer_matches (data, size, question.bytes, &q, 0x1234))
    return;
  bool is_truncated = dns_answer_is_truncated (data);
  size_t length = dns_answer_finish (data, size, question.bytes, &q, q.udp_size);
  require (length <= q.udp_size && length <= (size > q.udp_size ? q.udp_size : size), "size of a cut answer");
  require (size <= q.udp_size || dns_answer_is_truncated (data) || is_truncated, "truncation bit");
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  uint8_t *copy = malloc (size == 0 ? 1 : size);
  if (copy == NULL)
    return 0;
  if (size > 0)
    memcpy (copy, data, size);
  try_question (copy, size);
  try_answer (copy, size);
  free (copy);
  return 0;
}

#ifndef LIBFUZZER
static struct packet
sample (void)
{
  static const char *const names[] = { "web", "web.example", "4.3.2.1.in-addr.arpa", "a.very.long.name.with-many.labels.example", "" };
  struct packet p = packet_question (names[next (5)], next (2) == 0 ? DNS_TYPE_A : next (300));
  if (next (2) == 0)
    for (uint32_t i = next (60); i > 0; i--)
      packet_answer (&p, i);
  if (next (2) == 0)
    packet_edns (&p, next (65536), next (4) == 0 ? next (65536) : 0);
  return p;
}

static void
try_one (void)
{
  struct packet p = sample ();
  for (uint32_t k = next (6); k > 0; k--)
    p.bytes[next (4) == 0 ? next (DNS_HEADER_SIZE) : next ((uint32_t) p.length)] = (uint8_t) next (256);
  if (next (4) == 0)
    p.length = next ((uint32_t) p.length + 1);
  (void) LLVMFuzzerTestOneInput (p.bytes, p.length);
}

int
main (int argc, char **argv)
{
  return fuzz_run (argc, argv, 200000, try_one);
}
#endif
