#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char GREETING[] = "Hello from C\n";

/* Answers every connection with the greeting. */
int
main (int argc, char **argv)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons ((unsigned short) atoi (argc > 1 ? argv[1] : "8081")) };
  int one = 1, listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  (void) setsockopt (listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (listener < 0 || bind (listener, (struct sockaddr *) &address, sizeof address) < 0 || listen (listener, 16) < 0)
    {
      perror ("listen");
      return 1;
    }
  printf ("listening: %s", GREETING);
  (void) fflush (stdout);
  for (;;)
    {
      char request[4096];
      int client = accept (listener, NULL, NULL);
      if (client < 0)
        continue;
      if (read (client, request, sizeof request) > 0)
        (void) dprintf (client, "HTTP/1.0 200 OK\r\ncontent-length: %zu\r\n\r\n%s", strlen (GREETING), GREETING);
      (void) close (client);
    }
}
