#ifndef HELPER_PATTERN_H
#define HELPER_PATTERN_H

#include <stdbool.h>

/* Whether PATH (relative, no leading `/`) as a whole fits a pattern of .dockerignore: `*` and `?` within a component, `**`
   across components, `[a-z]`, `\` before a character that means itself. The same language as core/watch/pattern.ts, to
   which test/patterns.txt holds both. */
bool pattern_match (const char *pattern, const char *path);

#endif
