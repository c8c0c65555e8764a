#ifndef HELPER_UNPACK_H
#define HELPER_UNPACK_H

#include "common/buffer.h"
#include "common/json.h"

/* The request `unpack`, see README.md; adds the members of the reply to REPLY. */
int unpack_run (const struct json *request, struct buffer *reply, struct err *e);

#endif
