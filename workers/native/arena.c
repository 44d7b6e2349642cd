#include "arena.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1 << 18, ALIGNED = 16 };

struct arena_chunk {
    arena_chunk *before;
    char *data;
};

static int add_chunk(nw_arena *arena, size_t least) {
    size_t room = least > CHUNK ? least : CHUNK;
    arena_chunk *chunk = malloc(sizeof *chunk);
    char *data = malloc(room);
    if (!chunk || !data) {
        free(chunk);
        free(data);
        arena->failed = 1;
        return 0;
    }
    *chunk = (arena_chunk){arena->chunks, data};
    arena->chunks = chunk;
    arena->used = 0;
    arena->room = room;
    return 1;
}

void *arena_take(nw_arena *arena, size_t count, size_t size) {
    size_t bytes = (count * size + ALIGNED - 1) / ALIGNED * ALIGNED;
    if (!bytes) bytes = ALIGNED;
    if (arena->used + bytes > arena->room && !add_chunk(arena, bytes)) return NULL;
    void *data = arena->chunks->data + arena->used;
    arena->used += bytes;
    return memset(data, 0, bytes);
}

void arena_free(nw_arena *arena) {
    while (arena->chunks) {
        arena_chunk *chunk = arena->chunks;
        arena->chunks = chunk->before;
        free(chunk->data);
        free(chunk);
    }
    memset(arena, 0, sizeof *arena);
}
