#include "net/dns-packet.h"

#include <string.h>

enum
{
  FLAG_QR = 0x80,
  FLAG_TC = 0x02,
  FLAG_RD = 0x01,
  FLAG_RA = 0x80,
  FLAG_CD = 0x10,
  OPT_SIZE = 11,
  RECORD_FIXED = 10, /* type, class, TTL, data length */
  LABEL_MAX = 63
};

static uint16_t
get16 (const uint8_t *at)
{
  return (uint16_t) (at[0] << 8 | at[1]);
}

static void
put16 (uint8_t *at, uint16_t value)
{
  at[0] = (uint8_t) (value >> 8);
  at[1] = (uint8_t) value;
}

static char
lower (uint8_t c)
{
  return (char) (c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c);
}

/* Reads the question's name into QUERY; the offset behind it, or 0 when it is malformed. */
static size_t
parse_name (const uint8_t *bytes, size_t length, struct dns_query *query)
{
  size_t at = DNS_HEADER_SIZE;
  size_t used = 0;
  bool is_text = true;
  while (at < length && bytes[at] != 0)
    {
      size_t label = bytes[at++];
      if (label > LABEL_MAX || label > length - at || used + (used > 0) + label > DNS_NAME_MAX)
        return 0;
      if (used > 0)
        query->name[used++] = '.';
      for (size_t i = 0; i < label; i++)
        {
          uint8_t c = bytes[at++];
          if (c == '.' || c == '\0')
            is_text = false;
          query->name[used++] = lower (c);
        }
    }
  if (at >= length)
    return 0;
  query->is_text = is_text;
  query->name[used] = '\0';
  query->name_length = (uint8_t) used;
  return at + 1;
}

/* The offset behind a record's owner name, compressed or not; 0 when it leaves the message. */
static size_t
skip_name (const uint8_t *bytes, size_t length, size_t at)
{
  while (at < length)
    {
      uint8_t label = bytes[at];
      if (label == 0)
        return at + 1;
      if ((label & 0xc0) == 0xc0)
        return at + 2 <= length ? at + 2 : 0;
      if (label > LABEL_MAX)
        return 0;
      at += 1U + label;
    }
  return 0;
}

/* The offset behind the record at AT; 0 when it leaves the message. RET_FIXED: where its type stands. */
static size_t
skip_record (const uint8_t *bytes, size_t length, size_t at, size_t *ret_fixed)
{
  size_t fixed = skip_name (bytes, length, at);
  if (fixed == 0 || length - fixed < RECORD_FIXED)
    return 0;
  size_t data = get16 (bytes + fixed + 8);
  size_t end = fixed + RECORD_FIXED;
  if (data > length - end)
    return 0;
  *ret_fixed = fixed;
  return end + data;
}

static int
parse_edns (const uint8_t *bytes, size_t length, struct dns_query *query)
{
  uint32_t records = (uint32_t) get16 (bytes + 6) + get16 (bytes + 8) + get16 (bytes + 10);
  size_t at = query->question_end;
  for (uint32_t i = 0; i < records; i++)
    {
      size_t fixed = 0;
      size_t owner = at;
      at = skip_record (bytes, length, at, &fixed);
      if (at == 0)
        return DNS_FORMERR;
      if (get16 (bytes + fixed) != DNS_TYPE_OPT)
        continue;
      if (query->has_edns || bytes[owner] != 0)
        return DNS_FORMERR;
      query->has_edns = true;
      uint16_t size = get16 (bytes + fixed + 2);
      query->udp_size = size < DNS_UDP_PLAIN ? DNS_UDP_PLAIN : size > DNS_UDP_MAX ? DNS_UDP_MAX : size;
      if (bytes[fixed + 5] != 0)
        return DNS_BADVERS;
    }
  return 0;
}

int
dns_query_parse (const uint8_t *bytes, size_t length, struct dns_query *ret)
{
  if (length < DNS_HEADER_SIZE || (bytes[2] & FLAG_QR) != 0)
    return -1;
  /* Not a whole initialiser: `name` need not be cleared for each packet. */
  ret->id = get16 (bytes);
  ret->opcode = bytes[2] >> 3 & 0x0f;
  ret->recursion_desired = (bytes[2] & FLAG_RD) != 0;
  ret->checking_disabled = (bytes[3] & FLAG_CD) != 0;
  ret->type = 0;
  ret->class = 0;
  ret->question_end = DNS_HEADER_SIZE;
  ret->udp_size = DNS_UDP_PLAIN;
  ret->has_edns = false;
  ret->is_text = false;
  ret->name_length = 0;
  ret->name[0] = '\0';
  if (ret->opcode != 0)
    return DNS_NOTIMP;
  if (length > DNS_QUERY_MAX || get16 (bytes + 4) != 1)
    return DNS_FORMERR;
  size_t at = parse_name (bytes, length, ret);
  if (at == 0 || length - at < 4)
    {
      ret->name[0] = '\0';
      ret->name_length = 0;
      return DNS_FORMERR;
    }
  ret->type = get16 (bytes + at);
  ret->class = get16 (bytes + at + 2);
  ret->question_end = (uint16_t) (at + 4);
  return parse_edns (bytes, length, ret);
}

