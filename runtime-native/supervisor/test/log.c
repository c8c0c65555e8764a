#include "common/cleanup.h"
#include "common/io.h"
#include "supervisor/log.h"
#include "tap.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

static char directory[] = "/tmp/tsv-log-XXXXXX";

static char *
path_of (const char *name)
{
  static char path[4][128];
  static int next;
  char *result = path[next++ % 4];
  (void) snprintf (result, sizeof path[0], "%s/%s", directory, name);
  return result;
}

static char *
read_text (const char *name)
{
  char *text = NULL;
  struct err e;
  return io_read_file_at (AT_FDCWD, path_of (name), 1 << 20, &text, NULL, &e) < 0 ? NULL : text;
}

static struct log *
open_log (struct spec_log *config, const char *name, int64_t max_size, int max_files)
{
  struct log *log = NULL;
  struct err e = { 0 };
  *config = (struct spec_log){ .driver = LOG_JSON_FILE, .path = path_of (name), .max_size = max_size, .max_files = max_files };
  ok (log_open (config, "test", &log, &e) == 0, "opens %s: %s", name, e.msg);
  return log;
}

static int
count (const char *text, const char *piece)
{
  int n = 0;
  for (const char *at = text == NULL ? NULL : strstr (text, piece); at != NULL; at = strstr (at + 1, piece))
    n++;
  return n;
}

static void
test_lines (void)
{
  struct spec_log config;
  struct log *log = open_log (&config, "lines", -1, 1);
  log_write (log, STREAM_STDOUT, "whole\nbegin", 11);
  log_write (log, STREAM_STDERR, "other\n", 6);
  static const char more[] = "ning\n\"quoted\" \\ \t\x1b \xff \xc3\xa9\nrest";
  log_write (log, STREAM_STDOUT, more, sizeof more - 1);
  log_flush (log);
  char *text cleanup_free = read_text ("lines");
  ok (text != NULL && strncmp (text, "{\"log\":\"whole\\n\",\"stream\":\"stdout\",\"time\":\"20", 45) == 0, "a line as Docker writes it");
  ok (count (text, "{\"log\":\"beginning\\n\",\"stream\":\"stdout\"") == 1, "a line in two pieces is one");
  ok (count (text, "{\"log\":\"other\\n\",\"stream\":\"stderr\"") == 1, "streams are told apart");
  ok (count (text, "\"\\\"quoted\\\" \\\\ \\t\\u001b \xef\xbf\xbd \xc3\xa9\\n\"") == 1, "special bytes are escaped: %s", text);
  ok (count (text, "{\"log\":\"rest\",\"stream\":\"stdout\"") == 1, "the unfinished line is written at the end");
  ok (log_lost_bytes (log) == 0, "nothing is lost");
  log_close (log);
}

/* What a byte is in the log; sequences of UTF-8 are another test's. */
static const char *
escaped (int byte)
{
  static char text[16];
  if (byte == '"' || byte == '\\')
    (void) snprintf (text, sizeof text, "\\%c", byte);
  else if (byte == '\r' || byte == '\t')
    (void) snprintf (text, sizeof text, "\\%c", byte == '\r' ? 'r' : 't');
  else if (byte < 0x20 || byte == 0x7f)
    (void) snprintf (text, sizeof text, "\\u%04x", (unsigned) byte);
  else if (byte >= 0x80)
    (void) snprintf (text, sizeof text, "\xef\xbf\xbd");
  else
    (void) snprintf (text, sizeof text, "%c", byte);
  return text;
}

/* Each byte at each place of the words that are copied at once. */
static void
test_bytes (void)
{
  struct spec_log config;
  struct log *log = open_log (&config, "bytes", -1, 1);
  int wrong = 0;
  for (int byte = 1; byte < 256; byte++)
    for (size_t place = 0; byte != '\n' && place < 17; place++)
      {
        char line[19] = "abcdefghijklmnopq\n";
        line[place] = (char) byte;
        log_write (log, STREAM_STDOUT, line, 18);
      }
  log_close (log);
  char *text cleanup_free = read_text ("bytes");
  const char *at = text == NULL ? "" : text;
  for (int byte = 1; byte < 256; byte++)
    for (size_t place = 0; byte != '\n' && place < 17; place++)
      {
        char expected[64];
        int n = snprintf (expected, sizeof expected, "{\"log\":\"%.*s%s%s\\n\"", (int) place, "abcdefghijklmnopq", escaped (byte),
                          "abcdefghijklmnopq" + place + 1);
        wrong += strncmp (at, expected, (size_t) n) != 0;
        const char *end = strchr (at, '\n');
        at = end == NULL ? "" : end + 1;
      }
  ok (wrong == 0 && *at == '\0', "each byte is escaped wherever it stands (%d wrong)", wrong);
}

