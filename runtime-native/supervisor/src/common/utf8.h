#ifndef COMMON_UTF8_H
#define COMMON_UTF8_H

#include <stddef.h>

/* Length of the well-formed UTF-8 sequence at P (LEFT bytes, at least one), 0 when there is none. */
size_t utf8_sequence (const unsigned char *p, size_t left);

#endif
