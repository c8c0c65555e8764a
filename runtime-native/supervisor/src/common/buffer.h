#ifndef COMMON_BUFFER_H
#define COMMON_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

/* A growing byte string. `data` is NUL-terminated as soon as something was added. Running out of memory, or of the limit
   of 16 MiB (or `limit` bytes), sets `failed` and ignores what follows, so that writers check once at the end. */
struct buffer
{
  char *data;
  size_t length;
  size_t capacity;
  size_t limit; /* 0: 16 MiB */
  bool failed;
};

#define cleanup_buffer __attribute__ ((cleanup (buffer_free)))

void buffer_free (struct buffer *b);
void buffer_add (struct buffer *b, const void *bytes, size_t length);
void buffer_add_string (struct buffer *b, const char *string);
void buffer_printf (struct buffer *b, const char *format, ...) __attribute__ ((format (printf, 2, 3)));
/* Adds the bytes as a JSON string in quotes; bytes that are not UTF-8 become U+FFFD. */
void buffer_add_json_bytes (struct buffer *b, const char *bytes, size_t length);
void buffer_add_json (struct buffer *b, const char *string);
/* Drops the first LENGTH bytes. */
void buffer_consume (struct buffer *b, size_t length);

#endif
