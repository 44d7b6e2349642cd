#include "words.h"

#include <stdlib.h>
#include <string.h>

#include "unicode.h"

/* Of this process alone, so that no page can be made whose words all stand in one another's way. */
static uint64_t seed = 1, factor = 1;

void words_seed(uint64_t own_seed, uint64_t own_factor) {
    seed = own_seed;
    factor = own_factor | 1;
}

/* Both halves of a product: each bit of it hangs on all below it. */
static uint64_t fold(uint64_t value) {
#ifdef __SIZEOF_INT128__
    unsigned __int128 product = (unsigned __int128)value * factor;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
    uint64_t low = (value & 0xFFFFFFFFu) * factor, high = (value >> 32) * factor;
    return low ^ low >> 29 ^ (high << 32 | high >> 32);
#endif
}

uint32_t words_hash(const char *word, size_t length) {
    uint64_t hash = seed ^ length, part = 0;
    for (; length >= sizeof part; length -= sizeof part, word += sizeof part) {
        memcpy(&part, word, sizeof part);
        hash = fold(hash ^ part);
    }
    part = 0;
    for (size_t at = 0; at < length; at++) part = part << 8 | (uint8_t)word[at];
    hash = fold(hash ^ part);
    return (uint32_t)(hash ^ hash >> 32);
}

uint32_t number_hash(uint64_t number) {
    uint64_t hash = fold(seed ^ number);
    return (uint32_t)(hash ^ hash >> 32);
}

/* The slot of a word, or the free one where it would stand. */
static int32_t *find(const word_table *table, const char *word, size_t length) {
    for (uint32_t at = words_hash(word, length);; at++) {
        int32_t *slot = &table->slots[at & table->mask];
        if (!*slot) return slot;
        int32_t number = *slot - 1, start = number ? table->ends[number - 1] : 0;
        if ((size_t)(table->ends[number] - start) == length && !memcmp(table->blob + start, word, length)) return slot;
    }
}

int words_index(word_table *table, int32_t count, const char *blob, const int32_t *ends, const int64_t *values) {
    uint32_t size = 64;
    while (size < 3u * (uint32_t)count) size *= 2;
    free(table->slots);
    table->slots = calloc(size, sizeof *table->slots);
    if (!table->slots) return 0;
    table->mask = size - 1;
    table->blob = blob;
    table->ends = ends;
    table->values = values;
    for (int32_t number = 0; number < count; number++) {
        int32_t start = number ? ends[number - 1] : 0;
        *find(table, blob + start, (size_t)(ends[number] - start)) = number + 1;
    }
    return 1;
}

int64_t words_value(const word_table *table, const char *word, size_t length) {
    int32_t slot = *find(table, word, length);
    return slot ? table->values[slot - 1] : 0;
}

/* Letters in lower case; white space as ' ', all else as '-'; a capital that follows a small letter begins a word. */
static size_t plain(const char *words, size_t length, char *out) {
    const char *at = words, *end = words + length;
    size_t written = 0;
    uint32_t code = 0, before = 0;
    for (int count = 0; at < end && count < MAX_CLASS; count++, before = code) {
        at = u_next(at, end, &code);
        int is_upper = code >= 'A' && code <= 'Z';
        if (is_upper && ((before >= 'a' && before <= 'z') || (before >= '0' && before <= '9'))) out[written++] = '-';
        if (is_upper || (code >= 'a' && code <= 'z')) {
            out[written++] = (char)(code | 0x20);
        } else {
            out[written++] = code < 0x80 && (u_flags(code) & U_SPACE) ? ' ' : '-';
        }
    }
    return written;
}

int64_t class_bits(const word_table *table, const char *words, size_t length) {
    char text[2 * MAX_CLASS + 1];
    size_t size = plain(words, length, text);
    text[size] = ' ';
    char pair[2 * MAX_CLASS];
    int64_t bits = 0;
    size_t start = 0, before = 0; /* of the part before: its length, 0 for none; it is kept at the start of `pair` */
    for (size_t at = 0; at <= size; at++) {
        if (text[at] != ' ' && text[at] != '-') continue;
        size_t own = at - start;
        if (own) {
            bits |= words_value(table, text + start, own);
            memcpy(pair + before, text + start, own);
            if (before) bits |= words_value(table, pair, before + own);
            memmove(pair, text + start, own);
            before = own;
        }
        if (text[at] == ' ') before = 0;
        start = at + 1;
    }
    return bits;
}
