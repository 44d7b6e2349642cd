/* The elements of a page that may tell a field: those that metadata.py's query finds, in its order. */
#ifndef NEWSWIRE_NATIVE_SIGHTS_H
#define NEWSWIRE_NATIVE_SIGHTS_H

#include "page.h"

/* Lexbor's numbers of tags, in the order in which Python gives them; html and the others say something by themselves.
 */
enum {
    SIGHT_A,
    SIGHT_META,
    SIGHT_SCRIPT,
    SIGHT_LINK,
    SIGHT_TIME,
    SIGHT_TITLE,
    SIGHT_H1,
    SIGHT_H2,
    SIGHT_HTML,
    SIGHT_BODY
};
enum { N_SIGHT_TAGS = 10 };

/* `marks` has three numbers for each element found that may say something: its place among all that are found, the
 * number of its class attribute among those that may name a role (from 1, 0 for none; they are in `blob`), and 1 where
 * it says something whatever its class. `links` has the places of links, as int32_t, and last how many elements are
 * found. NULL where there is no memory. Of the page nothing else is for the caller. */
nw_page *nw_sights_read(dom_node *root, const int32_t tags[N_SIGHT_TAGS]);

#endif
