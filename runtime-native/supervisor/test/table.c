#include "supervisor/table.h"
#include "tap.h"

/* The whole table as one would draw it on paper: a row a state, a letter an action. Changing the table means changing this. */
static const char events[] = "started failed exited stop stop-due kill pause unpause exec attach restart-due health-due";
static const char *const expected[N_STATES] = {
  [STATE_STARTING] = "R G ! r ! x x x x a ! !",
  [STATE_RUNNING] = "! ! D S ! s F x e a ! h",
  [STATE_PAUSED] = "! ! D S ! s x T x a ! p",
  [STATE_RESTARTING] = "! ! ! f ! x x x x a A !",
  [STATE_STOPPING] = "! ! f j K s x x e a ! -",
  [STATE_EXITED] = "! ! ! x ! x x x x x ! !",
};

static const char letters[N_ACTIONS] = {
  [ACTION_MISSING] = '?',
  [ACTION_IMPOSSIBLE] = '!',
  [ACTION_IGNORE] = '-',
  [ACTION_ENTER_RUNNING] = 'R',
  [ACTION_GIVE_UP_OR_RETRY] = 'G',
  [ACTION_RESTART_OR_FINISH] = 'D',
  [ACTION_REMEMBER_STOP] = 'r',
  [ACTION_BEGIN_STOP] = 'S',
  [ACTION_JOIN_STOP] = 'j',
  [ACTION_FINISH] = 'f',
  [ACTION_KILL_HARD] = 'K',
  [ACTION_SIGNAL] = 's',
  [ACTION_FREEZE] = 'F',
  [ACTION_THAW] = 'T',
  [ACTION_EXEC] = 'e',
  [ACTION_ATTACH] = 'a',
  [ACTION_START_AGAIN] = 'A',
  [ACTION_CHECK_HEALTH] = 'h',
  [ACTION_POSTPONE_CHECK] = 'p',
  [ACTION_REFUSE] = 'x',
};

int
main (void)
{
  int used[N_ACTIONS] = { 0 };
  printf ("# columns: %s\n", events);
  for (int state = 0; state < N_STATES; state++)
    for (int event = 0; event < N_EVENTS; event++)
      {
        enum action action = table_action ((enum state) state, (enum event) event);
        used[action]++;
        ok (letters[action] == expected[state][event * 2], "%s, event %d: %c", table_state_name ((enum state) state), event, letters[action]);
      }
  ok (used[ACTION_MISSING] == 0, "no cell was forgotten");
  for (int action = ACTION_MISSING + 1; action < N_ACTIONS; action++)
    ok (used[action] > 0, "action %c is used", letters[action]);
  return tap_end ();
}
