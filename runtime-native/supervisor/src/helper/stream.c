#include "helper/stream.h"

#include "common/cleanup.h"
#include "common/io.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum
{
  INPUT_BYTES = 256 * 1024,
  OUTPUT_BYTES = 512 * 1024
};

enum compression
{
  COMPRESSION_NONE,
  COMPRESSION_GZIP,
  COMPRESSION_ZSTD
};

struct stream
{
  struct stream_source source;
  uint64_t read_bytes;
  uint64_t unpacked_bytes;
  struct sha256 read_hash;
  struct sha256 unpacked_hash;
  enum compression compression;
  bool input_ended;
  /* Between two gzip members or zstd frames, where the input may end. */
  bool between;
  bool inflating;
  z_stream zlib;
  ZSTD_DStream *zstd;
  size_t in_at;
  size_t in_length;
  uint8_t input[INPUT_BYTES];
  uint8_t output[OUTPUT_BYTES];
};

/* Replaces the used-up input by the next bytes; none left sets `input_ended`. */
static int
refill (struct stream *s, struct err *e)
{
  size_t want = INPUT_BYTES, held = 0;
  s->in_at = s->in_length = 0;
  if (s->source.length >= 0 && (uint64_t) s->source.length - s->read_bytes < want)
    want = (size_t) ((uint64_t) s->source.length - s->read_bytes);
  /* Filled as far as possible: small reads from a pipe would make small writes. */
  while (held < want)
    {
      ssize_t n = s->source.length >= 0
                    ? pread (s->source.fd, s->input + held, want - held, s->source.offset + (off_t) (s->read_bytes + held))
                    : read (s->source.fd, s->input + held, want - held);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return err_errno (e, "cannot read the archive");
      if (n == 0)
        break;
      held += (size_t) n;
    }
  if (s->source.length >= 0 && held < want)
    return err_set (e, EBADMSG, "the archive ends early");
  s->input_ended = held == 0;
  s->in_length = held;
  s->read_bytes += held;
  sha256_update (&s->read_hash, s->input, held);
  if (s->source.copy_fd >= 0 && held > 0)
    {
      int r = io_write_all (s->source.copy_fd, s->input, held, e);
      if (r < 0)
        return err_wrap (e, "cannot keep the blob");
    }
  return 0;
}

static int
start_decoder (struct stream *s, struct err *e)
{
  static const uint8_t gzip_magic[] = { 0x1f, 0x8b, 0x08 };
  static const uint8_t zstd_magic[] = { 0x28, 0xb5, 0x2f, 0xfd };

  if (s->in_length >= sizeof gzip_magic && memcmp (s->input, gzip_magic, sizeof gzip_magic) == 0)
    {
      s->compression = COMPRESSION_GZIP;
      if (inflateInit2 (&s->zlib, 15 + 16) != Z_OK)
        return err_set (e, ENOMEM, "cannot start zlib");
      s->inflating = true;
    }
  else if (s->in_length >= sizeof zstd_magic && memcmp (s->input, zstd_magic, sizeof zstd_magic) == 0)
    {
      s->compression = COMPRESSION_ZSTD;
      s->zstd = ZSTD_createDStream ();
      /* A window of more than 128 MiB is what an attacker asks for (RFC 8878 3.1.1.1.2 lets a decoder refuse). */
      if (s->zstd == NULL || ZSTD_isError (ZSTD_DCtx_setParameter (s->zstd, ZSTD_d_windowLogMax, 27)))
        return err_set (e, ENOMEM, "cannot start zstd");
    }
  return 0;
}

int
stream_open (const struct stream_source *source, struct stream **ret_stream, struct err *e)
{
  struct stream *s cleanup_stream = calloc (1, sizeof *s);
  if (s == NULL)
    return err_set (e, ENOMEM, "out of memory");
  s->source = *source;
  sha256_init (&s->read_hash);
  sha256_init (&s->unpacked_hash);
  int r = refill (s, e);
  if (r == 0)
    r = start_decoder (s, e);
  if (r < 0)
    return r;
  *ret_stream = steal_pointer (s);
  return 0;
}

