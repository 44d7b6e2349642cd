/* Memory that is given back all at once. */
#ifndef NEWSWIRE_NATIVE_ARENA_H
#define NEWSWIRE_NATIVE_ARENA_H

#include "native.h"

typedef struct arena_chunk arena_chunk;

typedef struct {
    arena_chunk *chunks;
    size_t used, room; /* of the newest chunk */
    int failed;
} nw_arena;

/* Zeroed memory for `count` items of `size` bytes; NULL where there is none, and `failed` is set. */
void *arena_take(nw_arena *arena, size_t count, size_t size);

void arena_free(nw_arena *arena);

#define TAKE(arena, count, type) ((type *)arena_take(arena, (size_t)(count), sizeof(type)))

#endif
