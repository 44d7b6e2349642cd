/* Links whose text is as long as a headline. */
#ifndef NEWSWIRE_NATIVE_HEADLINES_H
#define NEWSWIRE_NATIVE_HEADLINES_H

#include "page.h"

/* How many addresses are linked so; the page's tree must still be there. -1 where there is no memory. */
int32_t nw_headline_links(const nw_page *page);

#endif
