/* MedFlow for C and for every language that can call C. Binary-stable within a major version; C99.
 *
 * One call reaches every operation, by its name and with JSON in and out:
 *
 *     char *out = NULL;
 *     int status = medflow_call(session, "patients.register", "{\"names\":[…]}", &out);
 *     …
 *     medflow_free(out);
 *
 * Status. Every function that can fail returns 0 or the number of an error's kind (enum medflow_status). The error
 * itself is then in `out`, as the problem JSON that HTTP would answer (RFC 9457): code, kind, title, detail, errors.
 * No exception crosses, no signal is raised, nothing is printed.
 *
 * `out` may be NULL where the caller does not want it. Otherwise it is set by every call: to a text that the caller owns
 * and gives to `medflow_free`, or to NULL where there is nothing to say or no memory to say it.
 *
 * Texts are UTF-8 and end with a NUL. Those passed in are borrowed for the length of the call; none is kept.
 *
 * Handles are numbers, never pointers. 0 is none. A handle that was never given, was released, or is of another kind
 * answers `handle.invalid`; it never crashes. `medflow_release` ends one; releasing a platform ends its sessions and
 * streams too and, when the last call that runs in another thread has returned, closes its stores.
 *
 * Threads. Every function may be called from any thread, and one handle from many at once, with one exception: a
 * stream is read by one thread at a time, a second gets `handle.busy`. A call returns when its effect is durable, and
 * may block until then.
 *
 * Callbacks may run on a thread of the library. While a medflow_read_fn runs it may not use its own platform, nor a
 * session or stream of it, which answer `handle.busy`; other platforms are free. To a function that keeps a root key
 * every handle answers `handle.busy`.
 *
 * A process that has called `fork` uses MedFlow in one of the two processes only. */
#ifndef MEDFLOW_H
#define MEDFLOW_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__) || defined(__clang__)
#define MEDFLOW_C_API __attribute__((visibility("default")))
#else
#define MEDFLOW_C_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* A platform, a session or a stream. */
typedef uint64_t medflow_handle;

/* The kinds of error. The set is closed; the code in the problem JSON says more ("patient.duplicate"). */
enum medflow_status {
  MEDFLOW_OK = 0,
  MEDFLOW_INVALID = 1,     /* well formed, but breaks a rule of a field: see `errors` */
  MEDFLOW_MALFORMED,       /* cannot be read at all */
  MEDFLOW_UNAUTHENTICATED, /* nobody is signed in, or no longer */
  MEDFLOW_FORBIDDEN,       /* this account may not do that */
  MEDFLOW_NOT_FOUND,       /* absent, erased, out of scope or another tenant's */
  MEDFLOW_CONFLICT,        /* the state of the object forbids it */
  MEDFLOW_PRECONDITION_FAILED,
  MEDFLOW_PRECONDITION_REQUIRED, /* an update without the expected revision */
  MEDFLOW_TOO_LARGE,
  MEDFLOW_UNSUPPORTED_MEDIA,
  MEDFLOW_LOCKED,
  MEDFLOW_RATE_LIMITED,
  MEDFLOW_GONE,
  MEDFLOW_INTEGRITY,   /* stored data does not match its seal; never retry */
  MEDFLOW_UNAVAILABLE, /* a store that is down, full or in use, or the wrong key */
  MEDFLOW_INTERNAL
};

/* The version of the library ("0.1.0"). The text is the library's own: not freed. */
MEDFLOW_C_API const char* medflow_version(void);

/* Every operation, as a JSON list of {name, summary, method, path, realm, effect, permission, shape, content}. `shape` is
 * value, page, stream or job; `content` says whether the request takes content. */
MEDFLOW_C_API int medflow_operations(char** out);

/* Makes a root key file: a new key, mode 0600. Keep it apart from the data, and keep a copy: without it nothing opens.
 * Fails: conflict `key.exists` (one is never overwritten); unavailable. */
MEDFLOW_C_API int medflow_make_root_key(const char* path, char** out);

