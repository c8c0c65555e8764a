/* The workload of the benchmarks: a first process that does nothing and ends at once on SIGTERM. Static, so that an image is one file.
   `check` is a health check that succeeds, `talk` also writes a line every 10 ms. */
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void leave(int signal_number) {
  (void)signal_number;
  _exit(0);
}

int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "";
  if (strcmp(mode, "check") == 0) return 0;
  struct sigaction action = {.sa_handler = leave};
  (void)sigaction(SIGTERM, &action, NULL);
  (void)sigaction(SIGINT, &action, NULL);
  /* The floor program blocks SIGTERM until here: a first process loses what arrives before its handler is set. */
  sigset_t none;
  (void)sigemptyset(&none);
  (void)sigprocmask(SIG_SETMASK, &none, NULL);
  static const char line[] = "a line of the usual length, with what a program says about a request\n";
  const struct timespec pause_ = {.tv_nsec = 10 * 1000 * 1000};
  while (strcmp(mode, "talk") == 0 && write(STDOUT_FILENO, line, sizeof line - 1) > 0) (void)nanosleep(&pause_, NULL);
  for (;;) (void)pause();
}
