#include "common/io.h"
#include "net/dns-forward.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <string.h>

enum
{
  DNS_PORT = 53,
  HOST_MAX = 128
};

static bool
set_address (const char *host, uint16_t port, struct dns_upstream *ret)
{
  struct sockaddr_in ipv4 = { .sin_family = AF_INET, .sin_port = htons (port) };
  if (inet_pton (AF_INET, host, &ipv4.sin_addr) == 1)
    {
      memcpy (&ret->address, &ipv4, sizeof ipv4);
      ret->size = sizeof ipv4;
      return true;
    }
  char address[HOST_MAX];
  size_t length = strcspn (host, "%");
  memcpy (address, host, length);
  address[length] = '\0';
  struct sockaddr_in6 ipv6 = { .sin6_family = AF_INET6, .sin6_port = htons (port) };
  if (host[length] == '%')
    {
      uint64_t index = if_nametoindex (host + length + 1);
      if (index == 0 && io_parse_unsigned (host + length + 1, UINT32_MAX, &index) < 0)
        return false;
      ipv6.sin6_scope_id = (uint32_t) index;
    }
  if (inet_pton (AF_INET6, address, &ipv6.sin6_addr) != 1)
    return false;
  memcpy (&ret->address, &ipv6, sizeof ipv6);
  ret->size = sizeof ipv6;
  return true;
}

int
dns_upstream_parse (const char *text, struct dns_upstream *ret, struct err *e)
{
  char host[HOST_MAX];
  size_t length = strnlen (text, sizeof host);
  if (length == 0 || length == sizeof host)
    return err_set (e, EINVAL, "name server \"%.60s\": expected host[:port]", text);
  memcpy (host, text, length + 1);
  const char *port = NULL;
  char *start = host;
  char *bracket = host[0] == '[' ? strchr (host, ']') : NULL;
  char *colon = strchr (host, ':');
  if (bracket != NULL)
    {
      start = host + 1;
      port = bracket[1] == ':' ? bracket + 2 : bracket[1] == '\0' ? NULL : "";
      *bracket = '\0';
    }
  else if (colon != NULL && strchr (colon + 1, ':') == NULL)
    {
      port = colon + 1;
      *colon = '\0';
    }
  uint64_t number = DNS_PORT;
  bool valid = port == NULL || (io_parse_unsigned (port, UINT16_MAX, &number) == 0 && number > 0);
  *ret = (struct dns_upstream){ 0 };
  if (!valid || !set_address (start, (uint16_t) number, ret))
    return err_set (e, EINVAL, "name server \"%.60s\": expected an IPv4 or IPv6 address, and a port after a colon if any", text);
  return 0;
}
