#include "helper/sorted-directory.h"

#include "common/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

int
sorted_directory_read (int dir_fd, struct path_list *ret_names, struct err *e)
{
  struct path_list names cleanup_path_list = { 0 };
  /* An fd of its own: the caller's has a position, too, and may be O_PATH. */
  int own cleanup_fd = openat (dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *directory cleanup_dir = own < 0 ? NULL : fdopendir (own);

  if (directory == NULL)
    return err_errno (e, "cannot read a directory");
  (void) steal_fd (&own); /* belongs to the DIR now */
  for (;;)
    {
      errno = 0;
      const struct dirent *entry = readdir (directory);
      if (entry == NULL && errno != 0)
        return err_errno (e, "cannot read a directory");
      if (entry == NULL)
        break;
      bool is_itself = strcmp (entry->d_name, ".") == 0 || strcmp (entry->d_name, "..") == 0;
      int r = is_itself ? 0 : path_list_add (&names, entry->d_name, e);
      if (r < 0)
        return r;
    }
  path_list_sort (&names);
  *ret_names = names;
  names = (struct path_list){ 0 };
  return 0;
}
