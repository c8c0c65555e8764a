/* Fuzz driver of the archive reader: reads an archive from each file named, or from stdin, and walks it. Any input must
   end in an error or at the end, never in a sanitizer's report. */
#include "common/cleanup.h"
#include "helper/tar.h"

#include <fcntl.h>
#include <stdio.h>

static void
walk (int fd)
{
  struct stream *stream cleanup_stream = NULL;
  struct tar *tar cleanup_tar = NULL;
  struct err e = { 0 };
  struct stream_source source = { .fd = fd, .length = -1, .copy_fd = -1, .max_bytes = 64 * 1024 * 1024 };
  struct tar_entry *entry = NULL;

  if (stream_open (&source, &stream, &e) < 0 || tar_open (stream, &tar, &e) < 0)
    return;
  while (tar_next (tar, &entry, &e) > 0)
    for (size_t length = 1; length > 0;)
      {
        const uint8_t *data = NULL;
        if (tar_data (tar, &data, &length, &e) < 0)
          return;
      }
}

int
main (int argc, char **argv)
{
  if (argc == 1)
    walk (STDIN_FILENO);
  for (int i = 1; i < argc; i++)
    {
      int fd cleanup_fd = open (argv[i], O_RDONLY | O_CLOEXEC);
      if (fd < 0)
        return 1;
      walk (fd);
    }
  return 0;
}
