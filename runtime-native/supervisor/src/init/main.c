/* tscompose-init: process 1 of a container with `init: true`. It starts the container's own program, hands every signal on to
   it, reaps what is orphaned, and ends as the program ends. Static, bound into the container read-only. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
  EXIT_NOT_FOUND = 127,
  EXIT_NOT_EXECUTABLE = 126,
  EXIT_OWN_FAILURE = 125
};

static int
fail (const char *what)
{
  (void) fprintf (stderr, "init: %s: %s\n", what, strerror (errno)); /* nobody else could be told */
  return errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

/* In the child: a process group of its own, which gets the terminal if there is one; the signals as they were. */
static int
become (char **argv, const sigset_t *signals)
{
  if (setpgid (0, 0) == 0)
    (void) tcsetpgrp (STDIN_FILENO, getpgrp ()); /* not a terminal: nothing to hand over */
  (void) signal (SIGTTIN, SIG_DFL);
  (void) signal (SIGTTOU, SIG_DFL);
  (void) sigprocmask (SIG_SETMASK, signals, NULL); /* cannot fail with these arguments */
  (void) execvp (argv[0], argv);
  return fail (argv[0]);
}

/* Takes the status of every child that has ended; -1 while the program itself goes on. */
static int
reap (pid_t program)
{
  int exit_code = -1;
  int status;
  for (pid_t pid = waitpid (-1, &status, WNOHANG); pid > 0; pid = waitpid (-1, &status, WNOHANG))
    if (pid == program)
      exit_code = WIFSIGNALED (status) ? 128 + WTERMSIG (status) : WEXITSTATUS (status);
  return exit_code;
}

int
main (int argc, char **argv)
{
  char **command = argv + 1;
  sigset_t all, before;
  if (argc > 1 && strcmp (*command, "--version") == 0)
    return printf ("tscompose-init %s\n", TSCOMPOSE_VERSION) < 0;
  if (argc > 1 && strcmp (*command, "--") == 0)
    command++;
  if (argc < 2 || *command == NULL)
    {
      (void) fprintf (stderr, "init: no program to start\n"); /* nobody else could be told */
      return EXIT_OWN_FAILURE;
    }
  (void) sigfillset (&all); /* cannot fail */
  (void) sigprocmask (SIG_BLOCK, &all, &before);
  /* A background process that hands the terminal over must not be stopped by that. */
  (void) signal (SIGTTIN, SIG_IGN);
  (void) signal (SIGTTOU, SIG_IGN);
  (void) prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); /* for `pid: host`; process 1 needs none */
  pid_t program = fork ();
  if (program < 0)
    {
      (void) fail ("fork");
      return EXIT_OWN_FAILURE;
    }
  if (program == 0)
    _exit (become (command, &before));
  for (;;)
    {
      int signal_number = sigwaitinfo (&all, NULL);
      if (signal_number == SIGCHLD)
        {
          int exit_code = reap (program);
          if (exit_code >= 0)
            return exit_code;
        }
      else if (signal_number > 0)
        (void) kill (program, signal_number); /* it may have ended: the next SIGCHLD tells */
    }
}
