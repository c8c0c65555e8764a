#ifndef RELAY_OPENSSL_H
#define RELAY_OPENSSL_H

#include "common/err.h"

#include <stddef.h>

/* The part of OpenSSL 3 that a client needs, loaded when it is: no headers and no library are needed to build, programs that
   were built elsewhere start everywhere, and only a container whose log goes over TLS needs the library. The types are
   opaque and the prototypes are those of the library's manual pages; its ABI is kept for all of version 3. */

typedef struct ssl_ctx_st SSL_CTX;
typedef struct ssl_st SSL;
typedef struct ssl_method_st SSL_METHOD;
typedef struct X509_VERIFY_PARAM_st X509_VERIFY_PARAM;

enum
{
  /* From ssl.h, tls1.h and x509.h; constants of the ABI. */
  OPENSSL_VERIFY_NONE = 0,
  OPENSSL_VERIFY_PEER = 1,
  OPENSSL_FILETYPE_PEM = 1,
  OPENSSL_ERROR_WANT_READ = 2,
  OPENSSL_ERROR_WANT_WRITE = 3,
  OPENSSL_CTRL_SET_MIN_PROTO_VERSION = 123,
  OPENSSL_CTRL_SET_TLSEXT_HOSTNAME = 55,
  OPENSSL_CTRL_MODE = 33,
  OPENSSL_MODE_ENABLE_PARTIAL_WRITE = 1,
  OPENSSL_TLS1_2 = 0x0303
};

/* Name, result and arguments of each function that is used. */
#define OPENSSL_FUNCTIONS(F)                                                                                                               \
  F (TLS_client_method, const SSL_METHOD *, (void))                                                                                        \
  F (SSL_CTX_new, SSL_CTX *, (const SSL_METHOD *) )                                                                                        \
  F (SSL_CTX_ctrl, long, (SSL_CTX *, int, long, void *) )                                                                                  \
  F (SSL_CTX_set_verify, void, (SSL_CTX *, int, void *) )                                                                                  \
  F (SSL_CTX_load_verify_locations, int, (SSL_CTX *, const char *, const char *) )                                                         \
  F (SSL_CTX_use_certificate_chain_file, int, (SSL_CTX *, const char *) )                                                                  \
  F (SSL_CTX_use_PrivateKey_file, int, (SSL_CTX *, const char *, int) )                                                                    \
  F (SSL_CTX_check_private_key, int, (const SSL_CTX *) )                                                                                   \
  F (SSL_new, SSL *, (SSL_CTX *) )                                                                                                         \
  F (SSL_ctrl, long, (SSL *, int, long, void *) )                                                                                          \
  F (SSL_set_fd, int, (SSL *, int) )                                                                                                       \
  F (SSL_set1_host, int, (SSL *, const char *) )                                                                                           \
  F (SSL_get0_param, X509_VERIFY_PARAM *, (SSL *) )                                                                                        \
  F (X509_VERIFY_PARAM_set1_ip_asc, int, (X509_VERIFY_PARAM *, const char *) )                                                             \
  F (SSL_connect, int, (SSL *) )                                                                                                           \
  F (SSL_read, int, (SSL *, void *, int) )                                                                                                 \
  F (SSL_write, int, (SSL *, const void *, int) )                                                                                          \
  F (SSL_shutdown, int, (SSL *) )                                                                                                          \
  F (SSL_get_error, int, (const SSL *, int) )                                                                                              \
  F (SSL_get_verify_result, long, (const SSL *) )                                                                                          \
  F (X509_verify_cert_error_string, const char *, (long) )                                                                                 \
  F (ERR_get_error, unsigned long, (void))                                                                                                 \
  F (ERR_error_string_n, void, (unsigned long, char *, size_t))                                                                            \
  F (ERR_clear_error, void, (void))

#define OPENSSL_MEMBER(name, result, arguments) result (*name) arguments;

struct openssl
{
  OPENSSL_FUNCTIONS (OPENSSL_MEMBER)
};

/* -ENOENT when the library or one of its functions is not there. */
int openssl_load (struct openssl *ret, struct err *e);

#endif
