#include "supervisor/log-message.h"

#include <string.h>
#include <sys/random.h>

enum
{
  LEVEL_ERROR = 3,
  LEVEL_INFO = 6,
  CHUNK_HEADER = 12,
  CHUNK_ID = 8
};

void
gelf_encode (const struct log_origin *origin, const struct log_line *line, struct buffer *message)
{
  const char *extra = origin->config->extra; /* "{…}" */
  size_t extra_length = strlen (extra);
  buffer_add_string (message, "{\"version\":\"1.1\",\"host\":");
  buffer_add_json (message, origin->host);
  buffer_add_string (message, ",\"short_message\":");
  buffer_add_json_bytes (message, line->text, line->length);
  buffer_printf (message, ",\"timestamp\":%lld.%03ld,\"level\":%d", (long long) origin->time.tv_sec, origin->time.tv_nsec / 1000000,
                 line->is_error ? LEVEL_ERROR : LEVEL_INFO);
  if (extra_length > 2)
    {
      buffer_add (message, ",", 1);
      buffer_add (message, extra + 1, extra_length - 2);
    }
  buffer_add (message, "}", 1);
}

/* The id that a message's chunks have in common: nobody gains by guessing it, and a full entropy pool never waits. */
static void
make_id (unsigned char id[static CHUNK_ID])
{
  static uint64_t last;
  if (getrandom (id, CHUNK_ID, GRND_NONBLOCK) == CHUNK_ID)
    return;
  last++;
  memcpy (id, &last, sizeof last);
}

bool
gelf_each_chunk (const struct buffer *message, void (*send) (const void *bytes, size_t length, void *data), void *data)
{
  const size_t room = GELF_CHUNK_BYTES - CHUNK_HEADER;
  if (message->length <= GELF_CHUNK_BYTES)
    {
      send (message->data, message->length, data);
      return true;
    }
  size_t count = (message->length + room - 1) / room;
  if (count > GELF_CHUNKS_MAX)
    return false;
  unsigned char chunk[GELF_CHUNK_BYTES] = { 0x1e, 0x0f };
  make_id (chunk + 2);
  chunk[CHUNK_HEADER - 1] = (unsigned char) count;
  for (size_t index = 0; index < count; index++)
    {
      size_t left = message->length - index * room;
      size_t length = left < room ? left : room;
      chunk[CHUNK_HEADER - 2] = (unsigned char) index;
      memcpy (chunk + CHUNK_HEADER, message->data + index * room, length);
      send (chunk, CHUNK_HEADER + length, data);
    }
  return true;
}
