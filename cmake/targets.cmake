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
