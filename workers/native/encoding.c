/* Bytes of a page in; whether they are UTF-8, and whether they may be UTF-8 that was encoded twice. */
#include <string.h>

#include "bytes.h"

#define HIGH_BITS 0x8080808080808080u
#define STRIDE 32

static uint64_t word_at(const uint8_t *data) {
    uint64_t word;

    memcpy(&word, data, sizeof word); /* the bytes lie at any address */
    return word;
}

/* Where the next byte beyond ASCII is, `length` where there is none. Most of a page is markup in ASCII. */
static size_t skip_ascii(const uint8_t *data, size_t length, size_t at) {
    while (length - at >= STRIDE) {
        const uint8_t *here = data + at;

        if ((word_at(here) | word_at(here + 8) | word_at(here + 16) | word_at(here + 24)) & HIGH_BITS) break;
        at += STRIDE;
    }
    while (length - at >= 8 && !(word_at(data + at) & HIGH_BITS)) at += 8;
    while (at < length && data[at] < 0x80) at++;
    return at;
}

static int is_tail(uint8_t byte) { return (byte & 0xc0) == 0x80; }

/* How many bytes the character beyond ASCII at `at` has, 0 where it is none. The Unicode Standard, table 3-7. */
static size_t length_of_character(const uint8_t *data, size_t length, size_t at) {
    const uint8_t first = data[at];
    const size_t left = length - at;

    if (first >= 0xc2 && first <= 0xdf) return left >= 2 && is_tail(data[at + 1]) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        if (left < 3 || !is_tail(data[at + 1]) || !is_tail(data[at + 2])) return 0;
        if ((first == 0xe0 && data[at + 1] < 0xa0) || (first == 0xed && data[at + 1] > 0x9f)) return 0;
        return 3;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        if (left < 4 || !is_tail(data[at + 1]) || !is_tail(data[at + 2]) || !is_tail(data[at + 3])) return 0;
        if ((first == 0xf0 && data[at + 1] < 0x90) || (first == 0xf4 && data[at + 1] > 0x8f)) return 0;
        return 4;
    }
    return 0;
}

int nw_is_utf8(const uint8_t *data, size_t length) {
    size_t at = 0;

    while (at < length) {
        size_t n_bytes;

        if (data[at] < 0x80) {
            at = skip_ascii(data, length, at);
            continue;
        }
        n_bytes = length_of_character(data, length, at);
        if (n_bytes == 0) return 0;
        at += n_bytes;
    }
    return 1;
}

static int stands_at(const uint8_t *data, size_t length, size_t at, const char *wanted) {
    const size_t n_bytes = strlen(wanted);

    return length - at >= n_bytes && memcmp(data + at, wanted, n_bytes) == 0;
}

/* Whether one of the proofs in bytes beyond ASCII stands at `at`. */
static int is_proof(const uint8_t *data, size_t length, size_t at) {
    switch (data[at]) {
    case 0xc2: /* a control character of the range C1 */
        return length - at >= 2 && data[at + 1] >= 0x80 && data[at + 1] <= 0x9f;
    case 0xc3:
        return stands_at(data, length, at, "\xc3\xa2\xe2\x82\xac");
    case 0xd0:
        return stands_at(data, length, at, "\xd0\xb2\xd0\x82");
    default:
        return 0;
    }
}

int nw_may_be_twice(const uint8_t *data, size_t length) {
    const uint8_t *const end = data + length;
    const uint8_t *entity = data;
    size_t at = 0;

    while (at < length) {
        if (data[at] < 0x80) {
            at = skip_ascii(data, length, at);
            continue;
        }
        if (is_proof(data, length, at)) return 1;
        at++;
    }
    while (entity < end && (entity = memchr(entity, '&', (size_t)(end - entity))) != NULL) {
        if (stands_at(data, length, (size_t)(entity - data), "&acirc;&euro;")) return 1;
        entity++;
    }
    return 0;
}
