/* UTF-8 and what Python's own tables say of a character, so that both twins read the same. */
#ifndef NEWSWIRE_NATIVE_UNICODE_H
#define NEWSWIRE_NATIVE_UNICODE_H

#include "native.h"

enum { U_TABLE = 0x40000 }; /* characters that the flags tell of; those above are no letters */
enum { U_SPACE = 1, U_UPPER = 2, U_LOWER = 4, U_DECIMAL = 8, U_WORD = 16, U_ENDS = 32 };
enum { C_LETTER, C_DIGIT, C_UPPER, C_SPACE, C_ENDER, C_COMMA, C_UNSPACED, C_QUOTE, C_CLASSES };

/* What some characters become in lower case or folded: three at most, 0 where there are fewer. */
typedef struct {
    int32_t count;
    const uint32_t *from; /* rising */
    const uint32_t *to;
} nw_mapping;

typedef struct {
    const uint8_t *flags;   /* U_TABLE of them */
    const uint8_t *classes; /* of the first plane: a bit a class (characters.py) */
    nw_mapping lower;
    nw_mapping fold;
} nw_unicode;

extern nw_unicode unicode;

/* The character at `at` (below `end`), and the place behind it; U+FFFD for a byte that is no UTF-8. */
static inline const char *u_next(const char *at, const char *end, uint32_t *code) {
    const uint8_t *byte = (const uint8_t *)at;
    ptrdiff_t left = end - at;
    uint32_t first = byte[0];
    if (first < 0x80) {
        *code = first;
        return at + 1;
    }
    if (first < 0xE0 && left > 1) {
        *code = (first & 0x1F) << 6 | (byte[1] & 0x3F);
        return at + 2;
    }
    if (first >= 0xE0 && first < 0xF0 && left > 2) {
        *code = (first & 0x0F) << 12 | (uint32_t)(byte[1] & 0x3F) << 6 | (byte[2] & 0x3F);
        return at + 3;
    }
    if (first >= 0xF0 && left > 3) {
        *code = (first & 0x07) << 18 | (uint32_t)(byte[1] & 0x3F) << 12 | (uint32_t)(byte[2] & 0x3F) << 6 |
                (byte[3] & 0x3F);
        return at + 4;
    }
    *code = 0xFFFD;
    return at + 1;
}

static inline uint8_t u_flags(uint32_t code) { return code < U_TABLE ? unicode.flags[code] : 0; }

static inline uint8_t u_classes(uint32_t code) { return unicode.classes[code < 0xFFFF ? code : 0xFFFF]; }

/* Writes a character, returns its bytes. */
int u_write(uint32_t code, char *out);

/* What a character is mapped to: `to` gets up to three, the count is returned. */
int u_map(const nw_mapping *mapping, uint32_t code, uint32_t to[3]);

/* Characters of a text. */
size_t u_count(const char *text, size_t length);

/* Bytes of the first `count` characters of a text. */
size_t u_prefix(const char *text, size_t length, size_t count);

/* 1 where a text is white space, and not empty. */
int u_is_space(const char *text, size_t length);

#endif
