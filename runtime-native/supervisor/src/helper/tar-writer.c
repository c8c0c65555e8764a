#include "helper/tar-writer.h"

#include "common/buffer.h"
#include "helper/tar-reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum
{
  MAX_OCTAL_7 = 07777777
};
#define MAX_OCTAL_11 077777777777LL

static const uint8_t zeros[2 * BLOCK_BYTES];

static char
type_flag (enum tar_type type)
{
  switch (type)
    {
    case TAR_FILE: return '0';
    case TAR_HARD_LINK: return '1';
    case TAR_SYMLINK: return '2';
    case TAR_CHARACTER: return '3';
    case TAR_BLOCK: return '4';
    case TAR_DIRECTORY: return '5';
    case TAR_FIFO: return '6';
    }
  return '0';
}

/* `<length> key=value\n`; the length counts its own digits (pax, "Extended Header"). */
static void
add_record (struct buffer *pax, const char *key, const void *value, size_t length)
{
  size_t rest = strlen (key) + length + 3, total = rest + 1;
  for (char digits[24];;)
    {
      size_t n = (size_t) snprintf (digits, sizeof digits, "%zu", total);
      if (rest + n == total)
        break;
      total = rest + n;
    }
  buffer_printf (pax, "%zu %s=", total, key);
  buffer_add (pax, value, length);
  buffer_add_string (pax, "\n");
}

static void
add_text (struct buffer *pax, const char *key, const char *value)
{
  add_record (pax, key, value, strlen (value));
}

static void
add_number (struct buffer *pax, const char *key, uint64_t value)
{
  char text[24];
  (void) snprintf (text, sizeof text, "%" PRIu64, value); /* fits */
  add_text (pax, key, text);
}

/* Seconds with a fraction; before 1970 both parts count downwards (pax, "mtime"). */
static void
add_time (struct buffer *pax, struct timespec time)
{
  char text[48];
  bool negative = time.tv_sec < 0;
  int64_t seconds = time.tv_sec;
  long nanoseconds = time.tv_nsec;
  if (negative && nanoseconds > 0)
    {
      seconds++;
      nanoseconds = 1000000000L - nanoseconds;
    }
  int n = snprintf (text, sizeof text, "%s%" PRIu64, negative ? "-" : "", (uint64_t) (seconds < 0 ? -seconds : seconds));
  if (nanoseconds != 0)
    {
      n += snprintf (text + n, sizeof text - (size_t) n, ".%09ld", nanoseconds);
      while (text[n - 1] == '0')
        text[--n] = '\0';
    }
  add_text (pax, "mtime", text);
}

/* Splits a name at a slash into ustar's prefix and name; false when it does not fit. */
static bool
fill_name (struct header *h, const char *name, size_t length)
{
  if (length <= sizeof h->name)
    {
      memcpy (h->name, name, length);
      return true;
    }
  for (size_t at = length - 1; at > 0; at--)
    if (name[at] == '/' && at + 1 < length && at <= sizeof h->prefix && length - at - 1 <= sizeof h->name)
      {
        memcpy (h->prefix, name, at);
        memcpy (h->name, name + at + 1, length - at - 1);
        return true;
      }
  return false;
}

static void
fill_octal (char *field, size_t size, uint64_t value)
{
  for (size_t i = size - 1; i > 0; i--)
    {
      field[i - 1] = (char) ('0' + (value & 7));
      value >>= 3;
    }
}

#define OCTAL(h, name, value) fill_octal ((h)->name, sizeof (h)->name, (uint64_t) (value))

static void
fill_sum (struct header *h)
{
  const uint8_t *bytes = (const uint8_t *) h;
  unsigned sum = 0;
  memset (h->checksum, ' ', sizeof h->checksum);
  for (size_t i = 0; i < sizeof *h; i++)
    sum += bytes[i];
  fill_octal (h->checksum, 7, sum);
  h->checksum[6] = '\0';
  h->checksum[7] = ' ';
}

static void
start_header (struct header *h, char type)
{
  memset (h, 0, sizeof *h);
  memcpy (h->magic, "ustar\0" "00", 8);
  h->type = type;
}

/* What is in front of the data of a GNU 1.0 sparse file: numbers in lines, padded to a block. */
static void
add_map (struct buffer *map, const struct tar_entry *entry)
{
  buffer_printf (map, "%zu\n", entry->n_segments);
  for (size_t i = 0; i < entry->n_segments; i++)
    buffer_printf (map, "%" PRIu64 "\n%" PRIu64 "\n", entry->segments[i].offset, entry->segments[i].length);
  if (map->length % BLOCK_BYTES != 0)
    buffer_add (map, zeros, BLOCK_BYTES - map->length % BLOCK_BYTES);
}