void
dns_reply_begin (struct dns_reply *reply, const uint8_t *question, const struct dns_query *query, uint8_t *bytes, size_t limit)
{
  *reply = (struct dns_reply){ .bytes = bytes, .limit = limit - (query->has_edns ? OPT_SIZE : 0), .length = query->question_end };
  memcpy (bytes, question, query->question_end);
}

/* Room for a record of SIZE data bytes with its header, the name being the question's; NULL when it does not fit. */
static uint8_t *
add_record (struct dns_reply *reply, uint16_t type, uint32_t ttl, size_t size)
{
  size_t whole = 2 + RECORD_FIXED + size;
  if (whole > reply->limit - reply->length || reply->answers == UINT16_MAX)
    {
      reply->truncated = true;
      return NULL;
    }
  uint8_t *at = reply->bytes + reply->length;
  put16 (at, 0xc000 | DNS_HEADER_SIZE);
  put16 (at + 2, type);
  put16 (at + 4, DNS_CLASS_IN);
  put16 (at + 6, (uint16_t) (ttl >> 16));
  put16 (at + 8, (uint16_t) ttl);
  put16 (at + 10, (uint16_t) size);
  reply->length += whole;
  reply->answers++;
  return at + 2 + RECORD_FIXED;
}

void
dns_reply_address (struct dns_reply *reply, enum dns_type type, const uint8_t *address, uint32_t ttl)
{
  size_t size = type == DNS_TYPE_A ? 4 : 16;
  uint8_t *at = add_record (reply, (uint16_t) type, ttl, size);
  if (at != NULL)
    memcpy (at, address, size);
}

/* NAME in wire form, without compression; 0 when it is no name. */
static size_t
encode_name (const char *name, uint8_t ret_wire[DNS_NAME_MAX + 2])
{
  size_t length = strlen (name);
  size_t label_at = 0;
  if (length == 0 || length > DNS_NAME_MAX)
    return 0;
  for (size_t i = 0; i <= length; i++)
    {
      if (i < length && name[i] != '.')
        {
          ret_wire[i + 1] = (uint8_t) name[i];
          continue;
        }
      size_t label = i - label_at;
      if (label == 0 || label > LABEL_MAX)
        return 0;
      ret_wire[label_at] = (uint8_t) label;
      label_at = i + 1;
    }
  ret_wire[length + 1] = 0;
  return length + 2;
}

void
dns_reply_ptr (struct dns_reply *reply, const char *name, uint32_t ttl)
{
  uint8_t wire[DNS_NAME_MAX + 2];
  size_t size = encode_name (name, wire);
  uint8_t *at = size == 0 ? NULL : add_record (reply, DNS_TYPE_PTR, ttl, size);
  if (at != NULL)
    memcpy (at, wire, size);
}

/* The OPT record of a server: root name, our size, extended response code, version 0, no options. */
static size_t
put_opt (uint8_t *at, enum dns_rcode rcode)
{
  memset (at, 0, OPT_SIZE);
  put16 (at + 1, DNS_TYPE_OPT);
  put16 (at + 3, DNS_QUERY_MAX);
  at[5] = (uint8_t) ((unsigned) rcode >> 4);
  return OPT_SIZE;
}

size_t
dns_reply_end (struct dns_reply *reply, const struct dns_query *query, enum dns_rcode rcode)
{
  uint8_t *bytes = reply->bytes;
  put16 (bytes, query->id);
  bytes[2] = (uint8_t) (FLAG_QR | query->opcode << 3 | (reply->truncated ? FLAG_TC : 0) | (query->recursion_desired ? FLAG_RD : 0));
  bytes[3] = (uint8_t) (FLAG_RA | (query->checking_disabled ? FLAG_CD : 0) | ((unsigned) rcode & 0x0f));
  put16 (bytes + 4, query->question_end > DNS_HEADER_SIZE ? 1 : 0);
  put16 (bytes + 6, reply->answers);
  put16 (bytes + 8, 0);
  put16 (bytes + 10, query->has_edns ? 1 : 0);
  if (query->has_edns)
    reply->length += put_opt (bytes + reply->length, rcode);
  return reply->length;
}

