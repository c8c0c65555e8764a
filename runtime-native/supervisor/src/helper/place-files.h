#ifndef HELPER_PLACE_FILES_H
#define HELPER_PLACE_FILES_H

#include "common/buffer.h"
#include "common/json.h"

/* `place`: copies named files of one tree into another; README.md has the members. */
int place_files_run (const struct json *request, struct buffer *reply, struct err *e);

/* `add-archive`: unpacks an archive of any kind at a path of a tree. */
int add_archive_run (const struct json *request, struct buffer *reply, struct err *e);

#endif
