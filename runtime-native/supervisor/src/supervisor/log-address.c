#include "supervisor/log-address.h"

#include "common/io.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

static int
parse_unix (struct log_address *a, const char *path, struct err *e)
{
  struct sockaddr_un *address = (struct sockaddr_un *) &a->storage;
  if (path[0] != '/' || strlen (path) >= sizeof address->sun_path)
    return err_set (e, EINVAL, "bad log socket path \"%s\"", path);
  address->sun_family = AF_UNIX;
  memcpy (address->sun_path, path, strlen (path) + 1);
  a->length = sizeof *address;
  return 0;
}

/* `ip:port`, `[ip6]:port`; the port may be missing. Names are resolved by whoever writes the specification. */
static int
parse_inet (struct log_address *a, const char *text, struct err *e)
{
  char host[64];
  uint64_t port = a->default_port;
  bool bracketed = text[0] == '[';
  const char *start = text + bracketed;
  const char *end = bracketed ? strchr (start, ']') : strchrnul (start, ':');
  const char *rest = end == NULL ? NULL : end + bracketed;
  if (rest == NULL || (size_t) (end - start) >= sizeof host
      || (*rest != '\0' && (*rest != ':' || io_parse_unsigned (rest + 1, 65535, &port) < 0)))
    return err_set (e, EINVAL, "bad log address \"%s\"", text);
  memcpy (host, start, (size_t) (end - start));
  host[end - start] = '\0';
  struct sockaddr_in *v4 = (struct sockaddr_in *) &a->storage;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *) &a->storage;
  if (strcmp (host, "localhost") == 0)
    memcpy (host, "127.0.0.1", 10);
  if (inet_pton (AF_INET, host, &v4->sin_addr) == 1)
    {
      v4->sin_family = AF_INET;
      v4->sin_port = htons ((uint16_t) port);
      a->length = sizeof *v4;
      return 0;
    }
  if (inet_pton (AF_INET6, host, &v6->sin6_addr) != 1)
    return err_set (e, EINVAL, "log address \"%s\" has no IP address", text);
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons ((uint16_t) port);
  a->length = sizeof *v6;
  return 0;
}

int
log_address_parse (const char *text, uint16_t default_port, struct log_address *ret, struct err *e)
{
  struct log_address a = { .type = SOCK_DGRAM, .default_port = default_port };
  int r = -EINVAL;
  if (strncmp (text, "udp://", 6) == 0)
    r = parse_inet (&a, text + 6, e);
  else if (strncmp (text, "unixgram://", 11) == 0)
    r = parse_unix (&a, text + 11, e);
  else if (strncmp (text, "tcp://", 6) == 0)
    r = parse_inet (&a, text + 6, e);
  else if (strncmp (text, "unix://", 7) == 0)
    r = parse_unix (&a, text + 7, e);
  else
    return err_set (e, EINVAL, "bad log address \"%s\"", text);
  if (r < 0)
    return r;
  if (strncmp (text, "tcp://", 6) == 0 || strncmp (text, "unix://", 7) == 0)
    a.type = SOCK_STREAM;
  *ret = a;
  return 0;
}
