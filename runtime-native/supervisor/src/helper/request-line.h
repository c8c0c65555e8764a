#ifndef HELPER_REQUEST_LINE_H
#define HELPER_REQUEST_LINE_H

#include "common/buffer.h"
#include "common/err.h"
#include "common/json.h"

/* JSON documents, one a line, as they come in. */
struct request_line
{
  int fd;
  int end_fd; /* readable: there is nobody left to work for; -1 for none */
  struct buffer bytes;
  size_t used; /* length of the line that was handed out last */
};

#define cleanup_request_line __attribute__ ((cleanup (request_line_free)))

/* Waits for the next line: 1 and its document (its strings live until the next call), 0 at the end. */
int request_line_next (struct request_line *line, struct json_document **ret, struct err *e);
void request_line_free (struct request_line *line);

#endif
