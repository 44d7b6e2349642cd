/* The steps that the C files which read markup share: each goes on in a page, and stops at its end. */
#ifndef NEWSWIRE_MARKUP_H
#define NEWSWIRE_MARKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { SPACE = 1, SLASH = 2, END = 4, EQUALS = 8, LETTER = 16 };

static const uint8_t KINDS[256] = {
    ['\t'] = SPACE, ['\n'] = SPACE, ['\f'] = SPACE, ['\r'] = SPACE, [' '] = SPACE,  ['/'] = SLASH,  ['>'] = END,
    ['='] = EQUALS, ['A'] = LETTER, ['B'] = LETTER, ['C'] = LETTER, ['D'] = LETTER, ['E'] = LETTER, ['F'] = LETTER,
    ['G'] = LETTER, ['H'] = LETTER, ['I'] = LETTER, ['J'] = LETTER, ['K'] = LETTER, ['L'] = LETTER, ['M'] = LETTER,
    ['N'] = LETTER, ['O'] = LETTER, ['P'] = LETTER, ['Q'] = LETTER, ['R'] = LETTER, ['S'] = LETTER, ['T'] = LETTER,
    ['U'] = LETTER, ['V'] = LETTER, ['W'] = LETTER, ['X'] = LETTER, ['Y'] = LETTER, ['Z'] = LETTER, ['a'] = LETTER,
    ['b'] = LETTER, ['c'] = LETTER, ['d'] = LETTER, ['e'] = LETTER, ['f'] = LETTER, ['g'] = LETTER, ['h'] = LETTER,
    ['i'] = LETTER, ['j'] = LETTER, ['k'] = LETTER, ['l'] = LETTER, ['m'] = LETTER, ['n'] = LETTER, ['o'] = LETTER,
    ['p'] = LETTER, ['q'] = LETTER, ['r'] = LETTER, ['s'] = LETTER, ['t'] = LETTER, ['u'] = LETTER, ['v'] = LETTER,
    ['w'] = LETTER, ['x'] = LETTER, ['y'] = LETTER, ['z'] = LETTER,
};

/* A page, and where in it we are: `at` never passes `end`. */
struct page {
    const uint8_t *at;
    const uint8_t *end;
};

static inline void skip(struct page *page, uint8_t kinds) {
    while (page->at < page->end && (KINDS[*page->at] & kinds)) page->at++;
}

static inline void skip_until(struct page *page, uint8_t kinds) {
    while (page->at < page->end && !(KINDS[*page->at] & kinds)) page->at++;
}

/* To the next `byte`, or to the end. */
static inline void find(struct page *page, int byte) {
    const uint8_t *found = page->at < page->end ? memchr(page->at, byte, (size_t)(page->end - page->at)) : NULL;

    page->at = found != NULL ? found : page->end;
}

/* From a name's first letter behind a value's last: HTML standard, sections 13.2.5.33 to 13.2.5.38. */
static inline void skip_attribute(struct page *page) {
    uint8_t quote;

    page->at++; /* a name may begin with "=" */
    skip_until(page, SPACE | SLASH | END | EQUALS);
    skip(page, SPACE);
    if (page->at == page->end || *page->at != '=') return;
    page->at++;
    skip(page, SPACE);
    if (page->at == page->end) return;
    quote = *page->at;
    if (quote != '"' && quote != '\'') {
        skip_until(page, SPACE | END);
        return;
    }
    page->at++;
    find(page, quote);
    if (page->at < page->end) page->at++;
}

#endif
