#include "supervisor/launch.h"

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
  (void) fputs ("usage: tscompose-supervisor launch | --version\n", stderr); /* nobody to tell if it fails */
  return EXIT_USAGE;
}
