#include "helper/pack.h"

#include "common/cleanup.h"
#include "helper/archive-output.h"
#include "helper/image-file.h"
#include "helper/layer-write.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

struct request
{
  const char *upper;
  const char **lower;
  size_t n_lower;
  const char **mount_points;
  size_t n_mount_points;
  const char *target;
  const char *compression;
  int64_t clamp;
};

static int
parse_request (const struct json *json, struct request *ret, struct err *e)
{
  int r = json_string_or (json, "upper", NULL, &ret->upper, e);
  if (r == 0)
    r = json_strings_or_empty (json, "lower", &ret->lower, &ret->n_lower, e);
  if (r == 0)
    r = json_strings_or_empty (json, "mountPoints", &ret->mount_points, &ret->n_mount_points, e);
  if (r == 0)
    r = json_string_or (json, "target", NULL, &ret->target, e);
  if (r == 0)
    r = json_string_or (json, "compression", "none", &ret->compression, e);
  if (r == 0)
    r = json_integer_or (json, "clampTime", 0, INT64_MAX, -1, &ret->clamp, e);
  return r;
}

static void
request_free (struct request *request)
{
  free (request->lower);
  free (request->mount_points);
}

static int
parse_compression (const char *word, enum archive_compression *ret, struct err *e)
{
  static const char *const words[] = { [ARCHIVE_PLAIN] = "none", [ARCHIVE_GZIP] = "gzip", [ARCHIVE_ZSTD] = "zstd" };
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp (words[i], word) == 0)
      {
        *ret = (enum archive_compression) i;
        return 0;
      }
  return err_set (e, EINVAL, "unknown compression \"%.60s\"", word);
}

static int
open_target (const char *target, int *ret_fd, struct err *e)
{
  *ret_fd = target == NULL ? fcntl (3, F_DUPFD_CLOEXEC, 3) : open (target, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  return *ret_fd < 0 ? err_errno (e, "cannot create %.200s", target == NULL ? "the stream" : target) : 0;
}

/* The directories that are read: an upper one and what is below it, or only the merged tree. */
static int
open_trees (const struct request *request, int *ret_root, int *ret_lower, struct err *e)
{
  int r = request->n_lower == 0 ? 0 : image_root_open (request->lower, request->n_lower, ret_lower, e);
  if (r < 0)
    return r;
  if (request->upper == NULL)
    {
      if (request->n_lower == 0)
        return err_set (e, EINVAL, "nothing to pack");
      *ret_root = *ret_lower;
      *ret_lower = -1;
      return 0;
    }
  *ret_root = open (request->upper, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  return *ret_root < 0 ? err_errno (e, "cannot open %.200s", request->upper) : 0;
}

int
pack_run (const struct json *json, struct buffer *reply, struct err *e)
{
  struct request request __attribute__ ((cleanup (request_free))) = { 0 };
  int root cleanup_fd = -1, lower cleanup_fd = -1, target cleanup_fd = -1;
  struct archive_output *output cleanup_archive_output = NULL;
  enum archive_compression compression = ARCHIVE_PLAIN;
  struct archive_totals totals = { 0 };
  uint64_t entries = 0;

  int r = parse_request (json, &request, e);
  if (r == 0)
    r = parse_compression (request.compression, &compression, e);
  if (r == 0)
    r = open_trees (&request, &root, &lower, e);
  if (r == 0)
    r = open_target (request.target, &target, e);
  if (r == 0)
    r = archive_output_open (target, compression, &output, e);
  if (r < 0)
    return r;
  /* A reader that goes away is an error to report, not a death. */
  (void) signal (SIGPIPE, SIG_IGN);
  const struct layer_source source = { .root_fd = root,
                                       .is_upper = request.upper != NULL,
                                       .lower_fd = lower,
                                       .clamp = request.clamp,
                                       .mount_points = request.mount_points,
                                       .n_mount_points = request.n_mount_points };
  r = layer_write (&source, output, &entries, e);
  if (r == 0)
    r = archive_output_finish (output, &totals, e);
  if (r == 0 && request.target != NULL && fsync (target) < 0)
    r = err_errno (e, "cannot flush the archive");
  if (r < 0)
    return r;
  buffer_printf (reply, ",\"digest\":\"sha256:%s\",\"diffId\":\"sha256:%s\"", totals.archive_hex, totals.plain_hex);
  buffer_printf (reply, ",\"sizeBytes\":%llu,\"unpackedBytes\":%llu,\"entries\":%llu", (unsigned long long) totals.archive_bytes,
                 (unsigned long long) totals.plain_bytes, (unsigned long long) entries);
  return 0;
}
