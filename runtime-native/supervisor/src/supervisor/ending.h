#ifndef SUPERVISOR_ENDING_H
#define SUPERVISOR_ENDING_H

/* The container is over for good: removes what it had, writes the final status, answers who waits, stops the loop. */
void ending_finish (void);

#endif
