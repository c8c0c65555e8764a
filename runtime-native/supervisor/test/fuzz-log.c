/* Any bytes as a line of a container, and as an address: what is sent is well-formed, and says the same. */
#include "common/cleanup.h"
#include "common/json.h"
#include "fuzz.h"
#include "supervisor/log-address.h"
#include "supervisor/log-message.h"

#include <string.h>

static void
add_chunk (const void *bytes, size_t length, void *data)
{
  struct buffer *whole = data;
  const unsigned char *chunk = bytes;
  bool is_chunk = length > 12 && chunk[0] == 0x1e && chunk[1] == 0x0f;
  require (length <= GELF_CHUNK_BYTES, "a datagram is too long");
  buffer_add (whole, chunk + (is_chunk ? 12 : 0), length - (is_chunk ? 12 : 0));
}

static void
check_gelf (const struct log_origin *origin, const struct log_line *line)
{
  struct buffer message cleanup_buffer = { 0 };
  struct buffer whole cleanup_buffer = { 0 };
  struct json_document *document cleanup_json = NULL;
  const char *text = NULL;
  struct err e = { 0 };
  gelf_encode (origin, line, &message);
  require (!message.failed, "out of memory");
  if (gelf_each_chunk (&message, add_chunk, &whole))
    require (whole.length == message.length && memcmp (whole.data, message.data, whole.length) == 0, "the chunks are another message");
  /* The reader of JSON refuses NUL in strings, which GELF's do not. */
  if (memchr (line->text, '\0', line->length) != NULL)
    return;
  require (json_parse (message.data, message.length, &document, &e) == 0, e.msg);
  require (json_string (json_root (document), "short_message", &text, &e) == 0, e.msg);
  require (json_string (json_root (document), "_tag", &text, &e) == 0 && strcmp (text, "x") == 0, "the members that each message has");
}

/* Length of the string at AT, which is behind it then; the end of the message is never passed. */
static size_t
read_string (const struct buffer *message, size_t *at)
{
  const unsigned char *bytes = (const unsigned char *) message->data;
  require (*at < message->length, "the message ends before a string");
  unsigned type = bytes[*at];
  size_t width = type == 0xd9 ? 1 : type == 0xda ? 2 : type == 0xdb ? 4 : 0;
  require (width > 0 || (type & 0xe0) == 0xa0, "no string");
  require (*at + 1 + width <= message->length, "the message ends in a length");
  size_t length = type & 0x1f;
  if (width > 0)
    length = 0;
  for (size_t i = 0; i < width; i++)
    length = length << 8 | bytes[*at + 1 + i];
  *at += 1 + width + length;
  require (*at <= message->length, "the message ends in a string");
  return length;
}

static void
check_fluentd (const struct log_origin *origin, const struct log_line *line)
{
  struct buffer message cleanup_buffer = { 0 };
  const struct log_piece piece = { .id = "0123456789abcdef0123456789abcdef", .ordinal = 7 };
  fluentd_encode (origin, line, &piece, &message);
  require (!message.failed && (unsigned char) message.data[0] == 0x93, "an array of three");
  size_t at = 1;
  (void) read_string (&message, &at); /* the tag */
  at += origin->config->sub_second ? 10 : 5;
  require ((unsigned char) message.data[at] == 0xde, "a map");
  unsigned count = (unsigned) (unsigned char) message.data[at + 1] << 8 | (unsigned char) message.data[at + 2];
  at += 3;
  for (unsigned i = 0; i < count; i++)
    {
      size_t name = at;
      size_t name_length = read_string (&message, &at);
      bool is_log = name_length == 3 && memcmp (message.data + name + 1, "log", 3) == 0;
      size_t length = read_string (&message, &at);
      if (is_log)
        require (length == line->length && memcmp (message.data + at - length, line->text, length) == 0, "another line");
    }
  require (at == message.length, "something behind the map");
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const struct spec_log_field fields[] = { { "container_id", "abc" } };
  const struct spec_log config = { .tag = "web", .extra = "{\"_tag\":\"x\"}", .fields = (struct spec_log_field *) (uintptr_t) fields, .n_fields = 1,
                                   .sub_second = size % 2 == 0, .format = (enum spec_syslog_format) (size % 4) };
  const struct log_origin origin = { .config = &config, .host = "host", .time = { .tv_sec = 1700000000, .tv_nsec = 123456789 } };
  char *copy cleanup_free = malloc (size + 1); /* its exact size, so that reading past the end is seen */
  struct buffer message cleanup_buffer = { 0 };
  struct log_address address;
  struct err e = { 0 };
  if (copy == NULL)
    return 0;
  memcpy (copy, data, size);
  copy[size] = '\0';
  (void) log_address_parse (copy, 514, &address, &e); /* whether it is one does not matter */
  copy = realloc (copy, size == 0 ? 1 : size);
  const struct log_line line = { .text = copy, .length = size, .is_error = size % 3 == 0, .is_continued = size % 5 == 0 };
  check_gelf (&origin, &line);
  check_fluentd (&origin, &line);
  syslog_encode (&origin, &line, &message);
  require (!message.failed && message.length > 10, "a header");
  return 0;
}

#ifndef LIBFUZZER
static void
try_one (void)
{
  static const char *const seeds[] = { "udp://127.0.0.1:514", "tcp://[::1]:6514", "unix:///run/log", "a \"line\"\\ \t\xc3\xa9\xf0\x9f\x98\x80\x7f\r" };
  static char text[70000];
  const char *seed = seeds[next (4)];
  size_t length = strlen (seed);
  memcpy (text, seed, length);
  if (next (4) == 0)
    for (size_t wanted = next (100) == 0 ? next (sizeof text) : next (2000); length < wanted; length++)
      text[length] = (char) next (256);
  for (uint32_t k = next (5); k > 0; k--)
    text[next ((uint32_t) length)] = (char) next (256);
  if (next (3) == 0)
    length = next ((uint32_t) length + 1);
  (void) LLVMFuzzerTestOneInput ((const uint8_t *) text, length);
}

int
main (int argc, char **argv)
{
  return fuzz_run (argc, argv, 20000, try_one);
}
#endif
