#ifndef TEST_FUZZ_H
#define TEST_FUZZ_H

#include "common/io.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* What the fuzz drivers share. Each has a LLVMFuzzerTestOneInput; with clang, -fsanitize=fuzzer and -DLIBFUZZER that is all. Else
   its main () is `<driver> [iterations [seed]]`, to be built with the sanitizers. */

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static inline void
require (bool holds, const char *what)
{
  if (holds)
    return;
  (void) fprintf (stderr, "broken: %s\n", what); /* the abort tells in any case */
  abort ();
}

#ifndef LIBFUZZER
static uint64_t fuzz_state = 88172645463325252U;

/* The next pseudo-random number below BELOW (xorshift64). */
static inline uint32_t
next (uint32_t below)
{
  fuzz_state ^= fuzz_state << 13;
  fuzz_state ^= fuzz_state >> 7;
  fuzz_state ^= fuzz_state << 17;
  return (uint32_t) (fuzz_state >> 32) % below;
}

/* Calls TRY_ONE as often as the arguments say, ITERATIONS times without them, and returns the exit status. */
static inline int
fuzz_run (int argc, char **argv, uint64_t iterations, void (*try_one) (void))
{
  if (argc > 1 && io_parse_unsigned (argv[1], UINT32_MAX, &iterations) < 0)
    return 2;
  if (argc > 2 && io_parse_unsigned (argv[2], UINT64_MAX, &fuzz_state) < 0)
    return 2;
  for (uint64_t i = 0; i < iterations; i++)
    try_one ();
  return printf ("%llu inputs\n", (unsigned long long) iterations) < 0;
}
#endif

#endif
