#include "supervisor/console.h"

#include "common/cleanup.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int
console_listen (const char *path, int *ret_fd, struct err *e)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  if (strlen (path) >= sizeof address.sun_path)
    return err_set (e, ENAMETOOLONG, "console socket %s", path);
  memcpy (address.sun_path, path, strlen (path) + 1);
  (void) unlink (path); /* of an earlier run */
  int fd cleanup_fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || bind (fd, (const struct sockaddr *) &address, sizeof address) < 0 || listen (fd, 1) < 0)
    return err_errno (e, "console socket %s", path);
  *ret_fd = steal_fd (&fd);
  return 0;
}

int
console_receive (int listener)
{
  int connection cleanup_fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  char byte[256];
  union
  {
    struct cmsghdr header;
    char space[CMSG_SPACE (sizeof (int))];
  } control;
  struct iovec io = { .iov_base = byte, .iov_len = sizeof byte };
  struct msghdr message = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
  if (connection < 0 || recvmsg (connection, &message, MSG_CMSG_CLOEXEC) < 0)
    return -1;
  const struct cmsghdr *header = CMSG_FIRSTHDR (&message);
  if (header == NULL || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS || header->cmsg_len < CMSG_LEN (sizeof (int)))
    return -1;
  int fd = -1;
  memcpy (&fd, CMSG_DATA (header), sizeof fd);
  return fd;
}
