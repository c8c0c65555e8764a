/* Archives that our own writer made, with random damage, unpacked again: whatever comes in must end in an error or in files below
   the target, never in a sanitizer's report or in a file elsewhere. ARCHIVE_MUTATIONS=1000000 in the environment runs longer, ARCHIVE_SEED
   repeats a run. */
#include "common/cleanup.h"
#include "helper/extract.h"
#include "helper/tar-writer.h"
#include "helper/tree.h"
#include "tap.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum
{
  DEFAULT_ROUNDS = 200,
  BLOCK = 512,
  MAX_ARCHIVE = 64 * 1024
};

static uint64_t seed = 1;

/* xorshift64 (Marsaglia 2003). */
static uint32_t
random_below (uint32_t limit)
{
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return (uint32_t) (seed % limit);
}

static int
write_entry (struct archive_output *o, struct tar_entry *entry, const char *data, struct err *e)
{
  entry->size = entry->type == TAR_FILE && !entry->sparse ? strlen (data) : entry->size;
  int r = tar_write_header (o, entry, e);
  if (r == 0 && entry->type == TAR_FILE)
    r = archive_output_write (o, data, strlen (data), e);
  return r < 0 || entry->type != TAR_FILE ? r : tar_write_padding (o, strlen (data), e);
}

/* One member of every kind; returns the length of the archive in BUFFER. */
static size_t
make_archive (uint8_t *buffer, enum archive_compression compression)
{
  static struct tar_entry entry;
  struct archive_output *output cleanup_archive_output = NULL;
  struct archive_totals totals;
  struct err e = { 0 };
  static const struct
  {
    enum tar_type type;
    const char *path;
    const char *link;
  } members[] = {
    { TAR_DIRECTORY, "dir", "" },      { TAR_FILE, "dir/file", "" },        { TAR_HARD_LINK, "dir/hard", "dir/file" },
    { TAR_SYMLINK, "link", "dir" },    { TAR_FILE, "link/through", "" },    { TAR_FIFO, "dir/fifo", "" },
    { TAR_FILE, "dir/.wh.gone", "" },  { TAR_FILE, "dir/.wh..wh..opq", "" }, { TAR_DIRECTORY, "a/b/c/d", "" },
    { TAR_SYMLINK, "out", "../../.." }, { TAR_FILE, "out/side", "" },       { TAR_CHARACTER, "null", "" },
  };
  int fd cleanup_fd = memfd_create ("archive", MFD_CLOEXEC);
  if (archive_output_open (fd, compression, &output, &e) < 0)
    return 0;
  for (size_t i = 0; i < sizeof members / sizeof *members; i++)
    {
      memset (&entry, 0, sizeof entry);
      entry.type = members[i].type;
      (void) snprintf (entry.path, sizeof entry.path, "%s", members[i].path);
      (void) snprintf (entry.link, sizeof entry.link, "%s", members[i].link);
      entry.mode = 0755;
      entry.mtime = (struct timespec){ .tv_sec = 1000000 + (time_t) i, .tv_nsec = i % 2 == 0 ? 0 : 123456789 };
      entry.device_major = 1;
      entry.device_minor = 3;
      if (i % 3 == 0)
        entry.xattrs[entry.n_xattrs++] = (struct tar_xattr){ .name = "user.a", .value = "value", .length = 5 };
      if (write_entry (output, &entry, "some content of a file\n", &e) < 0)
        return 0;
    }
  struct tar_segment segments[2] = { { .offset = 4096, .length = 10 }, { .offset = 65536, .length = 13 } };
  memset (&entry, 0, sizeof entry);
  entry.type = TAR_FILE;
  (void) snprintf (entry.path, sizeof entry.path, "sparse");
  entry.sparse = true;
  entry.segments = segments;
  entry.n_segments = 2;
  entry.size = 100000;
  if (write_entry (output, &entry, "some content of a file\n", &e) < 0 || tar_write_end (output, &e) < 0
      || archive_output_finish (output, &totals, &e) < 0)
    return 0;
  ssize_t n = pread (fd, buffer, MAX_ARCHIVE, 0);
  return n < 0 ? 0 : (size_t) n;
}

/* Makes the checksum right again, so that what was changed is looked at. */
static void
fix_sum (uint8_t *header)
{
  unsigned sum = 0;
  char text[8];
  memset (header + 148, ' ', 8);
  for (size_t i = 0; i < BLOCK; i++)
    sum += header[i];
  (void) snprintf (text, sizeof text, "%06o", sum & 0777777);
  memcpy (header + 148, text, 7);
}

