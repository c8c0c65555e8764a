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
  const char *source; /* absolute, on the host */
  const char *target; /* absolute, in the container */
  const struct ignore *ignore;
  bool is_root; /* a directory that is there already stays as it is */
};

/* Makes the target what the source is now: same kind, content, permissions and time; absent when the source is. A file
   is replaced as a whole, by rename. Nothing is done when nothing differs. -ESRCH: the container has ended. */
int sync_entry (const struct sync_sides *s, const struct sync_pair *pair, enum sync_done *ret, uint64_t *ret_bytes, struct err *e);

#endif
