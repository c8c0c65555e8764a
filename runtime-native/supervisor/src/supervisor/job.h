#ifndef SUPERVISOR_JOB_H
#define SUPERVISOR_JOB_H

#include "common/err.h"
#include "supervisor/loop.h"
#include "supervisor/spec.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* One process started through the OCI runtime: the container's first one (`run`) or another in it (`exec`). The runtime
   detaches; because the supervisor is a subreaper, the process becomes its child when the runtime has exited. */

enum failure
{
  FAILURE_RUNTIME,
  FAILURE_NOT_FOUND,
  FAILURE_NOT_EXECUTABLE
};

struct job
{
  /* Set by the owner before job_start. */
  bool is_exec;
  const char *process_file; /* exec: file below the run directory with the runtime-spec process object */
  bool tty;
  int stdio[3]; /* not owned; ignored with a tty */
  void *owner;
  /* The process runs (it may have ended already); CONSOLE_FD is the pty's master, owned by the callee, -1 without tty. */
  void (*started) (struct job *job, int console_fd);
  /* The runtime refused; after this the job is idle again. */
  void (*failed) (struct job *job, enum failure failure, const char *message);
  /* EXIT_CODE: 128 + n for signal n. Then the job is idle again. */
  void (*exited) (struct job *job, int exit_code);

  /* Read by the owner. */
  pid_t pid; /* 0 until started and after exit */

  /* Private. */
  bool is_active;
  unsigned number;
  pid_t runtime_pid;
  bool is_adopted;
  int console_listener;
  struct timer adoption;
  struct job *next;
};

/* Where jobs run; set once. */
struct job_context
{
  const struct spec *spec;
  int run_dir_fd;
  int netns_fd;
};
void job_setup (const struct job_context *context);

int job_start (struct job *job, struct err *e);
/* Sends a signal to the process, or to the runtime when it is still at work. */
void job_kill (struct job *job, int signal);
/* For the loop's child handler: true when the child was a job's. */
bool job_child (pid_t pid, int wait_status);
/* After each round of reaping. */
void job_children_reaped (void);

/* Sorts the runtime's words (crun and runc) into kinds of failure. */
enum failure job_classify (const char *message);

#endif
