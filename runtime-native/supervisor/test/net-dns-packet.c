#include "net-packets.h"
#include "tap.h"

static void
test_question (void)
{
  struct packet p = packet_question ("WeB.Example", DNS_TYPE_A);
  struct dns_query q;
  ok (dns_query_parse (p.bytes, p.length, &q) == 0, "reads a question");
  ok (q.id == 0x1234 && q.type == DNS_TYPE_A && q.class == DNS_CLASS_IN && q.recursion_desired, "with its fields");
  ok (tap_same_string (q.name, "web.example") && q.name_length == 11 && q.is_text, "the name in lower case: %s", q.name);
  ok (!q.has_edns && q.udp_size == 512 && q.question_end == p.length, "512 bytes without EDNS");
  packet_edns (&p, 1400, 0);
  ok (dns_query_parse (p.bytes, p.length, &q) == 0 && q.has_edns && q.udp_size == 1400, "EDNS size");
  p = packet_question ("a", DNS_TYPE_A);
  packet_edns (&p, 65000, 0);
  ok (dns_query_parse (p.bytes, p.length, &q) == 0 && q.udp_size == DNS_UDP_MAX, "bounded from above");
  p = packet_question ("a", DNS_TYPE_A);
  packet_edns (&p, 100, 0);
  ok (dns_query_parse (p.bytes, p.length, &q) == 0 && q.udp_size == 512, "and from below");
  p = packet_question ("a", DNS_TYPE_A);
  packet_edns (&p, 1232, 0x0100);
  packet_edns (&p, 1232, 0);
  p.bytes[p.length - 22 + 6] = 1;
  ok (dns_query_parse (p.bytes, p.length, &q) == DNS_BADVERS, "EDNS version 1 is refused");
  p = packet_question ("a", DNS_TYPE_A);
  packet_edns (&p, 1232, 0);
  packet_edns (&p, 1232, 0);
  ok (dns_query_parse (p.bytes, p.length, &q) == DNS_FORMERR, "two OPT records are refused");
  p = packet_question ("", DNS_TYPE_A);
  ok (dns_query_parse (p.bytes, p.length, &q) == 0 && q.name_length == 0, "the root is a name");
  p = packet_question ("a.b", DNS_TYPE_A);
  p.bytes[13] = '.';
  ok (dns_query_parse (p.bytes, p.length, &q) == 0 && !q.is_text, "a dot inside a label is no separator");
}

static void
test_malformed (void)
{
  struct packet p = packet_question ("web", DNS_TYPE_A);
  struct dns_query q;
  for (size_t i = 0; i < DNS_HEADER_SIZE; i++)
    if (dns_query_parse (p.bytes, i, &q) != -1)
      ok (false, "%zu bytes are dropped", i);
  size_t refused = 0;
  for (size_t i = DNS_HEADER_SIZE; i < p.length; i++)
    refused += dns_query_parse (p.bytes, i, &q) == DNS_FORMERR;
  ok (refused == p.length - DNS_HEADER_SIZE, "every cut question is refused");
  p.bytes[2] |= 0x80;
  ok (dns_query_parse (p.bytes, p.length, &q) == -1, "an answer is dropped");
  p = packet_question ("web", DNS_TYPE_A);
  p.bytes[2] |= 5 << 3;
  ok (dns_query_parse (p.bytes, p.length, &q) == DNS_NOTIMP && q.opcode == 5, "an update is not implemented");
  p = packet_question ("web", DNS_TYPE_A);
  p.bytes[5] = 2;
  ok (dns_query_parse (p.bytes, p.length, &q) == DNS_FORMERR, "two questions are refused");
  p = packet_question ("web", DNS_TYPE_A);
  p.bytes[12] = 0xc0;
  p.bytes[13] = 0x0c;
  ok (dns_query_parse (p.bytes, p.length, &q) == DNS_FORMERR, "a compressed question (to itself) is refused");
  char label[80];
  memset (label, 'x', 64);
  label[64] = '\0';
  p = packet_question (label, DNS_TYPE_A);
  ok (dns_query_parse (p.bytes, p.length, &q) == DNS_FORMERR, "a label of 64 bytes is refused");
  char name[300] = "";
  for (int i = 0; i < 4; i++)
    strcat (name, "123456789.123456789.123456789.123456789.123456789.123456789.123.");
  name[253] = '\0';
  p = packet_question (name, DNS_TYPE_A);
  ok (dns_query_parse (p.bytes, p.length, &q) == 0 && q.name_length == 253, "a name of 253 characters is read");
  name[253] = 'y';
  name[254] = '\0';
  p = packet_question (name, DNS_TYPE_A);
  ok (dns_query_parse (p.bytes, p.length, &q) == DNS_FORMERR, "one of 254 is refused");
}

