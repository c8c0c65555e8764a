#ifndef HELPER_TAR_READER_H
#define HELPER_TAR_READER_H

#include "helper/tar-extension.h"
#include "helper/tar.h"

/* The inside of struct tar, for tar.c and tar-sparse.c. */
enum
{
  BLOCK_BYTES = 512
};

/* POSIX ustar header; GNU uses the place of `prefix` for other things. */
struct header
{
  char name[100];
  char mode[8];
  char uid[8];
  char gid[8];
  char size[12];
  char mtime[12];
  char checksum[8];
  char type;
  char link[100];
  char magic[8];
  char user[32];
  char group[32];
  char major[8];
  char minor[8];
  char prefix[155];
  char rest[12];
};
_Static_assert (sizeof (struct header) == BLOCK_BYTES, "a tar header is one block");

struct tar
{
  struct stream *stream;
  const uint8_t *at;
  size_t left;
  uint64_t data_left;
  uint64_t padding;
  struct tar_extension extension;
  struct tar_entry entry;
};

/* Exactly LENGTH bytes of the stream into BUFFER (or nowhere). */
int tar_take_exactly (struct tar *t, void *buffer, uint64_t length, struct err *e);
/* Octal with spaces and NULs around it, or base 256 when the first bit is set (GNU). */
int tar_parse_field (const char *field, size_t length, int64_t *ret, struct err *e);

/* Old GNU sparse header: four segments and the real size where ustar has its prefix, then blocks of 21 more. */
int tar_read_gnu_segments (struct tar *t, const struct header *h, struct err *e);
/* The map of GNU 1.0, decimal lines in front of the data. */
int tar_read_data_segments (struct tar *t, struct err *e);

#endif
