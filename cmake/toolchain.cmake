# How this checkout is compiled when it is the top-level project: caches, linker, sanitizers, coverage.

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()

include(CheckLinkerFlag)
find_program(MOLD mold)
if(MOLD)
  check_linker_flag(CXX -fuse-ld=mold MEDFLOW_LINKS_WITH_MOLD)
  if(MEDFLOW_LINKS_WITH_MOLD)
    add_link_options(-fuse-ld=mold)
  endif()
endif()

if(MEDFLOW_SANITIZE)
  add_compile_options(-fsanitize=${MEDFLOW_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${MEDFLOW_SANITIZE})
endif()

# Ninja pipes the compiler's output, which would lose its colours.
add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fdiagnostics-color=always>
                    $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-fcolor-diagnostics>)
