#include "helper/ignore.h"
#include "helper/pattern.h"
#include "tap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each line of patterns.txt: pattern, path, yes or no. */
static void
test_patterns (void)
{
  FILE *file = fopen ("test/patterns.txt", "re");
  char line[256], pattern[128], path[128], answer[8];
  int n = 0;

  ok (file != NULL, "test/patterns.txt can be read");
  while (file != NULL && fgets (line, sizeof line, file) != NULL)
    {
      if (line[0] == '#' || sscanf (line, "%127s %127s %7s", pattern, path, answer) != 3)
        continue;
      n++;
      ok (pattern_match (pattern, path) == (strcmp (answer, "yes") == 0), "%s %s: %s", pattern, path, answer);
    }
  if (file != NULL)
    (void) fclose (file); /* only read */
  ok (n > 50, "the file has lines");
}

struct ignore_case
{
  const char *path;
  bool covers;
  bool prunes;
};

static void
test_ignore (const char *text, const struct ignore_case *cases, size_t n)
{
  struct json_document *document cleanup_json = NULL;
  struct ignore ignore = { 0 };
  struct err e = { 0 };

  ok (json_parse (text, strlen (text), &document, &e) == 0 && ignore_read (json_root (document), "ignore", &ignore, &e) == 0, "%s", text);
  for (size_t i = 0; i < n; i++)
    {
      ok (ignore_covers (&ignore, cases[i].path) == cases[i].covers, "%s is %s", cases[i].path, cases[i].covers ? "left out" : "seen");
      ok (ignore_prunes (&ignore, cases[i].path) == cases[i].prunes, "%s is %s", cases[i].path, cases[i].prunes ? "not opened" : "opened");
    }
  ignore_free (&ignore);
}

int
main (void)
{
  static const struct ignore_case plain[] = {
    { "/p/node_modules", true, true },  { "/p/node_modules/x", true, true }, { "/p/a/node_modules", false, false },
    { "/p/a/b.log", true, true },       { "/p/dist", true, false },          { "/p/dist/keep", false, false },
    { "/p/dist/keep/x", false, false }, { "/p/dist/other", true, true },     { "/p", false, false },
    { "/pp/node_modules", false, false }, { "/p/out", true, true }
  };
  static const struct ignore_case wild[] = { { "/p/a", true, false }, { "/p/a/b", true, false }, { "/p/a/b/x.md", false, false } };
  static const struct ignore_case two[] = { { "/p/q/a", true, true }, { "/p/q/b", true, true }, { "/p/b", false, false } };

  test_patterns ();
  test_ignore ("{\"ignore\":[{\"base\":\"/p\",\"patterns\":[\"node_modules\",\"**/*.log\",\"dist\",\"!dist/keep\",\"out\"]}]}", plain,
               sizeof plain / sizeof *plain);
  test_ignore ("{\"ignore\":[{\"base\":\"/p\",\"patterns\":[\"**\",\"!**/*.md\"]}]}", wild, sizeof wild / sizeof *wild);
  test_ignore ("{\"ignore\":[{\"base\":\"/p\",\"patterns\":[\"q/a\"]},{\"base\":\"/p/q\",\"patterns\":[\"b\"]}]}", two, sizeof two / sizeof *two);
  test_ignore ("{}", NULL, 0);
  return tap_end ();
}
