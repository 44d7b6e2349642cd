/* Texts as letters and digits only, case folded, and what their first words speak of: keys.py, words.py. */
#include "columns.h"

enum { WORDS_READ = 6, START_CHARS = 80, FOLDED = 3 };
enum { SIGMA = 0x3A3, FINAL_SIGMA = 0x3C2 };

void find_keys(nw_columns *c) {
    size_t size = 0;
    c->keys = TAKE(&c->arena, c->n, nw_key);
    for (int32_t number = 0; number < c->n; number++) size += (size_t)text_of(c, number)->size;
    /* what folds to more takes at most three times its bytes (U+0390: two become six) */
    char *out = TAKE(&c->arena, FOLDED * size + 1, char);
    if (c->arena.failed) return;
    for (int32_t number = 0; number < c->n; number++) {
        const nw_text *text = text_of(c, number);
        const char *at = letters_of(c, text), *end = at + text->size, *start = out;
        int32_t n_chars = 0;
        while (at < end) {
            uint32_t code, mapped[FOLDED];
            at = u_next(at, end, &code);
            if (!(u_flags(code) & U_WORD)) continue;
            if (code < 0x80) {
                *out++ = (char)(code >= 'A' && code <= 'Z' ? code | 0x20 : code);
                n_chars++;
                continue;
            }
            int count = u_map(&unicode.fold, code, mapped);
            for (int place = 0; place < count; place++) out += u_write(mapped[place], out);
            n_chars += count;
        }
        c->keys[number] = (nw_key){start, (int32_t)(out - start), n_chars};
    }
}

static int is_cased(uint32_t code) { return (u_flags(code) & (U_UPPER | U_LOWER)) != 0; }

/* A text's first characters in lower case; the bytes written. */
static size_t lower_start(const char *text, size_t length, char *out) {
    const char *at = text, *end = text + length;
    uint32_t code = 0, before = 0;
    size_t written = 0;
    for (int count = 0; at < end && count < START_CHARS; before = code) {
        at = u_next(at, end, &code);
        if (code < 0x80) {
            out[written++] = (char)(code >= 'A' && code <= 'Z' ? code | 0x20 : code);
            count++;
            continue;
        }
        uint32_t mapped[FOLDED], next = 0;
        int n_mapped = u_map(&unicode.lower, code, mapped);
        if (at < end) u_next(at, end, &next);
        if (code == SIGMA && is_cased(before) && !is_cased(next)) mapped[0] = FINAL_SIGMA;
        for (int place = 0; place < n_mapped && count < START_CHARS; place++, count++) {
            written += (size_t)u_write(mapped[place], out + written);
        }
    }
    return written;
}

int64_t text_bits(const char *text, size_t length) {
    char start[4 * START_CHARS];
    size_t size = lower_start(text, length, start), word = 0;
    int64_t bits = 0;
    int count = 0;
    for (size_t at = 0; at <= size && count < WORDS_READ; at++) {
        if (at < size && start[at] != ' ') continue;
        if (at > word) {
            bits |= words_value(&setup.text_words, start + word, at - word);
            count++;
        }
        word = at + 1;
    }
    return bits;
}