size_t
dns_reply_empty (const uint8_t *question, const struct dns_query *query, enum dns_rcode rcode, uint8_t *bytes)
{
  struct dns_reply reply;
  dns_reply_begin (&reply, question, query, bytes, DNS_UDP_PLAIN);
  return dns_reply_end (&reply, query, rcode);
}

bool
dns_answer_matches (const uint8_t *answer, size_t length, const uint8_t *question, const struct dns_query *query, uint16_t id)
{
  if (length < query->question_end || (answer[2] & FLAG_QR) == 0 || (answer[2] >> 3 & 0x0f) != 0)
    return false;
  if (get16 (answer) != id || get16 (answer + 4) != 1)
    return false;
  /* The lengths of labels are below 'A', and so are type and class or compared as well by this. */
  size_t name_end = query->question_end - 4U;
  for (size_t i = DNS_HEADER_SIZE; i < name_end; i++)
    if (lower (answer[i]) != lower (question[i]))
      return false;
  return memcmp (answer + name_end, question + name_end, 4) == 0;
}

bool
dns_answer_is_truncated (const uint8_t *answer)
{
  return (answer[2] & FLAG_TC) != 0;
}

enum dns_rcode
dns_answer_rcode (const uint8_t *answer)
{
  return (enum dns_rcode) (answer[3] & 0x0f);
}

void
dns_set_id (uint8_t *message, uint16_t id)
{
  put16 (message, id);
}

/* Keeps the answer records that fit, drops the other sections, and says so. */
static size_t
cut (uint8_t *answer, size_t length, const struct dns_query *query, size_t limit)
{
  size_t room = limit - (query->has_edns ? OPT_SIZE : 0);
  size_t end = query->question_end;
  uint16_t kept = 0;
  for (uint16_t total = get16 (answer + 6); kept < total; kept++)
    {
      size_t fixed = 0;
      size_t next = skip_record (answer, length, end, &fixed);
      if (next == 0 || next > room)
        break;
      end = next;
    }
  answer[2] |= FLAG_TC;
  put16 (answer + 6, kept);
  put16 (answer + 8, 0);
  put16 (answer + 10, query->has_edns ? 1 : 0);
  return query->has_edns ? end + put_opt (answer + end, dns_answer_rcode (answer)) : end;
}

size_t
dns_answer_finish (uint8_t *answer, size_t length, const uint8_t *question, const struct dns_query *query, size_t limit)
{
  memcpy (answer + DNS_HEADER_SIZE, question + DNS_HEADER_SIZE, query->question_end - (size_t) DNS_HEADER_SIZE);
  put16 (answer, query->id);
  return length <= limit ? length : cut (answer, length, query, limit);
}

static bool
ends_with (const char *name, size_t length, const char *suffix)
{
  size_t size = strlen (suffix);
  return length > size && memcmp (name + length - size, suffix, size) == 0;
}

static size_t
reverse_ipv4 (const char *name, size_t length, uint8_t ret_address[16])
{
  size_t at = 0;
  for (size_t i = 4; i-- > 0;)
    {
      unsigned value = 0;
      size_t digits = 0;
      while (at < length && name[at] >= '0' && name[at] <= '9' && digits++ < 3)
        value = value * 10 + (unsigned) (name[at++] - '0');
      bool ended = i == 0 ? at == length : at < length && name[at++] == '.';
      if (digits == 0 || value > 255 || !ended)
        return 0;
      ret_address[i] = (uint8_t) value;
    }
  return 4;
}

static size_t
reverse_ipv6 (const char *name, size_t length, uint8_t ret_address[16])
{
  if (length != 63)
    return 0;
  for (size_t i = 0; i < 32; i++)
    {
      char c = name[2 * i];
      if (i < 31 && name[2 * i + 1] != '.')
        return 0;
      int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
      if (digit < 0)
        return 0;
      uint8_t *byte = &ret_address[15 - i / 2];
      *byte = (uint8_t) (i % 2 == 0 ? digit : *byte | digit << 4);
    }
  return 16;
}

size_t
dns_reverse_address (const char *name, uint8_t ret_address[16])
{
  static const char ipv4[] = ".in-addr.arpa";
  static const char ipv6[] = ".ip6.arpa";
  size_t length = strlen (name);
  if (ends_with (name, length, ipv4))
    return reverse_ipv4 (name, length - (sizeof ipv4 - 1), ret_address);
  if (ends_with (name, length, ipv6))
    return reverse_ipv6 (name, length - (sizeof ipv6 - 1), ret_address);
  return 0;
}
