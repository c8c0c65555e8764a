#include "supervisor/log-compress.h"

#include "common/buffer.h"
#include "common/cleanup.h"
#include "common/io.h"
#include "supervisor/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
  PATH_BYTES = 4096,
  LOW_PRIORITY = 10
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
request_fd (const char *source, const char *target)
{
  struct buffer text cleanup_buffer = { 0 };
  struct err ignored;
  int fd cleanup_fd = memfd_create ("request", MFD_CLOEXEC);
  buffer_add_string (&text, "{\"op\":\"gzip\",\"source\":");
  buffer_add_json (&text, source);
  buffer_add_string (&text, ",\"target\":");
  buffer_add_json (&text, target);
  buffer_add_string (&text, "}");
  if (fd < 0 || text.failed || io_write_all (fd, text.data, text.length, &ignored) < 0 || lseek (fd, 0, SEEK_SET) < 0)
    return -1;
  return steal_fd (&fd);
}

static pid_t
spawn (const char *program, int request)
{
  pid_t pid = fork ();
  if (pid != 0)
    return pid < 0 ? 0 : pid;
  loop_reset_signals ();
  (void) setpriority (PRIO_PROCESS, 0, LOW_PRIORITY); /* a log has time */
  if (dup2 (request, STDIN_FILENO) >= 0)
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
      if (!name_of (source, compress->config, index, "") || access (source, F_OK) < 0)
        continue;
      int request cleanup_fd = request_fd (source, target);
      if (request < 0)
        return;
      compress->pid = spawn (compress->config->compressor, request);
      compress->index = index;
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
  bool is_kept = compress->index < config->max_files && access (plain, F_OK) == 0;
  if (wait_status != 0 || !is_kept || rename (made, packed) < 0)
    (void) unlink (made); /* often it is not there; the plain file stays */
  else
    (void) unlink (plain); /* its content is in the other */
  if (wait_status == 0)
    start_next (compress); /* after a failure the next rotation tries again */
  return true;
}
