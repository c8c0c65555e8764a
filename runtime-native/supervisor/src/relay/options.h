#ifndef RELAY_OPTIONS_H
#define RELAY_OPTIONS_H

#include "common/err.h"

#include <stdbool.h>

struct relay_options
{
  bool is_check;       /* only whether TLS is there */
  const char *address; /* tcp://ip:port */
  const char *name;    /* that the server's certificate must have */
  const char *ca_file; /* NULL: the system's */
  const char *cert_file;
  const char *key_file;
  bool verify;
};

/* `--check`, or `--address A --name N [--ca F] [--cert F --key F] [--no-verify]`; -EINVAL for anything else. */
int relay_options_parse (char **arguments, struct relay_options *ret, struct err *e);

#endif
