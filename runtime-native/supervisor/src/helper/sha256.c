#include "helper/sha256.h"

#include <stdbool.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

typedef void (*compress_fn) (uint32_t state[8], const uint8_t *data, size_t n_blocks);

static void compress_detect (uint32_t state[8], const uint8_t *data, size_t n_blocks);
static compress_fn compress = compress_detect;

/* FIPS 180-4, 4.2.2. */
static const uint32_t K[64] __attribute__ ((aligned (16))) = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
  0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
  0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
  0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
  0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
  0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

void
sha256_init (struct sha256 *h)
{
  static const uint32_t initial[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
  };
  memcpy (h->state, initial, sizeof (initial));
  h->n_bytes = 0;
}

void
sha256_update (struct sha256 *h, const void *data, size_t n)
{
  const uint8_t *p = data;
  size_t held = h->n_bytes % 64;

  h->n_bytes += n;
  if (held > 0)
    {
      size_t take = n < 64 - held ? n : 64 - held;
      memcpy (h->block + held, p, take);
      p += take;
      n -= take;
      if (held + take < 64)
        return;
      compress (h->state, h->block, 1);
    }
  if (n >= 64)
    {
      compress (h->state, p, n / 64);
      p += n / 64 * 64;
      n %= 64;
    }
  memcpy (h->block, p, n);
}

void
sha256_hex (struct sha256 *h, char ret_hex[65])
{
  static const char digits[] = "0123456789abcdef";
  uint64_t n_bits = h->n_bytes * 8;
  size_t held = h->n_bytes % 64;
  uint8_t tail[128] = { 0x80 };
  size_t n_tail = (held < 56 ? 56 : 120) - held;

  for (size_t i = 0; i < 8; i++)
    tail[n_tail + i] = (uint8_t) (n_bits >> (56 - 8 * i));
  sha256_update (h, tail, n_tail + 8);
  for (size_t i = 0; i < 64; i++)
    ret_hex[i] = digits[(h->state[i / 8] >> (28 - 4 * (i % 8))) & 15];
  ret_hex[64] = '\0';
}

static inline uint32_t
rotate (uint32_t x, unsigned n)
{
  return x >> n | x << (32 - n);
}

static void
compress_portable (uint32_t state[8], const uint8_t *data, size_t n_blocks)
{
  for (; n_blocks > 0; n_blocks--, data += 64)
    {
      uint32_t w[64], v[8];

      for (size_t i = 0; i < 16; i++)
        w[i] = (uint32_t) data[4 * i] << 24 | (uint32_t) data[4 * i + 1] << 16 | (uint32_t) data[4 * i + 2] << 8 | data[4 * i + 3];
      for (size_t i = 16; i < 64; i++)
        {
          uint32_t a = w[i - 15], b = w[i - 2];
          w[i] = w[i - 16] + (rotate (a, 7) ^ rotate (a, 18) ^ a >> 3) + w[i - 7] + (rotate (b, 17) ^ rotate (b, 19) ^ b >> 10);
        }
      memcpy (v, state, sizeof (v));
      for (size_t i = 0; i < 64; i++)
        {
          uint32_t s1 = rotate (v[4], 6) ^ rotate (v[4], 11) ^ rotate (v[4], 25);
          uint32_t t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + K[i] + w[i];
          uint32_t s0 = rotate (v[0], 2) ^ rotate (v[0], 13) ^ rotate (v[0], 22);
          uint32_t t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
          memmove (v + 1, v, 7 * sizeof (v[0]));
          v[4] += t1;
          v[0] = t1 + t2;
        }
      for (size_t i = 0; i < 8; i++)
        state[i] += v[i];
    }
}

#if defined(__x86_64__)
/* Intel SHA extensions: the state is kept as (A B E F) and (C D G H); each sha256rnds2 does two rounds. */
__attribute__ ((target ("sha,sse4.1,ssse3"))) static void
compress_sha_ni (uint32_t state[8], const uint8_t *data, size_t n_blocks)
{
  const __m128i swap = _mm_set_epi64x (0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
  __m128i dcba = _mm_loadu_si128 ((const __m128i *) (const void *) state);
  __m128i hgfe = _mm_loadu_si128 ((const __m128i *) (const void *) (state + 4));
  __m128i cdab = _mm_shuffle_epi32 (dcba, 0xb1);
  __m128i efgh = _mm_shuffle_epi32 (hgfe, 0x1b);
  __m128i abef = _mm_alignr_epi8 (cdab, efgh, 8);
  __m128i cdgh = _mm_blend_epi16 (efgh, cdab, 0xf0);

  for (; n_blocks > 0; n_blocks--, data += 64)
    {
      __m128i abef_before = abef, cdgh_before = cdgh;
      __m128i w[4];

      for (int i = 0; i < 16; i++)
        {
          __m128i wk;
          if (i < 4)
            w[i] = _mm_shuffle_epi8 (_mm_loadu_si128 ((const __m128i *) (const void *) (data + 16 * i)), swap);
          else
            {
              /* w[t..t+3] from w[t-16..], w[t-12..], w[t-8..], w[t-4..]. */
              __m128i a = _mm_sha256msg1_epu32 (w[i & 3], w[(i + 1) & 3]);
              a = _mm_add_epi32 (a, _mm_alignr_epi8 (w[(i + 3) & 3], w[(i + 2) & 3], 4));
              w[i & 3] = _mm_sha256msg2_epu32 (a, w[(i + 3) & 3]);
            }
          wk = _mm_add_epi32 (w[i & 3], _mm_load_si128 ((const __m128i *) (const void *) (K + 4 * i)));
          cdgh = _mm_sha256rnds2_epu32 (cdgh, abef, wk);
          abef = _mm_sha256rnds2_epu32 (abef, cdgh, _mm_shuffle_epi32 (wk, 0x0e));
        }
      abef = _mm_add_epi32 (abef, abef_before);
      cdgh = _mm_add_epi32 (cdgh, cdgh_before);
    }

  __m128i feba = _mm_shuffle_epi32 (abef, 0x1b);
  __m128i dchg = _mm_shuffle_epi32 (cdgh, 0xb1);
  _mm_storeu_si128 ((__m128i *) (void *) state, _mm_blend_epi16 (feba, dchg, 0xf0));
  _mm_storeu_si128 ((__m128i *) (void *) (state + 4), _mm_alignr_epi8 (dchg, feba, 8));
}

static bool
has_sha_ni (void)
{
  unsigned a, b, c, d;
  return __get_cpuid (1, &a, &b, &c, &d) && (c & bit_SSE4_1) && (c & bit_SSSE3) && __get_cpuid_count (7, 0, &a, &b, &c, &d)
         && (b & bit_SHA);
}
#endif

static void
compress_detect (uint32_t state[8], const uint8_t *data, size_t n_blocks)
{
  compress = compress_portable;
#if defined(__x86_64__)
  if (has_sha_ni ())
    compress = compress_sha_ni;
#endif
  compress (state, data, n_blocks);
}

void
sha256_use_portable (void)
{
  compress = compress_portable;
}
