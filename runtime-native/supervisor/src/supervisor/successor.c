#include "supervisor/successor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct
{
  char **argv; /* NULL: none */
  char **env;
} successor;

static void
free_strings (char **strings)
{
  for (size_t i = 0; strings != NULL && strings[i] != NULL; i++)
    free (strings[i]);
  free (strings);
}

/* A NULL-terminated copy that outlives the request; the caller's. */
static int
copy_strings (const struct json *request, const char *key, char ***ret, struct err *e)
{
  const char **strings = NULL;
  size_t count = 0;
  int r = json_strings_or_empty (request, key, &strings, &count, e);
  if (r < 0)
    return r;
  char **copy = calloc (count + 1, sizeof *copy);
  for (size_t i = 0; copy != NULL && i < count; i++)
    {
      copy[i] = strdup (strings[i]);
      if (copy[i] == NULL)
        {
          free_strings (copy);
          copy = NULL;
        }
    }
  free (strings);
  *ret = copy;
  return copy == NULL ? err_set (e, ENOMEM, "out of memory") : 0;
}

int
successor_set (const struct json *request, struct err *e)
{
  char **argv = NULL;
  char **env = NULL;
  int r = copy_strings (request, "argv", &argv, e);
  if (r == 0)
    r = copy_strings (request, "env", &env, e);
  if (r < 0)
    {
      free_strings (argv);
      return r;
    }
  free_strings (successor.argv);
  free_strings (successor.env);
  successor.argv = argv[0] == NULL ? NULL : argv;
  successor.env = env;
  if (successor.argv == NULL)
    free_strings (argv);
  return 0;
}

void
successor_start (void)
{
  if (successor.argv == NULL || fork () != 0)
    return; /* what cannot be put in order now is by the next command that builds */
  int null_fd = open ("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd < 3; fd++)
    if (dup2 (null_fd, fd) < 0)
      _exit (EXIT_FAILURE);
  (void) setsid (); /* fails only for a leader, which a fresh child is not */
  (void) signal (SIGCHLD, SIG_DFL); /* the launcher ignores these; fails only for bad numbers */
  (void) signal (SIGINT, SIG_DFL);
  (void) signal (SIGHUP, SIG_DFL);
  (void) signal (SIGPIPE, SIG_DFL);
  (void) syscall (SYS_close_range, 3, ~0U, 0); /* what stays open harms nobody */
  (void) execve (successor.argv[0], successor.argv, successor.env);
  _exit (EXIT_FAILURE);
}
