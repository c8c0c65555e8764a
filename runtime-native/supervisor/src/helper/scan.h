#ifndef HELPER_SCAN_H
#define HELPER_SCAN_H

#include "common/buffer.h"
#include "common/json.h"

/* `scan`: what lies at paths below a root, for copying and cache keys; README.md has the members. */
int scan_run (const struct json *request, struct buffer *reply, struct err *e);

#endif
