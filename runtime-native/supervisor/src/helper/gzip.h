#ifndef HELPER_GZIP_H
#define HELPER_GZIP_H

#include "common/buffer.h"
#include "common/err.h"
#include "common/json.h"

/* Request `gzip`: compresses what fd 3 has to fd 4. Files come open, since their names may be others' by now. */
int gzip_run (const struct json *request, struct buffer *reply, struct err *e);

#endif
