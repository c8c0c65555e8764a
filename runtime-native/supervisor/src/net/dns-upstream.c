#include "common/io.h"
#include "net/dns-forward.h"

#include <errno.h>
#include <string.h>

enum
{
  DNS_PORT = 53,
  HOST_MAX = 128
};

int
dns_upstream_parse (const char *text, struct address *ret, struct err *e)
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
  if (!valid || !address_parse (start, (uint16_t) number, ret))
    return err_set (e, EINVAL, "name server \"%.60s\": expected an IPv4 or IPv6 address, and a port after a colon if any", text);
  return 0;
}
