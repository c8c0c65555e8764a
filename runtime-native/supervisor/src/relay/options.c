#include "relay/options.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static const char **
place_of (struct relay_options *options, const char *flag)
{
  const struct
  {
    const char *flag;
    const char **place;
  } flags[] = {
    { "--address", &options->address }, { "--name", &options->name },    { "--ca", &options->ca_file },
    { "--cert", &options->cert_file },  { "--key", &options->key_file },
  };
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
    if (strcmp (flag, flags[i].flag) == 0)
      return flags[i].place;
  return NULL;
}

int
relay_options_parse (char **arguments, struct relay_options *ret, struct err *e)
{
  struct relay_options options = { .verify = true };
  for (char **at = arguments; *at != NULL; at++)
    {
      const char **place = place_of (&options, *at);
      if (strcmp (*at, "--check") == 0)
        options.is_check = true;
      else if (strcmp (*at, "--no-verify") == 0)
        options.verify = false;
      else if (place == NULL || at[1] == NULL)
        return err_set (e, EINVAL, "bad argument \"%s\"", *at);
      else
        *place = *++at;
    }
  if (!options.is_check && (options.address == NULL || options.name == NULL))
    return err_set (e, EINVAL, "--address and --name are needed");
  *ret = options;
  return 0;
}
