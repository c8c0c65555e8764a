#include "supervisor/log-relay.h"

#include "common/cleanup.h"
#include "supervisor/loop.h"

#include <sys/socket.h>
#include <unistd.h>

static _Noreturn void
run_relay (const struct spec_log_tls *tls, const char *address, int socket)
{
  const char *arguments[16] = { tls->relay, "--address", address, "--name", tls->server_name };
  size_t n = 5;
  const struct
  {
    const char *flag;
    const char *value;
  } files[] = { { "--ca", tls->ca_file }, { "--cert", tls->cert_file }, { "--key", tls->key_file } };
  for (size_t i = 0; i < sizeof files / sizeof *files; i++)
    if (files[i].value != NULL)
      {
        arguments[n++] = files[i].flag;
        arguments[n++] = files[i].value;
      }
  if (!tls->verify)
    arguments[n++] = "--no-verify";
  arguments[n] = NULL;
  char *environment[] = { NULL };
  loop_reset_signals ();
  if (dup2 (socket, STDIN_FILENO) >= 0)
    (void) execve (tls->relay, (char *const *) (uintptr_t) arguments, environment);
  _exit (111);
}

int
log_relay_start (const struct spec_log_tls *tls, const char *address, struct err *e)
{
  int ends[2];
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    return err_errno (e, "socketpair");
  int ours cleanup_fd = ends[0];
  int theirs cleanup_fd = ends[1];
  pid_t pid = fork ();
  if (pid < 0)
    return err_errno (e, "fork");
  if (pid == 0)
    run_relay (tls, address, theirs);
  return steal_fd (&ours);
}
