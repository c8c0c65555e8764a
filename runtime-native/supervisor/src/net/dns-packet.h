#ifndef NET_DNS_PACKET_H
#define NET_DNS_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* DNS messages (RFC 1035, EDNS of RFC 6891) as pure functions over bytes and a length: no system call, no allocation,
   no state. Compression pointers are never followed: a question may not hold one, and what upstreams answer is passed on
   as it is, so there is no loop to bound. */

enum
{
  DNS_HEADER_SIZE = 12,
  DNS_NAME_MAX = 253,    /* text without the last dot */
  DNS_QUERY_MAX = 1232,  /* a larger question is refused */
  DNS_UDP_PLAIN = 512,   /* answer size by UDP without EDNS */
  DNS_UDP_MAX = 4096,    /* what we send at most by UDP, whatever the client offers */
  DNS_MESSAGE_MAX = 65535
};

enum dns_rcode
{
  DNS_NOERROR = 0,
  DNS_FORMERR = 1,
  DNS_SERVFAIL = 2,
  DNS_NXDOMAIN = 3,
  DNS_NOTIMP = 4,
  DNS_REFUSED = 5,
  DNS_BADVERS = 16
};

enum dns_type
{
  DNS_TYPE_A = 1,
  DNS_TYPE_PTR = 12,
  DNS_TYPE_AAAA = 28,
  DNS_TYPE_OPT = 41,
  DNS_TYPE_ANY = 255
};

enum dns_class
{
  DNS_CLASS_IN = 1,
  DNS_CLASS_ANY = 255
};

struct dns_query
{
  uint16_t id;
  uint16_t type;
  uint16_t class;
  uint16_t question_end; /* offset behind the question; DNS_HEADER_SIZE when there is none */
  uint16_t udp_size;     /* answer size that the client takes by UDP */
  uint8_t opcode;
  bool recursion_desired;
  bool checking_disabled;
  bool has_edns;
  bool is_text; /* `name` stands for the question's name: no label has a dot or a NUL byte in it */
  uint8_t name_length;
  char name[DNS_NAME_MAX + 1]; /* lower case (ASCII), labels joined by dots, no last dot */
};

/* Reads a question. 0: RET is complete. A positive dns_rcode: answer that, RET holds what was understood. -1: not worth
   an answer (too short, or itself an answer). */
int dns_query_parse (const uint8_t *bytes, size_t length, struct dns_query *ret);

/* An answer under construction. */
struct dns_reply
{
  uint8_t *bytes;
  size_t limit; /* room for records; the OPT record has its own */
  size_t length;
  uint16_t answers;
  bool truncated;
};

/* Starts an answer to QUERY, whose bytes are QUESTION, in BYTES, of at most LIMIT (>= DNS_UDP_PLAIN) bytes. The question is
   repeated byte for byte, so that case is kept. */
void dns_reply_begin (struct dns_reply *reply, const uint8_t *question, const struct dns_query *query, uint8_t *bytes, size_t limit);
/* Adds the record of the question's name; a record that does not fit sets `truncated` and is left out. ADDRESS has 4 or 16
   bytes by TYPE. */
void dns_reply_address (struct dns_reply *reply, enum dns_type type, const uint8_t *address, uint32_t ttl);
void dns_reply_ptr (struct dns_reply *reply, const char *name, uint32_t ttl);
/* Completes the header; returns the length of the message. */
size_t dns_reply_end (struct dns_reply *reply, const struct dns_query *query, enum dns_rcode rcode);

/* A whole answer without records. */
size_t dns_reply_empty (const uint8_t *question, const struct dns_query *query, enum dns_rcode rcode, uint8_t *bytes);

/* True when ANSWER is an upstream's answer with id ID to the question of QUERY (names compared without case). */
bool dns_answer_matches (const uint8_t *answer, size_t length, const uint8_t *question, const struct dns_query *query, uint16_t id);
bool dns_answer_is_truncated (const uint8_t *answer);
enum dns_rcode dns_answer_rcode (const uint8_t *answer);
/* Gives a matching answer the id and spelling of the client's question, and cuts it to LIMIT bytes between two records
   (with the truncation bit) when it is longer. Returns its length. */
size_t dns_answer_finish (uint8_t *answer, size_t length, const uint8_t *question, const struct dns_query *query, size_t limit);

/* Overwrites the id. */
void dns_set_id (uint8_t *message, uint16_t id);

/* The address that `4.3.2.1.in-addr.arpa` or a name under ip6.arpa stands for: its size, 4 or 16, or 0 for any other name. */
size_t dns_reverse_address (const char *name, uint8_t ret_address[16]);

#endif
