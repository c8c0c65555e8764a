#include "helper/copy-path.h"

#include "common/cleanup.h"
#include "helper/archive-output.h"
#include "helper/build-root.h"
#include "helper/entry-path.h"
#include "helper/extract.h"
#include "helper/layer-write.h"
#include "helper/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* The directory of a clean PATH and the name in it; "" is the root itself. */
static int
open_parent (int root_fd, const char *path, int *ret_fd, const char **ret_name, struct err *e)
{
  char parent[PATH_MAX] = ".";
  const char *slash = strrchr (path, '/');

  if (slash != NULL)
    {
      memcpy (parent, path, (size_t) (slash - path));
      parent[slash - path] = '\0';
    }
  *ret_name = *path == '\0' ? "." : slash == NULL ? path : slash + 1;
  *ret_fd = tree_open (root_fd, parent, O_PATH | O_DIRECTORY);
  return *ret_fd < 0 ? err_errno (e, "cannot enter \"/%.160s\"", slash == NULL ? "" : parent) : 0;
}

int
copy_out_run (const struct json *request, struct buffer *reply, struct err *e)
{
  int root cleanup_fd = -1, parent cleanup_fd = -1, target cleanup_fd = -1;
  struct archive_output *output cleanup_archive_output = NULL;
  struct archive_totals totals = { 0 };
  const char *path = NULL, *as = NULL, *name = NULL;
  char clean[PATH_MAX];
  uint64_t entries = 0;

  int r = json_string (request, "path", &path, e);
  if (r == 0)
    r = json_string (request, "as", &as, e);
  if (r == 0)
    r = entry_path_clean (path, clean, e);
  if (r == 0)
    r = build_root_open (json_get (request, "source"), &root, e);
  if (r == 0)
    r = open_parent (root, clean, &parent, &name, e);
  if (r < 0)
    return r;
  target = fcntl (3, F_DUPFD_CLOEXEC, 3);
  if (target < 0)
    return err_errno (e, "cannot write the stream");
  r = archive_output_open (target, ARCHIVE_PLAIN, &output, e);
  if (r < 0)
    return r;
  /* A reader that goes away is an error to report, not a death. */
  (void) signal (SIGPIPE, SIG_IGN);
  const struct tree_source source = { .dir_fd = parent, .name = name, .as = as };
  r = tree_write (&source, output, &entries, e);
  if (r == 0)
    r = archive_output_finish (output, &totals, e);
  if (r == 0)
    buffer_printf (reply, ",\"sizeBytes\":%llu,\"entries\":%llu", (unsigned long long) totals.plain_bytes, (unsigned long long) entries);
  return r;
}

int
copy_in_run (const struct json *request, struct buffer *reply, struct err *e)
{
  int root cleanup_fd = -1, input cleanup_fd = -1, directory cleanup_fd = -1;
  struct stream *stream cleanup_stream = NULL;
  struct tar *tar cleanup_tar = NULL;
  const char *path = NULL;
  char below[PATH_MAX];
  int64_t uid = -1, gid = -1;
  uint64_t entries = 0;

  int r = json_string (request, "path", &path, e);
  if (r == 0)
    r = json_integer_or (request, "uid", 0, UINT32_MAX - 1, -1, &uid, e);
  if (r == 0)
    r = json_integer_or (request, "gid", 0, UINT32_MAX - 1, -1, &gid, e);
  if (r == 0)
    r = entry_path_clean (path, below, e);
  if (r == 0)
    r = build_root_open (json_get (request, "target"), &root, e);
  if (r < 0)
    return r;
  directory = tree_open (root, *below == '\0' ? "." : below, O_PATH | O_DIRECTORY);
  if (directory < 0)
    return err_errno (e, "cannot enter \"/%.160s\"", below);
  input = fcntl (3, F_DUPFD_CLOEXEC, 3);
  if (input < 0)
    return err_errno (e, "cannot read the stream");
  const struct stream_source source = { .fd = input, .length = -1, .copy_fd = -1, .max_bytes = INT64_MAX };
  r = stream_open (&source, &stream, e);
  if (r == 0)
    r = tar_open (stream, &tar, e);
  if (r < 0)
    return r;
  const struct extract_place place = { .root_fd = root, .below = below, .sets_owner = uid >= 0 && gid >= 0, .uid = (uid_t) uid, .gid = (gid_t) gid };
  r = extract_below (tar, &place, &entries, e);
  if (r == 0)
    buffer_printf (reply, ",\"entries\":%llu", (unsigned long long) entries);
  return r;
}
