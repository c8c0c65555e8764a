#include "supervisor/log.h"

#include "common/clock.h"
#include "supervisor/journal.h"
#include "supervisor/log-file.h"
#include "supervisor/log-server.h"

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
  struct log_file *file; /* NULL without, as the next two */
  struct log_server *server;
  struct journal *journal;
  struct partial partial[N_STREAMS];
};

int
log_open (const struct spec_log *config, const char *name, struct log **ret, struct err *e)
{
  struct log *log = calloc (1, sizeof *log);
  if (log == NULL)
    return err_set (e, ENOMEM, "out of memory");
  int r = config->path == NULL ? 0 : log_file_open (config, &log->file, e);
  if (r == 0 && config->driver == LOG_JOURNALD)
    r = journal_open (config, &log->journal, e);
  else if (r == 0 && config->driver != LOG_NONE && config->driver != LOG_JSON_FILE)
    r = log_server_open (config, &log->server, e);
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
  log_end (log);
  log_server_close (log->server);
  free (log);
}

void
log_end (struct log *log)
{
  log_file_close (log->file);
  journal_close (log->journal);
  log->file = NULL;
  log->journal = NULL;
}

void
log_linger (struct log *log, int timeout_ms)
{
  if (log->server != NULL)
    log_server_linger (log->server, timeout_ms);
}

static bool
is_nowhere (const struct log *log)
{
  return log->file == NULL && log->server == NULL && log->journal == NULL;
}

/* What is written together has the time of its arrival in common. */
static void
stamp (struct log *log, enum stream stream)
{
  char time[CLOCK_TEXT_SIZE];
  if (log->file == NULL)
    return;
  clock_format_now (time);
  log_file_stamp (log->file, stream == STREAM_STDOUT ? "stdout" : "stderr", time);
}

/* A line with its line feed, a piece of a longer one without, or the last one, which lacks it. */
static void
write_line (struct log *log, enum stream stream, const char *text, size_t length, bool is_continued)
{
  bool has_newline = length > 0 && text[length - 1] == '\n';
  const struct log_line line
    = { .text = text, .length = length - has_newline, .is_error = stream == STREAM_STDERR, .is_continued = is_continued };
  if (log->file != NULL)
    log_file_add (log->file, text, length);
  if (log->server != NULL)
    log_server_send (log->server, &line);
  if (log->journal != NULL)
    journal_send (log->journal, &line);
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
      bool is_complete = partial->text[partial->length - 1] == '\n';
      if (!is_complete && partial->length < LOG_LINE_LIMIT)
        continue;
      write_line (log, stream, partial->text, partial->length, !is_complete);
      partial->length = 0;
    }
}

static void
flush (struct log *log)
{
  if (log->file != NULL)
    log_file_flush (log->file);
  if (log->server != NULL)
    log_server_flush (log->server);
}

void
log_write (struct log *log, enum stream stream, const char *bytes, size_t length)
{
  if (is_nowhere (log))
    return;
  stamp (log, stream);
  while (length > 0)
    {
      const char *newline = memchr (bytes, '\n', length);
      size_t line = newline == NULL ? length : (size_t) (newline - bytes) + 1;
      if (newline != NULL && log->partial[stream].length == 0 && line <= LOG_LINE_LIMIT)
        write_line (log, stream, bytes, line, false);
      else
        extend_partial (log, stream, bytes, line);
      bytes += line;
      length -= line;
    }
  flush (log);
}

void
log_flush (struct log *log)
{
  if (is_nowhere (log))
    return;
  for (int stream = 0; stream < N_STREAMS; stream++)
    {
      struct partial *partial = &log->partial[stream];
      if (partial->length == 0)
        continue;
      stamp (log, (enum stream) stream);
      write_line (log, (enum stream) stream, partial->text, partial->length, false);
      partial->length = 0;
    }
  flush (log);
}

size_t
log_lost_bytes (const struct log *log)
{
  return (log->file == NULL ? 0 : log_file_lost (log->file)) + (log->server == NULL ? 0 : log_server_lost (log->server))
         + (log->journal == NULL ? 0 : journal_lost (log->journal));
}

const char *
log_problem (const struct log *log)
{
  const char *problem = log->file == NULL ? "" : log_file_problem (log->file);
  if (problem[0] == '\0' && log->server != NULL)
    problem = log_server_problem (log->server);
  if (problem[0] == '\0' && log->journal != NULL)
    problem = journal_problem (log->journal);
  return problem;
}

bool
log_child (struct log *log, pid_t pid, int wait_status)
{
  return log != NULL && log->file != NULL && log_file_child (log->file, pid, wait_status);
}
