#ifndef SUPERVISOR_LOOP_H
#define SUPERVISOR_LOOP_H

#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* One epoll loop per process: fds, deadlines and children. Objects are embedded in what they serve and may be removed
   at any time, also from their own handler. */

struct watch
{
  int fd; /* not owned */
  bool active;
  uint32_t events;
  void (*handle) (struct watch *watch, uint32_t events);
  void *owner;
};

struct timer
{
  int64_t due_ms; /* monotonic */
  bool armed;
  void (*expire) (struct timer *timer);
  void *owner;
  struct timer *next;
};

/* Opens epoll and blocks the signals that loop_run takes from a signalfd: SIGCHLD, SIGTERM, SIGINT, SIGHUP. */
int loop_open (struct err *e);
/* The rest of a freshly forked child that does not exec: unblocks signals and gives SIGPIPE its default back. */
void loop_reset_signals (void);

int loop_add (struct watch *watch, struct err *e);
/* Changes the events of an active watch; 0 events keeps it registered for hang-ups only. */
void loop_change (struct watch *watch, uint32_t events);
void loop_remove (struct watch *watch);

void loop_arm (struct timer *timer, int64_t delay_ms);
void loop_disarm (struct timer *timer);

/* Called for each reaped child and, when a round of reaping is over, once with pid 0. */
typedef void (*loop_child_handler) (pid_t pid, int wait_status, void *data);
/* SIGTERM and its like. */
typedef void (*loop_signal_handler) (int signal, void *data);

/* Runs until loop_stop. */
struct loop_handlers
{
  loop_child_handler child;
  loop_signal_handler signal;
  void (*round) (void); /* after each event; NULL: nothing */
  void *data;
};
int loop_run (const struct loop_handlers *handlers, struct err *e);
void loop_stop (void);

#endif
