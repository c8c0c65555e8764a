#include "helper/target-path.h"

#include "common/cleanup.h"
#include "helper/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
  MAX_LINKS = 40
};

void
target_forget (struct target *target)
{
  if (target->parent_fd >= 0)
    (void) close (target->parent_fd); /* an O_PATH fd holds nothing to lose */
  target->parent_fd = -1;
}

static int make_directories (const struct target *target, const char *path, int depth, struct err *e);

/* PREFIX is a link to what is not there yet: that is made, as a program in the image would have it. */
static int
make_link_target (const struct target *target, int above, const char *prefix, const char *rest, int depth, struct err *e)
{
  char link[PATH_MAX], path[PATH_MAX];
  const char *name = strrchr (prefix, '/');
  int parent = name == NULL ? 0 : (int) (name - prefix);

  ssize_t length = readlinkat (above, name == NULL ? prefix : name + 1, link, sizeof link - 1);
  if (length < 0)
    return err_set (e, ENOTDIR, "\"/%.160s\" is no directory", prefix);
  link[length] = '\0';
  if (depth >= MAX_LINKS)
    return err_set (e, ELOOP, "\"/%.160s\" leads in circles", prefix);
  int n = *link == '/' ? snprintf (path, sizeof path, "%s/%s", link + strspn (link, "/"), rest)
                       : snprintf (path, sizeof path, "%.*s/%s/%s", parent, prefix, link, rest);
  if (n < 0 || (size_t) n >= sizeof path)
    return err_set (e, ENAMETOOLONG, "\"/%.160s\" leads to a path that is too long", prefix);
  return make_directories (target, path, depth + 1, e);
}

static int
make_directories (const struct target *target, const char *path, int depth, struct err *e)
{
  char prefix[PATH_MAX];
  int above cleanup_fd = tree_open (target->root_fd, ".", O_PATH | O_DIRECTORY);

  for (const char *at = path; above >= 0 && *at != '\0';)
    {
      at += strspn (at, "/");
      if (*at == '\0')
        break;
      size_t end = (size_t) (at - path) + strcspn (at, "/");
      memcpy (prefix, path, end);
      prefix[end] = '\0';
      const char *name = prefix + (at - path);
      int fd = tree_open (target->root_fd, prefix, O_PATH | O_DIRECTORY);
      if (fd == -ENOENT)
        {
          if (mkdirat (above, name, 0755) < 0)
            return errno == EEXIST ? make_link_target (target, above, prefix, path + end + strspn (path + end, "/"), depth, e)
                                   : err_errno (e, "cannot create directory \"/%.160s\"", prefix);
          if (fchownat (above, name, target->uid, target->gid, AT_SYMLINK_NOFOLLOW) < 0)
            return err_errno (e, "cannot set the owner of \"/%.160s\"", prefix);
          fd = tree_open (target->root_fd, prefix, O_PATH | O_DIRECTORY);
        }
      if (fd == -ENOTDIR)
        return err_set (e, ENOTDIR, "\"/%.160s\" is no directory", prefix);
      (void) close (above); /* an O_PATH fd holds nothing to lose */
      above = fd;
      at = path + end;
    }
  return above < 0 ? err_errno (e, "cannot enter \"/%.160s\"", path) : 0;
}

int
target_parent (struct target *target, const char *path, int *ret_fd, const char **ret_name, struct err *e)
{
  const char *slash = strrchr (path, '/');
  size_t length = slash == NULL ? 0 : (size_t) (slash - path);

  if (strlen (path) >= sizeof target->parent)
    return err_set (e, ENAMETOOLONG, "\"%.160s\" is too long", path);
  if (target->parent_fd < 0 || strncmp (target->parent, path, length) != 0 || target->parent[length] != '\0')
    {
      target_forget (target);
      memcpy (target->parent, path, length);
      target->parent[length] = '\0';
      const char *directory = length == 0 ? "." : target->parent;
      target->parent_fd = tree_open (target->root_fd, directory, O_PATH | O_DIRECTORY);
      if (target->parent_fd == -ENOENT || target->parent_fd == -ENOTDIR)
        {
          int r = make_directories (target, target->parent, 0, e);
          if (r < 0)
            return r;
          target->parent_fd = tree_open (target->root_fd, directory, O_PATH | O_DIRECTORY);
        }
      if (target->parent_fd < 0)
        return err_errno (e, "cannot enter \"/%.160s\"", target->parent);
    }
  *ret_fd = target->parent_fd;
  *ret_name = slash == NULL ? path : slash + 1;
  return 0;
}
