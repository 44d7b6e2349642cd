/* Looks at a page's bytes before they are parsed. Each takes the bytes and how many they are, reads no byte beyond them
 * (they may hold NULs and need none at their end), takes time in proportion to them and no memory. */
#ifndef NEWSWIRE_BYTES_H
#define NEWSWIRE_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* 1 where Python's strict UTF-8 decoder takes the bytes: no surrogates, nothing longer than needed, up to U+10FFFF. */
int nw_is_utf8(const uint8_t *data, size_t length);

/* workers.mojibake.may_be_twice: 0 for UTF-8 that was surely not encoded twice. */
int nw_may_be_twice(const uint8_t *data, size_t length);

/* TagCounts in scan.py: how many `<` there are with three bytes behind them, how many of these open an element, the
 * most of all and of the formatting elements that can be open at once, and how many begin as html or body does. */
enum { NW_TAGS, NW_OPENED, NW_RISE, NW_UNCLOSED, NW_ROOTS, NW_N_TAG_COUNTS };
void nw_count_tags(const uint8_t *data, size_t length, int64_t *counts);

/* 1 where an element has more than `limit` attributes, by the same rules as workers.tree._FEW_ATTRIBUTES. */
int nw_has_many_attributes(const uint8_t *data, size_t length, size_t limit);

/* 1 where all html elements together, or all body elements, have more: wherever they stand, in a script too. */
int nw_has_many_on_roots(const uint8_t *data, size_t length, size_t limit);

/* Where at or behind `at` the next meta element begins whose tag holds the word charset, as the prescan of HTML
 * standard section 13.2.3.2 comes to it; `length` where there is none. */
size_t nw_find_declaration(const uint8_t *data, size_t length, size_t at);

#endif
