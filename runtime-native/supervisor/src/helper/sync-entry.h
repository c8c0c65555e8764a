#ifndef HELPER_SYNC_ENTRY_H
#define HELPER_SYNC_ENTRY_H

#include "helper/sync-place.h"

/* What was done; the letters of the protocol (README.md). */
enum sync_done
{
  SYNC_WRITTEN = 'w',
  SYNC_ATTRIBUTES = 'a',
  SYNC_DIRECTORY = 'd',
  SYNC_LINK = 'l',
  SYNC_REMOVED = 'r',
  SYNC_SAME = '=',
  SYNC_UNSUPPORTED = 'u'
};

struct sync_pair
{
  const char *base;   /* the rule's path: absolute, on the host */
  const char *source; /* the same or below it */
  const char *target; /* absolute, in the container */
  const struct ignore *ignore;
  bool is_root; /* a directory that is there already stays as it is */
  bool is_partial; /* of a root: a directory stays when the source goes */
};

struct sync_outcome
{
  enum sync_done done;
  uint64_t bytes; /* of a file that was written */
};

/* Makes the target what the source is now: same kind, content, permissions and time; absent when the source is. Text up to 1 MiB is
   written into the file that is there, everything else is replaced as a whole, by rename. Nothing is done when nothing differs. -ESRCH: the container has ended. */
int sync_entry (const struct sync_sides *s, const struct sync_pair *pair, struct sync_outcome *ret, struct err *e);

#endif
