#ifndef HELPER_ARCHIVE_OUTPUT_H
#define HELPER_ARCHIVE_OUTPUT_H

#include "common/err.h"

#include <stddef.h>
#include <stdint.h>

enum archive_compression
{
  ARCHIVE_PLAIN,
  ARCHIVE_GZIP,
  ARCHIVE_ZSTD
};

/* A byte stream on its way into a file or pipe, compressed and digested on both sides of the compression. The same bytes
   give the same archive: no time, no name and no thread count goes into it. */
struct archive_output;

int archive_output_open (int fd, enum archive_compression compression, struct archive_output **ret_output, struct err *e);
void archive_output_free (struct archive_output **output);
#define cleanup_archive_output __attribute__ ((cleanup (archive_output_free)))

int archive_output_write (struct archive_output *o, const void *data, size_t length, struct err *e);

struct archive_totals
{
  char archive_hex[65]; /* sha256 of what was written to the fd */
  char plain_hex[65];   /* sha256 before compression */
  uint64_t archive_bytes;
  uint64_t plain_bytes;
};

/* Ends the compression; nothing may be written afterwards. Flushing the file is the caller's. */
int archive_output_finish (struct archive_output *o, struct archive_totals *ret_totals, struct err *e);

#endif