/* Opens a platform. `options` is a JSON object:
 *   engine               needed: "memory:", "sqlite:FOLDER", "sqlcipher:FOLDER" or "postgresql://…" (docs/postgresql.md)
 *   direct_url           PostgreSQL: the URL of the migrator, where tables are to be made
 *   root_key_file        the path of a root key file, not in FOLDER
 *   create               true makes the store where there is none; default false
 *   access_ttl_s         seconds that an access token is valid, 60 to 86,400
 *   refresh_ttl_s        seconds that a refresh token is valid, up to 90 days
 *   password_memory_kib  cost of a password's hash (Argon2id m), at least 19,456
 *   password_passes      the same (Argon2id t), at least 2
 *   deployment           names this deployment in the checkpoints of its audit logs; default "local"
 *   checkpoint_folder    where signed checkpoints are kept, a file per log; not in FOLDER. None are kept without it
 * `root_key` is for tests and demonstrations, and for hosts whose key lies in no file: 32 bytes, copied into guarded
 * memory; the caller wipes its own. Exactly one of `root_key` and `root_key_file` is given.
 * Papers are printed as PDF, too, where this library was built with Pango (else `print.no_pdf`).
 * Fails: invalid; malformed; unavailable `key.mismatch`, `store.in_use`, `schema.newer`, `store.unavailable`. */
MEDFLOW_C_API int medflow_open(const char* options, const void* root_key, size_t root_key_bytes,
                               medflow_handle* platform, char** out);

/* Makes a root key file whose key is wrapped under a passphrase of 12 to 1,024 bytes (Argon2id, 256 MiB, about a second).
 * Fails: invalid; conflict `key.exists`; unavailable. */
MEDFLOW_C_API int medflow_make_passphrase_key(const char* path, const void* passphrase, size_t passphrase_bytes,
                                              char** out);

/* As medflow_open, where `root_key_file` is such a file. The passphrase is not kept; the caller wipes its own.
 * Fails also: unavailable `key.mismatch` for a wrong passphrase and for a file that was tampered with. */
MEDFLOW_C_API int medflow_open_passphrase(const char* options, const void* passphrase, size_t passphrase_bytes,
                                          medflow_handle* platform, char** out);

/* A root key that the host keeps: an HSM, a key service, the system's key ring. It names its key by 8 bytes and wraps and
 * unwraps keys of 32 bytes; `associated` has to be bound to the wrapping. Each function may be called from any thread,
 * until the platform is closed, must not call MedFlow, and does not throw or jump out. */

/* Writes the id of the key in use. 0, or any other number where it cannot be had now. */
typedef int (*medflow_current_key_fn)(void* state, unsigned char id[8]);
/* Wraps `key` under the key `id`: writes at most `capacity` (512) bytes, and returns how many; a negative number where it
 * cannot be done now. */
typedef ptrdiff_t (*medflow_wrap_key_fn)(void* state, const unsigned char id[8], const void* associated,
                                         size_t associated_bytes, const unsigned char key[32], void* wrapped,
                                         size_t capacity);
/* Unwraps. 0; 1 where this is not what was wrapped (`key.mismatch`); any other number where it cannot be done now. */
typedef int (*medflow_unwrap_key_fn)(void* state, const unsigned char id[8], const void* associated,
                                     size_t associated_bytes, const void* wrapped, size_t wrapped_bytes,
                                     unsigned char key[32]);

/* As medflow_open, with the host's own root key; `state` is given to each function. No `root_key_file` is given.
 * Fails also: unavailable `key.unavailable`, retryable, where a function cannot answer. */
MEDFLOW_C_API int medflow_open_functions(const char* options, medflow_current_key_fn current, medflow_wrap_key_fn wrap,
                                         medflow_unwrap_key_fn unwrap, void* state, medflow_handle* platform,
                                         char** out);

/* Does the background work that is due, such as signing checkpoints of audit logs. Call it about once a second, from a
 * thread that may wait. `out` is a JSON list of what went wrong: {task, tenant, code}. */
MEDFLOW_C_API int medflow_tick(medflow_handle platform, char** out);

/* A session before signing in, for `auth.login` and `auth.register`. An unknown tenant gives one too: every sign-in in it
 * fails as with a wrong password. */
MEDFLOW_C_API int medflow_visit(medflow_handle platform, const char* tenant, medflow_handle* session, char** out);

/* The session of an access token that `auth.login` gave. Fails: unauthenticated. */
MEDFLOW_C_API int medflow_authenticate(medflow_handle platform, const char* access_token, medflow_handle* session,
                                       char** out);

