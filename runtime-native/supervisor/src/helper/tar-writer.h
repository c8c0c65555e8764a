#ifndef HELPER_TAR_WRITER_H
#define HELPER_TAR_WRITER_H

#include "helper/archive-output.h"
#include "helper/tar.h"

/* Writer of ustar archives with pax headers where ustar cannot say it: long names, fractions of a second, extended
   attributes, large numbers, sparse files (GNU 1.0). Directories get a slash behind their name. */

/* Header of ENTRY, map of a sparse file included. The caller then writes the data (of a sparse file its segments, one after
   the other) and ends them with tar_write_padding. */
int tar_write_header (struct archive_output *o, const struct tar_entry *entry, struct err *e);

/* Zeros up to the next block after LENGTH bytes of data. */
int tar_write_padding (struct archive_output *o, uint64_t length, struct err *e);

/* The end mark. */
int tar_write_end (struct archive_output *o, struct err *e);

#endif
