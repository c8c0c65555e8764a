#include "relay/session.h"

#include "common/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Where distributions keep the certificates that the system trusts. */
static const char *const system_files[] = {
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
};

/* The library's last error in words, without its numbers: "error:0A000086:SSL routines::certificate verify failed". */
static const char *
reason (const struct openssl *openssl)
{
  static char text[192];
  unsigned long code = openssl->ERR_get_error ();
  if (code == 0)
    return errno == 0 ? "the server has ended the connection" : strerror (errno);
  openssl->ERR_error_string_n (code, text, sizeof text);
  const char *words = strrchr (text, ':');
  return words == NULL ? text : words + 1;
}

static int
load_authorities (const struct openssl *openssl, SSL_CTX *context, const struct relay_options *options, struct err *e)
{
  const char *file = options->ca_file;
  for (size_t i = 0; file == NULL && i < sizeof system_files / sizeof *system_files; i++)
    if (access (system_files[i], R_OK) == 0)
      file = system_files[i];
  if (file == NULL)
    return err_set (e, ENOENT, "the system has no certificates to trust (package \"ca-certificates\"); name a file");
  if (openssl->SSL_CTX_load_verify_locations (context, file, NULL) != 1)
    return err_set (e, EINVAL, "%s: %s", file, reason (openssl));
  return 0;
}

static int
load_own (const struct openssl *openssl, SSL_CTX *context, const struct relay_options *options, struct err *e)
{
  if (options->cert_file == NULL)
    return 0;
  if (openssl->SSL_CTX_use_certificate_chain_file (context, options->cert_file) != 1)
    return err_set (e, EINVAL, "%s: %s", options->cert_file, reason (openssl));
  if (options->key_file == NULL || openssl->SSL_CTX_use_PrivateKey_file (context, options->key_file, OPENSSL_FILETYPE_PEM) != 1)
    return err_set (e, EINVAL, "%s: %s", options->key_file == NULL ? "no key" : options->key_file, reason (openssl));
  if (openssl->SSL_CTX_check_private_key (context) != 1)
    return err_set (e, EINVAL, "%s does not belong to %s", options->key_file, options->cert_file);
  return 0;
}

/* The certificate must be for an address when it is one that was asked for, else for a name, which the server is told. */
static bool
expect_name (const struct openssl *openssl, SSL *ssl, const char *name)
{
  struct in6_addr address;
  bool is_address = inet_pton (AF_INET, name, &address) == 1 || inet_pton (AF_INET6, name, &address) == 1;
  if (is_address)
    return openssl->X509_VERIFY_PARAM_set1_ip_asc (openssl->SSL_get0_param (ssl), name) == 1;
  char copy[256];
  if (snprintf (copy, sizeof copy, "%s", name) >= (int) sizeof copy)
    return false;
  return openssl->SSL_set1_host (ssl, copy) == 1 && openssl->SSL_ctrl (ssl, OPENSSL_CTRL_SET_TLSEXT_HOSTNAME, 0, copy) == 1;
}

int
session_prepare (struct session *session, const struct openssl *openssl, const struct relay_options *options, struct err *e)
{
  SSL_CTX *context = openssl->SSL_CTX_new (openssl->TLS_client_method ());
  if (context == NULL || openssl->SSL_CTX_ctrl (context, OPENSSL_CTRL_SET_MIN_PROTO_VERSION, OPENSSL_TLS1_2, NULL) != 1)
    return err_set (e, EINVAL, "%s", reason (openssl));
  (void) openssl->SSL_CTX_ctrl (context, OPENSSL_CTRL_MODE, OPENSSL_MODE_ENABLE_PARTIAL_WRITE, NULL); /* returns the mode */
  openssl->SSL_CTX_set_verify (context, options->verify ? OPENSSL_VERIFY_PEER : OPENSSL_VERIFY_NONE, NULL);
  int r = options->verify ? load_authorities (openssl, context, options, e) : 0;
  if (r == 0)
    r = load_own (openssl, context, options, e);
  if (r < 0)
    return r;
  *session = (struct session){ .openssl = openssl, .ssl = openssl->SSL_new (context), .fd = -1, .origin_fd = -1 };
  if (session->ssl == NULL || !expect_name (openssl, session->ssl, options->name))
    return err_set (e, EINVAL, "\"%s\": %s", options->name, reason (openssl));
  return 0;
}