static int
write_pax (struct archive_output *o, const struct buffer *pax, struct err *e)
{
  struct header h;
  if (pax->failed)
    return err_set (e, EFBIG, "the attributes of a file are too long for an archive");
  if (pax->length == 0)
    return 0;
  start_header (&h, 'x');
  memcpy (h.name, "PaxHeaders/0", 12);
  OCTAL (&h, mode, 0644);
  OCTAL (&h, uid, 0);
  OCTAL (&h, gid, 0);
  OCTAL (&h, mtime, 0);
  OCTAL (&h, size, pax->length);
  fill_sum (&h);
  int r = archive_output_write (o, &h, sizeof h, e);
  if (r == 0)
    r = archive_output_write (o, pax->data, pax->length, e);
  return r < 0 ? r : tar_write_padding (o, pax->length, e);
}

static void
add_attributes (struct buffer *pax, const struct tar_entry *entry)
{
  for (size_t i = 0; i < entry->n_xattrs; i++)
    {
      char key[320];
      (void) snprintf (key, sizeof key, "SCHILY.xattr.%s", entry->xattrs[i].name); /* names have at most 255 bytes */
      add_record (pax, key, entry->xattrs[i].value, entry->xattrs[i].length);
    }
}

static uint64_t
stored_bytes (const struct tar_entry *entry, const struct buffer *map)
{
  uint64_t sum = map->length;
  if (entry->type != TAR_FILE)
    return 0;
  if (!entry->sparse)
    return entry->size;
  for (size_t i = 0; i < entry->n_segments; i++)
    sum += entry->segments[i].length;
  return sum;
}

int
tar_write_header (struct archive_output *o, const struct tar_entry *entry, struct err *e)
{
  struct buffer pax cleanup_buffer = { 0 }, map cleanup_buffer = { 0 };
  struct header h;
  char name[PATH_MAX + 1];
  size_t n_link = strlen (entry->link);
  bool has_link = entry->type == TAR_HARD_LINK || entry->type == TAR_SYMLINK;
  bool is_device = entry->type == TAR_CHARACTER || entry->type == TAR_BLOCK;

  int n_name = snprintf (name, sizeof name, "%s%s", entry->path, entry->type == TAR_DIRECTORY ? "/" : "");
  if (n_name < 0 || (size_t) n_name >= sizeof name)
    return err_set (e, ENAMETOOLONG, "\"%.120s\" is too long for an archive", entry->path);
  if (entry->sparse)
    add_map (&map, entry);
  if (map.failed)
    return err_set (e, EFBIG, "\"%.120s\" has too many holes", entry->path);
  uint64_t size = stored_bytes (entry, &map);
  start_header (&h, type_flag (entry->type));
  if (entry->sparse)
    {
      (void) snprintf (h.name, sizeof h.name, "GNUSparseFile.0/%.80s", strrchr (entry->path, '/') ?: entry->path); /* for old readers */
      add_text (&pax, "GNU.sparse.major", "1");
      add_text (&pax, "GNU.sparse.minor", "0");
      add_text (&pax, "GNU.sparse.name", entry->path);
      add_number (&pax, "GNU.sparse.realsize", entry->size);
    }
  else if (!fill_name (&h, name, (size_t) n_name))
    {
      memcpy (h.name, name, sizeof h.name);
      add_record (&pax, "path", name, (size_t) n_name);
    }
  if (has_link && n_link > sizeof h.link)
    add_record (&pax, "linkpath", entry->link, n_link);
  if (has_link)
    memcpy (h.link, entry->link, n_link < sizeof h.link ? n_link : sizeof h.link);
  if (entry->mtime.tv_sec < 0 || entry->mtime.tv_sec > MAX_OCTAL_11 || entry->mtime.tv_nsec != 0)
    add_time (&pax, entry->mtime);
  if (entry->uid > MAX_OCTAL_7)
    add_number (&pax, "uid", entry->uid);
  if (entry->gid > MAX_OCTAL_7)
    add_number (&pax, "gid", entry->gid);
  if (size > MAX_OCTAL_11)
    add_number (&pax, "size", size);
  add_attributes (&pax, entry);

  OCTAL (&h, mode, entry->mode);
  OCTAL (&h, uid, entry->uid > MAX_OCTAL_7 ? 0 : entry->uid);
  OCTAL (&h, gid, entry->gid > MAX_OCTAL_7 ? 0 : entry->gid);
  OCTAL (&h, size, size > MAX_OCTAL_11 ? 0 : size);
  OCTAL (&h, mtime, entry->mtime.tv_sec < 0 || entry->mtime.tv_sec > MAX_OCTAL_11 ? 0 : entry->mtime.tv_sec);
  OCTAL (&h, major, is_device ? entry->device_major : 0);
  OCTAL (&h, minor, is_device ? entry->device_minor : 0);
  fill_sum (&h);
  int r = write_pax (o, &pax, e);
  if (r == 0)
    r = archive_output_write (o, &h, sizeof h, e);
  if (r == 0 && map.length > 0)
    r = archive_output_write (o, map.data, map.length, e);
  return r;
}

int
tar_write_padding (struct archive_output *o, uint64_t length, struct err *e)
{
  size_t rest = (size_t) (BLOCK_BYTES - length % BLOCK_BYTES) % BLOCK_BYTES;
  return archive_output_write (o, zeros, rest, e);
}

int
tar_write_end (struct archive_output *o, struct err *e)
{
  return archive_output_write (o, zeros, sizeof zeros, e);
}
