#include "common/cleanup.h"
#include "common/io.h"
#include "net/dns-table.h"
#include "net/names.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

static char directory[64];

static const char *
add (const char *id, const char *address, const char *name)
{
  static struct err e;
  e = (struct err){ 0 };
  struct names_record record = {
    .table_dir = directory, .container_id = id, .canonical = "canon.net", .addresses = &address, .n_addresses = 1, .names = &name, .n_names = 1
  };
  return names_add (&record, &e) == 0 ? "" : e.msg;
}

static bool
table_is (const char *expected)
{
  char path[80];
  char *text cleanup_free = NULL;
  struct err e = { 0 };
  (void) snprintf (path, sizeof path, "%s/names", directory);
  if (io_read_file_at (AT_FDCWD, path, 1 << 20, &text, NULL, &e) < 0)
    return false;
  if (strcmp (text, expected) != 0)
    printf ("# table: %s\n", text);
  return strcmp (text, expected) == 0;
}

static void
test_writing (void)
{
  struct err e = { 0 };
  struct stat before;
  struct stat after;
  char path[80];
  (void) snprintf (path, sizeof path, "%s/names", directory);
  ok (names_remove (directory, "c1", &e) == 0, "removing from a table that does not exist");
  ok (*add ("c1", "10.0.0.2", "Web.") == '\0' && table_is ("c1\t10.0.0.2\tcanon.net\tweb\n"), "names in lower case, without a last dot");
  (void) stat (path, &before);
  ok ((before.st_mode & 07777) == 0644, "readable without privileges");
  ok (stat (directory, &after) == 0 && (after.st_mode & 07777) == 0755, "the directory too");
  ok (*add ("c1", "10.0.0.2", "web") == '\0' && stat (path, &after) == 0 && before.st_ino == after.st_ino, "adding the same again touches nothing");
  ok (*add ("c2", "10.0.0.3", "web") == '\0' && *add ("c1", "10.0.0.4", "db") == '\0'
          && table_is ("c2\t10.0.0.3\tcanon.net\tweb\nc1\t10.0.0.4\tcanon.net\tdb\n"),
      "a container's lines are replaced");
  ok (*add ("c3", "10.0.0.3", "api") == '\0' && table_is ("c1\t10.0.0.4\tcanon.net\tdb\nc3\t10.0.0.3\tcanon.net\tapi\n"),
      "an address has one owner");
  const char *two[] = { "10.0.0.9", "fd00:0::9" };
  struct names_record record = { .table_dir = directory, .container_id = "c3", .canonical = "c", .addresses = two, .n_addresses = 2 };
  ok (names_add (&record, &e) == 0 && table_is ("c1\t10.0.0.4\tcanon.net\tdb\nc3\t10.0.0.9\tc\nc3\tfd00::9\tc\n"), "a line an address");
  ok (names_remove (directory, "c", &e) == 0 && names_remove (directory, "c3", &e) == 0 && table_is ("c1\t10.0.0.4\tcanon.net\tdb\n"),
      "only the container's own lines go");
  ok (names_remove (directory, "c1", &e) == 0 && table_is (""), "down to an empty table");
}

static void
test_refusing (void)
{
  char label[80];
  memset (label, 'x', 64);
  label[64] = '\0';
  const char *const bad[] = { "", ".", "a\tb", "a\nb", "a..b", ".a", label, "a\177" };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    ok (*add ("c9", "10.0.0.2", bad[i]) != '\0', "case %zu is no name", i);
  ok (*add ("c9", "10.0.0", "web") != '\0', "10.0.0 is no address");
  ok (*add ("c\t9", "10.0.0.2", "web") != '\0' && *add ("", "10.0.0.2", "web") != '\0', "an id with a TAB, or none");
  ok (*add ("c9", "10.0.0.2", "m\xc3\xbcller") == '\0', "UTF-8 is a name");
  struct err e = { 0 };
  (void) names_remove (directory, "c9", &e);
  ok (table_is (""), "what is refused leaves nothing");
}

static void
test_looking_up (void)
{
  struct err e = { 0 };
  struct dns_table table;
  static struct dns_addresses found;
  char name[256];
  ok (dns_table_init (&table, names_open_directory (directory, &e)) == 0 && dns_table_refresh (&table) == 0, "reads an empty table");
  ok (!dns_table_find_name (&table, "web", 4, &found), "which has no names");
  (void) add ("c1", "10.0.0.2", "web");
  (void) add ("c2", "10.0.0.3", "web");
  (void) add ("c3", "fd00::3", "six");
  ok (!dns_table_find_name (&table, "web", 4, &found), "sees what was there when it was read");
  ok (dns_table_refresh (&table) == 0 && dns_table_find_name (&table, "web", 4, &found) && found.n == 2, "and more when it is read again");
  ok (memcmp (found.bytes[0], "\12\0\0\2", 4) == 0 && memcmp (found.bytes[1], "\12\0\0\3", 4) == 0, "addresses in the order of the table");
  found.n = 0;
  ok (dns_table_find_name (&table, "six", 4, &found) && found.n == 0, "a known name without an address of the family");
  ok (dns_table_find_name (&table, "six", 16, &found) && found.n == 1, "and with one");
  found.n = 0;
  ok (!dns_table_find_name (&table, "we", 4, &found) && !dns_table_find_name (&table, "web.", 4, &found) && !dns_table_find_name (&table, "c1", 4, &found)
          && !dns_table_find_name (&table, "10.0.0.2", 4, &found) && !dns_table_find_name (&table, "web\tx", 4, &found),
      "parts of names, ids and addresses are no names");
  ok (dns_table_find_name (&table, "canon.net", 4, &found) && found.n == 2, "the canonical name is one");
  ok (dns_table_find_address (&table, (const uint8_t *) "\12\0\0\3", 4, name, sizeof name) && tap_same_string (name, "canon.net"), "an address has a name");
  ok (!dns_table_find_address (&table, (const uint8_t *) "\12\0\0\4", 4, name, sizeof name), "another has not");
  for (int i = 0; i < 3; i++)
    (void) names_remove (directory, ((const char *[]){ "c1", "c2", "c3" })[i], &e);
  ok (dns_table_refresh (&table) == 0 && !dns_table_find_name (&table, "web", 4, NULL), "gone when it is taken out");
}

