#include "helper/pattern.h"

#include "common/utf8.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The character at *AT, which moves behind it; a byte that is no UTF-8 counts as one character. */
static uint32_t
next_character (const char **at)
{
  const unsigned char *p = (const unsigned char *) *at;
  size_t n = utf8_sequence (p, strlen (*at));

  if (n <= 1)
    {
      (*at)++;
      return p[0];
    }
  uint32_t value = p[0] & (0x7Fu >> n);
  for (size_t i = 1; i < n; i++)
    value = value << 6 | (p[i] & 0x3Fu);
  *at += n;
  return value;
}

/* One character of a class, its `\` taken off. */
static uint32_t
class_character (const char **pattern)
{
  if (**pattern == '\\' && (*pattern)[1] != '\0')
    (*pattern)++;
  return next_character (pattern);
}

/* `[…]` from behind its `[`; *PATTERN moves behind the `]`. */
static bool
class_matches (const char **pattern, uint32_t c)
{
  bool is_negated = **pattern == '^', found = false;

  *pattern += is_negated ? 1 : 0;
  for (bool is_first = true; **pattern != '\0' && (is_first || **pattern != ']'); is_first = false)
    {
      uint32_t low = class_character (pattern), high = low;
      if (**pattern == '-' && (*pattern)[1] != ']' && (*pattern)[1] != '\0')
        {
          (*pattern)++;
          high = class_character (pattern);
        }
      found = found || (low <= c && c <= high);
    }
  *pattern += **pattern == ']' ? 1 : 0;
  return found != is_negated;
}

/* Behind `**`: nothing more fits everything; else any number of whole components may come before the rest. */
static bool
match_behind_globstar (const char *pattern, const char *path)
{
  if (*pattern == '\0')
    return true;
  for (;;)
    {
      if (pattern_match (pattern, path))
        return true;
      path = strchr (path, '/');
      if (path == NULL)
        return false;
      path++;
    }
}

static bool
match_behind_star (const char *pattern, const char *path)
{
  for (;; path++)
    {
      if (pattern_match (pattern, path))
        return true;
      if (*path == '\0' || *path == '/')
        return false;
    }
}

bool
pattern_match (const char *pattern, const char *path)
{
  while (*pattern != '\0')
    {
      if (pattern[0] == '*' && pattern[1] == '*')
        return match_behind_globstar (pattern + (pattern[2] == '/' ? 3 : 2), path);
      if (*pattern == '*')
        return match_behind_star (pattern + 1, path);
      if (*path == '\0')
        return false;
      if (*pattern == '?' || *pattern == '[')
        {
          bool is_class = *pattern++ == '[';
          if (*path == '/' && !is_class)
            return false;
          uint32_t c = next_character (&path);
          if (is_class && !class_matches (&pattern, c))
            return false;
          continue;
        }
      if (*pattern == '\\' && pattern[1] != '\0')
        pattern++;
      if (*pattern++ != *path++)
        return false;
    }
  return *path == '\0';
}
