/* What the C files of this folder share. Names that Python calls begin with nw_. */
#ifndef NEWSWIRE_NATIVE_H
#define NEWSWIRE_NATIVE_H

#include <stddef.h>
#include <stdint.h>

#define NW_ABI 6 /* raise with library.py when a function that Python calls changes */

int nw_abi(void);

#endif
