# The functions of the C ABI are those of symbols.txt, with their versions: adding one adds a line there, and none is ever taken
# away or given another version within a major version. `cmake -D NM=… -D LIBRARY=… -P symbols.cmake`.
execute_process(COMMAND "${NM}" -D --defined-only "${LIBRARY}" OUTPUT_VARIABLE lines COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[A-Za-z_0-9]+@@[A-Z_0-9]+" symbols "${lines}")
list(SORT symbols)
list(JOIN symbols "\n" exported)
file(READ "${CMAKE_CURRENT_LIST_DIR}/symbols.txt" expected)
if(NOT "${exported}\n" STREQUAL expected)
  message(FATAL_ERROR "The library exports\n${exported}\ninstead of\n${expected}")
endif()

# What the header declares is what the library has.
file(READ "${CMAKE_CURRENT_LIST_DIR}/../../../adapters/c/medflow.h" header)
string(REGEX MATCHALL "MEDFLOW_C_API [a-z_ *]*medflow_[a-z_]+\\(" declared "${header}")
list(TRANSFORM declared REPLACE "^.*(medflow_[a-z_]+)\\($" "\\1@@MEDFLOW_0")
list(SORT declared)
if(NOT symbols STREQUAL declared)
  message(FATAL_ERROR "The header declares ${declared}, the library exports ${symbols}")
endif()

# And each has its type in signatures.c, which is compiled.
file(READ "${CMAKE_CURRENT_LIST_DIR}/signatures.c" signatures)
string(REGEX MATCHALL "= medflow_[a-z_]+" typed "${signatures}")
list(TRANSFORM typed REPLACE "^= (.*)$" "\\1@@MEDFLOW_0")
list(SORT typed)
if(NOT symbols STREQUAL typed)
  message(FATAL_ERROR "signatures.c has types of ${typed}, the library exports ${symbols}")
endif()
