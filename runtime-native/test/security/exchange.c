// Exchanges the two paths of its arguments for ever, as fast as the kernel can; says that it has begun.
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  if (write(STDOUT_FILENO, "ready\n", 6) != 6) return 1;
  while (renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2], RENAME_EXCHANGE) == 0) {
  }
  perror("exchange");
  return 1;
}