/* Thousands of names, and names that share their hash's bucket. */
static void
test_large (void)
{
  struct err e = { 0 };
  struct dns_table table;
  static struct dns_addresses found;
  char path[80];
  (void) snprintf (path, sizeof path, "%s/names", directory);
  FILE *file = fopen (path, "w");
  for (int i = 0; file != NULL && i < 4000; i++)
    fprintf (file, "id%d\t10.1.%d.%d\tall-%d.net\tname-%d\tall\n", i, i / 250, i % 250, i, i);
  ok (file != NULL && fclose (file) == 0, "writes 4,000 containers");
  ok (dns_table_init (&table, names_open_directory (directory, &e)) == 0 && dns_table_refresh (&table) == 0, "reads them");
  int right = 0;
  for (int i = 0; i < 4000; i++)
    {
      char name[32];
      found.n = 0;
      (void) snprintf (name, sizeof name, "name-%d", i);
      right += dns_table_find_name (&table, name, 4, &found) && found.n == 1 && found.bytes[0][2] == i / 250 && found.bytes[0][3] == i % 250;
    }
  ok (right == 4000, "%d names have their address", right);
  found.n = 0;
  ok (dns_table_find_name (&table, "all", 4, &found) && found.n == DNS_ADDRESSES_MAX, "a name that all have: as many as an answer takes");
  (void) unlink (path);
  ok (dns_table_refresh (&table) == 0 && !dns_table_find_name (&table, "all", 4, NULL), "no file is an empty table");
}

static _Noreturn void
write_for_ever (int writer)
{
  char id[16];
  char address[32];
  char name[16];
  struct err e = { 0 };
  (void) snprintf (id, sizeof id, "c%d", writer);
  (void) snprintf (name, sizeof name, "n%d", writer);
  for (unsigned i = 0;; i++)
    {
      /* Own third byte: whatever answer shows another one is wrong. */
      (void) snprintf (address, sizeof address, "10.9.%d.%u", writer, i % 250);
      if (*add (id, address, name) != '\0' || (i % 3 == 0 && names_remove (directory, id, &e) < 0))
        _exit (1);
    }
}

static void
test_storm (void)
{
  struct err e = { 0 };
  struct dns_table table;
  static struct dns_addresses found;
  enum
  {
    WRITERS = 4
  };
  pid_t writers[WRITERS];
  (void) add ("fixed", "10.9.200.1", "fixed");
  for (int i = 0; i < WRITERS; i++)
    if ((writers[i] = fork ()) == 0)
      write_for_ever (i);
  int wrong = dns_table_init (&table, names_open_directory (directory, &e)) < 0;
  int seen = 0;
  /* Until the writers have had their turn too, on a machine that is busy. */
  time_t patience = time (NULL) + 20;
  for (int i = 0; i < 20000 || (seen <= 100 && time (NULL) < patience); i++)
    {
      char name[16];
      int writer = i % WRITERS;
      (void) snprintf (name, sizeof name, "n%d", writer);
      wrong += dns_table_refresh (&table) < 0;
      found.n = 0;
      if (dns_table_find_name (&table, name, 4, &found))
        {
          seen++;
          wrong += found.n != 1 || found.bytes[0][2] != writer;
        }
      wrong += !dns_table_find_name (&table, "fixed", 4, NULL);
    }
  int ended = 0;
  for (int i = 0; i < WRITERS; i++)
    {
      ended += waitpid (writers[i], NULL, WNOHANG) != 0;
      (void) kill (writers[i], SIGKILL);
      (void) waitpid (writers[i], NULL, 0);
    }
  ok (wrong == 0 && seen > 100 && ended == 0, "20,000 look-ups under four writers: %d wrong, %d found, %d writers failed", wrong, seen, ended);
  ok (*add ("c0", "10.9.0.1", "n0") == '\0', "killed writers hold no lock");
  ok (dns_table_refresh (&table) == 0 && dns_table_find_name (&table, "n0", 4, NULL), "and the next one is seen at once");
}

int
main (void)
{
  (void) umask (077);
  char root[] = "/tmp/net-names-XXXXXX";
  if (mkdtemp (root) == NULL)
    return 1;
  (void) snprintf (directory, sizeof directory, "%s/table", root);
  test_writing ();
  test_refusing ();
  test_looking_up ();
  test_large ();
  test_storm ();
  char command[100];
  (void) snprintf (command, sizeof command, "rm -rf %s", root);
  ok (system (command) == 0, "cleans up");
  return tap_end ();
}