void
stream_free (struct stream **stream)
{
  struct stream *s = *stream;
  if (s == NULL)
    return;
  if (s->inflating)
    (void) inflateEnd (&s->zlib); /* only frees */
  (void) ZSTD_freeDStream (s->zstd); /* only frees; accepts NULL */
  free (s);
}

static int
inflate_some (struct stream *s, size_t *ret_length, struct err *e)
{
  s->zlib.next_in = s->input + s->in_at;
  s->zlib.avail_in = (uInt) (s->in_length - s->in_at);
  s->zlib.next_out = s->output;
  s->zlib.avail_out = OUTPUT_BYTES;
  if (s->between && inflateReset (&s->zlib) != Z_OK)
    return err_set (e, EIO, "cannot restart zlib");
  s->between = false;
  int status = inflate (&s->zlib, Z_NO_FLUSH);
  s->in_at = s->in_length - s->zlib.avail_in;
  *ret_length = OUTPUT_BYTES - s->zlib.avail_out;
  if (status == Z_MEM_ERROR)
    return err_set (e, ENOMEM, "out of memory");
  if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
    return err_set (e, EBADMSG, "damaged gzip data: %s", s->zlib.msg == NULL ? "no gzip member" : s->zlib.msg);
  s->between = status == Z_STREAM_END;
  return 0;
}

static int
unzstd_some (struct stream *s, size_t *ret_length, struct err *e)
{
  ZSTD_inBuffer in = { .src = s->input, .size = s->in_length, .pos = s->in_at };
  ZSTD_outBuffer out = { .dst = s->output, .size = OUTPUT_BYTES, .pos = 0 };
  size_t status = ZSTD_decompressStream (s->zstd, &out, &in);
  if (ZSTD_isError (status))
    return err_set (e, EBADMSG, "damaged zstd data: %s", ZSTD_getErrorName (status));
  s->in_at = in.pos;
  s->between = status == 0;
  *ret_length = out.pos;
  return 0;
}

static int
take_plain (struct stream *s, const uint8_t **ret_data, size_t *ret_length)
{
  *ret_data = s->input + s->in_at;
  *ret_length = s->in_length - s->in_at;
  s->in_at = s->in_length;
  s->between = true;
  return 0;
}

int
stream_next (struct stream *s, const uint8_t **ret_data, size_t *ret_length, struct err *e)
{
  const uint8_t *data = s->output;
  size_t length = 0;

  while (length == 0)
    {
      int r = 0;
      if (s->in_at == s->in_length && !s->input_ended)
        r = refill (s, e);
      if (r < 0)
        return r;
      /* A decoder may still hold output when the input has ended, unless it is between two members. */
      if (s->input_ended && (s->between || s->compression == COMPRESSION_NONE))
        break;
      switch (s->compression)
        {
        case COMPRESSION_NONE: r = take_plain (s, &data, &length); break;
        case COMPRESSION_GZIP: r = inflate_some (s, &length, e); break;
        case COMPRESSION_ZSTD: r = unzstd_some (s, &length, e); break;
        }
      if (r < 0)
        return r;
      if (length == 0 && s->input_ended && !s->between)
        return err_set (e, EBADMSG, "the compressed data end early");
    }
  s->unpacked_bytes += length;
  if (s->unpacked_bytes > s->source.max_bytes)
    return err_set (e, EFBIG, "the archive holds more than %llu bytes", (unsigned long long) s->source.max_bytes);
  sha256_update (&s->unpacked_hash, data, length);
  *ret_data = data;
  *ret_length = length;
  return 0;
}

void
stream_finish (struct stream *s, struct stream_totals *ret_totals)
{
  static const char *const names[] = { [COMPRESSION_NONE] = "none", [COMPRESSION_GZIP] = "gzip", [COMPRESSION_ZSTD] = "zstd" };
  sha256_hex (&s->read_hash, ret_totals->read_hex);
  sha256_hex (&s->unpacked_hash, ret_totals->unpacked_hex);
  ret_totals->read_bytes = s->read_bytes;
  ret_totals->unpacked_bytes = s->unpacked_bytes;
  ret_totals->compression = names[s->compression];
}

uint64_t
stream_read_bytes (const struct stream *s)
{
  return s->read_bytes;
}
