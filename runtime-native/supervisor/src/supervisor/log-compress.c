#include "supervisor/log-compress.h"

#include "common/cleanup.h"
#include "common/io.h"
#include "supervisor/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
  PATH_BYTES = 4096,
  LOW_PRIORITY = 10,
  /* Where the helper expects its files. */
  SOURCE_PLACE = 3,
  TARGET_PLACE = 4,
  N_FDS = 3 /* request, source, target */
};

/* `<path>.<index><suffix>`; false when it is too long. */
static bool
name_of (char name[static PATH_BYTES], const struct spec_log *config, int index, const char *suffix)
{
  int n = snprintf (name, PATH_BYTES, "%s.%d%s", config->path, index, suffix);
  return n > 0 && n < PATH_BYTES;
}

static bool
temporary_name (char name[static PATH_BYTES], const struct spec_log *config)
{
  int n = snprintf (name, PATH_BYTES, "%s.gz.tmp", config->path);
  return n > 0 && n < PATH_BYTES;
}

/* The helper's request in memory, to be its stdin. */
static int
request_fd (void)
{
  static const char text[] = "{\"op\":\"gzip\"}";
  struct err ignored;
  int fd cleanup_fd = memfd_create ("request", MFD_CLOEXEC);
  if (fd < 0 || io_write_all (fd, text, sizeof text - 1, &ignored) < 0 || lseek (fd, 0, SEEK_SET) < 0)
    return -1;
  return steal_fd (&fd);
}

/* The helper gets open files: when it comes to open a name, that may be another file's. */
static pid_t
spawn (const char *program, const int fds[static N_FDS])
{
  static const int places[N_FDS] = { STDIN_FILENO, SOURCE_PLACE, TARGET_PLACE };
  pid_t pid = fork ();
  if (pid != 0)
    return pid < 0 ? 0 : pid;
  loop_reset_signals ();
  (void) setpriority (PRIO_PROCESS, 0, LOW_PRIORITY); /* a log has time */
  /* First out of each other's way. */
  int moved[N_FDS];
  for (int i = 0; i < N_FDS; i++)
    moved[i] = fcntl (fds[i], F_DUPFD_CLOEXEC, TARGET_PLACE + 1);
  for (int i = 0; i < N_FDS; i++)
    if (moved[i] < 0 || dup2 (moved[i], places[i]) < 0)
      _exit (111);
  (void) execl (program, program, (char *) NULL);
  _exit (111);
}

/* The oldest file that is not compressed yet; without one, or when the child cannot be had, nothing happens. */
static void
start_next (struct log_compress *compress)
{
  char source[PATH_BYTES];
  char target[PATH_BYTES];
  if (compress->pid != 0 || !temporary_name (target, compress->config))
    return;
  for (int index = compress->config->max_files - 1; index >= 1; index--)
    {
      struct stat st;
      int from cleanup_fd = name_of (source, compress->config, index, "") ? open (source, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -1;
      if (from < 0)
        continue;
      (void) unlink (target); /* of a supervisor that ended meanwhile; its child may still write to it */
      int to cleanup_fd = open (target, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
      int request cleanup_fd = request_fd ();
      if (to < 0 || request < 0 || fstat (from, &st) < 0)
        return;
      compress->pid = spawn (compress->config->compressor, (const int[]){ request, from, to });
      compress->index = index;
      compress->inode = st.st_ino;
      return;
    }
}

void
log_compress_init (struct log_compress *compress, const struct spec_log *config)
{
  *compress = (struct log_compress){ .config = config };
  if (config->compressor != NULL)
    start_next (compress);
}

void
log_compress_rotated (struct log_compress *compress)
{
  if (compress->config->compressor == NULL)
    return;
  compress->index++;
  start_next (compress);
}

bool
log_compress_child (struct log_compress *compress, pid_t pid, int wait_status)
{
  char plain[PATH_BYTES];
  char made[PATH_BYTES];
  char packed[PATH_BYTES];
  if (compress->pid == 0 || pid != compress->pid)
    return false;
  compress->pid = 0;
  const struct spec_log *config = compress->config;
  if (!temporary_name (made, config) || !name_of (plain, config, compress->index, "") || !name_of (packed, config, compress->index, ".gz"))
    return true;
  struct stat st;
  bool is_kept = compress->index < config->max_files && lstat (plain, &st) == 0 && st.st_ino == compress->inode;
  if (wait_status != 0 || !is_kept || rename (made, packed) < 0)
    (void) unlink (made); /* often it is not there; the plain file stays */
  else
    (void) unlink (plain); /* its content is in the other */
  if (wait_status == 0)
    start_next (compress); /* after a failure the next rotation tries again */
  return true;
}
