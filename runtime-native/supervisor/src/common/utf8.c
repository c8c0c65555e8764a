#include "common/utf8.h"

#include <stdbool.h>
#include <stdint.h>

size_t
utf8_sequence (const unsigned char *p, size_t left)
{
  static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
  size_t length = *p < 0x80 ? 1 : (*p & 0xe0) == 0xc0 ? 2 : (*p & 0xf0) == 0xe0 ? 3 : (*p & 0xf8) == 0xf0 ? 4 : 0;
  if (length <= 1 || length > left)
    return length == 1 ? 1 : 0;
  uint32_t code = *p & (0xffU >> (length + 1));
  for (size_t i = 1; i < length; i++)
    {
      if ((p[i] & 0xc0) != 0x80)
        return 0;
      code = code << 6 | (p[i] & 0x3fU);
    }
  bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
  return code < smallest[length] || code > 0x10ffff || is_surrogate ? 0 : length;
}
