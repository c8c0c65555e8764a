#include "helper/tar-reader.h"

#include "common/io.h"

#include <errno.h>

int
tar_read_gnu_segments (struct tar *t, const struct header *h, struct err *e)
{
  const char *base = (const char *) h;
  const char *map = base + 386;
  size_t count = 4;
  bool more = base[482] != 0;
  int64_t real_size = 0;
  char block[BLOCK_BYTES];

  int r = tar_parse_field (base + 483, 12, &real_size, e);
  if (r < 0)
    return r;
  for (;;)
    {
      for (size_t i = 0; i < count && map[24 * i] != '\0'; i++)
        {
          int64_t offset = 0, length = 0;
          if (tar_parse_field (map + 24 * i, 12, &offset, e) < 0 || tar_parse_field (map + 24 * i + 12, 12, &length, e) < 0)
            return -e->code;
          if (offset < 0 || length < 0)
            return err_set (e, EBADMSG, "a sparse file has a negative segment");
          struct tar_segment one = { .offset = (uint64_t) offset, .length = (uint64_t) length };
          r = tar_add_segment (&t->entry.segments, &t->entry.n_segments, one, e);
          if (r < 0)
            return r;
        }
      if (!more)
        break;
      r = tar_take_exactly (t, block, sizeof block, e);
      if (r < 0)
        return r;
      map = block;
      count = 21;
      more = block[504] != 0;
    }
  t->entry.size = (uint64_t) (real_size < 0 ? 0 : real_size);
  return 0;
}

/* One decimal line of a GNU 1.0 sparse map; lines run across the blocks. */
static int
read_map_number (struct tar *t, uint64_t *used, uint64_t *ret, struct err *e)
{
  char text[24] = { 0 };
  for (size_t n = 0; n < sizeof text - 1; n++)
    {
      if (t->data_left == 0)
        break;
      int r = tar_take_exactly (t, text + n, 1, e);
      if (r < 0)
        return r;
      t->data_left--;
      (*used)++;
      if (text[n] == '\n')
        {
          text[n] = '\0';
          if (io_parse_unsigned (text, INT64_MAX, ret) == 0)
            return 0;
          break;
        }
    }
  return err_set (e, EBADMSG, "the map of a sparse file is damaged");
}

int
tar_read_data_segments (struct tar *t, struct err *e)
{
  uint64_t used = 0, count = 0;
  int r = read_map_number (t, &used, &count, e);
  for (uint64_t i = 0; r == 0 && i < count; i++)
    {
      struct tar_segment one = { 0 };
      r = read_map_number (t, &used, &one.offset, e);
      if (r == 0)
        r = read_map_number (t, &used, &one.length, e);
      if (r == 0)
        r = tar_add_segment (&t->entry.segments, &t->entry.n_segments, one, e);
    }
  uint64_t rest = (BLOCK_BYTES - used % BLOCK_BYTES) % BLOCK_BYTES;
  if (r == 0 && rest > t->data_left)
    return err_set (e, EBADMSG, "the map of a sparse file is damaged");
  if (r == 0)
    r = tar_take_exactly (t, NULL, rest, e);
  t->data_left -= r == 0 ? rest : 0;
  return r;
}
