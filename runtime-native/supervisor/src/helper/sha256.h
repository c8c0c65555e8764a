#ifndef HELPER_SHA256_H
#define HELPER_SHA256_H

#include <stddef.h>
#include <stdint.h>

/* FIPS 180-4 SHA-256 over a stream; uses the CPU's SHA instructions where there are any. */
struct sha256
{
  uint32_t state[8];
  uint64_t n_bytes;
  uint8_t block[64];
};

void sha256_init (struct sha256 *h);
void sha256_update (struct sha256 *h, const void *data, size_t n);
/* Writes 64 lower-case hex digits and a NUL; the state is used up. */
void sha256_hex (struct sha256 *h, char ret_hex[65]);
/* For tests: computes with the portable code whatever the CPU can do. */
void sha256_use_portable (void);

#endif
