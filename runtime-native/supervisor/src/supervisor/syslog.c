#include "supervisor/log-message.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum
{
  SEVERITY_ERROR = 3,
  SEVERITY_INFO = 6
};

static void
add_header (const struct log_origin *origin, int priority, struct buffer *message)
{
  const struct spec_log *config = origin->config;
  char classic[32];
  char seconds[32];
  char fraction[32] = "";
  struct tm parts;
  (void) localtime_r (&origin->time.tv_sec, &parts);
  (void) strftime (classic, sizeof classic, "%b %e %H:%M:%S", &parts); /* fits, as the next */
  (void) gmtime_r (&origin->time.tv_sec, &parts);
  (void) strftime (seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &parts);
  switch (config->format)
    {
    case SYSLOG_UNIX: buffer_printf (message, "<%d>%s %s[%d]: ", priority, classic, config->tag, (int) getpid ()); break;
    case SYSLOG_RFC3164: buffer_printf (message, "<%d>%s %s %s[%d]: ", priority, classic, origin->host, config->tag, (int) getpid ()); break;
    case SYSLOG_RFC5424:
    case SYSLOG_RFC5424_MICRO:
    default:
      if (config->format == SYSLOG_RFC5424_MICRO)
        (void) snprintf (fraction, sizeof fraction, ".%06ld", origin->time.tv_nsec / 1000); /* fits */
      buffer_printf (message, "<%d>1 %s%sZ %s %s %d %s - ", priority, seconds, fraction, origin->host, config->tag, (int) getpid (), config->tag);
      break;
    }
}

void
syslog_encode (const struct log_origin *origin, const struct log_line *line, struct buffer *message)
{
  size_t length = line->length;
  while (length > 0 && line->text[length - 1] == '\r')
    length--;
  add_header (origin, origin->config->facility * 8 + (line->is_error ? SEVERITY_ERROR : SEVERITY_INFO), message);
  buffer_add (message, line->text, length);
}
