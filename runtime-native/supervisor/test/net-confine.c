/* What a confined process cannot do any more, tried in children. */
#include "net/confine.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[] = "/tmp/net-confine-XXXXXX";
static int directory_fd;

static int
opens (int fd, const char *path, int flags)
{
  return syscall (SYS_openat, fd, path, flags, 0) >= 0 ? 0 : errno;
}

enum
{
  READ = O_RDONLY | O_CLOEXEC | O_NOFOLLOW
};

static int
read_below (void)
{
  return opens (directory_fd, "file", READ);
}

static int
read_elsewhere (void)
{
  return opens (AT_FDCWD, "/etc/passwd", READ);
}

static int
climb (void)
{
  return opens (directory_fd, "../../etc/passwd", READ);
}

static int
follow (void)
{
  return opens (directory_fd, "link", READ);
}

static int
write_file (void)
{
  return opens (directory_fd, "file", O_RDWR | O_CLOEXEC);
}

static int
map_code (void)
{
  return mmap (NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0;
}

static int
map_data (void)
{
  return mmap (NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0;
}

static int
start_program (void)
{
  return execl ("/bin/true", "true", NULL) < 0 ? errno : 0;
}

static int
send_signal (void)
{
  return kill (1, 0) < 0 ? errno : 0;
}

/* The exit status of ACTION in a confined child, or minus the signal that ended it. */
static int
attempt (int (*action) (void))
{
  static const int system_calls[] = { SYS_exit_group };
  pid_t parent = getpid ();
  pid_t pid = fork ();
  if (pid == 0)
    {
      struct confinement confinement = { .name = "confined",
                                         .parent = parent,
                                         .fds = &directory_fd,
                                         .n_fds = 1,
                                         .directories = &directory_fd,
                                         .n_directories = 1,
                                         .max_files = 64,
                                         .syscalls = system_calls,
                                         .n_syscalls = 1,
                                         .opens_files = true };
      _exit (confine (&confinement) < 0 ? 200 : action ());
    }
  int status = 0;
  (void) waitpid (pid, &status, 0);
  return WIFSIGNALED (status) ? -WTERMSIG (status) : WEXITSTATUS (status);
}

int
main (void)
{
#ifdef __SANITIZE_ADDRESS__
  ok (true, "confinement # SKIP the sanitizers need system calls");
  return tap_end ();
#endif
  char command[200];
  (void) snprintf (command, sizeof command, "cd %s && echo x >file && chmod 644 file && ln -s file link", mkdtemp (directory));
  (void) chmod (directory, 0755);
  if (system (command) != 0)
    return 1;
  directory_fd = open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ok (attempt (read_below) == 0, "reads a file below its directory");
  ok (attempt (map_data) == 0, "maps memory");
  ok (attempt (follow) == ELOOP, "follows no symbolic link");
  int elsewhere = attempt (read_elsewhere);
  if (elsewhere == 0)
    ok (true, "files elsewhere # SKIP needs Landlock");
  else
    ok (elsewhere == EACCES && attempt (climb) == EACCES, "reads nothing elsewhere");
  ok (attempt (write_file) == -SIGSYS, "dies when it opens a file for writing");
  ok (attempt (map_code) == -SIGSYS, "or maps code");
  ok (attempt (start_program) == -SIGSYS, "or starts a program");
  ok (attempt (send_signal) == -SIGSYS, "or sends a signal");
  (void) snprintf (command, sizeof command, "rm -rf %s", directory);
  ok (system (command) == 0, "cleans up");
  return tap_end ();
}
