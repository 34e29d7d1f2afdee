// SQLite's functions, taken at run time from the library that was asked for.
//
// SQLite and SQLCipher export the same names, and a host may have linked either. So nothing here is bound at link time:
// a Library is a table of pointers into one shared object, and its inner calls are bound to itself (deep binding).
#pragma once

#include <sqlite3.h>

#include <cstdint>

#include "medflow/storage/engine.hpp"

namespace medflow::inline v1::storage::sqlite {

enum class LibraryKind : std::uint8_t { sqlite, sqlcipher };

// All of these are there since SQLite 3.15, the version inside SQLCipher 3.4.1. Absent from it, and so never to be used:
// prepare_v3, changes64, txn_state, serialize, hard_heap_limit64.
#define MEDFLOW_SQLITE_FUNCTIONS(X) \
  X(open_v2)                        \
  X(close_v2)                       \
  X(prepare_v2)                     \
  X(finalize)                       \
  X(step)                           \
  X(reset)                          \
  X(exec)                           \
  X(bind_int64)                     \
  X(bind_text)                      \
  X(bind_blob)                      \
  X(bind_null)                      \
  X(column_type)                    \
  X(column_int64)                   \
  X(column_blob)                    \
  X(column_bytes)                   \
  X(column_text)                    \
  X(column_value)                   \
  X(value_type)                     \
  X(value_int64)                    \
  X(value_blob)                     \
  X(value_bytes)                    \
  X(errmsg)                         \
  X(extended_result_codes)          \
  X(busy_timeout)                   \
  X(get_autocommit)                 \
  X(changes)                        \
  X(file_control)                   \
  X(wal_checkpoint_v2) X(wal_hook) X(sourceid) X(threadsafe) X(db_mutex) X(vfs_find) X(vfs_register) X(vfs_unregister)

/// The functions of one loaded library. It stays loaded for the life of the process; a copy of the table is as good.
struct Library {
#define MEDFLOW_X(name) decltype(&::sqlite3_##name) name = nullptr;
  MEDFLOW_SQLITE_FUNCTIONS(MEDFLOW_X)
#undef MEDFLOW_X
  int (*key_v2)(sqlite3* db, const char* name, const void* key, int key_size) = nullptr;  ///< null in plain SQLite
};

/// Loads the library and checks it: every function comes from it, it is of one piece, it locks, and SQLCipher takes a key.
/// Fault `unavailable` naming the library where one of these fails.
Library load_library(LibraryKind kind);

}  // namespace medflow::inline v1::storage::sqlite
