#ifndef HELPER_DISK_USAGE_H
#define HELPER_DISK_USAGE_H

#include "common/buffer.h"
#include "common/json.h"

/* The request `disk-usage`, see README.md; adds the members of the reply to REPLY. */
int disk_usage_run (const struct json *request, struct buffer *reply, struct err *e);

#endif
