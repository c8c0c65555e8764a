#ifndef SUPERVISOR_LAUNCH_H
#define SUPERVISOR_LAUNCH_H

/* `launch`: LaunchRequests on stdin, LaunchReplies on stdout, until the input ends. Returns an exit status. */
int launch (void);

#endif
