#include "supervisor/process-file.h"

#include "common/buffer.h"
#include "common/io.h"

#include <errno.h>
#include <string.h>

static bool
is_replaced (const struct process_file *file, const char *key)
{
  bool has_size = file->rows > 0 && file->columns > 0;
  if (strcmp (key, "consoleSize") == 0)
    return file->argv != NULL || has_size;
  return file->argv != NULL && (strcmp (key, "args") == 0 || strcmp (key, "terminal") == 0);
}

static void
add_member (struct buffer *text, const char *key)
{
  buffer_add_string (text, text->length == 0 ? "{" : ",");
  buffer_add_json (text, key);
  buffer_add_string (text, ":");
}

int
process_file_write (const struct process_file *file, struct err *e)
{
  struct buffer text cleanup_buffer = { 0 };
  for json_each (member, file->process)
    {
      if (is_replaced (file, member->key))
        continue;
      add_member (&text, member->key);
      buffer_add (&text, member->raw, member->raw_length);
    }
  if (file->argv != NULL)
    {
      add_member (&text, "args");
      for (size_t i = 0; i < file->n_argv; i++)
        {
          buffer_add_string (&text, i == 0 ? "[" : ",");
          buffer_add_json (&text, file->argv[i]);
        }
      buffer_add_string (&text, "]");
    }
  /* The size must be there before the process looks: setting it once we hold the terminal would be too late. */
  if (file->argv == NULL && file->rows > 0 && file->columns > 0)
    {
      add_member (&text, "consoleSize");
      buffer_printf (&text, "{\"height\":%u,\"width\":%u}", file->rows, file->columns);
    }
  buffer_add_string (&text, text.length == 0 ? "{}" : "}");
  if (text.failed)
    return err_set (e, ENOMEM, "out of memory");
  struct io_replacement replacement = { .name = file->name, .data = text.data, .length = text.length, .mode = 0600 };
  return io_replace_file_at (file->directory, &replacement, e);
}
