#ifndef HELPER_COPY_PATH_H
#define HELPER_COPY_PATH_H

#include "common/buffer.h"
#include "common/err.h"
#include "common/json.h"

/* `copy-out`: writes one path of a tree as an archive. `copy-in`: unpacks an archive below a directory of a tree. */
int copy_out_run (const struct json *request, struct buffer *reply, struct err *e);
int copy_in_run (const struct json *request, struct buffer *reply, struct err *e);

#endif