/* The child that compresses has ended, then the next one's, until there is none. */
static void
reap_all (struct log *log)
{
  int status = 0;
  for (pid_t pid = wait (&status); pid > 0; pid = wait (&status))
    ok (log_child (log, pid, status), "a compressing child is known");
}

/* The helper beside this test. */
static void
find_helper (char helper[static 512])
{
  ssize_t length = readlink ("/proc/self/exe", helper, 512 - 32);
  char *slash = length < 0 ? NULL : strstr (helper, "/test/log");
  if (slash != NULL)
    memcpy (slash, "/tscompose-helper", sizeof "/tscompose-helper");
}

static void
test_compress (void)
{
  char helper[512] = { 0 };
  find_helper (helper);
  struct spec_log config = { .driver = LOG_JSON_FILE, .max_size = 300, .max_files = 4, .compressor = helper };
  char path[128];
  struct log *log = NULL;
  struct err e = { 0 };
  (void) snprintf (path, sizeof path, "%s/packed", directory);
  config.path = path;
  ok (log_open (&config, "test", &log, &e) == 0, "opens with a compressor: %s", e.msg);
  for (int i = 0; i < 40; i++)
    {
      log_write (log, STREAM_STDOUT, "a line of some length\n", 22);
      if (i % 3 == 0)
        {
          int status = 0;
          pid_t pid = waitpid (-1, &status, WNOHANG);
          ok (pid <= 0 || log_child (log, pid, status), "children in between are known");
        }
    }
  reap_all (log);
  ok (access (path_of ("packed.1.gz"), F_OK) == 0 && access (path_of ("packed.3.gz"), F_OK) == 0, "rotated files are compressed");
  ok (access (path_of ("packed.1"), F_OK) < 0 && access (path_of ("packed.3"), F_OK) < 0, "and only there once");
  ok (access (path_of ("packed.4.gz"), F_OK) < 0 && access (path_of ("packed.gz.tmp"), F_OK) < 0, "nothing else is left");
  ok (!log_child (log, getpid (), 0), "another child is nobody's");
  ok (log_lost_bytes (log) == 0, "nothing is lost");
  log_close (log);
}

/* Adds the numbers of a file's lines to those before; false when one is not the next. A plain file is read as well. */
static bool
goes_on (const char *name, int *last)
{
  char line[256];
  bool is_next = true;
  gzFile file = gzopen (path_of (name), "rb");
  while (file != NULL && gzgets (file, line, sizeof line) != NULL)
    {
      int number = 0;
      is_next = is_next && sscanf (line, "{\"log\":\"line %d\\n", &number) == 1 && (*last < 0 || number == *last + 1);
      *last = number;
    }
  if (file != NULL)
    (void) gzclose (file); /* only read */
  return is_next;
}

