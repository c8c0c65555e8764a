#ifndef HELPER_STREAM_H
#define HELPER_STREAM_H

#include "common/err.h"
#include "helper/sha256.h"

#include <stddef.h>
#include <stdint.h>

/* A byte stream that is digested on both sides of its decompression: plain, gzip (several members) or zstd (several
   frames), recognised by its first bytes. A thread reads ahead, within a fixed amount of memory. */
struct stream;

struct stream_source
{
  int fd;           /* read from its current position; with LENGTH >= 0 by pread from OFFSET */
  int64_t offset;
  int64_t length;   /* -1: until the end */
  int copy_fd;      /* receives the bytes as they were read; -1: nobody */
  uint64_t max_bytes; /* more decompressed bytes than this are -EFBIG */
};

int stream_open (const struct stream_source *source, struct stream **ret_stream, struct err *e);
void stream_free (struct stream **stream);
#define cleanup_stream __attribute__ ((cleanup (stream_free)))

/* The next decompressed bytes, valid until the next call; none at the end. Damaged input is -EBADMSG. */
int stream_next (struct stream *s, const uint8_t **ret_data, size_t *ret_length, struct err *e);

struct stream_totals
{
  char read_hex[65];     /* sha256 of the bytes read */
  char unpacked_hex[65]; /* sha256 of the bytes delivered */
  uint64_t read_bytes;
  uint64_t unpacked_bytes;
  const char *compression; /* none, gzip, zstd */
};

/* After the end was reached. */
void stream_finish (struct stream *s, struct stream_totals *ret_totals);

#endif
