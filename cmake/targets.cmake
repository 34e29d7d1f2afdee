# How a target of ours is made, so that warnings, visibility and versions are said once.

add_library(medflow_options INTERFACE)
target_compile_options(medflow_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
if(MEDFLOW_WERROR)
  target_compile_options(medflow_options INTERFACE -Werror)
endif()
target_compile_definitions(medflow_options INTERFACE MEDFLOW_VERSION="${PROJECT_VERSION}")

# medflow_prepare(target): our options; nothing of them is passed on to whoever links the target.
function(medflow_prepare target)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:medflow_options>)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden
                        VISIBILITY_INLINES_HIDDEN ON POSITION_INDEPENDENT_CODE ON)
  get_target_property(type ${target} TYPE)
  # The sanitizers' symbols come from the program, so a library cannot be complete there.
  if(type STREQUAL "SHARED_LIBRARY" AND NOT MEDFLOW_SANITIZE)
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()
endfunction()

# medflow_library(target [STATIC|SHARED] sources…)
function(medflow_library target)
  add_library(${target} ${ARGN})
  medflow_prepare(${target})
endfunction()

# medflow_program(target sources…)
function(medflow_program target)
  add_executable(${target} ${ARGN})
  medflow_prepare(${target})
endfunction()

# medflow_precompile(target headers… | REUSE_FROM target): what most sources of a target include is parsed once. No source may rely on
# it: the presets clang and coverage and `./dev lint` do without, and so does who embeds the library. Only targets with equal flags may
# share one (-fPIC is not -fPIE).
function(medflow_precompile target)
  if(NOT MEDFLOW_PCH)
    return()
  endif()
  if(ARGV1 STREQUAL "REUSE_FROM")
    target_precompile_headers(${target} ${ARGN})
  else()
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()

# Our own headers among them go on being warned about, which CMake would forbid by calling all of them the system's.
set(CMAKE_PCH_PROLOGUE "")

# What most sources of every part include. Of our own headers a target adds those that most of its sources include anyway: a change of
# one compiles all of them again.
set(medflow_pch_headers <algorithm> <array> <atomic> <charconv> <chrono> <condition_variable> <cstring> <deque> <functional> <map> <memory>
    <mutex> <optional> <set> <shared_mutex> <span> <stdexcept> <string> <string_view> <thread> <tuple> <unordered_map> <utility> <variant>
    <vector>)

# medflow_link_all(target): every part that this configuration builds, and the roots that includes are written from.
function(medflow_link_all target)
  foreach(part IN ITEMS medflow_cli medflow_http medflow_c medflow_config medflow_json medflow_core)
    if(TARGET ${part})
      target_link_libraries(${target} PRIVATE ${part})
    endif()
  endforeach()
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE PkgConfig::sodium OpenSSL::SSL OpenSSL::Crypto fmt::fmt Boost::headers Threads::Threads
                        ${CMAKE_DL_LIBS})
endfunction()
