#include "unicode.h"

nw_unicode unicode;

int u_write(uint32_t code, char *out) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

int u_map(const nw_mapping *mapping, uint32_t code, uint32_t to[3]) {
    int32_t low = 0, high = mapping->count;
    while (low < high) {
        int32_t middle = (low + high) / 2;
        if (mapping->from[middle] < code) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    to[0] = code;
    if (low == mapping->count || mapping->from[low] != code) return 1;
    int count = 0;
    while (count < 3 && mapping->to[3 * low + count]) {
        to[count] = mapping->to[3 * low + count];
        count++;
    }
    return count;
}

size_t u_count(const char *text, size_t length) {
    size_t count = 0;
    for (size_t at = 0; at < length; at++) count += (text[at] & 0xC0) != 0x80;
    return count;
}

size_t u_prefix(const char *text, size_t length, size_t count) {
    size_t at = 0;
    for (; at < length; at++) {
        if ((text[at] & 0xC0) != 0x80 && count-- == 0) break;
    }
    return at;
}

int u_is_space(const char *text, size_t length) {
    const char *at = text, *end = text + length;
    uint32_t code;
    while (at < end) {
        at = u_next(at, end, &code);
        if (!(u_flags(code) & U_SPACE)) return 0;
    }
    return length > 0;
}
