#include "common/cleanup.h"
#include "common/io.h"
#include "common/json.h"
#include "helper/adopt.h"
#include "helper/copy-path.h"
#include "helper/disk-usage.h"
#include "helper/gzip.h"
#include "helper/image-file.h"
#include "helper/pack.h"
#include "helper/place-files.h"
#include "helper/scan.h"
#include "helper/sync.h"
#include "helper/tree.h"
#include "helper/unpack.h"
#include "helper/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

enum
{
  MAX_REQUEST_BYTES = 64 * 1024 * 1024, /* address space only, until it is used */
  MAX_REPLY_BYTES = 256 * 1024 * 1024,
  MAX_IMAGE_FILE_BYTES = 1024 * 1024
};

typedef int (*run_fn) (const struct json *request, struct buffer *reply, struct err *e);

/* `read-files`: texts of regular files as the merged layers show them; null for what is not there. */
static int
read_files (const struct json *request, struct buffer *reply, struct err *e)
{
  const char **lower cleanup_free = NULL, **paths cleanup_free = NULL;
  size_t n_lower = 0, n_paths = 0;
  int root_fd cleanup_fd = -1;

  int r = json_strings_or_empty (request, "lower", &lower, &n_lower, e);
  if (r == 0)
    r = json_strings_or_empty (request, "paths", &paths, &n_paths, e);
  if (r == 0)
    r = image_root_open (lower, n_lower, &root_fd, e);
  buffer_add_string (reply, ",\"files\":[");
  for (size_t i = 0; r == 0 && i < n_paths; i++)
    {
      char *text cleanup_free = NULL;
      size_t length = 0;
      r = image_file_read (root_fd, paths[i], MAX_IMAGE_FILE_BYTES, &text, &length, e);
      if (i > 0)
        buffer_add_string (reply, ",");
      if (text == NULL)
        buffer_add_string (reply, "null");
      else
        buffer_add_json_bytes (reply, text, length);
    }
  buffer_add_string (reply, "]");
  return r;
}

/* `remove-tree`: removes a path and all below it. */
static int
remove_tree (const struct json *request, struct buffer *reply, struct err *e)
{
  const char *path = NULL;
  (void) reply; /* success says it all */

  int r = json_string (request, "path", &path, e);
  if (r < 0)
    return r;
  char *for_name cleanup_free = strdup (path), *for_parent cleanup_free = strdup (path);
  if (for_name == NULL || for_parent == NULL)
    return err_set (e, ENOMEM, "out of memory");
  int parent cleanup_fd = open (dirname (for_parent), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (parent < 0)
    return errno == ENOENT ? 0 : err_errno (e, "cannot open the directory of %.200s", path);
  return tree_remove_at (parent, basename (for_name), e);
}

static run_fn
find_operation (const char *name)
{
  static const struct
  {
    const char *name;
    run_fn run;
  } operations[] = { { "unpack", unpack_run },         { "pack", pack_run },          { "read-files", read_files },
                     { "remove-tree", remove_tree },   { "scan", scan_run },          { "place", place_files_run },
                     { "add-archive", add_archive_run }, { "adopt-directories", adopt_run }, { "gzip", gzip_run },
                     { "disk-usage", disk_usage_run },  { "copy-out", copy_out_run },     { "copy-in", copy_in_run } };

  for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
    if (strcmp (operations[i].name, name) == 0)
      return operations[i].run;
  return NULL;
}

/* Reads the request up to the end of stdin. */
static int
read_request (struct json_document **ret, char **ret_text, struct err *e)
{
  char *text cleanup_free = malloc (MAX_REQUEST_BYTES);
  size_t length = 0;

  if (text == NULL)
    return err_set (e, ENOMEM, "out of memory");
  for (;;)
    {
      ssize_t n = read (STDIN_FILENO, text + length, MAX_REQUEST_BYTES - length);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return err_errno (e, "cannot read the request");
      if (n == 0)
        break;
      length += (size_t) n;
      if (length == MAX_REQUEST_BYTES)
        return err_set (e, EINVAL, "the request is too long");
    }
  int r = json_parse (text, length, ret, e);
  *ret_text = r == 0 ? steal_pointer (text) : NULL;
  return r;
}

static int
run (struct buffer *reply, struct err *e)
{
  char *text cleanup_free = NULL;
  struct json_document *document cleanup_json = NULL;
  const char *name = "";

  int r = read_request (&document, &text, e);
  if (r == 0)
    r = json_string (json_root (document), "op", &name, e);
  if (r < 0)
    return r;
  run_fn operation = find_operation (name);
  if (operation == NULL)
    return err_set (e, EINVAL, "unknown operation \"%.60s\"", name);
  return operation (json_root (document), reply, e);
}

static const char *
reason_of (int code)
{
  switch (code)
    {
    case EBADMSG:
    case ENAMETOOLONG: return "archive";
    case EFBIG: return "limit";
    case ENOSPC:
    case EDQUOT: return "no-space";
    case EINVAL: return "request";
    default: return "system";
    }
}

int
main (int argc, char **argv)
{
  struct buffer reply cleanup_buffer = { .limit = MAX_REPLY_BYTES };
  struct err e = { 0 };

  if (argc == 2 && strcmp (argv[1], "--version") == 0)
    return printf ("tscompose-helper %s\n", TSCOMPOSE_VERSION) < 0;
  /* Half-done work is swept by the next command, which takes a dead caller as a sign that nobody works on it. */
  (void) prctl (PR_SET_PDEATHSIG, SIGKILL); /* cannot fail with a valid signal */
  umask (0);
  /* Not one request but many: these have their own way of answering. */
  if (argc == 2 && strcmp (argv[1], "watch") == 0)
    return watch_main (&e) < 0 ? 1 : 0;
  if (argc == 2 && strcmp (argv[1], "sync") == 0)
    return sync_main (&e) < 0 ? 1 : 0;
  buffer_add_string (&reply, "{\"ok\":true");
  int r = run (&reply, &e);
  if (r == 0 && reply.failed)
    r = err_set (&e, EFBIG, "the reply is too long");
  if (r < 0)
    {
      buffer_free (&reply);
      reply = (struct buffer){ .limit = MAX_REPLY_BYTES };
      buffer_printf (&reply, "{\"ok\":false,\"reason\":\"%s\",\"message\":", reason_of (e.code));
      buffer_add_json (&reply, e.msg);
    }
  buffer_add_string (&reply, "}\n");
  if (io_write_all (STDOUT_FILENO, reply.data, reply.length, &e) < 0)
    return 111;
  return r < 0 ? 1 : 0;
}
