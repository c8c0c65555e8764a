/* Mutated documents through the JSON reader: no crash, and what it accepts it accepts again from its own raw text.
   `fuzz-json [iterations] [seed]`; with -DLIBFUZZER it is a libFuzzer target. */
#include "common/cleanup.h"
#include "common/io.h"
#include "common/json.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  char *copy cleanup_free = malloc (size + 1); /* its exact size, so that reading past the end is seen */
  struct json_document *first cleanup_json = NULL;
  struct json_document *second cleanup_json = NULL;
  struct err e;
  if (copy == NULL)
    return 0;
  copy = realloc (copy, size == 0 ? 1 : size);
  memcpy (copy, data, size);
  if (json_parse (copy, size, &first, &e) < 0)
    return 0;
  const struct json *root = json_root (first);
  if (json_parse (root->raw, root->raw_length, &second, &e) < 0 || json_root (second)->type != root->type || json_root (second)->count != root->count)
    {
      fprintf (stderr, "the raw text is another document: %.*s\n", (int) size, copy);
      abort ();
    }
  return 0;
}

#ifndef LIBFUZZER
static uint64_t state = 88172645463325252U;

static uint32_t
next (uint32_t below)
{
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t) (state >> 32) % below;
}

int
main (int argc, char **argv)
{
  static const char seed[] = "{\"a\":[1,-2.5e3,true,null,\"\\u00e9\\ud83d\\ude00\\n\"],\"b\":{\"c\":{},\"d\":[[],[{}]]},\"e\":\"\xc3\xa9\"}";
  static const char bytes[] = "{}[]\",:\\u0123456789abcdefnrtl-+.E \n\x80\xff";
  uint64_t iterations = 200000;
  if (argc > 1 && io_parse_unsigned (argv[1], UINT32_MAX, &iterations) < 0)
    return 2;
  if (argc > 2 && io_parse_unsigned (argv[2], UINT64_MAX, &state) < 0)
    return 2;
  for (uint64_t i = 0; i < iterations; i++)
    {
      char text[sizeof seed];
      size_t length = sizeof seed - 1;
      memcpy (text, seed, sizeof seed);
      for (uint32_t k = next (5); k > 0; k--)
        text[next ((uint32_t) length)] = bytes[next (sizeof bytes - 1)];
      if (next (3) == 0)
        length = next ((uint32_t) length + 1);
      (void) LLVMFuzzerTestOneInput ((const uint8_t *) text, length);
    }
  printf ("%llu inputs\n", (unsigned long long) iterations);
  return 0;
}
#endif
