#include "helper/tar.h"

#include "common/cleanup.h"
#include "common/io.h"
#include "helper/tar-reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int
tar_open (struct stream *stream, struct tar **ret_tar, struct err *e)
{
  struct tar *t = calloc (1, sizeof *t);
  if (t == NULL)
    return err_set (e, ENOMEM, "out of memory");
  t->stream = stream;
  *ret_tar = t;
  return 0;
}

void
tar_free (struct tar **tar)
{
  if (*tar == NULL)
    return;
  tar_extension_clear (&(*tar)->extension);
  free ((*tar)->entry.segments);
  free (*tar);
}

/* Up to WANT bytes of what comes next, without a copy; none only at the end of the stream. */
static int
take (struct tar *t, uint64_t want, const uint8_t **ret_data, size_t *ret_length, struct err *e)
{
  if (t->left == 0)
    {
      int r = stream_next (t->stream, &t->at, &t->left, e);
      if (r < 0)
        return r;
    }
  size_t n = want < t->left ? (size_t) want : t->left;
  *ret_data = t->at;
  *ret_length = n;
  t->at += n;
  t->left -= n;
  return 0;
}

/* Exactly LENGTH bytes into BUFFER (or nowhere); *RET_COUNT is less only at the end of the stream. */
static int
take_all (struct tar *t, void *buffer, uint64_t length, uint64_t *ret_count, struct err *e)
{
  uint64_t count = 0;
  while (count < length)
    {
      const uint8_t *data = NULL;
      size_t n = 0;
      int r = take (t, length - count, &data, &n, e);
      if (r < 0)
        return r;
      if (n == 0)
        break;
      if (buffer != NULL)
        memcpy ((uint8_t *) buffer + count, data, n);
      count += n;
    }
  *ret_count = count;
  return 0;
}

int
tar_take_exactly (struct tar *t, void *buffer, uint64_t length, struct err *e)
{
  uint64_t count = 0;
  int r = take_all (t, buffer, length, &count, e);
  if (r == 0 && count < length)
    return err_set (e, EBADMSG, "the archive ends in the middle of an entry");
  return r;
}

int
tar_parse_field (const char *field, size_t length, int64_t *ret, struct err *e)
{
  const uint8_t *p = (const uint8_t *) field, *end = p + length;
  int64_t value = 0;

  if (*p & 0x80)
    {
      bool negative = *p == 0xff;
      value = negative ? -1 : *p & 0x3f;
      for (p++; p < end; p++)
        {
          if (value > INT64_MAX >> 8 || value < INT64_MIN >> 8)
            return err_set (e, EBADMSG, "a number in a tar header is too big");
          value = value * 256 + *p;
        }
      *ret = value;
      return 0;
    }
  while (p < end && (*p == ' ' || *p == '\0'))
    p++;
  for (; p < end && *p >= '0' && *p <= '7'; p++)
    value = value * 8 + (*p - '0');
  if (p < end && *p != ' ' && *p != '\0')
    return err_set (e, EBADMSG, "a tar header is damaged");
  *ret = value;
  return 0;
}

#define FIELD(h, name, ret, e) tar_parse_field ((h)->name, sizeof (h)->name, ret, e)

static bool
is_zero (const struct header *h)
{
  static const struct header zero;
  return memcmp (h, &zero, sizeof zero) == 0;
}

/* The sum over the header with the checksum field as spaces; old writers summed signed characters. */
static int
check_sum (const struct header *h, struct err *e)
{
  const uint8_t *bytes = (const uint8_t *) h;
  int64_t expected = 0, sum = 0, signed_sum = 0;
  int r = FIELD (h, checksum, &expected, e);
  if (r < 0)
    return r;
  for (size_t i = 0; i < BLOCK_BYTES; i++)
    {
      bool in_field = i >= offsetof (struct header, checksum) && i < offsetof (struct header, checksum) + sizeof h->checksum;
      sum += in_field ? ' ' : bytes[i];
      signed_sum += in_field ? ' ' : (int8_t) bytes[i];
    }
  if (expected != sum && expected != signed_sum)
    return err_set (e, EBADMSG, "this is no tar archive, or it is damaged (wrong header checksum)");
  return 0;
}

/* 1 and a header; 0 at the end mark or the end of the stream. */
static int
read_header (struct tar *t, struct header *ret, struct err *e)
{
  uint64_t count = 0, padding = 0;
  int r = tar_take_exactly (t, NULL, t->data_left, e);
  /* umoci leaves out padding and end mark behind its last member. */
  if (r == 0)
    r = take_all (t, NULL, t->padding, &padding, e);
  if (r == 0 && padding < t->padding)
    count = 0;
  else if (r == 0)
    r = take_all (t, ret, sizeof *ret, &count, e);
  t->data_left = t->padding = 0;
  if (r < 0)
    return r;
  if (count == 0)
    return 0;
  if (count < sizeof *ret)
    return err_set (e, EBADMSG, "the archive ends in the middle of a header");
  if (is_zero (ret))
    return 0;
  r = check_sum (ret, e);
  return r < 0 ? r : 1;
}

