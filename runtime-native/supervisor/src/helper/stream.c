#include "helper/stream.h"

#include "common/cleanup.h"
#include "common/io.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum
{
  INPUT_BYTES = 256 * 1024,
  SLOT_BYTES = 256 * 1024,
  SLOTS = 8,
  FLUSH_BYTES = 8 * 1024 * 1024
};

enum compression
{
  COMPRESSION_NONE,
  COMPRESSION_GZIP,
  COMPRESSION_ZSTD
};

/* Decompressed bytes on their way from the reading thread to the caller. */
struct slot
{
  size_t length;
  uint8_t data[SLOT_BYTES];
};

struct stream
{
  struct stream_source source;

  /* Shared, under the lock: the reader fills slot `filled % SLOTS`, the caller holds slot `taken % SLOTS`. */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  uint64_t filled;
  uint64_t taken;
  bool ended;
  bool cancelled;
  struct err error;

  /* The reader's. */
  uint64_t read_bytes;
  uint64_t unpacked_bytes;
  uint64_t flushed_bytes;
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

  pthread_t reader;
  bool has_reader;
  /* The caller's. */
  bool holds_slot;
  struct slot slots[SLOTS];
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
      /* Start writing early, so that the final fsync has little left to wait for. */
      if (s->read_bytes - s->flushed_bytes >= FLUSH_BYTES)
        {
          (void) sync_file_range (s->source.copy_fd, (off_t) s->flushed_bytes, (off_t) (s->read_bytes - s->flushed_bytes),
                                  SYNC_FILE_RANGE_WRITE); /* only a hint */
          s->flushed_bytes = s->read_bytes;
        }
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

static void *read_all (void *data);

int
stream_open (const struct stream_source *source, struct stream **ret_stream, struct err *e)
{
  struct stream *s cleanup_stream = calloc (1, sizeof *s);
  if (s == NULL)
    return err_set (e, ENOMEM, "out of memory");
  s->source = *source;
  sha256_init (&s->read_hash);
  sha256_init (&s->unpacked_hash);
  if (pthread_mutex_init (&s->lock, NULL) != 0 || pthread_cond_init (&s->changed, NULL) != 0
      || pthread_create (&s->reader, NULL, read_all, s) != 0)
    return err_set (e, ENOMEM, "cannot start a thread");
  s->has_reader = true;
  *ret_stream = steal_pointer (s);
  return 0;
}

void
stream_free (struct stream **stream)
{
  struct stream *s = *stream;
  if (s == NULL)
    return;
  if (s->has_reader)
    {
      pthread_mutex_lock (&s->lock);
      s->cancelled = true;
      pthread_cond_broadcast (&s->changed);
      pthread_mutex_unlock (&s->lock);
      pthread_join (s->reader, NULL);
    }
  if (s->inflating)
    (void) inflateEnd (&s->zlib); /* only frees */
  (void) ZSTD_freeDStream (s->zstd); /* only frees; accepts NULL */
  free (s);
}

static int
inflate_some (struct stream *s, struct slot *slot, struct err *e)
{
  s->zlib.next_in = s->input + s->in_at;
  s->zlib.avail_in = (uInt) (s->in_length - s->in_at);
  s->zlib.next_out = slot->data;
  s->zlib.avail_out = SLOT_BYTES;
  if (s->between && inflateReset (&s->zlib) != Z_OK)
    return err_set (e, EIO, "cannot restart zlib");
  s->between = false;
  int status = inflate (&s->zlib, Z_NO_FLUSH);
  s->in_at = s->in_length - s->zlib.avail_in;
  slot->length = SLOT_BYTES - s->zlib.avail_out;
  if (status == Z_MEM_ERROR)
    return err_set (e, ENOMEM, "out of memory");
  if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
    return err_set (e, EBADMSG, "damaged gzip data: %s", s->zlib.msg == NULL ? "no gzip member" : s->zlib.msg);
  s->between = status == Z_STREAM_END;
  return 0;
}

static int
unzstd_some (struct stream *s, struct slot *slot, struct err *e)
{
  ZSTD_inBuffer in = { .src = s->input, .size = s->in_length, .pos = s->in_at };
  ZSTD_outBuffer out = { .dst = slot->data, .size = SLOT_BYTES, .pos = 0 };
  size_t status = ZSTD_decompressStream (s->zstd, &out, &in);
  if (ZSTD_isError (status))
    return err_set (e, EBADMSG, "damaged zstd data: %s", ZSTD_getErrorName (status));
  s->in_at = in.pos;
  s->between = status == 0;
  slot->length = out.pos;
  return 0;
}

static int
copy_some (struct stream *s, struct slot *slot)
{
  size_t n = s->in_length - s->in_at;
  slot->length = n < SLOT_BYTES ? n : SLOT_BYTES;
  memcpy (slot->data, s->input + s->in_at, slot->length);
  s->in_at += slot->length;
  s->between = true;
  return 0;
}

/* Fills a slot with at least one byte; none at the end. */
static int
fill_slot (struct stream *s, struct slot *slot, struct err *e)
{
  slot->length = 0;
  while (slot->length == 0)
    {
      int r = 0;
      if (s->in_at == s->in_length && !s->input_ended)
        r = refill (s, e);
      if (r == 0 && s->read_bytes == s->in_length && s->in_at == 0)
        r = start_decoder (s, e);
      if (r < 0)
        return r;
      /* A decoder may still hold output when the input has ended, unless it is between two members. */
      if (s->input_ended && (s->between || s->compression == COMPRESSION_NONE))
        return 0;
      switch (s->compression)
        {
        case COMPRESSION_NONE: r = copy_some (s, slot); break;
        case COMPRESSION_GZIP: r = inflate_some (s, slot, e); break;
        case COMPRESSION_ZSTD: r = unzstd_some (s, slot, e); break;
        }
      if (r < 0)
        return r;
      if (slot->length == 0 && s->input_ended && !s->between)
        return err_set (e, EBADMSG, "the compressed data end early");
    }
  s->unpacked_bytes += slot->length;
  if (s->unpacked_bytes > s->source.max_bytes)
    return err_set (e, EFBIG, "the archive holds more than %llu bytes", (unsigned long long) s->source.max_bytes);
  sha256_update (&s->unpacked_hash, slot->data, slot->length);
  return 0;
}

/* The reading thread: inflating and digesting take as long as writing the files does, so they run beside it. */
static void *
read_all (void *data)
{
  struct stream *s = data;
  bool done = false;

  while (!done)
    {
      struct err error = { 0 };
      pthread_mutex_lock (&s->lock);
      while (s->filled - s->taken == SLOTS && !s->cancelled)
        pthread_cond_wait (&s->changed, &s->lock);
      bool cancelled = s->cancelled;
      pthread_mutex_unlock (&s->lock);
      if (cancelled)
        return NULL;

      struct slot *slot = &s->slots[s->filled % SLOTS];
      int r = fill_slot (s, slot, &error);
      done = r < 0 || slot->length == 0;

      pthread_mutex_lock (&s->lock);
      if (done)
        {
          s->ended = true;
          s->error = error;
        }
      else
        s->filled++;
      pthread_cond_broadcast (&s->changed);
      pthread_mutex_unlock (&s->lock);
    }
  return NULL;
}

int
stream_next (struct stream *s, const uint8_t **ret_data, size_t *ret_length, struct err *e)
{
  pthread_mutex_lock (&s->lock);
  if (s->holds_slot)
    {
      s->taken++;
      s->holds_slot = false;
      pthread_cond_broadcast (&s->changed);
    }
  while (s->filled == s->taken && !s->ended)
    pthread_cond_wait (&s->changed, &s->lock);
  s->holds_slot = s->filled != s->taken;
  struct err error = s->error;
  pthread_mutex_unlock (&s->lock);

  if (!s->holds_slot && error.code != 0)
    {
      *e = error;
      return -error.code;
    }
  const struct slot *slot = &s->slots[s->taken % SLOTS];
  *ret_data = slot->data;
  *ret_length = s->holds_slot ? slot->length : 0;
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
