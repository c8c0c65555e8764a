#ifndef SUPERVISOR_FREEZE_H
#define SUPERVISOR_FREEZE_H

#include "supervisor/client.h"

/* Pausing. The kernel freezes processes one after the other; the state is `paused` when all are. */

/* Starts to freeze; CLIENT is answered when it is done, or cannot be. */
void freeze_begin (struct client *client);
/* Thaws, whatever the state of the freezer. */
void freeze_end (void);
/* Something else overtakes a pause that is under way; true when there was one. */
bool freeze_cancel (void);
/* The connection is gone: the pause goes on without an answer. */
void freeze_forget_client (const struct client *client);

#endif
