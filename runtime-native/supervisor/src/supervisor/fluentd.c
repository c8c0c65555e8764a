#include "supervisor/log-message.h"

#include <endian.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void
add_byte (struct buffer *message, unsigned byte)
{
  unsigned char one = (unsigned char) byte;
  buffer_add (message, &one, 1);
}

static void
add_32 (struct buffer *message, uint32_t value)
{
  uint32_t big = htobe32 (value);
  buffer_add (message, &big, sizeof big);
}

static void
add_16 (struct buffer *message, size_t value)
{
  uint16_t big = htobe16 ((uint16_t) value);
  buffer_add (message, &big, sizeof big);
}

/* MessagePack's str family: its bytes need not be UTF-8. */
static void
add_bytes (struct buffer *message, const char *bytes, size_t length)
{
  if (length < 32)
    add_byte (message, 0xa0 | (unsigned) length);
  else if (length <= UINT8_MAX)
    {
      add_byte (message, 0xd9);
      add_byte (message, (unsigned) length);
    }
  else if (length <= UINT16_MAX)
    {
      add_byte (message, 0xda);
      add_16 (message, length);
    }
  else
    {
      add_byte (message, 0xdb);
      add_32 (message, (uint32_t) length);
    }
  buffer_add (message, bytes, length);
}

static void
add_member (struct buffer *message, const char *name, const char *value)
{
  add_bytes (message, name, strlen (name));
  add_bytes (message, value, strlen (value));
}

/* Seconds, or the extension type 0 of the protocol with nanoseconds. */
static void
add_time (struct buffer *message, const struct log_origin *origin)
{
  add_byte (message, origin->config->sub_second ? 0xd7 : 0xce);
  if (origin->config->sub_second)
    add_byte (message, 0);
  add_32 (message, (uint32_t) origin->time.tv_sec);
  if (origin->config->sub_second)
    add_32 (message, (uint32_t) origin->time.tv_nsec);
}

void
fluentd_encode (const struct log_origin *origin, const struct log_line *line, const struct log_piece *piece, struct buffer *message)
{
  const struct spec_log *config = origin->config;
  bool is_piece = piece->id[0] != '\0';
  size_t n_members = 2 + config->n_fields + (is_piece ? 4 : 0);
  add_byte (message, 0x93); /* [tag, time, record] */
  add_bytes (message, config->tag, strlen (config->tag));
  add_time (message, origin);
  add_byte (message, 0xde);
  add_16 (message, n_members);
  for (size_t i = 0; i < config->n_fields; i++)
    add_member (message, config->fields[i].name, config->fields[i].value);
  add_member (message, "source", line->is_error ? "stderr" : "stdout");
  add_bytes (message, "log", 3);
  add_bytes (message, line->text, line->length);
  if (!is_piece)
    return;
  char ordinal[16];
  (void) snprintf (ordinal, sizeof ordinal, "%u", piece->ordinal); /* fits */
  add_member (message, "partial_message", "true");
  add_member (message, "partial_id", piece->id);
  add_member (message, "partial_ordinal", ordinal);
  add_member (message, "partial_last", line->is_continued ? "false" : "true");
}
