#include "helper/archive-output.h"

#include "common/cleanup.h"
#include "common/io.h"
#include "helper/sha256.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum
{
  PLAIN_BYTES = 256 * 1024,
  OUTPUT_BYTES = 256 * 1024,
  /* Twice as fast as zlib's default, for layers that are 2 % larger. */
  GZIP_LEVEL = 4,
  ZSTD_LEVEL = 3
};

struct archive_output
{
  int fd;
  enum archive_compression compression;
  struct sha256 plain_hash;
  struct sha256 archive_hash;
  uint64_t plain_bytes;
  uint64_t archive_bytes;
  bool deflating;
  z_stream zlib;
  ZSTD_CStream *zstd;
  size_t held;
  uint8_t plain[PLAIN_BYTES];
  uint8_t output[OUTPUT_BYTES];
};

int
archive_output_open (int fd, enum archive_compression compression, struct archive_output **ret_output, struct err *e)
{
  struct archive_output *o cleanup_archive_output = calloc (1, sizeof *o);
  if (o == NULL)
    return err_set (e, ENOMEM, "out of memory");
  o->fd = fd;
  o->compression = compression;
  sha256_init (&o->plain_hash);
  sha256_init (&o->archive_hash);
  if (compression == ARCHIVE_GZIP)
    {
      if (deflateInit2 (&o->zlib, GZIP_LEVEL, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return err_set (e, ENOMEM, "cannot start zlib");
      o->deflating = true;
    }
  if (compression == ARCHIVE_ZSTD)
    {
      o->zstd = ZSTD_createCStream ();
      if (o->zstd == NULL || ZSTD_isError (ZSTD_CCtx_setParameter (o->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL)))
        return err_set (e, ENOMEM, "cannot start zstd");
    }
  *ret_output = steal_pointer (o);
  return 0;
}

void
archive_output_free (struct archive_output **output)
{
  struct archive_output *o = *output;
  if (o == NULL)
    return;
  if (o->deflating)
    (void) deflateEnd (&o->zlib); /* only frees; what was not finished is given up */
  (void) ZSTD_freeCStream (o->zstd); /* only frees; accepts NULL */
  free (o);
}

static int
put (struct archive_output *o, const uint8_t *data, size_t length, struct err *e)
{
  if (length == 0)
    return 0;
  sha256_update (&o->archive_hash, data, length);
  o->archive_bytes += length;
  int r = io_write_all (o->fd, data, length, e);
  return r < 0 ? err_wrap (e, "cannot write the archive") : 0;
}

static int
deflate_held (struct archive_output *o, bool is_last, struct err *e)
{
  o->zlib.next_in = o->plain;
  o->zlib.avail_in = (uInt) o->held;
  do
    {
      o->zlib.next_out = o->output;
      o->zlib.avail_out = OUTPUT_BYTES;
      if (deflate (&o->zlib, is_last ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_ERROR)
        return err_set (e, EIO, "zlib failed");
      int r = put (o, o->output, OUTPUT_BYTES - o->zlib.avail_out, e);
      if (r < 0)
        return r;
    }
  while (o->zlib.avail_out == 0);
  return 0;
}

static int
zstd_held (struct archive_output *o, bool is_last, struct err *e)
{
  ZSTD_inBuffer in = { .src = o->plain, .size = o->held, .pos = 0 };
  for (bool done = false; !done;)
    {
      ZSTD_outBuffer out = { .dst = o->output, .size = OUTPUT_BYTES, .pos = 0 };
      size_t left = ZSTD_compressStream2 (o->zstd, &out, &in, is_last ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError (left))
        return err_set (e, EIO, "zstd failed: %s", ZSTD_getErrorName (left));
      int r = put (o, o->output, out.pos, e);
      if (r < 0)
        return r;
      done = is_last ? left == 0 : in.pos == in.size;
    }
  return 0;
}

static int
flush_held (struct archive_output *o, bool is_last, struct err *e)
{
  int r = 0;
  sha256_update (&o->plain_hash, o->plain, o->held);
  o->plain_bytes += o->held;
  switch (o->compression)
    {
    case ARCHIVE_PLAIN: r = put (o, o->plain, o->held, e); break;
    case ARCHIVE_GZIP: r = deflate_held (o, is_last, e); break;
    case ARCHIVE_ZSTD: r = zstd_held (o, is_last, e); break;
    }
  o->held = 0;
  return r;
}

int
archive_output_write (struct archive_output *o, const void *data, size_t length, struct err *e)
{
  const uint8_t *at = data;
  while (length > 0)
    {
      size_t room = PLAIN_BYTES - o->held;
      size_t n = length < room ? length : room;
      memcpy (o->plain + o->held, at, n);
      o->held += n;
      at += n;
      length -= n;
      int r = o->held == PLAIN_BYTES ? flush_held (o, false, e) : 0;
      if (r < 0)
        return r;
    }
  return 0;
}

int
archive_output_finish (struct archive_output *o, struct archive_totals *ret_totals, struct err *e)
{
  int r = flush_held (o, true, e);
  if (r < 0)
    return r;
  sha256_hex (&o->plain_hash, ret_totals->plain_hex);
  sha256_hex (&o->archive_hash, ret_totals->archive_hex);
  ret_totals->plain_bytes = o->plain_bytes;
  ret_totals->archive_bytes = o->archive_bytes;
  return 0;
}
