#ifndef SUPERVISOR_TABLE_H
#define SUPERVISOR_TABLE_H

/* The life of a container as a table: what is done when EVENT happens in STATE. Restart policy, back-off, health and stop
   escalation are entries here; nothing else changes the state. */

enum state
{
  STATE_STARTING,   /* the runtime is at work, no process of the container yet */
  STATE_RUNNING,
  STATE_PAUSED,
  STATE_RESTARTING, /* down, waiting for the back-off */
  STATE_STOPPING,   /* stop signal sent */
  STATE_EXITED,     /* ended for good; the supervisor is about to exit */
  N_STATES
};

enum event
{
  EVENT_STARTED,        /* the runtime has started the process */
  EVENT_START_FAILED,   /* the runtime refused */
  EVENT_PROCESS_EXITED,
  EVENT_STOP,           /* requested, or SIGTERM to the supervisor */
  EVENT_STOP_DUE,       /* grace period over */
  EVENT_KILL,           /* signal requested */
  EVENT_PAUSE,
  EVENT_UNPAUSE,
  EVENT_EXEC,
  EVENT_ATTACH,
  EVENT_RESTART_DUE,    /* back-off over */
  EVENT_HEALTH_DUE,     /* time for a health check */
  N_EVENTS
};

enum action
{
  ACTION_MISSING, /* no cell may hold it; zero, so that a forgotten cell is found */
  ACTION_IMPOSSIBLE,
  ACTION_IGNORE,
  ACTION_ENTER_RUNNING,
  ACTION_GIVE_UP_OR_RETRY, /* a start failed: the first one ends the container, a later one follows the restart policy */
  ACTION_RESTART_OR_FINISH,
  ACTION_REMEMBER_STOP,
  ACTION_BEGIN_STOP,
  ACTION_JOIN_STOP,
  ACTION_FINISH,
  ACTION_KILL_HARD,
  ACTION_SIGNAL,
  ACTION_FREEZE,
  ACTION_THAW,
  ACTION_EXEC,
  ACTION_ATTACH,
  ACTION_START_AGAIN,
  ACTION_CHECK_HEALTH,
  ACTION_POSTPONE_CHECK,
  ACTION_REFUSE, /* the request does not fit the state; the client is told which state it is */
  N_ACTIONS
};

enum action table_action (enum state state, enum event event);
/* The names of the status file: `starting`, `running`, … */
const char *table_state_name (enum state state);

#endif
