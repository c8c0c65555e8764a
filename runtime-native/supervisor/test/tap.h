#ifndef TEST_TAP_H
#define TEST_TAP_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A C test is one program: ok () for each claim, `return tap_end ();` at the end of main. */
static int tap_count;
static int tap_failures;

#define ok(condition, ...) tap_ok ((condition), __FILE__, __LINE__, __VA_ARGS__)

__attribute__ ((format (printf, 4, 5))) static inline bool
tap_ok (bool passed, const char *file, int line, const char *format, ...)
{
  __builtin_va_list arguments;
  __builtin_va_start (arguments, format);
  printf ("%sok %d - ", passed ? "" : "not ", ++tap_count);
  (void) vprintf (format, arguments);
  putchar ('\n');
  __builtin_va_end (arguments);
  if (!passed)
    {
      tap_failures++;
      printf ("# failed at %s:%d\n", file, line);
    }
  (void) fflush (stdout);
  return passed;
}

static inline bool
tap_same_string (const char *left, const char *right)
{
  return left != NULL && right != NULL && strcmp (left, right) == 0;
}

static inline int
tap_end (void)
{
  printf ("1..%d\n", tap_count);
  return tap_failures == 0 && tap_count > 0 ? 0 : 1;
}

#endif
