#ifndef COMMON_RESIDENT_H
#define COMMON_RESIDENT_H

/* Gives the pages of the program's code and constants back, of which the start has touched most: what goes on running takes the few it
   needs out of the page cache again. Saves about half of a supervisor's resident memory. */
void resident_drop_code (void);

#endif
