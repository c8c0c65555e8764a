#include "helper/unpack.h"

#include "common/cleanup.h"
#include "common/io.h"
#include "helper/extract.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct request
{
  const char *source;
  int64_t fd;
  int64_t offset;
  int64_t length;
  int64_t max_bytes;
  const char *target;
  const char *blob;
};

static int
parse_request (const struct json *json, struct request *ret, struct err *e)
{
  int r = json_string_or (json, "source", NULL, &ret->source, e);
  if (r == 0)
    r = json_integer_or (json, "fd", 0, 1024, 3, &ret->fd, e);
  if (r == 0)
    r = json_integer_or (json, "offset", 0, INT64_MAX, 0, &ret->offset, e);
  if (r == 0)
    r = json_integer_or (json, "length", 0, INT64_MAX, -1, &ret->length, e);
  if (r == 0)
    r = json_integer_or (json, "maxBytes", 0, INT64_MAX, INT64_MAX, &ret->max_bytes, e);
  if (r == 0)
    r = json_string (json, "target", &ret->target, e);
  if (r == 0)
    r = json_string_or (json, "blob", NULL, &ret->blob, e);
  return r;
}

static int
open_source (const struct request *request, int *ret_fd, struct err *e)
{
  int fd = request->source == NULL ? fcntl ((int) request->fd, F_DUPFD_CLOEXEC, 3) : open (request->source, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return err_errno (e, "cannot open %.200s", request->source == NULL ? "the stream" : request->source);
  (void) posix_fadvise (fd, 0, 0, POSIX_FADV_SEQUENTIAL); /* only advice */
  *ret_fd = fd;
  return 0;
}

static int
open_blob (const struct request *request, int *ret_fd, struct err *e)
{
  if (request->blob == NULL)
    return 0;
  *ret_fd = open (request->blob, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  return *ret_fd < 0 ? err_errno (e, "cannot create %.200s", request->blob) : 0;
}

static void
reply_totals (struct buffer *reply, const struct stream_totals *totals, uint64_t entries)
{
  buffer_printf (reply, ",\"digest\":\"sha256:%s\",\"diffId\":\"sha256:%s\"", totals->read_hex, totals->unpacked_hex);
  buffer_printf (reply, ",\"sizeBytes\":%llu,\"unpackedBytes\":%llu", (unsigned long long) totals->read_bytes,
                 (unsigned long long) totals->unpacked_bytes);
  buffer_printf (reply, ",\"compression\":\"%s\",\"entries\":%llu", totals->compression, (unsigned long long) entries);
}

static void
reply_implied (struct buffer *reply, const struct path_list *implied)
{
  buffer_add_string (reply, ",\"implied\":[");
  for (size_t i = 0; i < implied->count; i++)
    {
      if (i > 0)
        buffer_add_string (reply, ",");
      buffer_add_json (reply, implied->paths[i]);
    }
  buffer_add_string (reply, "]");
}

static void
extracted_free (struct extracted *extracted)
{
  path_list_free (&extracted->implied);
}

int
unpack_run (const struct json *json, struct buffer *reply, struct err *e)
{
  struct request request = { 0 };
  int source_fd cleanup_fd = -1, blob_fd cleanup_fd = -1, target_fd cleanup_fd = -1;
  struct stream *stream cleanup_stream = NULL;
  struct tar *tar cleanup_tar = NULL;
  struct stream_totals totals = { 0 };
  struct extracted extracted __attribute__ ((cleanup (extracted_free))) = { 0 };

  int r = parse_request (json, &request, e);
  if (r == 0)
    r = open_source (&request, &source_fd, e);
  if (r == 0)
    r = open_blob (&request, &blob_fd, e);
  if (r < 0)
    return r;
  /* The root of a layer that says nothing about it is root's, 0755, as with Docker. */
  if (mkdir (request.target, 0755) < 0)
    return err_errno (e, "cannot create %.200s", request.target);
  target_fd = open (request.target, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (target_fd < 0)
    return err_errno (e, "cannot open %.200s", request.target);
  struct stream_source source = { .fd = source_fd,
                                  .offset = request.offset,
                                  .length = request.length,
                                  .copy_fd = blob_fd,
                                  .max_bytes = (uint64_t) request.max_bytes };
  r = stream_open (&source, &stream, e);
  if (r == 0)
    r = tar_open (stream, &tar, e);
  if (r == 0)
    r = extract_tar (tar, target_fd, &extracted, e);
  if (r == 0 && blob_fd >= 0 && fsync (blob_fd) < 0)
    r = err_errno (e, "cannot flush the blob");
  /* Thousands of files at once: flushing the file system is many times cheaper than each of them. A layer that is known must
     be whole after a power cut. */
  if (r == 0 && syncfs (target_fd) < 0)
    r = err_errno (e, "cannot flush the layer");
  if (r < 0)
    return r;
  stream_finish (stream, &totals);
  reply_totals (reply, &totals, extracted.entries);
  reply_implied (reply, &extracted.implied);
  return 0;
}
