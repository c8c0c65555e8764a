#include "supervisor/log.h"

#include "common/clock.h"
#include "supervisor/journal.h"
#include "supervisor/log-file.h"
#include "supervisor/syslog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An unfinished line of one stream. */
struct partial
{
  size_t length;
  char text[LOG_LINE_LIMIT];
};

struct log
{
  struct log_file *file; /* NULL with driver none */
  struct syslog *syslog; /* NULL without */
  struct journal *journal; /* NULL without */
  struct partial partial[N_STREAMS];
};

int
log_open (const struct spec_log *config, const char *name, struct log **ret, struct err *e)
{
  struct log *log = calloc (1, sizeof *log);
  if (log == NULL)
    return err_set (e, ENOMEM, "out of memory");
  int r = config->driver == LOG_NONE ? 0 : log_file_open (config, &log->file, e);
  if (r == 0 && config->driver == LOG_SYSLOG)
    r = syslog_open (config, &log->syslog, e);
  if (r == 0 && config->driver == LOG_JOURNALD)
    r = journal_open (config, &log->journal, e);
  if (r < 0)
    {
      log_close (log);
      return err_wrap (e, "log of %s", name);
    }
  *ret = log;
  return 0;
}

void
log_close (struct log *log)
{
  if (log == NULL)
    return;
  log_file_close (log->file);
  syslog_close (log->syslog);
  journal_close (log->journal);
  free (log);
}

/* What is written together has the time of its arrival in common. */
static void
stamp (struct log *log, enum stream stream)
{
  char time[CLOCK_TEXT_SIZE];
  clock_format_now (time);
  log_file_stamp (log->file, stream == STREAM_STDOUT ? "stdout" : "stderr", time);
}

/* A line with its line feed, or a piece of a longer one without. */
static void
write_line (struct log *log, enum stream stream, const char *text, size_t length)
{
  log_file_add (log->file, text, length);
  if (log->syslog != NULL)
    syslog_send (log->syslog, stream == STREAM_STDERR, text, length);
  if (log->journal != NULL)
    journal_send (log->journal, stream == STREAM_STDERR, text, length);
}

/* Adds to the unfinished line; writes it when it is complete or full. */
static void
extend_partial (struct log *log, enum stream stream, const char *text, size_t length)
{
  struct partial *partial = &log->partial[stream];
  while (length > 0)
    {
      size_t room = LOG_LINE_LIMIT - partial->length;
      size_t taken = length < room ? length : room;
      memcpy (partial->text + partial->length, text, taken);
      partial->length += taken;
      text += taken;
      length -= taken;
      if (partial->text[partial->length - 1] != '\n' && partial->length < LOG_LINE_LIMIT)
        continue;
      write_line (log, stream, partial->text, partial->length);
      partial->length = 0;
    }
}

void
log_write (struct log *log, enum stream stream, const char *bytes, size_t length)
{
  if (log->file == NULL)
    return;
  stamp (log, stream);
  while (length > 0)
    {
      const char *newline = memchr (bytes, '\n', length);
      size_t line = newline == NULL ? length : (size_t) (newline - bytes) + 1;
      if (newline != NULL && log->partial[stream].length == 0 && line <= LOG_LINE_LIMIT)
        write_line (log, stream, bytes, line);
      else
        extend_partial (log, stream, bytes, line);
      bytes += line;
      length -= line;
    }
  log_file_flush (log->file);
}

void
log_flush (struct log *log)
{
  if (log->file == NULL)
    return;
  for (int stream = 0; stream < N_STREAMS; stream++)
    {
      struct partial *partial = &log->partial[stream];
      if (partial->length == 0)
        continue;
      stamp (log, (enum stream) stream);
      write_line (log, (enum stream) stream, partial->text, partial->length);
      partial->length = 0;
    }
  log_file_flush (log->file);
}

size_t
log_lost_bytes (const struct log *log)
{
  return (log->file == NULL ? 0 : log_file_lost (log->file)) + (log->syslog == NULL ? 0 : syslog_lost (log->syslog))
         + (log->journal == NULL ? 0 : journal_lost (log->journal));
}

bool
log_child (struct log *log, pid_t pid, int wait_status)
{
  return log != NULL && log->file != NULL && log_file_child (log->file, pid, wait_status);
}
