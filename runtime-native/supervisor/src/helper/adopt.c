#include "helper/adopt.h"

#include "common/cleanup.h"
#include "helper/file-attributes.h"
#include "helper/image-file.h"
#include "helper/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

/* Owner, mode, attributes and time of one directory, from the layers below; nothing when one of both has no such directory. */
static int
adopt_one (int layer_fd, int lower_fd, const char *path, struct err *e)
{
  const char *name = *path == '\0' ? "." : path;
  struct file_attributes attributes cleanup_file_attributes = { 0 };
  struct stat st;
  int to cleanup_fd = tree_open (layer_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  int from cleanup_fd = to < 0 ? -1 : tree_open (lower_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

  if (to < 0 || from < 0)
    {
      int code = to < 0 ? -to : -from;
      if (code == ENOENT || code == ENOTDIR || code == ELOOP)
        return 0;
      return err_errno (e, "cannot open directory \"%.120s\"", path);
    }
  if (fstat (from, &st) < 0)
    return err_errno (e, "cannot look at directory \"%.120s\"", path);
  int r = file_attributes_read (&attributes, from, ".", e);
  if (r < 0)
    return r;
  const struct timespec times[2] = { st.st_mtim, st.st_mtim };
  if (fchown (to, st.st_uid, st.st_gid) < 0 || fchmod (to, st.st_mode & 07777) < 0)
    return err_errno (e, "cannot set owner and mode of directory \"%.120s\"", path);
  for (size_t i = 0; i < attributes.count; i++)
    if (fsetxattr (to, attributes.list[i].name, attributes.list[i].value, attributes.list[i].length, 0) < 0 && errno != ENOTSUP)
      return err_errno (e, "cannot set %.60s of directory \"%.100s\"", attributes.list[i].name, path);
  return futimens (to, times) < 0 ? err_errno (e, "cannot set the time of directory \"%.120s\"", path) : 0;
}

int
adopt_run (const struct json *request, struct buffer *reply, struct err *e)
{
  const char *layer = NULL;
  const char **lower cleanup_free = NULL, **paths cleanup_free = NULL;
  size_t n_lower = 0, n_paths = 0;
  int lower_fd cleanup_fd = -1;
  (void) reply; /* success says it all */

  int r = json_string (request, "layer", &layer, e);
  if (r == 0)
    r = json_strings_or_empty (request, "lower", &lower, &n_lower, e);
  if (r == 0)
    r = json_strings_or_empty (request, "paths", &paths, &n_paths, e);
  if (r == 0)
    r = image_root_open (lower, n_lower, &lower_fd, e);
  if (r < 0)
    return r;
  int layer_fd cleanup_fd = open (layer, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (layer_fd < 0)
    return err_errno (e, "cannot open %.200s", layer);
  for (size_t i = 0; r == 0 && i < n_paths; i++)
    r = adopt_one (layer_fd, lower_fd, paths[i], e);
  if (r == 0 && syncfs (layer_fd) < 0)
    r = err_errno (e, "cannot flush the layer");
  return r;
}
