#include "common/buffer.h"
#include "common/json.h"
#include "tap.h"

#include <errno.h>
#include <stdlib.h>

static int
parse (const char *text, struct json_document **ret, struct err *e)
{
  return json_parse (text, strlen (text), ret, e);
}

static void
test_refused (void)
{
  static const char *const bad[] = { "",      "{",         "[1,]",    "{\"a\":1,\"a\":2}", "01",      "1.",        "\"\\x\"",
                                     "tru",   "\"\\u0000\"", "\"a\nb\"", "{\"a\" 1}",       "1 2",     "\"\\ud800\"", "\"abc",
                                     "[1 2]", "nul",       "-",       "{1:2}",            "\"\\u12\"", "\"\\" };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    {
      struct json_document *d cleanup_json = NULL;
      struct err e = { 0 };
      ok (parse (bad[i], &d, &e) == -EINVAL && d == NULL, "refuses case %zu: %s", i, e.msg);
    }
  char deep[200];
  memset (deep, '[', sizeof deep - 1);
  deep[sizeof deep - 1] = '\0';
  struct json_document *d cleanup_json = NULL;
  struct err e = { 0 };
  ok (parse (deep, &d, &e) == -EINVAL && strstr (e.msg, "deeply") != NULL, "refuses deep nesting");
}

static void
test_values (void)
{
  struct json_document *d cleanup_json = NULL;
  struct err e = { 0 };
  const char *text = "{ \"s\": \"a\\u00e9\\ud83d\\ude00\\n\", \"n\": -12, \"f\": 1.5e1, \"b\": true, \"z\": null, \"a\": [\"x\", \"y\"], \"o\": {\"k\": [1]} }";
  ok (parse (text, &d, &e) == 0, "parses an object: %s", e.msg);
  const struct json *root = json_root (d);
  const char *string = NULL;
  ok (json_string (root, "s", &string, &e) == 0 && tap_same_string (string, "a\xc3\xa9\xf0\x9f\x98\x80\n"), "unescapes strings");
  int64_t integer = 0;
  ok (json_integer (root, "n", -20, 20, &integer, &e) == 0 && integer == -12, "reads integers");
  ok (json_integer (root, "n", 0, 20, &integer, &e) == -EINVAL, "checks the range: %s", e.msg);
  ok (json_integer (root, "f", 0, 20, &integer, &e) == -EINVAL, "a fraction is no integer");
  ok (json_integer (root, "gone", 0, 20, &integer, &e) == -EINVAL && strstr (e.msg, "missing") != NULL, "names a missing member");
  ok (json_integer_or (root, "z", 0, 20, 7, &integer, &e) == 0 && integer == 7, "null is the default");
  bool boolean = false;
  ok (json_bool (root, "b", &boolean, &e) == 0 && boolean, "reads booleans");
  const char **strings = NULL;
  size_t count = 0;
  ok (json_strings_or_empty (root, "a", &strings, &count, &e) == 0 && count == 2 && tap_same_string (strings[1], "y") && strings[2] == NULL,
      "reads string arrays");
  free (strings);
  const struct json *object = json_get (root, "o");
  ok (object->raw_length == 10 && memcmp (object->raw, "{\"k\": [1]}", 10) == 0, "keeps the raw text");
}

/* Strings about as long as the pieces in which a document's memory is had; the sanitizers see what is written behind one. */
static void
test_string_sizes (void)
{
  int wrong = 0;
  for (size_t length = 3900; length < 4300; length++)
    {
      struct json_document *d cleanup_json = NULL;
      struct err e = { 0 };
      const char *string = NULL;
      const char *after = NULL;
      char text[4400];
      static char filler[4300];
      memset (filler, 'x', length);
      (void) snprintf (text, sizeof text, "{\"s\":\"%.*s\",\"after\":\"y\"}", (int) length, filler);
      if (parse (text, &d, &e) < 0 || json_string (json_root (d), "s", &string, &e) < 0 || strlen (string) != length
          || json_string (json_root (d), "after", &after, &e) < 0 || strcmp (after, "y") != 0)
        wrong++;
    }
  ok (wrong == 0, "strings of every size around a page (%d wrong)", wrong);
}

static void
test_writer (void)
{
  struct buffer b cleanup_buffer = { 0 };
  buffer_add_json_bytes (&b, "a\"\\\n\x01\xff\xc3\xa9\xed\xa0\x80", 11);
  ok (tap_same_string (b.data, "\"a\\\"\\\\\\n\\u0001\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""), "writes safe strings: %s", b.data);
}

int
main (void)
{
  test_refused ();
  test_values ();
  test_string_sizes ();
  test_writer ();
  return tap_end ();
}
