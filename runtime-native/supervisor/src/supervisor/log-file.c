#include "supervisor/log-file.h"

#include "common/cleanup.h"
#include "common/utf8.h"
#include "supervisor/log-compress.h"

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
  LINE_OVERHEAD = 128 + SPEC_LOG_ATTRIBUTES_MAX,
  WORST_ESCAPE = 6 /* bytes of one byte as \u00xx */
};

struct log_file
{
  const struct spec_log *config;
  struct log_compress compress;
  int fd;
  int64_t size;
  size_t used;
  size_t lost;
  int error; /* of the last write */
  size_t stamp_length;
  char stamp[LINE_OVERHEAD]; /* what follows the text of a line that ends: `\n","stream":…}` */
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
  if (r < 0)
    return r;
  log_compress_init (&file->compress, config);
  *ret = steal_pointer (file);
  return 0;
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

/* Moves `<path>.<from><suffix>` one further; number 0 is the current file. A gap in the sequence is fine. */
static void
move_on (const char *path, int from, const char *suffix)
{
  char old_name[4096];
  char new_name[4096];
  int n = from == 0 ? snprintf (old_name, sizeof old_name, "%s", path) : snprintf (old_name, sizeof old_name, "%s.%d%s", path, from, suffix);
  int m = snprintf (new_name, sizeof new_name, "%s.%d%s", path, from + 1, suffix);
  if (n > 0 && m > 0 && (size_t) n < sizeof old_name && (size_t) m < sizeof new_name)
    (void) rename (old_name, new_name); /* often it is not there */
}

/* Both forms of the last file make room: its number is about to be taken by one of them. */
static void
drop_last (const struct spec_log *config)
{
  static const char *const suffixes[] = { "", ".gz" };
  char name[4096];
  for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
    {
      int n = snprintf (name, sizeof name, "%s.%d%s", config->path, config->max_files - 1, suffixes[i]);
      if (config->max_files > 1 && n > 0 && (size_t) n < sizeof name)
        (void) unlink (name); /* often it is not there */
    }
}

/* Without a new file the old one goes on: a long log is better than none. */
static void
rotate (struct log_file *file)
{
  const struct spec_log *config = file->config;
  struct err ignored;
  drop_last (config);
  for (int i = config->max_files - 1; i >= 1; i--)
    {
      move_on (config->path, i - 1, "");
      if (i > 1)
        move_on (config->path, i - 1, ".gz");
    }
  int old = file->fd;
  if (open_current (file, config->max_files == 1 ? O_TRUNC : 0, &ignored) == 0)
    (void) close (old);
  log_compress_rotated (&file->compress);
}

/* A full disk may take half a line, to which the next one would be glued: it is cut off. Returns what stays. */
static size_t
cut_torn_line (struct log_file *file, size_t written)
{
  struct stat st;
  const char *end = written == 0 ? NULL : memrchr (file->data, '\n', written);
  size_t whole = end == NULL ? 0 : (size_t) (end - file->data) + 1;
  if (whole < written && (fstat (file->fd, &st) < 0 || ftruncate (file->fd, st.st_size - (off_t) (written - whole)) < 0))
    return written;
  return whole;
}

void
log_file_flush (struct log_file *file)
{
  size_t written = 0;
  int error = 0;
  if (file->used == 0)
    return;
  while (written < file->used && error == 0)
    {
      ssize_t n = write (file->fd, file->data + written, file->used - written);
      if (n >= 0)
        written += (size_t) n;
      else if (errno != EINTR)
        error = errno;
    }
  if (error != 0)
    {
      size_t lost = file->used - cut_torn_line (file, written);
      file->lost += lost;
      file->size -= (int64_t) lost;
    }
  file->error = error;
  file->used = 0;
}

static char *
put_escape (char *out, unsigned char c)
{
  static const char digits[] = "0123456789abcdef";
  *out++ = '\\';
  switch (c)
    {
    case '"':
    case '\\': *out++ = (char) c; return out;
    case '\n': *out++ = 'n'; return out;
    case '\r': *out++ = 'r'; return out;
    case '\t': *out++ = 't'; return out;
    default: break;
    }
  memcpy (out, "u00", 3);
  out[3] = digits[c >> 4];
  out[4] = digits[c & 15];
  return out + 5;
}

static bool
is_plain (unsigned char c)
{
  return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* A bit at the top of some byte when WORD has one that is not plain; eight at a time. */
static uint64_t
special_bytes (uint64_t word)
{
  const uint64_t ones = UINT64_MAX / 255;
  uint64_t quote = word ^ ones * '"';
  uint64_t backslash = word ^ ones * '\\';
  uint64_t delete = word ^ ones * 0x7f;
  uint64_t found = ((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) | ((delete - ones) & ~delete) | word;
  return found & ones * 0x80;
}

/* Copies the plain bytes at the beginning and returns their number. May write up to seven bytes more. */
static size_t
copy_plain (char *out, const unsigned char *text, size_t length)
{
  size_t n = 0;
  for (uint64_t word; n + sizeof word <= length; n += sizeof word)
    {
      memcpy (&word, text + n, sizeof word);
      memcpy (out + n, &word, sizeof word);
      if (special_bytes (word) != 0)
        break;
    }
  for (; n < length && is_plain (text[n]); n++)
    out[n] = (char) text[n];
  return n;
}

/* Escapes into OUT, which has room for the worst case. Plain bytes are copied in runs: this is where a busy container's
   log spends its time. What is not UTF-8 becomes U+FFFD. */
static char *
put_text (char *out, const char *text, size_t length)
{
  const unsigned char *p = (const unsigned char *) text;
  const unsigned char *end = p + length;
  while (p < end)
    {
      size_t plain = copy_plain (out, p, (size_t) (end - p));
      p += plain;
      out += plain;
      if (p == end)
        break;
      if (*p < 0x80)
        {
          out = put_escape (out, *p++);
          continue;
        }
      size_t size = utf8_sequence (p, (size_t) (end - p));
      memcpy (out, size == 0 ? (const unsigned char *) "\xef\xbf\xbd" : p, size == 0 ? 3 : size);
      out += size == 0 ? 3 : size;
      p += size == 0 ? 1 : size;
    }
  return out;
}

void
log_file_stamp (struct log_file *file, const char *stream, const char *time)
{
  const char *attributes = file->config->attributes;
  file->stamp_length = (size_t) snprintf (file->stamp, sizeof file->stamp, "\\n\",\"stream\":\"%s\",%s%s%s\"time\":\"%s\"}\n", stream,
                                          attributes == NULL ? "" : "\"attrs\":", attributes == NULL ? "" : attributes,
                                          attributes == NULL ? "" : ",", time); /* fits */
}

void
log_file_add (struct log_file *file, const char *text, size_t length)
{
  bool has_newline = length > 0 && text[length - 1] == '\n';
  char *start = file->data + file->used;
  char *out = start;
  memcpy (out, "{\"log\":\"", 8);
  out = put_text (out + 8, text, length - (has_newline ? 1 : 0));
  size_t skipped = has_newline ? 0 : 2;
  memcpy (out, file->stamp + skipped, file->stamp_length - skipped);
  out += file->stamp_length - skipped;
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

const char *
log_file_problem (const struct log_file *file)
{
  return file->error == 0 ? "" : strerror (file->error);
}

bool
log_file_child (struct log_file *file, pid_t pid, int wait_status)
{
  return log_compress_child (&file->compress, pid, wait_status);
}
