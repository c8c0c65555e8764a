#include "common/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *
describe (int code)
{
  const char *text = strerrordesc_np (code);
  return text == NULL ? "unknown error" : text;
}

/* Messages are cut at the size of the buffer, which is what ignoring the results of vsnprintf means here. */
int
err_set (struct err *e, int code, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  e->code = code;
  (void) vsnprintf (e->msg, sizeof e->msg, format, arguments);
  va_end (arguments);
  return -code;
}

int
err_errno (struct err *e, const char *format, ...)
{
  int code = errno;
  va_list arguments;
  va_start (arguments, format);
  e->code = code;
  (void) vsnprintf (e->msg, sizeof e->msg, format, arguments);
  va_end (arguments);
  size_t used = strlen (e->msg);
  (void) snprintf (e->msg + used, sizeof e->msg - used, ": %s", describe (code));
  return -code;
}

int
err_wrap (struct err *e, const char *format, ...)
{
  char inner[sizeof e->msg];
  memcpy (inner, e->msg, sizeof inner);
  va_list arguments;
  va_start (arguments, format);
  (void) vsnprintf (e->msg, sizeof e->msg, format, arguments);
  va_end (arguments);
  size_t used = strlen (e->msg);
  (void) snprintf (e->msg + used, sizeof e->msg - used, ": %s", inner);
  return -e->code;
}
