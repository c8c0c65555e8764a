#include "helper/entry-path.h"
#include "helper/sha256.h"
#include "tap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *
digest_of (const char *data, size_t length, size_t step)
{
  static char hex[65];
  struct sha256 h;
  sha256_init (&h);
  for (size_t at = 0; at < length; at += step)
    sha256_update (&h, data + at, length - at < step ? length - at : step);
  sha256_hex (&h, hex);
  return hex;
}

/* FIPS 180-4 examples, and a million times `a`. */
static void
test_sha256 (const char *which)
{
  static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  char *million = malloc (1000000);
  memset (million, 'a', 1000000);
  ok (strcmp (digest_of ("", 0, 1), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855") == 0, "%s: nothing", which);
  ok (strcmp (digest_of ("abc", 3, 3), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") == 0, "%s: abc", which);
  ok (strcmp (digest_of (two_blocks, 56, 56), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1") == 0, "%s: two blocks",
      which);
  static const size_t steps[] = { 1, 63, 64, 65, 4096, 1000000 };
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
    ok (strcmp (digest_of (million, 1000000, steps[i]), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0") == 0,
        "%s: a million bytes, %zu at a time", which, steps[i]);
  free (million);
}

static void
test_entry_path (void)
{
  static const struct
  {
    const char *name;
    const char *clean; /* NULL: refused */
  } cases[] = { { "a/b", "a/b" },   { "./a//b/", "a/b" }, { "/etc/x", "etc/x" }, { "", "" },          { "./", "" },         { "/", "" },
                { "a/../b", "b" },  { "a/..", "" },       { "a/b/../../c", "c" }, { "..", NULL },      { "../a", NULL },     { "a/../../b", NULL },
                { "/..", NULL },    { "a/./b", "a/b" },   { "..a/b..", "..a/b.." }, { "...", "..." } };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      char path[PATH_MAX] = "untouched";
      struct err e = { 0 };
      int r = entry_path_clean (cases[i].name, path, &e);
      ok (cases[i].clean == NULL ? r == -EBADMSG : r == 0 && strcmp (path, cases[i].clean) == 0, "\"%s\" becomes %s", cases[i].name,
          cases[i].clean == NULL ? "an error" : cases[i].clean);
    }
  char long_name[300];
  memset (long_name, 'x', sizeof long_name - 1);
  long_name[sizeof long_name - 1] = '\0';
  char path[PATH_MAX];
  struct err e = { 0 };
  ok (entry_path_clean (long_name, path, &e) == -EBADMSG, "a long component is refused");
}

int
main (void)
{
  test_sha256 ("as the CPU can");
  sha256_use_portable ();
  test_sha256 ("portable");
  test_entry_path ();
  return tap_end ();
}
