#include "common/resident.h"

#include <link.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* The first object is the program itself. */
static int
drop_object (struct dl_phdr_info *info, size_t size, void *data)
{
  (void) size;
  (void) data;
  uintptr_t page = (uintptr_t) sysconf (_SC_PAGESIZE);
  for (size_t i = 0; i < info->dlpi_phnum; i++)
    {
      const ElfW (Phdr) *segment = &info->dlpi_phdr[i];
      if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W) != 0)
        continue; /* what was written is nowhere else */
      uintptr_t start = (info->dlpi_addr + segment->p_vaddr) & ~(page - 1);
      uintptr_t end = (info->dlpi_addr + segment->p_vaddr + segment->p_memsz + page - 1) & ~(page - 1);
      (void) madvise ((void *) start, end - start, MADV_DONTNEED); /* a kernel that does not want to keeps them */
    }
  return 1;
}

void
resident_drop_code (void)
{
  (void) dl_iterate_phdr (drop_object, NULL);
}
