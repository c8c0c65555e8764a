#include "common/clock.h"

#include <string.h>
#include <time.h>

int64_t
clock_monotonic_ms (void)
{
  struct timespec now;
  (void) clock_gettime (CLOCK_MONOTONIC, &now); /* cannot fail with a valid clock */
  return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
put_digits (char *text, unsigned value, int width)
{
  for (int i = width - 1; i >= 0; i--, value /= 10)
    text[i] = (char) ('0' + value % 10);
}

/* Every log line needs this, so the calendar part is computed once a second. */
void
clock_format_now (char text[static CLOCK_TEXT_SIZE])
{
  static char cached[CLOCK_TEXT_SIZE];
  static time_t cached_second = -1;
  struct timespec now;
  (void) clock_gettime (CLOCK_REALTIME, &now); /* as above */
  if (now.tv_sec != cached_second)
    {
      struct tm parts;
      (void) gmtime_r (&now.tv_sec, &parts);
      memcpy (cached, "0000-00-00T00:00:00.000000000Z", 31);
      put_digits (cached, (unsigned) parts.tm_year + 1900, 4);
      put_digits (cached + 5, (unsigned) parts.tm_mon + 1, 2);
      put_digits (cached + 8, (unsigned) parts.tm_mday, 2);
      put_digits (cached + 11, (unsigned) parts.tm_hour, 2);
      put_digits (cached + 14, (unsigned) parts.tm_min, 2);
      put_digits (cached + 17, (unsigned) parts.tm_sec, 2);
      cached_second = now.tv_sec;
    }
  memcpy (text, cached, 31);
  put_digits (text + 20, (unsigned) now.tv_nsec, 9);
}
