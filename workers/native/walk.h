/* The walk over a page's tree. */
#ifndef NEWSWIRE_NATIVE_WALK_H
#define NEWSWIRE_NATIVE_WALK_H

#include "page.h"

/* Reads a page; NULL where there is no memory. */
nw_page *nw_page_read(dom_node *root);

void nw_page_free(nw_page *page);

#endif