static int
read_size (struct tar *t, const struct header *h, struct err *e)
{
  int64_t size = 0;
  int r = FIELD (h, size, &size, e);
  if (r < 0)
    return r;
  if (size < 0)
    return err_set (e, EBADMSG, "an entry has a negative size");
  t->data_left = (uint64_t) size;
  t->padding = (BLOCK_BYTES - t->data_left % BLOCK_BYTES) % BLOCK_BYTES;
  return 0;
}

/* The data of an extension member with a NUL behind them. */
static int
read_extension (struct tar *t, char **ret_text, size_t *ret_length, struct err *e)
{
  if (t->data_left > TAR_MAX_EXTENSION_BYTES)
    return err_set (e, EFBIG, "an extension header has more than %d bytes", TAR_MAX_EXTENSION_BYTES);
  size_t length = (size_t) t->data_left;
  char *text cleanup_free = malloc (length + 1);
  if (text == NULL)
    return err_set (e, ENOMEM, "out of memory");
  int r = tar_take_exactly (t, text, length, e);
  if (r < 0)
    return r;
  text[length] = '\0';
  t->data_left = 0;
  *ret_text = steal_pointer (text);
  *ret_length = length;
  return 0;
}

/* 1 when the header was an extension member, which is now remembered or skipped. */
static int
read_if_extension (struct tar *t, const struct header *h, struct err *e)
{
  char *text = NULL;
  size_t length = 0;
  int r = 0;

  if (h->type == 'g' || h->type == 'V')
    return 1; /* global headers (git archives) and volume labels say nothing about files */
  if (h->type != 'x' && h->type != 'X' && h->type != 'L' && h->type != 'K')
    return 0;
  r = read_extension (t, &text, &length, e);
  if (r < 0)
    return r;
  if (h->type == 'L' || h->type == 'K')
    {
      char **place = h->type == 'L' ? &t->extension.long_path : &t->extension.long_link;
      free (*place);
      *place = text;
      return 1;
    }
  r = tar_extension_parse_pax (&t->extension, text, length, e);
  return r < 0 ? r : 1;
}

static int
set_path (char *target, const char *text, struct err *e)
{
  size_t length = strlen (text);
  if (length >= PATH_MAX)
    return err_set (e, ENAMETOOLONG, "a name of the archive has more than %d bytes", PATH_MAX - 1);
  memcpy (target, text, length + 1);
  return 0;
}

static int
fill_names (struct tar *t, const struct header *h, struct err *e)
{
  const struct tar_extension *x = &t->extension;
  struct tar_entry *entry = &t->entry;
  char name[256 + 2] = { 0 }, link[100 + 1] = { 0 };
  bool has_prefix = memcmp (h->magic, "ustar\0", 6) == 0 && h->prefix[0] != '\0';
  size_t prefix_size = memcmp (h->rest + 8, "tar\0", 4) == 0 ? 131 : sizeof h->prefix; /* the star program's times */
  size_t n = has_prefix ? strnlen (h->prefix, prefix_size) : 0;

  memcpy (name, h->prefix, n);
  if (n > 0)
    name[n++] = '/';
  memcpy (name + n, h->name, strnlen (h->name, sizeof h->name));
  memcpy (link, h->link, strnlen (h->link, sizeof h->link));
  int r = set_path (entry->path, x->path != NULL ? x->path : x->long_path != NULL ? x->long_path : name, e);
  if (r == 0)
    r = set_path (entry->link, x->link != NULL ? x->link : x->long_link != NULL ? x->long_link : link, e);
  return r;
}

static int
fill_type (struct tar_entry *entry, const struct header *h, struct err *e)
{
  size_t length = strlen (entry->path);
  switch (h->type)
    {
    case '\0':
    case '0':
    case '7':
    case 'S':
      /* v7 archives know no directories. */
      entry->type = h->type != 'S' && length > 0 && entry->path[length - 1] == '/' ? TAR_DIRECTORY : TAR_FILE;
      return 0;
    case '1': entry->type = TAR_HARD_LINK; return 0;
    case '2': entry->type = TAR_SYMLINK; return 0;
    case '3': entry->type = TAR_CHARACTER; return 0;
    case '4': entry->type = TAR_BLOCK; return 0;
    case '5': entry->type = TAR_DIRECTORY; return 0;
    case '6': entry->type = TAR_FIFO; return 0;
    default: return err_set (e, EBADMSG, "entry \"%.120s\" has the unknown type 0x%02x", entry->path, (unsigned char) h->type);
    }
}

