// The program's heap is jemalloc's: a page of patients is hundreds of small texts that one thread makes and another frees. A library has
// no say in its host's heap, so this is linked into programs alone.

// Read by jemalloc when the process starts. Two arenas: no more than that many threads are at work on one store, and each arena has free
// memory of its own. What is free for half a second goes back to the system.
extern "C" __attribute__((visibility("default"))) const char* const malloc_conf;
extern "C" const char* const malloc_conf = "narenas:2,dirty_decay_ms:500,muzzy_decay_ms:0";
