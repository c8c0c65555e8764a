#ifndef SUPERVISOR_CONSOLE_H
#define SUPERVISOR_CONSOLE_H

#include "common/err.h"

/* The runtime's `--console-socket`: it sends the master of the pty that it has made to a unix socket. */
int console_listen (const char *path, int *ret_fd, struct err *e);

/* The master (the caller's), or -1 when the runtime has sent none. Never waits: the runtime has exited. */
int console_receive (int listener);

#endif
