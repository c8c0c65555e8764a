#ifndef HELPER_ADOPT_H
#define HELPER_ADOPT_H

#include "common/buffer.h"
#include "common/json.h"

/* The request `adopt-directories`, see README.md. */
int adopt_run (const struct json *request, struct buffer *reply, struct err *e);

#endif
