#ifndef HELPER_WATCH_H
#define HELPER_WATCH_H

#include "common/err.h"

/* `tscompose-helper watch`: reads its request, one line, from stdin and tells of changes on stdout until stdin ends. */
int watch_main (struct err *e);

#endif
