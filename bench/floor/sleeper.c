/* The workload of the benchmark: a first process that does nothing and ends at once on SIGTERM. Static, so that an image is one file. */
#include <signal.h>
#include <unistd.h>

static void leave(int signal_number) {
  (void)signal_number;
  _exit(0);
}

int main(void) {
  struct sigaction action = {.sa_handler = leave};
  (void)sigaction(SIGTERM, &action, NULL);
  (void)sigaction(SIGINT, &action, NULL);
  /* The floor program blocks SIGTERM until here: a first process loses what arrives before its handler is set. */
  sigset_t none;
  (void)sigemptyset(&none);
  (void)sigprocmask(SIG_SETMASK, &none, NULL);
  for (;;) (void)pause();
}
