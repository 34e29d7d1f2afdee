#include "storage/sqlite/library.hpp"

#include <dlfcn.h>

#include <string>
#include <string_view>
#include <utility>

// The address and thread sanitizers abort on deep binding. Without it a host that itself links SQLite or SQLCipher would mix
// the two; the test of such a host is therefore run in plain builds.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEDFLOW_DEEP_BINDING 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MEDFLOW_DEEP_BINDING 0
#endif
#endif
#ifndef MEDFLOW_DEEP_BINDING
#define MEDFLOW_DEEP_BINDING 1
#endif

namespace medflow::inline v1::storage::sqlite {
namespace {

#if MEDFLOW_DEEP_BINDING
constexpr int load_flags = RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE | RTLD_DEEPBIND;
#else
constexpr int load_flags = RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE;
#endif

const char* file_of(LibraryKind kind) { return kind == LibraryKind::sqlite ? "libsqlite3.so.0" : "libsqlcipher.so.0"; }

[[noreturn]] void refuse(LibraryKind kind, std::string detail) {
  throw Fault{FaultKind::unavailable, file_of(kind), std::move(detail)};
}

template <class F>
void take(F& function, void* handle, const char* symbol) {
  function = reinterpret_cast<F>(dlsym(handle, symbol));
}

template <class F>
void require(F& function, void* handle, const char* symbol, LibraryKind kind) {
  take(function, handle, symbol);
  if (function == nullptr) refuse(kind, std::string{"lacks "} + symbol);
}

template <class F>
const void* base_of(F function) {
  Dl_info info{};
  return dladdr(reinterpret_cast<const void*>(function), &info) != 0 ? info.dli_fbase : nullptr;
}

// What the library's own SQL engine says it is: a mixed load answers with another library's name.
std::string inner_source(const Library& library, sqlite3* db) {
  sqlite3_stmt* statement = nullptr;
  std::string source;
  if (library.prepare_v2(db, "SELECT sqlite_source_id()", -1, &statement, nullptr) == SQLITE_OK &&
      library.step(statement) == SQLITE_ROW) {
    source.assign(reinterpret_cast<const char*>(library.column_text(statement, 0)));
  }
  library.finalize(statement);
  return source;
}

// A host that set its SQLite to one thread reaches us where we share its library: a connection that should lock does not.
void check_whole(const Library& library, LibraryKind kind) {
  const void* base = base_of(library.open_v2);
  if (base == nullptr || base != base_of(library.sourceid)) refuse(kind, "is of two pieces");
  sqlite3* db = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
  const int opened = library.open_v2(":memory:", &db, flags, nullptr);
  const std::string source = opened == SQLITE_OK ? inner_source(library, db) : std::string{};
  const bool locks = library.threadsafe() != 0 && opened == SQLITE_OK && library.db_mutex(db) != nullptr;
  library.close_v2(db);
  if (source != library.sourceid()) refuse(kind, "is mixed with another SQLite");
  if (!locks) refuse(kind, "is set to one thread");
}

}  // namespace

Library load_library(LibraryKind kind) {
  void* handle = dlopen(file_of(kind), load_flags);
  if (handle == nullptr) refuse(kind, "cannot be loaded");
  Library library;
#define MEDFLOW_X(name) require(library.name, handle, "sqlite3_" #name, kind);
  MEDFLOW_SQLITE_FUNCTIONS(MEDFLOW_X)
#undef MEDFLOW_X
  take(library.key_v2, handle, "sqlite3_key_v2");
  // Plain SQLite takes PRAGMA key, says that all is well and writes plaintext.
  if (kind == LibraryKind::sqlcipher && library.key_v2 == nullptr) refuse(kind, "cannot encrypt");
  check_whole(library, kind);
  return library;
}

}  // namespace medflow::inline v1::storage::sqlite
