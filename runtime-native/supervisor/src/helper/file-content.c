#include "helper/file-content.h"

#include "common/cleanup.h"
#include "helper/tar-writer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
  COPY_BYTES = 256 * 1024,
  /* Docker cannot write out again a layer with a sparse file in it (its tar-split loses the map), so that smaller holes go in as
     zeros, which compress well and become holes again when they are unpacked. */
  HOLES_WORTH_A_MAP = 1024 * 1024 * 1024,
  MAX_WRITTEN_SEGMENTS = 64 * 1024
};

static int
add_segment (struct tar_entry *entry, uint64_t offset, uint64_t length, struct err *e)
{
  if ((entry->n_segments & (entry->n_segments - 1)) == 0)
    {
      size_t capacity = entry->n_segments == 0 ? 1 : 2 * entry->n_segments;
      struct tar_segment *grown = realloc (entry->segments, capacity * sizeof *grown);
      if (grown == NULL)
        return err_set (e, ENOMEM, "out of memory");
      entry->segments = grown;
    }
  entry->segments[entry->n_segments++] = (struct tar_segment){ .offset = offset, .length = length };
  return 0;
}

/* Where the data of a file are. Without holes, with too many, or where the file system does not tell: it is not sparse. */
static int
find_segments (int fd, struct tar_entry *entry, struct err *e)
{
  off_t at = 0, size = (off_t) entry->size;

  free (entry->segments);
  entry->segments = NULL;
  entry->n_segments = 0;
  entry->sparse = false;
  while (at < size)
    {
      off_t data = lseek (fd, at, SEEK_DATA);
      if (data < 0 && errno != ENXIO)
        return 0;
      off_t hole = data < 0 ? size : lseek (fd, data, SEEK_HOLE);
      /* The last segment ends where the file does, as GNU tar writes it. */
      data = data < 0 || data > size ? size : data;
      hole = hole < 0 || hole > size ? size : hole;
      if (data == 0 && hole == size)
        return 0;
      if (entry->n_segments == MAX_WRITTEN_SEGMENTS)
        return 0;
      int r = add_segment (entry, (uint64_t) data, (uint64_t) (hole - data), e);
      if (r < 0)
        return r;
      at = hole;
    }
  if (entry->n_segments > 0 && at == size)
    entry->sparse = true;
  return 0;
}

static int
copy_range (struct archive_output *output, int fd, struct tar_segment range, uint8_t *buffer, struct err *e)
{
  for (uint64_t done = 0; done < range.length;)
    {
      size_t want = range.length - done < COPY_BYTES ? (size_t) (range.length - done) : COPY_BYTES;
      ssize_t n = pread (fd, buffer, want, (off_t) (range.offset + done));
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return err_errno (e, "cannot read a file");
      if (n == 0)
        {
          memset (buffer, 0, want);
          n = (ssize_t) want;
        }
      int r = archive_output_write (output, buffer, (size_t) n, e);
      if (r < 0)
        return r;
      done += (uint64_t) n;
    }
  return 0;
}

int
file_content_write (struct archive_output *output, int dir_fd, const char *name, struct tar_entry *entry, struct err *e)
{
  struct stat st;
  struct tar_segment all = { 0 };
  uint64_t length = 0;
  int r = 0;
  int fd cleanup_fd = openat (dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  uint8_t *buffer cleanup_free = malloc (COPY_BYTES);

  if (fd < 0 || fstat (fd, &st) < 0)
    return err_errno (e, "cannot open \"%.120s\"", entry->path);
  if (!S_ISREG (st.st_mode))
    return err_set (e, EAGAIN, "\"%.120s\" changed while it was read", entry->path);
  if (buffer == NULL)
    return err_set (e, ENOMEM, "out of memory");
  entry->size = (uint64_t) st.st_size;
  entry->sparse = false;
  if (st.st_size - (off_t) st.st_blocks * 512 >= HOLES_WORTH_A_MAP)
    r = find_segments (fd, entry, e);
  if (r == 0)
    r = tar_write_header (output, entry, e);
  all.length = entry->size;
  const struct tar_segment *segments = entry->sparse ? entry->segments : &all;
  size_t n_segments = entry->sparse ? entry->n_segments : 1;
  for (size_t i = 0; r == 0 && i < n_segments; i++)
    {
      r = copy_range (output, fd, segments[i], buffer, e);
      length += segments[i].length;
    }
  return r < 0 ? r : tar_write_padding (output, length, e);
}
