/* Mutated documents through the JSON reader: no crash, and what it accepts it accepts again from its own raw text. */
#include "common/cleanup.h"
#include "common/json.h"
#include "fuzz.h"

#include <string.h>

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
static void
try_one (void)
{
  static const char seed[] = "{\"a\":[1,-2.5e3,true,null,\"\\u00e9\\ud83d\\ude00\\n\"],\"b\":{\"c\":{},\"d\":[[],[{}]]},\"e\":\"\xc3\xa9\"}";
  static const char bytes[] = "{}[]\",:\\u0123456789abcdefnrtl-+.E \n\x80\xff";
  char text[sizeof seed];
  size_t length = sizeof seed - 1;
  memcpy (text, seed, sizeof seed);
  for (uint32_t k = next (5); k > 0; k--)
    text[next ((uint32_t) length)] = bytes[next (sizeof bytes - 1)];
  if (next (3) == 0)
    length = next ((uint32_t) length + 1);
  (void) LLVMFuzzerTestOneInput ((const uint8_t *) text, length);
}

int
main (int argc, char **argv)
{
  return fuzz_run (argc, argv, 200000, try_one);
}
#endif
