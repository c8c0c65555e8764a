#include "supervisor/launch.h"
#include "supervisor/own-root.h"

#include <stdio.h>
#include <string.h>

enum
{
  PROTOCOL_VERSION = 1,
  EXIT_USAGE = 100
};

int
main (int argc, char **argv)
{
  if (argc == 2 && strcmp (argv[1], "--version") == 0)
    return printf ("tscompose-supervisor %s protocol %d\n", TSCOMPOSE_VERSION, PROTOCOL_VERSION) < 0 ? 1 : 0;
  if (argc == 2 && strcmp (argv[1], "launch") == 0)
    return launch ();
  if (argc == 2 && strcmp (argv[1], "root") == 0)
    return puts (own_root () ? "own" : "chroot") < 0 ? 1 : 0;
  (void) fputs ("usage: tscompose-supervisor launch | root | --version\n", stderr); /* nobody to tell if it fails */
  return EXIT_USAGE;
}
