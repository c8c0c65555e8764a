#include "helper/entry-place.h"

#include "common/cleanup.h"
#include "helper/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

void
entry_place_forget (struct parent *p)
{
  if (p->fd >= 0)
    (void) close (p->fd); /* an O_PATH fd holds nothing to lose */
  p->fd = -1;
}

static int
cannot_enter (const char *path, struct err *e)
{
  if (errno == ENOTDIR || errno == ELOOP)
    return err_set (e, EBADMSG, "\"%.120s\" of the archive is no directory", path);
  return err_errno (e, "cannot enter \"%.120s\" of the archive", path);
}

/* The archive may leave out directories; they become root's, 0755. */
static int
make_parents (int root_fd, const char *path, struct path_list *made, struct err *e)
{
  char prefix[PATH_MAX];
  int above cleanup_fd = tree_open (root_fd, ".", O_PATH | O_DIRECTORY);

  for (const char *at = path; above >= 0; at++)
    {
      size_t end = (size_t) (at - path) + strcspn (at, "/");
      memcpy (prefix, path, end);
      prefix[end] = '\0';
      int fd = tree_open (root_fd, prefix, O_PATH | O_DIRECTORY);
      if (fd == -ENOENT)
        {
          if (mkdirat (above, prefix + (at - path), 0755) < 0)
            return errno == EEXIST ? err_set (e, EBADMSG, "\"%.120s\" of the archive leads nowhere", prefix)
                                   : err_errno (e, "cannot create directory \"%.120s\"", prefix);
          int r = made == NULL ? 0 : path_list_add (made, prefix, e);
          if (r < 0)
            return r;
          fd = tree_open (root_fd, prefix, O_PATH | O_DIRECTORY);
        }
      (void) close (above); /* an O_PATH fd holds nothing to lose */
      above = fd;
      at = path + end;
      if (*at == '\0')
        break;
    }
  return above < 0 ? cannot_enter (path, e) : 0;
}

int
entry_place_find (int root_fd, struct parent *cache, const char *path, struct place *ret, struct err *e)
{
  const char *slash = strrchr (path, '/');
  size_t length = slash == NULL ? 0 : (size_t) (slash - path);

  if (cache->fd < 0 || strncmp (cache->path, path, length) != 0 || cache->path[length] != '\0')
    {
      entry_place_forget (cache);
      memcpy (cache->path, path, length);
      cache->path[length] = '\0';
      const char *target = length == 0 ? "." : cache->path;
      cache->fd = tree_open (root_fd, target, O_PATH | O_DIRECTORY);
      if (cache->fd == -ENOENT)
        {
          int r = make_parents (root_fd, cache->path, cache->made, e);
          if (r < 0)
            return r;
          cache->fd = tree_open (root_fd, target, O_PATH | O_DIRECTORY);
        }
      if (cache->fd < 0)
        return cannot_enter (target, e);
    }
  *ret = (struct place){ .path = path, .parent_fd = cache->fd, .name = slash == NULL ? path : slash + 1 };
  return 0;
}
