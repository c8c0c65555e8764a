#include "net/address.h"

#include "common/io.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

static bool
parse_ipv6 (const char *ip, uint16_t port, struct sockaddr_in6 *ret)
{
  char text[INET6_ADDRSTRLEN];
  size_t length = strcspn (ip, "%");
  if (length >= sizeof text)
    return false;
  memcpy (text, ip, length);
  text[length] = '\0';
  *ret = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons (port) };
  if (ip[length] == '%')
    {
      uint64_t index = if_nametoindex (ip + length + 1);
      if (index == 0 && io_parse_unsigned (ip + length + 1, UINT32_MAX, &index) < 0)
        return false;
      ret->sin6_scope_id = (uint32_t) index;
    }
  return inet_pton (AF_INET6, text, &ret->sin6_addr) == 1;
}

bool
address_parse (const char *ip, uint16_t port, struct address *ret)
{
  struct sockaddr_in ipv4 = { .sin_family = AF_INET, .sin_port = htons (port) };
  struct sockaddr_in6 ipv6;
  *ret = (struct address){ 0 };
  if (inet_pton (AF_INET, ip, &ipv4.sin_addr) == 1)
    {
      memcpy (&ret->storage, &ipv4, sizeof ipv4);
      ret->size = sizeof ipv4;
      return true;
    }
  if (!parse_ipv6 (ip, port, &ipv6))
    return false;
  memcpy (&ret->storage, &ipv6, sizeof ipv6);
  ret->size = sizeof ipv6;
  return true;
}
