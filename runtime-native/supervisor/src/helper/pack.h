#ifndef HELPER_PACK_H
#define HELPER_PACK_H

#include "common/buffer.h"
#include "common/json.h"

/* The request `pack`, see README.md; adds the members of the reply to REPLY. */
int pack_run (const struct json *request, struct buffer *reply, struct err *e);

#endif