static int
fill_attributes (struct tar *t, const struct header *h, struct err *e)
{
  const struct tar_extension *x = &t->extension;
  struct tar_entry *entry = &t->entry;
  int64_t mode = 0, uid = 0, gid = 0, mtime = 0, major_number = 0, minor_number = 0;
  bool is_device = entry->type == TAR_CHARACTER || entry->type == TAR_BLOCK;

  if (FIELD (h, mode, &mode, e) < 0 || FIELD (h, uid, &uid, e) < 0 || FIELD (h, gid, &gid, e) < 0 || FIELD (h, mtime, &mtime, e) < 0
      || (is_device && (FIELD (h, major, &major_number, e) < 0 || FIELD (h, minor, &minor_number, e) < 0)))
    return -e->code;
  uid = x->has_uid ? (int64_t) x->uid : uid;
  gid = x->has_gid ? (int64_t) x->gid : gid;
  if (uid < 0 || gid < 0 || uid >= UINT32_MAX || gid >= UINT32_MAX)
    return err_set (e, EBADMSG, "entry \"%.120s\" has an impossible owner", entry->path);
  if (major_number < 0 || minor_number < 0 || major_number >= 1 << 12 || minor_number >= 1 << 20)
    return err_set (e, EBADMSG, "entry \"%.120s\" has an impossible device number", entry->path);
  entry->mode = (mode_t) (mode & 07777);
  entry->uid = (uid_t) uid;
  entry->gid = (gid_t) gid;
  entry->mtime = x->has_mtime ? x->mtime : (struct timespec){ .tv_sec = (time_t) mtime };
  entry->device_major = (unsigned) major_number;
  entry->device_minor = (unsigned) minor_number;
  memcpy (entry->xattrs, x->xattrs, x->n_xattrs * sizeof x->xattrs[0]);
  entry->n_xattrs = x->n_xattrs;
  return 0;
}

static int
fill_data (struct tar *t, const struct header *h, struct err *e)
{
  struct tar_extension *x = &t->extension;
  struct tar_entry *entry = &t->entry;
  uint64_t stored = 0;
  int r = 0;

  if (x->has_size)
    {
      t->data_left = x->size;
      t->padding = (BLOCK_BYTES - t->data_left % BLOCK_BYTES) % BLOCK_BYTES;
    }
  /* Only files have data, whatever the size field of a link says (old archives give the target's). */
  if (entry->type != TAR_FILE)
    t->data_left = t->padding = 0;
  entry->size = t->data_left;
  entry->sparse = entry->type == TAR_FILE && (h->type == 'S' || x->sparse);
  if (!entry->sparse)
    return 0;
  if (h->type == 'S')
    r = tar_read_gnu_segments (t, h, e);
  else
    {
      entry->segments = steal_pointer (x->segments);
      entry->n_segments = x->n_segments;
      if (x->sparse_map_in_data)
        r = tar_read_data_segments (t, e);
      entry->size = x->has_real_size ? x->real_size : entry->size;
    }
  for (size_t i = 0; r == 0 && i < entry->n_segments; i++)
    stored += entry->segments[i].length;
  if (r == 0 && (stored != t->data_left || entry->size > INT64_MAX))
    return err_set (e, EBADMSG, "the map of sparse file \"%.120s\" does not fit its data", entry->path);
  return r;
}

int
tar_next (struct tar *t, struct tar_entry **ret_entry, struct err *e)
{
  struct header h;
  int r = 0;

  tar_extension_clear (&t->extension);
  free (t->entry.segments);
  t->entry.segments = NULL;
  t->entry.n_segments = 0;
  for (;;)
    {
      r = read_header (t, &h, e);
      if (r == 0)
        /* The digest covers what follows the end mark too. */
        return take_all (t, NULL, UINT64_MAX, &(uint64_t){ 0 }, e);
      if (r > 0)
        r = read_size (t, &h, e);
      if (r >= 0)
        r = read_if_extension (t, &h, e);
      if (r < 0)
        return r;
      if (r == 0)
        break;
    }
  r = fill_names (t, &h, e);
  if (r == 0)
    r = fill_type (&t->entry, &h, e);
  if (r == 0)
    r = fill_attributes (t, &h, e);
  if (r == 0)
    r = fill_data (t, &h, e);
  if (r < 0)
    return r;
  *ret_entry = &t->entry;
  return 1;
}

int
tar_data (struct tar *t, const uint8_t **ret_data, size_t *ret_length, struct err *e)
{
  *ret_length = 0;
  if (t->data_left == 0)
    return 0;
  int r = take (t, t->data_left, ret_data, ret_length, e);
  if (r == 0 && *ret_length == 0)
    return err_set (e, EBADMSG, "the archive ends in the middle of \"%.120s\"", t->entry.path);
  t->data_left -= r == 0 ? *ret_length : 0;
  return r;
}