/* The time that is left, for poll. */
static int
left_ms (const struct session *session)
{
  if (session->due_ms == 0)
    return -1;
  int64_t left = session->due_ms - clock_monotonic_ms ();
  return left < 0 ? 0 : (int) left;
}

/* Waits until the socket is ready for what the library wants; -ETIMEDOUT, or -EPIPE when the connection has ended. */
static int
wait_for (struct session *session, int result, struct err *e)
{
  int error = session->openssl->SSL_get_error (session->ssl, result);
  if (error != OPENSSL_ERROR_WANT_READ && error != OPENSSL_ERROR_WANT_WRITE)
    return err_set (e, EPIPE, "%s", reason (session->openssl));
  for (;;)
    {
      struct pollfd fds[] = {
        { .fd = session->fd, .events = error == OPENSSL_ERROR_WANT_READ ? POLLIN : POLLOUT },
        { .fd = session->due_ms == 0 ? session->origin_fd : -1 }, /* hang-ups only */
      };
      int n = poll (fds, 2, left_ms (session));
      if (n == 0)
        return err_set (e, ETIMEDOUT, "the server does not answer");
      if (n < 0 && errno != EINTR)
        return err_errno (e, "poll");
      if (n > 0 && fds[0].revents != 0)
        return 0;
      if (n > 0)
        session->due_ms = clock_monotonic_ms () + SESSION_LAST_MS;
    }
}

int
session_connect (struct session *session, int fd, int timeout_ms, struct err *e)
{
  session->fd = fd;
  session->due_ms = clock_monotonic_ms () + timeout_ms;
  if (session->openssl->SSL_set_fd (session->ssl, fd) != 1)
    return err_set (e, EINVAL, "%s", reason (session->openssl));
  for (;;)
    {
      errno = 0;
      session->openssl->ERR_clear_error ();
      int result = session->openssl->SSL_connect (session->ssl);
      if (result == 1)
        {
          session->due_ms = 0;
          return 0;
        }
      int r = wait_for (session, result, e);
      long verdict = session->openssl->SSL_get_verify_result (session->ssl);
      if (r < 0 && verdict != 0)
        return err_set (e, EPIPE, "the server's certificate is refused: %s", session->openssl->X509_verify_cert_error_string (verdict));
      if (r < 0)
        return r;
    }
}

int
session_write (struct session *session, const char *bytes, size_t length, struct err *e)
{
  while (length > 0)
    {
      errno = 0;
      session->openssl->ERR_clear_error ();
      int n = session->openssl->SSL_write (session->ssl, bytes, (int) length);
      if (n <= 0)
        {
          int r = wait_for (session, n, e);
          if (r < 0)
            return r;
          continue;
        }
      bytes += n;
      length -= (size_t) n;
    }
  return 0;
}

int
session_hear (struct session *session, struct err *e)
{
  char dropped[512];
  for (;;)
    {
      errno = 0;
      session->openssl->ERR_clear_error ();
      int n = session->openssl->SSL_read (session->ssl, dropped, sizeof dropped);
      if (n > 0)
        continue;
      int error = session->openssl->SSL_get_error (session->ssl, n);
      if (error == OPENSSL_ERROR_WANT_READ || error == OPENSSL_ERROR_WANT_WRITE)
        return 0;
      return err_set (e, EPIPE, "%s", reason (session->openssl));
    }
}

void
session_end (struct session *session)
{
  (void) session->openssl->SSL_shutdown (session->ssl); /* the server hears the end of the connection anyway */
}
