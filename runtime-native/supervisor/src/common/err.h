#ifndef COMMON_ERR_H
#define COMMON_ERR_H

/* What went wrong, in words for a person. Functions that can fail take one last, return 0 or a negative errno and fill
   it; on success it is untouched. */
struct err
{
  int code;
  char msg[256];
};

/* Fills E with errno value CODE and the message; returns -CODE. */
int err_set (struct err *e, int code, const char *format, ...) __attribute__ ((format (printf, 3, 4)));

/* The same with the current errno, whose description is appended: "<message>: No such file or directory". */
int err_errno (struct err *e, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

/* Puts context in front of what a callee reported: "<message>: <what was there>"; returns -e->code. */
int err_wrap (struct err *e, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

#endif
