/* Arrays that grow. A page's memory is counted by what its bytes hold, so a failed allocation ends the process's page:
 * `failed` is set, nothing is written, and the caller gives up at the end. */
#ifndef NEWSWIRE_NATIVE_BUFFER_H
#define NEWSWIRE_NATIVE_BUFFER_H

#include <stdlib.h>
#include <string.h>

#include "native.h"

typedef struct {
    char *data;
    size_t length, room;
    int failed;
} nw_buffer;

/* Makes room for `more` bytes; 0 where there is no memory. */
static inline int buffer_grow(nw_buffer *buffer, size_t more) {
    if (buffer->length + more <= buffer->room) return 1;
    size_t room = buffer->room ? 2 * buffer->room : 1024;
    while (room < buffer->length + more) room *= 2;
    char *data = realloc(buffer->data, room);
    if (!data) {
        buffer->failed = 1;
        return 0;
    }
    buffer->data = data;
    buffer->room = room;
    return 1;
}

static inline void buffer_add(nw_buffer *buffer, const void *data, size_t length) {
    if (length && buffer_grow(buffer, length)) {
        memcpy(buffer->data + buffer->length, data, length);
        buffer->length += length;
    }
}

static inline void buffer_add_int(nw_buffer *buffer, int32_t value) { buffer_add(buffer, &value, sizeof value); }

/* One more item of `size` bytes, all zero; NULL where there is no memory. */
static inline void *buffer_item(nw_buffer *buffer, size_t size) {
    if (!buffer_grow(buffer, size)) return NULL;
    void *item = buffer->data + buffer->length;
    memset(item, 0, size);
    buffer->length += size;
    return item;
}

static inline void buffer_free(nw_buffer *buffer) {
    free(buffer->data);
    memset(buffer, 0, sizeof *buffer);
}

#endif
