#include "relay/openssl.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

/* POSIX lets dlsym's result be a function's address; ISO C knows no conversion. */
static int
find (void *library, const char *name, void *function, struct err *e)
{
  void *address = dlsym (library, name);
  if (address == NULL)
    return err_set (e, ENOENT, "OpenSSL has no function %s", name);
  memcpy (function, &address, sizeof address);
  return 0;
}

int
openssl_load (struct openssl *ret, struct err *e)
{
  /* Needs the other library, whose functions are found through it. */
  void *library = dlopen ("libssl.so.3", RTLD_NOW | RTLD_LOCAL);
  int r = 0;
  if (library == NULL)
    return err_set (e, ENOENT, "%s", dlerror ());
#define OPENSSL_FIND(name, result, arguments)                                                                                              \
  if (r == 0)                                                                                                                              \
    r = find (library, #name, &ret->name, e);
  OPENSSL_FUNCTIONS (OPENSSL_FIND)
  return r;
}