/* A session for an identity that the host vouches for: a JSON object of issuer, subject, display_name, roles, facilities,
 * practitioner_id, patient_id, custom_roles (by their names). The tenant must trust the issuer.
 * Fails: malformed; invalid; not_found; forbidden `issuer.untrusted`. */
MEDFLOW_C_API int medflow_identify(medflow_handle platform, const char* tenant, const char* principal,
                                   medflow_handle* session, char** out);

/* A session on the platform for the process itself, which holds the root key. `label`, 1 to 60 visible ASCII characters,
 * names it in the audit log. */
MEDFLOW_C_API int medflow_operator(medflow_handle platform, const char* label, medflow_handle* session, char** out);

/* Says for whom the host makes the calls and streams of this session from now on; what was said before no longer holds.
 *   address     the caller's network address without a port, "203.0.113.7" or "2001:db8::7". Sign-ins and messages are also
 *               counted by it: without one, whoever tries a password on each of many accounts is not slowed down
 *   user_agent  the caller's program
 *   request_id  a UUID of the host's, by which the audit log names its request
 * Each is at most 4,096 bytes, or NULL where it is not known. The audit log keeps keyed hashes of the first two.
 * Fails, first match wins: handle.invalid; invalid (`text.too_long`, `format.uuid`); malformed `text.invalid_utf8`. */
MEDFLOW_C_API int medflow_caller(medflow_handle session, const char* address, const char* user_agent,
                                 const char* request_id, char** out);

/* Runs an operation. `request` is a JSON object of at most 1 MiB, or NULL for one without members. `out` is the answer,
 * byte for byte the body that HTTP would answer; empty where that has none. An answer that is a stream is read whole,
 * at most 64 MiB.
 * Fails, first match wins: handle.invalid; not_found `operation.unknown`; what is wrong with the JSON; as the operation. */
MEDFLOW_C_API int medflow_call(medflow_handle session, const char* operation, const char* request, char** out);

/* The same, safe to send again: within 24 hours the same request of the same caller with the same key has its effect once, and
 * is answered as it was the first time. `idempotency_key` is 1 to 255 visible ASCII characters, or NULL for none; it has
 * no meaning for operations that read. Operations that move money (docs/openapi.json: Idempotency-Key is required) need one.
 * Fails also: malformed `idempotency.required`, `idempotency.malformed`; invalid `idempotency.mismatch` (another request);
 * conflict `idempotency.in_progress`. */
MEDFLOW_C_API int medflow_call_keyed(medflow_handle session, const char* operation, const char* request,
                                     const char* idempotency_key, char** out);

/* The same with content that is in memory: `content_bytes` at `content`. `media_type` may be NULL. */
MEDFLOW_C_API int medflow_call_content(medflow_handle session, const char* operation, const char* request,
                                       const char* media_type, const void* content, size_t content_bytes, char** out);

/* Fills `buffer` with at most `capacity` bytes and returns how many; 0 is the end, a negative number breaks the call off
 * with `content.broken_off`. Does not throw or jump out. */
typedef ptrdiff_t (*medflow_read_fn)(void* state, void* buffer, size_t capacity);

/* The same with content that is pulled from `read`, which is not called after this function has returned. */
MEDFLOW_C_API int medflow_call_reader(medflow_handle session, const char* operation, const char* request,
                                      const char* media_type, medflow_read_fn read, void* state, char** out);

/* Runs an operation whose answer is a stream, to be read piece by piece. `out` is {"media_type", "file_name"}. The stream
 * is released like every handle; releasing it early is recorded as such. */
MEDFLOW_C_API int medflow_stream(medflow_handle session, const char* operation, const char* request,
                                 medflow_handle* stream, char** out);

/* Reads the next piece: `count` bytes, at most `capacity`; 0 is the end. `capacity` is not 0. */
MEDFLOW_C_API int medflow_stream_read(medflow_handle stream, void* buffer, size_t capacity, size_t* count, char** out);

/* Ends a handle. Fails: `handle.invalid`; `handle.busy`. */
MEDFLOW_C_API int medflow_release(medflow_handle handle);

/* The bytes of a text that the library handed out, without its final NUL. A stream's bytes may hold NULs. NULL has 0. */
MEDFLOW_C_API size_t medflow_size(const char* out);

/* Wipes a text that the library handed out, and frees it. NULL is allowed. */
MEDFLOW_C_API void medflow_free(char* out);

#ifdef __cplusplus
}
#endif

#endif
