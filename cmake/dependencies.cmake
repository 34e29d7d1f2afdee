# What we link. Each has one job (design, "Dependencies"); those of one adapter are asked for only where it is built.

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(date CONFIG REQUIRED)
find_package(fmt 9 CONFIG REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)

# SQLite and SQLCipher are loaded at run time and never linked; the engine needs only the types of the C interface.
find_path(SQLITE3_INCLUDE_DIR sqlite3.h REQUIRED)

# Of libical the one library is linked by its name: its package names two more, which bring Berkeley DB along.
find_path(LIBICAL_INCLUDE_DIR libical/ical.h REQUIRED)
find_library(LIBICAL_LIBRARY ical REQUIRED)

# Documents: packed files are measured with zlib; libmagic is a second opinion on what a file is, and may be missing.
find_path(ZLIB_INCLUDE_DIR zlib.h REQUIRED)
find_library(ZLIB_LIBRARY z REQUIRED)
find_path(LIBMAGIC_INCLUDE_DIR magic.h)
find_library(LIBMAGIC_LIBRARY magic)

if(MEDFLOW_POSTGRES)
  pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
endif()

find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS headers json)

# PDF is printed where these are found.
if(MEDFLOW_PDF)
  pkg_check_modules(pangocairo QUIET IMPORTED_TARGET "pangocairo >= 1.50" "cairo-pdf >= 1.16")
  if(NOT pangocairo_FOUND)
    message(STATUS "Without Pango and cairo (libpango1.0-dev, libcairo2-dev): nothing is printed as PDF")
  endif()
endif()

if(MEDFLOW_CLI)
  find_package(CLI11 2.1 CONFIG REQUIRED)
  find_package(spdlog 1.10 CONFIG REQUIRED)
  pkg_check_modules(httplib REQUIRED IMPORTED_TARGET cpp-httplib)
  pkg_check_modules(jemalloc REQUIRED IMPORTED_TARGET jemalloc)
endif()
