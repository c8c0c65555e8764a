#ifndef HELPER_SYNC_H
#define HELPER_SYNC_H

#include "common/err.h"

/* `tscompose-helper sync`: enters the mount namespace of a container and brings files there as its requests, one a line,
   ask; answers each with a line. Ends with stdin, and with the container. */
int sync_main (struct err *e);

#endif
