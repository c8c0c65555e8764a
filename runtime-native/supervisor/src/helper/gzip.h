#ifndef HELPER_GZIP_H
#define HELPER_GZIP_H

#include "common/buffer.h"
#include "common/err.h"
#include "common/json.h"

/* Request `gzip`: the regular file `source` compressed to the new file `target`, which is removed again on failure. */
int gzip_run (const struct json *request, struct buffer *reply, struct err *e);

#endif
