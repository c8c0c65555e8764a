#include "supervisor/log-file.h"

#include "common/buffer.h"
#include "common/cleanup.h"
#include "common/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
  FLUSH_BYTES = 65536,
  LINE_OVERHEAD = 128,
  WORST_ESCAPE = 6 /* bytes of one byte as \u00xx */
};

struct log_file
{
  const struct spec_log *config;
  int fd;
  int64_t size;
  size_t used;
  size_t lost;
  char data[FLUSH_BYTES + LINE_OVERHEAD + 16385 * WORST_ESCAPE]; /* room for a full flush and one line behind it */
};

static int
open_current (struct log_file *file, int flags, struct err *e)
{
  struct stat st;
  int fd cleanup_fd = open (file->config->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | flags, 0640);
  if (fd < 0 || fstat (fd, &st) < 0)
    return err_errno (e, "log %s", file->config->path);
  file->fd = steal_fd (&fd);
  file->size = st.st_size;
  return 0;
}

int
log_file_open (const struct spec_log *config, struct log_file **ret, struct err *e)
{
  struct log_file *file cleanup_free = calloc (1, sizeof *file);
  if (file == NULL)
    return err_set (e, ENOMEM, "out of memory");
  file->config = config;
  int r = open_current (file, 0, e);
  if (r == 0)
    *ret = steal_pointer (file);
  return r;
}

void
log_file_close (struct log_file *file)
{
  if (file == NULL)
    return;
  log_file_flush (file);
  if (file->fd >= 0)
    (void) close (file->fd); /* nothing more can be done for the log */
  free (file);
}

/* Without a new file the old one goes on: a long log is better than none. */
static void
rotate (struct log_file *file)
{
  const char *path = file->config->path;
  char from[4096];
  char to[4096];
  struct err ignored;
  for (int i = file->config->max_files - 1; i >= 1; i--)
    {
      int n = i == 1 ? snprintf (from, sizeof from, "%s", path) : snprintf (from, sizeof from, "%s.%d", path, i - 1);
      int m = snprintf (to, sizeof to, "%s.%d", path, i);
      if (n > 0 && m > 0 && (size_t) n < sizeof from && (size_t) m < sizeof to)
        (void) rename (from, to); /* a gap in the sequence is fine */
    }
  int old = file->fd;
  if (open_current (file, file->config->max_files == 1 ? O_TRUNC : 0, &ignored) == 0)
    (void) close (old);
}

void
log_file_flush (struct log_file *file)
{
  struct err e;
  if (file->used == 0)
    return;
  if (file->fd < 0 || io_write_all (file->fd, file->data, file->used, &e) < 0)
    file->lost += file->used;
  file->used = 0;
}

/* Escapes into OUT, which has room for the worst case. Bytes that are plain are copied in runs. */
static char *
put_escaped (char *out, const char *text, size_t length)
{
  const unsigned char *p = (const unsigned char *) text;
  const unsigned char *end = p + length;
  while (p < end)
    {
      const unsigned char *run = p;
      while (p < end && *p >= 0x20 && *p != '"' && *p != '\\' && *p < 0x7f)
        p++;
      memcpy (out, run, (size_t) (p - run));
      out += p - run;
      if (p == end)
        break;
      /* Up to the next ASCII byte at once, so that UTF-8 sequences are judged whole. */
      const unsigned char *special = p++;
      while (*special >= 0x80 && p < end && *p >= 0x80)
        p++;
      struct buffer escaped cleanup_buffer = { 0 };
      buffer_add_json_bytes (&escaped, (const char *) special, (size_t) (p - special));
      if (escaped.failed)
        continue;
      memcpy (out, escaped.data + 1, escaped.length - 2);
      out += escaped.length - 2;
    }
  return out;
}

/* The common escapes without an allocation. */
static char *
put_text (char *out, const char *text, size_t length)
{
  const char *end = text + length;
  while (text < end)
    {
      const char *quote = text;
      while (quote < end && *quote != '"' && *quote != '\\' && *quote != '\t' && *quote != '\x1b')
        quote++;
      out = put_escaped (out, text, (size_t) (quote - text));
      if (quote == end)
        break;
      const char *word = *quote == '"' ? "\\\"" : *quote == '\\' ? "\\\\" : *quote == '\t' ? "\\t" : "\\u001b";
      size_t size = strlen (word);
      memcpy (out, word, size);
      out += size;
      text = quote + 1;
    }
  return out;
}

void
log_file_add (struct log_file *file, const char *stream, const char *time, const char *text, size_t length)
{
  bool has_newline = length > 0 && text[length - 1] == '\n';
  char *start = file->data + file->used;
  char *out = start;
  memcpy (out, "{\"log\":\"", 8);
  out = put_text (out + 8, text, length - (has_newline ? 1 : 0));
  out += sprintf (out, "%s\",\"stream\":\"%s\",\"time\":\"%s\"}\n", has_newline ? "\\n" : "", stream, time);
  int64_t size = out - start;
  if (file->config->max_size > 0 && file->size > 0 && file->size + size > file->config->max_size)
    {
      log_file_flush (file);
      rotate (file);
      memmove (file->data, start, (size_t) size);
    }
  file->used += (size_t) size;
  file->size += size;
  if (file->used >= FLUSH_BYTES)
    log_file_flush (file);
}

size_t
log_file_lost (const struct log_file *file)
{
  return file->lost;
}
