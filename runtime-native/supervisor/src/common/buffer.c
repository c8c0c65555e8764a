#include "common/buffer.h"

#include "common/utf8.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum
{
  BUFFER_LIMIT = 16 << 20
};

void
buffer_free (struct buffer *b)
{
  free (b->data);
  *b = (struct buffer){ 0 };
}

/* Makes room for LENGTH more bytes and a NUL. */
static bool
reserve (struct buffer *b, size_t length)
{
  size_t limit = b->limit == 0 ? BUFFER_LIMIT : b->limit;
  if (b->failed || length > limit - b->length)
    {
      b->failed = true;
      return false;
    }
  size_t needed = b->length + length + 1;
  if (needed <= b->capacity)
    return true;
  size_t capacity = b->capacity == 0 ? 256 : b->capacity;
  while (capacity < needed)
    capacity *= 2;
  char *data = realloc (b->data, capacity);
  if (data == NULL)
    {
      b->failed = true;
      return false;
    }
  b->data = data;
  b->capacity = capacity;
  return true;
}

void
buffer_add (struct buffer *b, const void *bytes, size_t length)
{
  if (!reserve (b, length))
    return;
  if (length > 0)
    memcpy (b->data + b->length, bytes, length);
  b->length += length;
  b->data[b->length] = '\0';
}

void
buffer_add_string (struct buffer *b, const char *string)
{
  buffer_add (b, string, strlen (string));
}

void
buffer_printf (struct buffer *b, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  int length = vsnprintf (NULL, 0, format, arguments);
  va_end (arguments);
  if (length < 0 || !reserve (b, (size_t) length))
    {
      b->failed = true;
      return;
    }
  va_start (arguments, format);
  (void) vsnprintf (b->data + b->length, (size_t) length + 1, format, arguments); /* measured above */
  va_end (arguments);
  b->length += (size_t) length;
}

static void
add_json_special (struct buffer *b, unsigned char c)
{
  switch (c)
    {
    case '"': buffer_add (b, "\\\"", 2); break;
    case '\\': buffer_add (b, "\\\\", 2); break;
    case '\n': buffer_add (b, "\\n", 2); break;
    case '\r': buffer_add (b, "\\r", 2); break;
    case '\t': buffer_add (b, "\\t", 2); break;
    default: buffer_printf (b, "\\u%04x", c); break;
    }
}

void
buffer_add_json_bytes (struct buffer *b, const char *bytes, size_t length)
{
  const unsigned char *p = (const unsigned char *) bytes;
  const unsigned char *end = p + length;
  const unsigned char *plain = p;
  buffer_add (b, "\"", 1);
  while (p < end)
    {
      bool is_special = *p < 0x20 || *p == '"' || *p == '\\' || *p == 0x7f;
      size_t valid = is_special ? 0 : *p < 0x80 ? 1 : utf8_sequence (p, (size_t) (end - p));
      if (valid > 0)
        {
          p += valid;
          continue;
        }
      buffer_add (b, plain, (size_t) (p - plain));
      if (is_special)
        add_json_special (b, *p);
      else
        buffer_add (b, "\xef\xbf\xbd", 3);
      plain = ++p;
    }
  buffer_add (b, plain, (size_t) (p - plain));
  buffer_add (b, "\"", 1);
}

void
buffer_add_json (struct buffer *b, const char *string)
{
  buffer_add_json_bytes (b, string, strlen (string));
}

void
buffer_consume (struct buffer *b, size_t length)
{
  if (length == 0)
    return;
  memmove (b->data, b->data + length, b->length - length);
  b->length -= length;
  b->data[b->length] = '\0';
}