static void
test_reply (void)
{
  struct packet p = packet_question ("WEB", DNS_TYPE_A);
  struct dns_query q;
  uint8_t out[DNS_MESSAGE_MAX];
  struct dns_reply reply;
  (void) dns_query_parse (p.bytes, p.length, &q);
  dns_reply_begin (&reply, p.bytes, &q, out, 512);
  dns_reply_address (&reply, DNS_TYPE_A, (const uint8_t[]){ 10, 1, 2, 3 }, 7);
  size_t length = dns_reply_end (&reply, &q, DNS_NOERROR);
  static const uint8_t expected[] = { 0x12, 0x34, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 3, 'W', 'E', 'B', 0, 0, 1, 0, 1,
                                      0xc0, 12,   0,    1,    0, 1, 0, 0, 0, 7, 0, 4, 10, 1,  2,   3 };
  ok (length == sizeof expected && memcmp (out, expected, length) == 0, "an A record, byte for byte, spelling kept");
  dns_reply_begin (&reply, p.bytes, &q, out, 512);
  dns_reply_ptr (&reply, "web.1.net", 0);
  length = dns_reply_end (&reply, &q, DNS_NOERROR);
  ok (length == p.length + 12 + 11
          && memcmp (out + p.length + 12, "\003web\0011\003net", 11) == 0,
      "a PTR record");
  dns_reply_begin (&reply, p.bytes, &q, out, 512);
  for (int i = 0; i < 100; i++)
    dns_reply_address (&reply, DNS_TYPE_A, (const uint8_t[]){ 10, 1, 2, 3 }, 7);
  length = dns_reply_end (&reply, &q, DNS_NOERROR);
  ok (length <= 512 && (out[2] & 2) != 0 && packet_get16 (out + 6) == (512 - p.length) / 16, "too many records: as many as fit, and the truncation bit");
  packet_edns (&p, 1232, 0);
  (void) dns_query_parse (p.bytes, p.length, &q);
  length = dns_reply_empty (p.bytes, &q, DNS_BADVERS, out);
  ok (length == p.length && out[11] == 1 && out[length - 6] == 1 && (out[3] & 15) == 0, "an extended response code goes into OPT");
  ok (packet_get16 (out + length - 8) == DNS_QUERY_MAX, "OPT says our size");
  ok (dns_query_parse (p.bytes, 14, &q) == DNS_FORMERR && dns_reply_empty (p.bytes, &q, DNS_FORMERR, out) == DNS_HEADER_SIZE && out[5] == 0,
      "an unreadable question is not repeated");
}

static void
test_answer (void)
{
  struct packet question = packet_question ("WeB", DNS_TYPE_A);
  struct dns_query q;
  (void) dns_query_parse (question.bytes, question.length, &q);
  struct packet answer = packet_question ("web", DNS_TYPE_A);
  packet_answer (&answer, 9);
  ok (dns_answer_matches (answer.bytes, answer.length, question.bytes, &q, 0x1234), "an answer matches without regard to case");
  ok (!dns_answer_matches (answer.bytes, answer.length, question.bytes, &q, 0x1235), "not with another id");
  ok (!dns_answer_matches (answer.bytes, 20, question.bytes, &q, 0x1234), "not when cut");
  struct packet other = packet_question ("wex", DNS_TYPE_A);
  packet_answer (&other, 9);
  ok (!dns_answer_matches (other.bytes, other.length, question.bytes, &q, 0x1234), "not for another name");
  other = packet_question ("web", DNS_TYPE_AAAA);
  packet_answer (&other, 9);
  ok (!dns_answer_matches (other.bytes, other.length, question.bytes, &q, 0x1234), "not for another type");
  ok (!dns_answer_matches (question.bytes, question.length, question.bytes, &q, 0x1234), "not when it is a question");
  dns_set_id (answer.bytes, 1);
  size_t length = dns_answer_finish (answer.bytes, answer.length, question.bytes, &q, 512);
  ok (length == answer.length && memcmp (answer.bytes, question.bytes, 2) == 0 && memcmp (answer.bytes + 12, question.bytes + 12, 5) == 0,
      "gets the client's id and spelling back");
  for (unsigned i = 0; i < 60; i++)
    packet_answer (&answer, i);
  length = dns_answer_finish (answer.bytes, answer.length, question.bytes, &q, 512);
  ok (length <= 512 && packet_get16 (answer.bytes + 6) == (512 - question.length) / 16 && dns_answer_is_truncated (answer.bytes),
      "a long one is cut between records");
}

static void
test_reverse (void)
{
  uint8_t address[16];
  ok (dns_reverse_address ("4.3.2.10.in-addr.arpa", address) == 4 && memcmp (address, "\12\2\3\4", 4) == 0, "in-addr.arpa");
  ok (dns_reverse_address ("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", address) == 16 && address[0] == 0xfd
          && address[15] == 1,
      "ip6.arpa");
  static const char *const bad[] = { "3.2.10.in-addr.arpa",   "4.3.2.256.in-addr.arpa", "4.3.2.1.5.in-addr.arpa", ".in-addr.arpa", "4.3.2.1000.in-addr.arpa",
                                     "4..2.1.in-addr.arpa", "4.3.2.1.in-addr.arp",   "in-addr.arpa",           "1.d.f.ip6.arpa", "" };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    ok (dns_reverse_address (bad[i], address) == 0, "\"%s\" is no address", bad[i]);
}

int
main (void)
{
  test_question ();
  test_malformed ();
  test_reply ();
  test_answer ();
  test_reverse ();
  return tap_end ();
}