static size_t
mutate (uint8_t *bytes, size_t length, bool is_plain)
{
  static const char *const words[] = { "../../../tmp/x", "/etc/passwd", "//", "..", ".wh.", ".wh..wh..opq", "path=", "size=", "-1", "99999999999999999999" };
  unsigned changes = 1 + random_below (4);
  for (unsigned i = 0; i < changes; i++)
    {
      size_t at = random_below ((uint32_t) length);
      const char *word = words[random_below (sizeof words / sizeof *words)];
      switch (random_below (5))
        {
        case 0: bytes[at] = (uint8_t) random_below (256); break;
        case 1: bytes[at] ^= (uint8_t) (1U << random_below (8)); break;
        case 2:
          if (at + strlen (word) < length)
            memcpy (bytes + at, word, strlen (word));
          break;
        case 3:
          if (is_plain)
            bytes[at / BLOCK * BLOCK + 156] = (uint8_t) "0123456LKxgS7V"[random_below (14)];
          break;
        default:
          if (is_plain && at + 2 * BLOCK < length)
            memmove (bytes + at / BLOCK * BLOCK, bytes + random_below ((uint32_t) length / BLOCK) * BLOCK, BLOCK);
        }
      uint8_t *block = bytes + at / BLOCK * BLOCK;
      if (is_plain && memcmp (block + 257, "ustar", 5) == 0 && random_below (8) > 0)
        fix_sum (block);
    }
  return random_below (10) == 0 ? random_below ((uint32_t) length) : length;
}

static unsigned
count_entries (const char *path)
{
  unsigned count = 0;
  DIR *directory cleanup_dir = opendir (path);
  for (const struct dirent *entry = NULL; directory != NULL && (entry = readdir (directory)) != NULL;)
    count++;
  return count;
}

static int
unpack (const uint8_t *bytes, size_t length, const char *target)
{
  struct stream *stream cleanup_stream = NULL;
  struct tar *tar cleanup_tar = NULL;
  struct extracted extracted = { 0 };
  struct err e = { 0 };
  int fd cleanup_fd = memfd_create ("damaged", MFD_CLOEXEC);
  if (fd < 0 || pwrite (fd, bytes, length, 0) != (ssize_t) length || mkdir (target, 0755) < 0)
    return -1;
  int target_fd cleanup_fd = open (target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  struct stream_source source = { .fd = fd, .length = (int64_t) length, .copy_fd = -1, .max_bytes = 16 * 1024 * 1024 };
  int r = stream_open (&source, &stream, &e);
  if (r == 0)
    r = tar_open (stream, &tar, &e);
  if (r == 0)
    r = extract_tar (tar, target_fd, &extracted, &e);
  path_list_free (&extracted.implied);
  return r;
}

static void
run_rounds (enum archive_compression compression, const char *name, unsigned rounds)
{
  static uint8_t original[MAX_ARCHIVE], damaged[MAX_ARCHIVE];
  char directory[] = "/tmp/tsc-mutations-XXXXXX";
  char target[sizeof directory + 8];
  unsigned refused = 0, outside = 0;
  struct err e = { 0 };

  size_t length = make_archive (original, compression);
  ok (length > 0, "%s: an archive is made", name);
  ok (mkdtemp (directory) != NULL, "%s: a directory is made", name);
  (void) snprintf (target, sizeof target, "%s/target", directory);
  ok (unpack (original, length, target) == 0, "%s: undamaged it unpacks", name);
  (void) tree_remove_at (AT_FDCWD, target, &e); /* counted below */
  for (unsigned i = 0; i < rounds; i++)
    {
      memcpy (damaged, original, length);
      size_t now = mutate (damaged, length, compression == ARCHIVE_PLAIN);
      refused += unpack (damaged, now, target) < 0;
      outside += count_entries (directory) != 3; /* the target and the two dots */
      if (tree_remove_at (AT_FDCWD, target, &e) < 0)
        break;
    }
  ok (e.code == 0, "%s: what was unpacked could be removed (%s)", name, e.msg);
  ok (outside == 0, "%s: nothing was made outside", name);
  ok (rounds == 0 || refused > 0, "%s: %u of %u damaged archives were refused", name, refused, rounds);
  (void) tree_remove_at (AT_FDCWD, directory, &e); /* a leftover in /tmp is no failure of what is tested */
}

int
main (void)
{
  const char *rounds_text = getenv ("ARCHIVE_MUTATIONS"), *seed_text = getenv ("ARCHIVE_SEED");
  unsigned rounds = rounds_text == NULL ? DEFAULT_ROUNDS : (unsigned) strtoul (rounds_text, NULL, 10);
  seed = seed_text == NULL ? 88172645463325252ULL : strtoull (seed_text, NULL, 10);
  umask (0);
  run_rounds (ARCHIVE_PLAIN, "plain", rounds);
  run_rounds (ARCHIVE_GZIP, "gzip", rounds / 4);
  run_rounds (ARCHIVE_ZSTD, "zstd", rounds / 4);
  return tap_end ();
}
