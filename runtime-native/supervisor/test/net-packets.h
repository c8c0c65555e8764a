#ifndef TEST_NET_PACKETS_H
#define TEST_NET_PACKETS_H

#include "net/dns-packet.h"

#include <string.h>

/* Builds DNS messages for tests, independently of the code under test. */
struct packet
{
  uint8_t bytes[2048];
  size_t length;
};

static inline void
packet_16 (struct packet *p, unsigned value)
{
  p->bytes[p->length++] = (uint8_t) (value >> 8);
  p->bytes[p->length++] = (uint8_t) value;
}

static inline void
packet_name (struct packet *p, const char *name)
{
  while (*name != '\0')
    {
      size_t label = strcspn (name, ".");
      p->bytes[p->length++] = (uint8_t) label;
      memcpy (p->bytes + p->length, name, label);
      p->length += label;
      name += label + (name[label] == '.');
    }
  p->bytes[p->length++] = 0;
}

/* A question with id 0x1234 and RD. */
static inline struct packet
packet_question (const char *name, unsigned type)
{
  struct packet p = { 0 };
  packet_16 (&p, 0x1234);
  packet_16 (&p, 0x0100);
  packet_16 (&p, 1);
  packet_16 (&p, 0);
  packet_16 (&p, 0);
  packet_16 (&p, 0);
  packet_name (&p, name);
  packet_16 (&p, type);
  packet_16 (&p, DNS_CLASS_IN);
  return p;
}

/* Adds an OPT record. */
static inline void
packet_edns (struct packet *p, unsigned size, unsigned version)
{
  p->bytes[11]++;
  p->bytes[p->length++] = 0;
  packet_16 (p, DNS_TYPE_OPT);
  packet_16 (p, size);
  packet_16 (p, version);
  packet_16 (p, 0);
  packet_16 (p, 0);
}

/* Makes a question an answer, and adds an A record whose owner is a pointer to the question. */
static inline void
packet_answer (struct packet *p, unsigned last_byte)
{
  p->bytes[2] |= 0x80;
  p->bytes[3] |= 0x80;
  unsigned answers = (unsigned) (p->bytes[6] << 8 | p->bytes[7]) + 1;
  p->bytes[6] = (uint8_t) (answers >> 8);
  p->bytes[7] = (uint8_t) answers;
  packet_16 (p, 0xc00c);
  packet_16 (p, DNS_TYPE_A);
  packet_16 (p, DNS_CLASS_IN);
  packet_16 (p, 0);
  packet_16 (p, 60);
  packet_16 (p, 4);
  packet_16 (p, 0x0a00);
  packet_16 (p, last_byte);
}

static inline unsigned
packet_get16 (const uint8_t *at)
{
  return (unsigned) (at[0] << 8 | at[1]);
}

#endif
