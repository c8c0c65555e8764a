#include "helper/entry-path.h"

#include <errno.h>
#include <string.h>

int
entry_path_clean (const char *name, char ret_path[PATH_MAX], struct err *e)
{
  size_t length = 0;

  for (const char *at = name; *at != '\0';)
    {
      size_t n = strcspn (at, "/");
      if (n > NAME_MAX)
        return err_set (e, EBADMSG, "a name of the archive has a part of more than %d bytes", NAME_MAX);
      if (n == 2 && at[0] == '.' && at[1] == '.')
        {
          if (length == 0)
            return err_set (e, EBADMSG, "entry \"%.120s\" leads out of the archive's root", name);
          while (length > 0 && ret_path[length - 1] != '/')
            length--;
          length -= length > 0 ? 1 : 0;
        }
      else if (n > 0 && !(n == 1 && at[0] == '.'))
        {
          if (length > 0)
            ret_path[length++] = '/';
          memcpy (ret_path + length, at, n);
          length += n;
        }
      at += n;
      at += *at == '/' ? 1 : 0;
    }
  ret_path[length] = '\0';
  return 0;
}
