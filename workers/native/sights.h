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

/* What is told of an element. */
enum { SIGHT_SPEAKS = 1, SIGHT_IS_LINK = 2 };

/* `marks` has two numbers for each element found: of its class attribute's string, 0 for none, and what is told of it:
 * that it says something whatever its class, that it is a link. The bits of a string are 1 where it may name a role.
 * NULL where there is no memory. Of the page nothing else is filled. */
nw_page *nw_sights_read(dom_node *root, const int32_t tags[N_SIGHT_TAGS]);

#endif
