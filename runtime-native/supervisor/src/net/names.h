#ifndef NET_NAMES_H
#define NET_NAMES_H

#include "common/err.h"

#include <stddef.h>

/* The writer of a network's DNS table, `<table_dir>/names` (`NamesTable` in schemas/supervisor-protocol.ts). */

enum
{
  NAMES_FILE_MAX = 4 << 20,
  NAMES_PER_RECORD = 256,
  NAMES_ADDRESSES_PER_RECORD = 16
};

struct names_record
{
  const char *table_dir;
  const char *container_id;
  const char *canonical;
  const char *const *addresses;
  size_t n_addresses;
  const char *const *names;
  size_t n_names;
};

/* Makes RECORD the only lines of its container, one an address, and takes other containers' claims to these addresses out:
   an address has one owner, and a line left by a supervisor that was killed must not give it away. Makes the directory
   when it is missing. A table that says so already is left alone. Waits for other writers. When this returns, every later
   look-up sees it. -EINVAL: a name or address that cannot be one, named in E->msg; -EFBIG: the table would be too large. */
int names_add (const struct names_record *record, struct err *e);

/* Takes the container's lines out. Nothing there, or no table, is a success. */
int names_remove (const char *table_dir, const char *container_id, struct err *e);

/* Opens a table's directory, made with mode 0755 when missing; resolvers without privileges read through this fd. The fd,
   or a negative errno. */
int names_open_directory (const char *table_dir, struct err *e);

#endif
