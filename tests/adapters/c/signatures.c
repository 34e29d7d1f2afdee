/* Every function of the C ABI at its exact type. One whose parameters change no longer compiles here, as it would no longer in a
 * host: within a major version none does. */
#include <medflow.h>
#include <stddef.h>
#include <stdint.h>

typedef int (*current_key)(void*, unsigned char*);
typedef ptrdiff_t (*wrap_key)(void*, const unsigned char*, const void*, size_t, const unsigned char*, void*, size_t);
typedef int (*unwrap_key)(void*, const unsigned char*, const void*, size_t, const void*, size_t, unsigned char*);
typedef ptrdiff_t (*reader)(void*, void*, size_t);

const char* (*const version)(void) = medflow_version;
int (*const operations)(char**) = medflow_operations;
int (*const make_root_key)(const char*, char**) = medflow_make_root_key;
int (*const open_platform)(const char*, const void*, size_t, uint64_t*, char**) = medflow_open;
int (*const make_passphrase_key)(const char*, const void*, size_t, char**) = medflow_make_passphrase_key;
int (*const open_passphrase)(const char*, const void*, size_t, uint64_t*, char**) = medflow_open_passphrase;
int (*const open_functions)(const char*, current_key, wrap_key, unwrap_key, void*, uint64_t*,
                            char**) = medflow_open_functions;
int (*const tick)(uint64_t, char**) = medflow_tick;
int (*const visit)(uint64_t, const char*, uint64_t*, char**) = medflow_visit;
int (*const authenticate)(uint64_t, const char*, uint64_t*, char**) = medflow_authenticate;
int (*const identify)(uint64_t, const char*, const char*, uint64_t*, char**) = medflow_identify;
int (*const local_operator)(uint64_t, const char*, uint64_t*, char**) = medflow_operator;
int (*const caller)(uint64_t, const char*, const char*, const char*, char**) = medflow_caller;
int (*const call)(uint64_t, const char*, const char*, char**) = medflow_call;
int (*const call_keyed)(uint64_t, const char*, const char*, const char*, char**) = medflow_call_keyed;
int (*const call_content)(uint64_t, const char*, const char*, const char*, const void*, size_t,
                          char**) = medflow_call_content;
int (*const call_reader)(uint64_t, const char*, const char*, const char*, reader, void*, char**) = medflow_call_reader;
int (*const stream)(uint64_t, const char*, const char*, uint64_t*, char**) = medflow_stream;
int (*const stream_read)(uint64_t, void*, size_t, size_t*, char**) = medflow_stream_read;
int (*const release)(uint64_t) = medflow_release;
size_t (*const size)(const char*) = medflow_size;
void (*const free_text)(char*) = medflow_free;

/* Where a number is another one this is an array of a negative size. The kinds between are held to their order by the library. */
typedef char numbers_of_errors[MEDFLOW_OK == 0 && MEDFLOW_INVALID == 1 && MEDFLOW_INTERNAL == 16 ? 1 : -1];

int main(void) { return version() == NULL; }
