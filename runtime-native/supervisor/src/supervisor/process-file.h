#ifndef SUPERVISOR_PROCESS_FILE_H
#define SUPERVISOR_PROCESS_FILE_H

#include "common/err.h"
#include "common/json.h"

#include <stddef.h>
#include <stdint.h>

/* A file for the runtime's `exec --process`: the runtime-spec process object PROCESS with some members replaced. */
struct process_file
{
  const char *name; /* below DIRECTORY */
  int directory;
  const struct json *process;
  const char *const *argv; /* NULL: as in PROCESS, terminal too; otherwise without a terminal */
  size_t n_argv;
  uint16_t rows; /* initial size of the terminal, 0: none */
  uint16_t columns;
};
int process_file_write (const struct process_file *file, struct err *e);

#endif