/* A helper that is slow to open its files, which have moved on by then. */
static void
test_slow_compressor (void)
{
  char helper[512] = { 0 };
  char script[128];
  char path[128];
  struct log *log = NULL;
  struct err e = { 0 };
  find_helper (helper);
  (void) snprintf (script, sizeof script, "%s/slow", directory);
  (void) snprintf (path, sizeof path, "%s/moved", directory);
  FILE *file = fopen (script, "we");
  ok (file != NULL && fprintf (file, "#!/bin/sh\nuntil [ -e %s/go ]; do sleep 0.01; done\nexec %s\n", directory, helper) > 0 && fclose (file) == 0
        && chmod (script, 0700) == 0,
      "a slow helper");
  struct spec_log config = { .driver = LOG_JSON_FILE, .path = path, .max_size = 300, .max_files = 20, .compressor = script };
  ok (log_open (&config, "test", &log, &e) == 0, "opens: %s", e.msg);
  for (int i = 0; i < 30; i++)
    {
      char line[32];
      int n = snprintf (line, sizeof line, "line %d\n", i);
      log_write (log, STREAM_STDOUT, line, (size_t) n);
    }
  int go cleanup_fd = open (path_of ("go"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  reap_all (log);
  log_close (log);
  int last = -1;
  bool is_whole = true;
  for (int index = 19; index >= 1; index--)
    {
      char name[32];
      (void) snprintf (name, sizeof name, "moved.%d.gz", index);
      is_whole = goes_on (name, &last) && is_whole;
    }
  ok (is_whole && last > 20, "the right files are compressed (%d)", last);
  ok (goes_on ("moved", &last) && last == 29, "and the last one goes on");
}

static void
test_long_lines (void)
{
  struct spec_log config;
  struct log *log = open_log (&config, "long", -1, 1);
  char line[40000];
  memset (line, 'x', sizeof line);
  line[sizeof line - 1] = '\n';
  log_write (log, STREAM_STDOUT, line, sizeof line);
  log_write (log, STREAM_STDOUT, line, 100);
  log_write (log, STREAM_STDOUT, line, sizeof line);
  char *text cleanup_free = read_text ("long");
  ok (count (text, "x\\n\"") == 2, "each long line ends once");
  ok (count (text, "\n") == 6, "in pieces of 16 KiB (%d)", count (text, "\n"));
  const char *second = strchr (text, '\n');
  ok (second - text == 16384 + (long) strlen ("{\"log\":\"\",\"stream\":\"stdout\",\"time\":\"2026-01-31T10:00:00.000000000Z\"}"), "of exactly that size");
  log_close (log);
}

static void
test_rotation (void)
{
  struct spec_log config;
  struct stat st;
  struct log *log = open_log (&config, "rotated", 1000, 3);
  for (int i = 0; i < 60; i++)
    {
      char line[32];
      int n = snprintf (line, sizeof line, "line %d\n", i);
      log_write (log, STREAM_STDOUT, line, (size_t) n);
    }
  log_close (log);
  char *newest cleanup_free = read_text ("rotated");
  char *middle cleanup_free = read_text ("rotated.1");
  char *oldest cleanup_free = read_text ("rotated.2");
  ok (newest != NULL && middle != NULL && oldest != NULL, "three files");
  ok (stat (path_of ("rotated.3"), &st) < 0, "no fourth");
  ok (count (newest, "line 59\\n") == 1, "the newest has the last line");
  ok (stat (path_of ("rotated.1"), &st) == 0 && st.st_size <= 1000 && st.st_size > 900, "files end before the limit (%ld)", (long) st.st_size);
  int newest_first = -1;
  int middle_first = -1;
  ok (sscanf (strstr (newest, "line "), "line %d", &newest_first) == 1 && sscanf (strstr (middle, "line "), "line %d", &middle_first) == 1
        && middle_first + count (middle, "\n") == newest_first,
      "no line is lost between files");
  log = open_log (&config, "single", 1000, 1);
  for (int i = 0; i < 60; i++)
    log_write (log, STREAM_STDOUT, "one file only\n", 14);
  log_close (log);
  ok (stat (path_of ("single.1"), &st) < 0 && stat (path_of ("single"), &st) == 0 && st.st_size <= 1000, "one file starts over");
}

static void
test_full_device (void)
{
  struct spec_log config;
  struct log *log = open_log (&config, "full", -1, 1);
  log_close (log);
  config.path = "/dev/full";
  struct err e;
  ok (log_open (&config, "test", &log, &e) == 0, "opens a device that is full");
  log_write (log, STREAM_STDOUT, "lost\n", 5);
  ok (log_lost_bytes (log) > 0, "what a full disk does not take is counted");
  log_close (log);
}

/* A limit of the file's size stands for a disk that is full after part of a write. */
static void
test_torn_line (void)
{
  struct spec_log config;
  struct rlimit before;
  struct log *log = open_log (&config, "torn", -1, 1);
  ok (getrlimit (RLIMIT_FSIZE, &before) == 0 && signal (SIGXFSZ, SIG_IGN) != SIG_ERR, "a limit");
  struct rlimit small = { .rlim_cur = 1000, .rlim_max = before.rlim_max };
  ok (setrlimit (RLIMIT_FSIZE, &small) == 0, "is set");
  static const char line[] = "a line of one of them!\n";
  static char many[50 * (sizeof line - 1) + 1];
  for (size_t i = 0; i < 50; i++)
    memcpy (many + i * (sizeof line - 1), line, sizeof line);
  log_write (log, STREAM_STDOUT, many, sizeof many - 1);
  ok (log_lost_bytes (log) > 3000 && log_problem (log)[0] != '\0', "what is beyond is counted (%zu): %s", log_lost_bytes (log), log_problem (log));
  ok (setrlimit (RLIMIT_FSIZE, &before) == 0, "and taken away");
  log_write (log, STREAM_STDOUT, "behind\n", 7);
  ok (log_problem (log)[0] == '\0', "it goes on");
  char *text cleanup_free = read_text ("torn");
  int whole = count (text, "\"}\n{\"log\":\"");
  ok (whole > 5 && whole + 1 == count (text, "\n") && count (text, "{\"log\":\"behind\\n\"") == 1, "with whole lines only (%d)", whole);
  log_close (log);
}

int
main (void)
{
  ok (mkdtemp (directory) != NULL, "a scratch directory");
  test_lines ();
  test_bytes ();
  test_long_lines ();
  test_compress ();
  test_slow_compressor ();
  test_rotation ();
  test_full_device ();
  test_torn_line ();
  char command[64];
  (void) snprintf (command, sizeof command, "rm -r %s", directory);
  ok (system (command) == 0, "removes it");
  return tap_end ();
}
