#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdint.h>

enum
{
  CLOCK_TEXT_SIZE = 32
};

/* Milliseconds of the monotonic clock; all deadlines use it. */
int64_t clock_monotonic_ms (void);

/* The wall clock as RFC 3339 UTC with nanoseconds, `2026-01-31T10:00:00.000000000Z`. */
void clock_format_now (char text[static CLOCK_TEXT_SIZE]);

#endif
