#include "native.h"

int nw_abi(void) { return NW_ABI; }
